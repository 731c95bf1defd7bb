//! `/api/v1/usage/events`, and what a subscription used.

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{MeterUse, NewEvent, Taken, UsageEvent};
use super::store;
use crate::customers::CustomerId;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params};
use crate::meters::Aggregation;
use crate::subscriptions::SubscriptionId;
use crate::text_enum;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, record)).routes(routes!(of_subscription))
}

/// An event.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEventJson {
    /// The sender's own: a second one of the same id is the same event.
    pub event_id: String,
    /// The key of a meter.
    pub meter: String,
    /// The id of a subscription, or the seller's own number for it.
    pub subscription_id: String,
    /// RFC 3339, or a day and time of the seller's time zone. Now unless given.
    #[serde(default)]
    pub at: Option<String>,
    /// 1 unless given.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// What a meter of different subjects counts.
    #[serde(default)]
    pub subject: Option<String>,
}

/// Up to 1,000 events.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEventsJson {
    pub events: Vec<NewEventJson>,
}

text_enum!(
    /// What became of an event.
    pub enum EventOutcome {
        New = "new" => "New",
        Duplicate = "duplicate" => "There already",
        Refused = "refused" => "Refused",
    }
);

/// What became of an event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventResult {
    /// Its place in the request, from 0.
    pub index: usize,
    pub status: EventOutcome,
    /// Of a refused one: the field that is wrong, and why.
    pub field: Option<String>,
    pub reason: Option<String>,
}

/// What became of the events of a request.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventResults {
    pub new: usize,
    pub duplicates: usize,
    pub refused: usize,
    pub results: Vec<EventResult>,
}

impl EventResults {
    fn of(taken: Vec<Taken>) -> Self {
        let result = |(index, taken): (usize, Taken)| match taken {
            Taken::New => EventResult { index, status: EventOutcome::New, field: None, reason: None },
            Taken::Known => EventResult { index, status: EventOutcome::Duplicate, field: None, reason: None },
            Taken::Refused(field, reason) => {
                let field = if field == "subscription" { "subscription_id".to_owned() } else { field };
                EventResult { index, status: EventOutcome::Refused, field: Some(field), reason: Some(reason) }
            }
        };
        let results: Vec<EventResult> = taken.into_iter().enumerate().map(result).collect();
        let count = |status| results.iter().filter(|r| r.status == status).count();
        let (new, duplicates, refused) = (count(EventOutcome::New), count(EventOutcome::Duplicate), count(EventOutcome::Refused));
        Self { new, duplicates, refused, results }
    }
}

/// Records events, each once by its id. Good ones are recorded whatever is wrong with others; the answer says of each what
/// became of it. One of a day that was invoiced already counts on the first day that was not.
#[utoipa::path(post, path = "/usage/events", operation_id = "record_usage", tag = "usage", request_body = NewEventsJson, responses((status = 200, body = EventResults)))]
async fn record(Authorized(scope, _): Authorized<can::WriteSubscriptions>, Body(new): Body<NewEventsJson>) -> Answer<EventResults> {
    let event = |e: NewEventJson| NewEvent {
        event_id: e.event_id,
        meter: e.meter,
        subscription: e.subscription_id,
        at: e.at.unwrap_or_default(),
        quantity: e.quantity.unwrap_or(1),
        subject: e.subject.unwrap_or_default(),
    };
    let events: Vec<NewEvent> = new.events.into_iter().map(event).collect();
    Ok(Json(EventResults::of(store::record(&scope, &events).await?)))
}

/// An event that was recorded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UsageEvent)]
pub struct EventJson {
    pub event_id: String,
    pub meter: String,
    pub subscription_id: SubscriptionId,
    pub customer_id: CustomerId,
    /// RFC 3339.
    pub at: String,
    /// The day that it counts on: its own, or the first one that was not invoiced when it came.
    pub day: NaiveDate,
    pub quantity: i64,
    pub subject: Option<String>,
}

impl From<UsageEvent> for EventJson {
    fn from(e: UsageEvent) -> Self {
        let UsageEvent { event_id, meter, subscription, customer, at, day, quantity, subject, .. } = e;
        Self { event_id, meter, subscription_id: subscription, customer_id: customer, at: at.iso, day, quantity, subject }
    }
}

/// Which events.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventParams {
    /// Of one subscription.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// Of one customer.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// Of one meter, by its key.
    #[serde(default)]
    pub meter: Option<String>,
    /// Days of the seller's time zone, both included.
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
}

/// Lists events, the latest first.
#[utoipa::path(get, path = "/usage/events", operation_id = "list_usage_events", tag = "usage", params(ListParams, EventParams), responses((status = 200, body = Listing<EventJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadSubscriptions>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<EventParams>,
) -> Answer<Listing<EventJson>> {
    let mut query = params.query()?;
    let EventParams { subscription_id, customer_id, meter, from, to } = narrow;
    let (subscription, customer) = (subscription_id.map(|id| id.to_string()), customer_id.map(|id| id.to_string()));
    for (key, value) in [("subscription", subscription), ("customer", customer), ("meter", meter), ("at_from", from), ("at_to", to)] {
        if let Some(value) = value {
            query.filters.insert(key.to_owned(), vec![value]);
        }
    }
    Ok(Json(store::events(&scope, &query).await?.map(EventJson::from).into()))
}

/// What was used of a meter in a period.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MeterUseJson {
    /// The meter's key.
    pub meter: String,
    pub name: String,
    pub unit: String,
    pub aggregation: Aggregation,
    pub quantity: i64,
    /// What the plan includes; null where the plan does not charge the meter.
    pub included: Option<i64>,
    /// Beyond that.
    pub over: i64,
    /// Hundredths of the allowance that are used; null without one.
    pub percent: Option<i64>,
}

impl From<MeterUse> for MeterUseJson {
    fn from(m: MeterUse) -> Self {
        let (over, percent) = (m.over(), m.percent());
        let MeterUse { key, name, unit, aggregation, quantity, included } = m;
        Self { meter: key, name, unit, aggregation, quantity, included, over, percent }
    }
}

/// What a subscription used in a billing period.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SubscriptionUseJson {
    pub subscription_id: SubscriptionId,
    /// The billing period; null where the subscription is out of service that day.
    pub period_start: Option<NaiveDate>,
    /// The first day after it.
    pub period_end: Option<NaiveDate>,
    pub data: Vec<MeterUseJson>,
}

/// Which period.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnParams {
    /// A day of the period; today unless given.
    #[serde(default)]
    pub on: Option<NaiveDate>,
}

/// What a subscription used in a billing period, by meter.
#[utoipa::path(get, path = "/subscriptions/{id}/usage", operation_id = "get_subscription_usage", tag = "usage", params(("id" = SubscriptionId, Path), OnParams), responses((status = 200, body = SubscriptionUseJson)))]
async fn of_subscription(
    Authorized(scope, _): Authorized<can::ReadSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Params(which): Params<OnParams>,
) -> Answer<SubscriptionUseJson> {
    let (period, meters) = store::on_day(&scope, id, which.on).await?;
    Ok(Json(SubscriptionUseJson {
        subscription_id: id,
        period_start: period.map(|p| p.start),
        period_end: period.map(|p| p.end),
        data: meters.into_iter().map(MeterUseJson::from).collect(),
    }))
}
