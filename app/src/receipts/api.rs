//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{Receipt, ReceiptId};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};
use crate::payments::PaymentId;

#[server(protocol = Wired<Json>)]
pub async fn list_receipts(query: ListQuery) -> Result<Page<Receipt>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::receipts::store::list(&scope::scope::<can::ReadPayments>()?, &query).await)
}

#[server]
pub async fn get_receipt(id: ReceiptId) -> Result<Receipt> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::receipts::store::get(&scope::scope::<can::ReadPayments>()?, id).await)
}

/// Says which invoice a receipt is for.
#[server]
pub async fn link_receipt(id: ReceiptId, #[server(default)] number: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    scope::answer_with_status(crate::receipts::store::link(&scope, id, &number).await)?;
    scope::redirect_page(&format!("/receipts/{id}"));
    Ok(())
}

/// Records the payment that a receipt proves.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn approve_receipt(
    id: ReceiptId,
    customer: String,
    amount: String,
    currency: String,
    paid_by: String,
    #[server(default)] paid_on: String,
    #[server(default)] reference: String,
    #[server(default)] invoice: String,
) -> Result<PaymentId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    let note = String::new();
    let form = crate::payments::model::PaymentForm {
        customer,
        amount,
        currency,
        paid_by,
        paid_on,
        reference,
        note,
        invoice,
        split: Default::default(),
    };
    let payment = scope::answer(async { crate::receipts::store::approve(&scope, id, form.parse()?).await }).await?;
    scope::redirect_page(&format!("/receipts/{id}"));
    Ok(payment)
}

#[server]
pub async fn reject_receipt(id: ReceiptId, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form, permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    scope::answer(async { crate::receipts::store::reject(&scope, id, form::reason(&reason)?).await }).await?;
    scope::redirect_page(&format!("/receipts/{id}"));
    Ok(())
}
