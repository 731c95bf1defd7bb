//! What the pages ask the server.

use std::collections::BTreeMap;

use leptos::server_fn::codec::Json;

use super::methods::{PaymentMethod, PaymentMethodId};
use super::model::{Destination, Payment, PaymentDetail, PaymentId, PaymentStart, PaymentStats};
use super::statement::Statement;
use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_payments(query: ListQuery) -> Result<Page<Payment>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::list(&scope::scope::<can::ReadPayments>()?, &query).await)
}

#[server]
pub async fn read_payment_stats() -> Result<PaymentStats> {
    use crate::kit::{permission::can, scope};
    crate::payments::store::stats(&scope::scope::<can::ReadPayments>()?).await
}

#[server]
pub async fn get_payment(id: PaymentId) -> Result<PaymentDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::detail(&scope::scope::<can::ReadPayments>()?, id).await)
}

/// What the form starts from: the id of a customer or of an invoice.
#[server]
pub async fn start_payment(
    #[server(default)] customer: Option<CustomerId>,
    #[server(default)] invoice: Option<InvoiceId>,
) -> Result<PaymentStart> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::start(&scope::scope::<can::WritePayments>()?, customer, invoice).await)
}

/// Records a payment and goes to its page.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn record_payment(
    customer: String,
    amount: String,
    currency: String,
    paid_by: String,
    #[server(default)] paid_on: String,
    #[server(default)] reference: String,
    #[server(default)] note: String,
    #[server(default)] invoice: String,
    #[server(default)] split: BTreeMap<String, String>,
) -> Result<PaymentId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    let form = crate::payments::model::PaymentForm { customer, amount, currency, paid_by, paid_on, reference, note, invoice, split };
    let id = scope::answer(async { crate::payments::store::record(&scope, form.parse()?).await }).await?;
    leptos_axum::redirect(&format!("/payments/{id}"));
    Ok(id)
}

/// Pays a payment back or turns it into credit. A blank amount: all that can go.
#[server]
pub async fn refund_payment(
    id: PaymentId,
    #[server(default)] amount: String,
    to: Destination,
    #[server(default)] reason: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    scope::answer_with_status(crate::payments::store::refund_typed(&scope, id, &amount, to, &reason).await)?;
    scope::redirect_page(&format!("/payments/{id}"));
    Ok(())
}

#[server]
pub async fn reverse_payment(id: PaymentId, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form, permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    scope::answer(async { crate::payments::store::reverse(&scope, id, form::reason(&reason)?).await }).await?;
    scope::redirect_page(&format!("/payments/{id}"));
    Ok(())
}

/// Takes a charge back at the gateway that the customer has not confirmed.
#[server]
pub async fn cancel_payment(id: PaymentId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::call_off(&scope::scope::<can::WritePayments>()?, id).await)?;
    scope::redirect_page(&format!("/payments/{id}"));
    Ok(())
}

#[server]
pub async fn list_customer_payments(customer: CustomerId) -> Result<Vec<Payment>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::of_customer(&scope::scope::<can::ReadPayments>()?, customer).await)
}

#[server]
pub async fn read_statement(customer: CustomerId, #[server(default)] currency: String) -> Result<Statement> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::statement(&scope::scope::<can::ReadPayments>()?, customer, &currency).await)
}

#[server]
pub async fn list_payment_methods(customer: CustomerId) -> Result<Vec<PaymentMethod>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::methods::of_customer(&scope::scope::<can::ReadPayments>()?, customer).await)
}

/// Adds a bank account or a debit order. Cards come from a gateway.
#[server]
pub async fn add_payment_method(
    customer: CustomerId,
    kind: String,
    #[server(default)] holder: String,
    #[server(default)] bank: String,
    #[server(default)] account: String,
    #[server(default)] mandate: String,
) -> Result<PaymentMethodId> {
    use crate::kit::{permission::can, scope};
    use crate::payments::methods::MethodForm;
    let scope = scope::scope::<can::WritePayments>()?;
    let form = MethodForm { kind, holder, bank, account, mandate, ..MethodForm::default() };
    let id = scope::answer(async { crate::payments::store::methods::add(&scope, customer, form.parse()?).await }).await?;
    scope::redirect_page(&format!("/customers/{customer}/payments"));
    Ok(id)
}

#[server]
pub async fn make_payment_method_primary(id: PaymentMethodId) -> Result<CustomerId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    let customer = scope::answer_with_status(crate::payments::store::methods::make_primary(&scope, id).await)?;
    scope::redirect_page(&format!("/customers/{customer}/payments"));
    Ok(customer)
}

#[server]
pub async fn remove_payment_method(id: PaymentMethodId) -> Result<CustomerId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    let customer = scope::answer_with_status(crate::payments::store::methods::remove(&scope, id).await)?;
    scope::redirect_page(&format!("/customers/{customer}/payments"));
    Ok(customer)
}

/// Charges what an invoice wants to the customer's primary payment method, and goes to the payment.
#[server]
pub async fn charge_invoice(id: InvoiceId) -> Result<PaymentId> {
    use crate::kit::{permission::can, scope};
    let payment = scope::answer_with_status(crate::payments::store::charge(&scope::scope::<can::WritePayments>()?, id).await)?;
    scope::redirect_page(&format!("/payments/{payment}"));
    Ok(payment)
}
