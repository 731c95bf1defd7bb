//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{Account, Offers, OwnInvoice, OwnSubscription};
use crate::invoices::{Invoice, InvoiceId};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};
use crate::payments::gateway::GatewayKind;
use crate::payments::{PaymentMethod, PaymentMethodId};
use crate::subscriptions::SubscriptionId;

#[server]
pub async fn read_account() -> Result<Account> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::account(&customer::<can::ReadAccount>().await?).await)
}

#[server(protocol = Wired<Json>)]
pub async fn list_own_invoices(query: ListQuery) -> Result<Page<Invoice>> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::list(&customer::<can::ReadAccount>().await?, &query).await)
}

#[server]
pub async fn get_own_invoice(id: InvoiceId) -> Result<OwnInvoice> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::invoice(&customer::<can::ReadAccount>().await?, id).await)
}

/// Charges what an invoice wants to the primary method.
#[server]
pub async fn pay_own_invoice(id: InvoiceId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::pay(&customer::<can::WriteAccount>().await?, id).await)?;
    scope::redirect_page(&format!("/account/invoices/{id}"));
    Ok(())
}

/// The gateways that hold cards.
#[server]
pub async fn list_own_card_gateways() -> Result<Vec<GatewayKind>> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::card_gateways(&customer::<can::ReadAccount>().await?).await)
}

/// Makes a page of the gateway's for a card, and leads to it.
#[server]
pub async fn add_own_card(gateway: GatewayKind) -> Result<String> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    let url = scope::answer_with_status(store::add_card(&customer::<can::WriteAccount>().await?, gateway).await)?;
    scope::redirect_page(&url);
    Ok(url)
}

#[server]
pub async fn list_own_methods() -> Result<Vec<PaymentMethod>> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::methods(&customer::<can::ReadAccount>().await?).await)
}

/// Adds a bank account or a debit order. Cards come from a gateway.
#[server]
pub async fn add_own_method(
    kind: String,
    #[server(default)] holder: String,
    #[server(default)] bank: String,
    #[server(default)] account: String,
    #[server(default)] mandate: String,
) -> Result<PaymentMethodId> {
    use crate::kit::{Error, permission::can, scope};
    use crate::payments::methods::{MethodForm, MethodKind};
    use crate::portal::{scope::scope as customer, store};
    let who = customer::<can::WriteAccount>().await?;
    let form = MethodForm { kind, holder, bank, account, mandate, ..MethodForm::default() };
    let id = scope::answer_with_status(match form.parse() {
        Ok(new) if new.kind == MethodKind::Card => Err(Error::field("kind", "must be an account: cards come from a gateway")),
        Ok(new) => store::add_method(&who, new).await,
        Err(error) => Err(error),
    })?;
    scope::redirect_page("/account/payment-methods");
    Ok(id)
}

#[server]
pub async fn make_own_method_primary(id: PaymentMethodId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::make_primary(&customer::<can::WriteAccount>().await?, id).await)?;
    scope::redirect_page("/account/payment-methods");
    Ok(())
}

#[server]
pub async fn remove_own_method(id: PaymentMethodId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::remove_method(&customer::<can::WriteAccount>().await?, id).await)?;
    scope::redirect_page("/account/payment-methods");
    Ok(())
}

#[server]
pub async fn list_own_subscriptions() -> Result<Vec<OwnSubscription>> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::subscriptions(&customer::<can::ReadAccount>().await?).await)
}

/// What a subscription can be changed to.
#[server]
pub async fn read_offers(id: SubscriptionId) -> Result<Offers> {
    use crate::kit::{permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    scope::answer_with_status(store::offers(&customer::<can::WriteAccount>().await?, id).await)
}

/// Moves to another plan: at once where it costs more, at the period's end where less.
#[server]
pub async fn change_own_plan(id: SubscriptionId, #[server(default)] plan: String) -> Result<()> {
    use crate::kit::{Error, permission::can, scope};
    use crate::portal::{scope::scope as customer, store};
    let who = customer::<can::WriteAccount>().await?;
    let plan = plan.parse::<crate::plans::PlanId>().map_err(|_| Error::field("plan", "must be chosen"));
    scope::answer(async { store::change_plan(&who, id, plan?).await }).await?;
    scope::redirect_page("/account/subscriptions");
    Ok(())
}
