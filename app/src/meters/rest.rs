//! `/api/v1/meters`.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Aggregation, Meter, MeterForm, MeterId};
use super::store;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Problem, created};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, archive))
}

/// A meter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Meter)]
pub struct MeterJson {
    pub id: MeterId,
    /// What events name it by.
    pub key: String,
    pub name: String,
    pub unit: String,
    /// How the events of a period become one quantity.
    pub aggregation: Aggregation,
    pub archived: bool,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Meter> for MeterJson {
    fn from(m: Meter) -> Self {
        let Meter { id, key, name, unit, aggregation, archived, created } = m;
        Self { id, key, name, unit, aggregation, archived, created_at: created.iso }
    }
}

/// A meter to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMeterJson {
    /// Small letters, digits and `_ - .`; never changes.
    pub key: String,
    pub name: String,
    pub unit: String,
    /// Never changes.
    pub aggregation: Aggregation,
}

/// Names to change; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MeterChange {
    pub name: Option<String>,
    pub unit: Option<String>,
}

/// Lists meters by name, archived ones included.
#[utoipa::path(get, path = "/meters", operation_id = "list_meters", tag = "usage", params(ListParams), responses((status = 200, body = Listing<MeterJson>)))]
async fn list(Authorized(scope, _): Authorized<can::ReadPlans>, Params(params): Params<ListParams>) -> Answer<Listing<MeterJson>> {
    Ok(Json(store::list(&scope, &params.query()?).await?.map(MeterJson::from).into()))
}

/// Makes a meter.
#[utoipa::path(post, path = "/meters", operation_id = "create_meter", tag = "usage", request_body = NewMeterJson, responses((status = 201, body = MeterJson)))]
async fn create(Authorized(scope, _): Authorized<can::WritePlans>, Body(new): Body<NewMeterJson>) -> Result<Response, Problem> {
    let form = MeterForm { key: new.key, name: new.name, unit: new.unit, aggregation: new.aggregation.word().to_owned() };
    let id = store::create(&scope, form.parse()?).await?;
    Ok(created(format!("/api/v1/meters/{id}"), MeterJson::from(store::get(&scope, id).await?)))
}

/// One meter.
#[utoipa::path(get, path = "/meters/{id}", operation_id = "get_meter", tag = "usage", params(("id" = MeterId, Path)), responses((status = 200, body = MeterJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadPlans>, Id(id): Id<MeterId>) -> Answer<MeterJson> {
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// Changes what people read of a meter.
#[utoipa::path(patch, path = "/meters/{id}", operation_id = "update_meter", tag = "usage", params(("id" = MeterId, Path)), request_body = MeterChange, responses((status = 200, body = MeterJson)))]
async fn update(
    Authorized(scope, _): Authorized<can::WritePlans>,
    Id(id): Id<MeterId>,
    Body(change): Body<MeterChange>,
) -> Answer<MeterJson> {
    let is = store::get(&scope, id).await?;
    let form = MeterForm { name: change.name.unwrap_or(is.name), unit: change.unit.unwrap_or(is.unit), ..MeterForm::default() };
    store::update(&scope, id, form.names()?).await?;
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// Takes no more events for a meter; prices that count it stay.
#[utoipa::path(delete, path = "/meters/{id}", operation_id = "archive_meter", tag = "usage", params(("id" = MeterId, Path)), responses((status = 204)))]
async fn archive(Authorized(scope, _): Authorized<can::WritePlans>, Id(id): Id<MeterId>) -> Result<StatusCode, Problem> {
    store::set_archived(&scope, id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}
