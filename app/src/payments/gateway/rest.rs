//! Gateways for machines: a page for a card, and which things that live at a gateway are ours.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::GatewayKind;
use super::model::GatewayLink;
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, Listing, Params, Problem, created};
use crate::payments::store::links::{self, Linked};
use crate::payments::store::setups;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(ask_for_card)).routes(routes!(list, link)).routes(routes!(unlink))
}

/// How to ask for a card.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
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
    links::link_known(&scope, new.gateway, new.kind, &new.external_id, &new.id).await?;
    Ok(created("/api/v1/gateway-links".into(), new))
}

/// Which links are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinksAsked {
    /// The gateway's id; without it the latest hundred.
    pub external_id: Option<String>,
}

/// What is linked to gateways.
#[utoipa::path(get, path = "/gateway-links", operation_id = "list_gateway_links", tag = "payments", params(LinksAsked), responses((status = 200, body = Listing<LinkJson>)))]
async fn list(Authorized(scope, _): Authorized<can::ReadPayments>, Params(asked): Params<LinksAsked>) -> Answer<Listing<LinkJson>> {
    let found = links::list(&scope, asked.external_id.as_deref()).await?;
    let json = |of: GatewayLink| LinkJson { gateway: of.gateway, kind: of.kind, id: of.id, external_id: of.external_id };
    Ok(Json(Listing { data: found.into_iter().map(json).collect(), next: None }))
}

/// Whose name for it is forgotten.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnlinkAsked {
    /// Without it: of all gateways.
    pub gateway: Option<GatewayKind>,
}

/// Forgets what gateways call a customer, an invoice or a subscription of ours: events about it count here no more.
#[utoipa::path(delete, path = "/gateway-links/{id}", operation_id = "unlink_from_gateway", tag = "payments", params(("id" = String, Path), UnlinkAsked), responses((status = 204)))]
async fn unlink(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(id): Id<String>,
    Params(asked): Params<UnlinkAsked>,
) -> Result<StatusCode, Problem> {
    links::unlink(&scope, asked.gateway, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
