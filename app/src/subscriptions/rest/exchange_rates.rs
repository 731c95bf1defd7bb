//! `/api/v1/exchange-rates`.

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kit::form::Check;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body};
use crate::subscriptions::model::{ExchangeRate, parse_rate, rate_label};
use crate::subscriptions::rates;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, set))
}

/// What one unit of a currency is worth in the seller's own, from a day on.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRateJson {
    /// ISO 4217.
    pub currency: String,
    pub starts_on: NaiveDate,
    /// A decimal number as text, with at most 9 decimals: `1.0834`.
    pub rate: String,
}

impl From<ExchangeRate> for ExchangeRateJson {
    fn from(of: ExchangeRate) -> Self {
        Self { currency: of.currency.to_string(), starts_on: of.starts_on, rate: rate_label(of.rate) }
    }
}

/// The exchange rates of a seller.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExchangeRatesJson {
    pub data: Vec<ExchangeRateJson>,
}

/// All exchange rates: by currency, the latest first.
#[utoipa::path(get, path = "/exchange-rates", operation_id = "list_exchange_rates", tag = "subscriptions", responses((status = 200, body = ExchangeRatesJson)))]
async fn list(Authorized(scope, _): Authorized<can::ReadSubscriptions>) -> Answer<ExchangeRatesJson> {
    Ok(Json(ExchangeRatesJson { data: rates::all(&scope).await?.into_iter().map(Into::into).collect() }))
}

/// Sets the rate of a currency from a day on. What has been sold keeps the rate it was sold at.
#[utoipa::path(put, path = "/exchange-rates", operation_id = "set_exchange_rate", tag = "subscriptions", request_body = ExchangeRateJson, responses((status = 200, body = ExchangeRateJson)))]
async fn set(Authorized(scope, _): Authorized<can::WriteSubscriptions>, Body(given): Body<ExchangeRateJson>) -> Answer<ExchangeRateJson> {
    let mut check = Check::default();
    let currency = check.parse("currency", &given.currency.to_uppercase());
    let rate = parse_rate(given.rate.trim()).map_err(|message| check.refuse("rate", message)).ok();
    let new = currency.zip(rate).map(|(currency, rate)| ExchangeRate { currency, starts_on: given.starts_on, rate });
    let new = check.done_with(new)?;
    rates::set(&scope, new.clone()).await?;
    Ok(Json(new.into()))
}
