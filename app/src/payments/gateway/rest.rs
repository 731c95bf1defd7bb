//! Gateways for machines: a page for a card, and which things that live at a gateway are ours.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::GatewayKind;
use crate::customers::CustomerId;
use crate::kit::permission::can;
use crate::kit::rest::{Authorized, Body, Id, Problem, created};
use crate::kit::{Error, Result};
use crate::payments::store::links::{self, Linked};
use crate::payments::store::setups;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(ask_for_card)).routes(routes!(link))
}

/// How to ask for a card.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewCardPageJson {
    pub gateway: GatewayKind,
}

/// Where to send the customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CardPageJson {
    pub url: String,
}

/// Makes a page of the gateway's on which the customer gives a card, which then becomes the primary payment method.
#[utoipa::path(post, path = "/customers/{id}/card-pages", operation_id = "make_card_page", tag = "payments", params(("id" = CustomerId, Path)), request_body = NewCardPageJson, responses((status = 201, body = CardPageJson)))]
async fn ask_for_card(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(customer): Id<CustomerId>,
    Body(new): Body<NewCardPageJson>,
) -> Result<Response, Problem> {
    crate::customers::store::get(&scope, customer).await?;
    let url = setups::begin(&scope, customer, new.gateway, "/pay/thanks").await?;
    Ok(created(format!("/api/v1/customers/{customer}/payment-methods"), CardPageJson { url }))
}

/// A thing of ours that lives at a gateway.
#[derive(Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[schema(as = GatewayLink)]
pub struct LinkJson {
    pub gateway: GatewayKind,
    pub kind: Linked,
    /// Ours: of a customer, an invoice or a subscription.
    pub id: String,
    /// The gateway's: `in_1Abc`.
    pub external_id: String,
}

/// Says that a customer, invoice or subscription of ours is one of the gateway's, so that events about that one count
/// here. The same again changes nothing.
#[utoipa::path(post, path = "/gateway-links", operation_id = "link_to_gateway", tag = "payments", request_body = LinkJson, responses((status = 201, body = LinkJson)))]
async fn link(Authorized(scope, _): Authorized<can::WritePayments>, Body(new): Body<LinkJson>) -> Result<Response, Problem> {
    let external = new.external_id.trim();
    if external.is_empty() || external.len() > 255 || !external.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::field("external_id", "must be the gateway's id").into());
    }
    links::link_known(&scope, new.gateway, new.kind, external, &new.id).await?;
    Ok(created("/api/v1/gateway-links".into(), new))
}
