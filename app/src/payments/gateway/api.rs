//! What the pages ask the server.

use super::model::{CollectStart, GatewayAccount, GatewayKind, GatewayLink, PayPage};
use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::{Result, server};

/// The gateways, those in use and those that could be.
#[server]
pub async fn list_gateways() -> Result<Vec<GatewayAccount>> {
    use crate::kit::{permission::can, scope};
    crate::payments::store::accounts::shown(&scope::scope::<can::WriteSettings>()?).await
}

/// Keeps the settings of a gateway. Blank keys stay as they are.
#[server]
pub async fn save_gateway(
    gateway: GatewayKind,
    #[server(default)] enabled: bool,
    #[server(default)] collects: bool,
    #[server(default)] key: String,
    #[server(default)] webhook: String,
    #[server(default)] site: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    let form = crate::payments::gateway::model::GatewayForm { gateway, enabled, collects, key, webhook, site };
    scope::answer_with_status(crate::payments::store::accounts::save_typed(&scope, &form).await)?;
    scope::redirect_page("/settings/gateways");
    Ok(())
}

/// Calls the gateway with the keys that are kept; gives the name of the account there.
#[server]
pub async fn test_gateway(gateway: GatewayKind) -> Result<String> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    scope::answer_with_status(crate::payments::store::accounts::test(&scope, gateway).await)
}

/// The latest of what is linked to a gateway.
#[server]
pub async fn list_gateway_links() -> Result<Vec<GatewayLink>> {
    use crate::kit::{permission::can, scope};
    crate::payments::store::links::list(&scope::scope::<can::ReadPayments>()?, None).await
}

/// Links what a person calls ours, an invoice's number or an id, to the gateway's name for it.
#[server]
pub async fn link_to_gateway(gateway: GatewayKind, #[server(default)] ours: String, #[server(default)] external_id: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    scope::answer_with_status(crate::payments::store::links::link_named(&scope, gateway, &external_id, &ours).await)?;
    scope::redirect_page("/settings/gateways");
    Ok(())
}

#[server]
pub async fn unlink_from_gateway(gateway: GatewayKind, id: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    scope::answer_with_status(crate::payments::store::links::unlink(&scope, Some(gateway), &id).await)?;
    scope::redirect_page("/settings/gateways");
    Ok(())
}

/// What can be collected from a customer: of all that is open, or of one invoice; `None` where nothing can.
#[server]
pub async fn start_collection(
    #[server(default)] customer: Option<CustomerId>,
    #[server(default)] invoice: Option<InvoiceId>,
) -> Result<Option<CollectStart>> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::ReadPayments>()?;
    scope::answer_with_status(crate::payments::store::charges::start(&scope, customer, invoice).await)
}

/// The gateways in use, which can hold cards.
#[server]
pub async fn list_card_gateways() -> Result<Vec<GatewayKind>> {
    use crate::kit::{permission::can, scope};
    crate::payments::store::accounts::in_use(&scope::scope::<can::ReadPayments>()?).await
}

/// Makes a page on which the customer gives a card, and leads to it.
#[server]
pub async fn ask_for_card(customer: CustomerId, gateway: GatewayKind) -> Result<String> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    let page = crate::payments::store::setups::begin(&scope, customer, gateway, "/pay/thanks").await;
    let url = scope::answer_with_status(page)?;
    scope::redirect_page(&url);
    Ok(url)
}

/// The page of the demo gateway that a payer was sent to. Open to whoever has its address.
#[server]
pub async fn read_pay_page(seller: String, page: String) -> Result<PayPage> {
    let here = crate::auth::here()?;
    crate::kit::scope::answer_with_status(crate::payments::gateway::demo::read_page(here.state.db(), &seller, &page).await)
}

/// What the payer chose there: a test card, or `confirm` or `refuse`. Gives where to go on.
#[server]
pub async fn answer_pay_page(seller: String, page: String, choice: String) -> Result<String> {
    let here = crate::auth::here()?;
    let answered = crate::payments::gateway::demo::answer_page(here.state.db(), &seller, &page, &choice).await;
    crate::kit::scope::answer_with_status(answered)?;
    crate::auth::lead_to("/pay/thanks".into())
}
