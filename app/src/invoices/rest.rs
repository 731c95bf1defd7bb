//! `/api/v1/invoices`, `/api/v1/billing/…`, `/api/v1/ledger/…`, `/api/v1/tax-rates`, `/api/v1/coupons`, and what a customer
//! and a plan have of them.

mod billing;
mod catalogue;
mod credit_notes;
pub mod json;
mod settings;

use axum::Json;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{CreditLine, InvoiceId, InvoiceLineId, InvoiceStatus, NewCreditNote, NewInvoice, NewLine, Settlement};
use super::store;
use crate::customers::CustomerId;
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Problem, created};
use crate::kit::{Error, Result};
use crate::plans::PlanId;
use crate::subscriptions::model::{Proration, SubscriptionId, Verb, When};
use crate::subscriptions::store as subscriptions;
use json::{CreditNoteJson, ForeseenJson, InvoiceJson, InvoiceWithLines};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(get, discard))
        .routes(routes!(finalize))
        .routes(routes!(void))
        .routes(routes!(replace))
        .routes(routes!(uncollectible))
        .routes(routes!(credit))
        .merge(billing::router())
        .merge(catalogue::router())
        .merge(credit_notes::router())
        .merge(settings::router())
}

/// Which invoices.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InvoiceParams {
    /// Of one customer.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// With a line of one subscription.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// With one status: `draft`, `open`, `partially_paid`, `overdue`, `paid`, `void` or `uncollectible`. `finalized` is
    /// another word for what is issued and still to be paid: open, partially paid or overdue.
    #[serde(default)]
    pub status: Option<String>,
    /// `issued` (the earliest first, unless given), `due`, `total` or `number`; with `-` the other way round.
    #[serde(default)]
    pub sort: Option<String>,
}

impl InvoiceParams {
    fn narrow(self, mut query: ListQuery) -> Result<ListQuery> {
        let status = self.status.map(|word| word.trim().to_owned());
        if status.as_deref().is_some_and(|word| word != "finalized" && word.parse::<InvoiceStatus>().is_err()) {
            return Err(Error::field("status", "must be the word of a status, or finalized"));
        }
        let (customer, subscription) = (self.customer_id.map(|id| id.to_string()), self.subscription_id.map(|id| id.to_string()));
        for (key, value) in [("customer", customer), ("subscription", subscription), ("status", status)] {
            if let Some(value) = value {
                query.filters.insert(key.to_owned(), vec![value]);
            }
        }
        query.sort = self.sort.unwrap_or_else(|| "issued".to_owned());
        Ok(query)
    }
}

/// Lists invoices with their lines, the earliest first.
#[utoipa::path(get, path = "/invoices", operation_id = "list_invoices", tag = "invoices", params(ListParams, InvoiceParams), responses((status = 200, body = Listing<InvoiceWithLines>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadInvoices>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<InvoiceParams>,
) -> Answer<Listing<InvoiceWithLines>> {
    let page = store::list_with_lines(&scope, &narrow.narrow(params.query()?)?).await?;
    Ok(Json(page.map(|(invoice, lines)| InvoiceWithLines::of(invoice, lines)).into()))
}

/// A line to write.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLineJson {
    pub description: String,
    /// 1 unless given.
    #[serde(default)]
    pub quantity: Option<i64>,
    pub unit_amount: Money,
}

/// An invoice to write by hand.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvoiceJson {
    pub customer_id: CustomerId,
    pub lines: Vec<NewLineJson>,
    /// By the customer's terms, from the day of issue, unless given.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    #[serde(default)]
    pub note: Option<String>,
}

impl NewInvoiceJson {
    fn parse(self) -> Result<NewInvoice> {
        let mut check = Check::default();
        let note = check.optional_text("note", self.note.as_deref().unwrap_or_default(), 2000);
        let due_on = day(&mut check, "due_on", self.due_on);
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in self.lines {
            let description = check.text("lines", &line.description, 300);
            lines.push(NewLine { description, quantity: line.quantity.unwrap_or(1), unit: line.unit_amount });
        }
        check.done(|| NewInvoice { customer: self.customer_id, lines, issued_on: None, due_on, note })
    }
}

/// Writes a draft by hand.
#[utoipa::path(post, path = "/invoices", operation_id = "create_invoice", tag = "invoices", request_body = NewInvoiceJson, responses((status = 201, body = InvoiceJson)))]
async fn create(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(new): Body<NewInvoiceJson>) -> Result<Response, Problem> {
    let id = store::create(&scope, new.parse()?).await?;
    let body = InvoiceJson::from(store::detail(&scope, id).await?);
    Ok(created(format!("/api/v1/invoices/{id}"), body))
}

/// What to preview.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewChange {
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    #[serde(default)]
    pub quantity: Option<i64>,
    /// An own price of one unit, in the plan's currency.
    #[serde(default)]
    pub price: Option<Money>,
    /// Instead of a change: that service ends.
    #[serde(default)]
    pub cancel: bool,
    #[serde(default)]
    pub proration: Option<Proration>,
}

/// A bill to foresee: of a subscription, with a change or as it is; or of a customer with all it has.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// What the change adds to the bill; the next invoice unless given.
    #[serde(default)]
    pub change: Option<PreviewChange>,
    /// The day of the change: `now`, `period_end` or a day; unless given, as for the change itself. Without a change: the
    /// invoice of that day.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-03-16")]
    pub at: Option<When>,
}

/// What an invoice would say: the code of the billing run, with nothing written.
#[utoipa::path(post, path = "/invoices/preview", operation_id = "preview_invoice", tag = "invoices", request_body = PreviewRequest, responses((status = 200, body = ForeseenJson)))]
async fn preview(Authorized(scope, _): Authorized<can::ReadInvoices>, Body(request): Body<PreviewRequest>) -> Answer<ForeseenJson> {
    let PreviewRequest { subscription_id, customer_id, change, at } = request;
    let Some(subscription) = subscription_id else {
        let customer = customer_id.ok_or_else(|| Error::field("subscription_id", "is required, or customer_id"))?;
        return Ok(Json(store::preview_next(&scope, customer).await?.into()));
    };
    let day = if let Some(When::On(day)) = at { Some(day) } else { None };
    let Some(PreviewChange { plan_id, quantity, price, cancel, proration }) = change else {
        return Ok(Json(store::preview(&scope, subscription, None, day).await?.into()));
    };
    let verb = if cancel {
        Verb::Cancel { at: at.unwrap_or_default(), reason: None }
    } else {
        let at = if let Some(at) = at { at } else { subscriptions::natural_day(&scope, subscription, plan_id, quantity, price).await? };
        Verb::Change { plan_id, quantity, price, at }
    };
    let verb = Some((verb, proration));
    Ok(Json(store::preview(&scope, subscription, verb, day).await?.into()))
}

/// One invoice with all it says.
#[utoipa::path(get, path = "/invoices/{id}", operation_id = "get_invoice", tag = "invoices", params(("id" = InvoiceId, Path)), responses((status = 200, body = InvoiceJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<InvoiceId>) -> Answer<InvoiceJson> {
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Throws away a draft that was written by hand.
#[utoipa::path(delete, path = "/invoices/{id}", operation_id = "discard_invoice", tag = "invoices", params(("id" = InvoiceId, Path)), responses((status = 204)))]
async fn discard(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<InvoiceId>) -> Result<http::StatusCode, Problem> {
    store::discard(&scope, id).await?;
    Ok(http::StatusCode::NO_CONTENT)
}

/// Issues a draft today: it gets its number and never changes again.
#[utoipa::path(post, path = "/invoices/{id}/finalize", operation_id = "finalize_invoice", tag = "invoices", params(("id" = InvoiceId, Path)), responses((status = 200, body = InvoiceJson)))]
async fn finalize(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<InvoiceId>) -> Answer<InvoiceJson> {
    store::finalize(&scope, id).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Why.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonJson {
    #[serde(default)]
    pub reason: Option<String>,
}

impl ReasonJson {
    fn parse(&self) -> Result<Option<String>> {
        let mut check = Check::default();
        let reason = check.optional_text("reason", self.reason.as_deref().unwrap_or_default(), 200);
        check.done(|| reason)
    }
}

/// Takes an invoice back as if it had never been; what it billed is not billed again.
#[utoipa::path(post, path = "/invoices/{id}/void", operation_id = "void_invoice", tag = "invoices", params(("id" = InvoiceId, Path)), request_body = ReasonJson, responses((status = 200, body = InvoiceJson)))]
async fn void(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<InvoiceId>,
    Body(why): Body<ReasonJson>,
) -> Answer<InvoiceJson> {
    store::void(&scope, id, why.parse()?).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Takes an invoice back and bills the same anew; answers with what takes its place.
#[utoipa::path(post, path = "/invoices/{id}/replace", operation_id = "replace_invoice", tag = "invoices", params(("id" = InvoiceId, Path)), request_body = ReasonJson, responses((status = 200, body = Listing<InvoiceJson>)))]
async fn replace(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<InvoiceId>,
    Body(why): Body<ReasonJson>,
) -> Answer<Listing<InvoiceJson>> {
    let mut data = Vec::new();
    for id in store::replace(&scope, id, why.parse()?).await? {
        data.push(store::detail(&scope, id).await?.into());
    }
    Ok(Json(Listing { data, next: None }))
}

/// Gives up what an invoice still wants.
#[utoipa::path(post, path = "/invoices/{id}/uncollectible", operation_id = "mark_invoice_uncollectible", tag = "invoices", params(("id" = InvoiceId, Path)), responses((status = 200, body = InvoiceJson)))]
async fn uncollectible(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<InvoiceId>) -> Answer<InvoiceJson> {
    store::mark_uncollectible(&scope, id).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// A part of a line to take back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditLineJson {
    pub line_id: InvoiceLineId,
    /// Before tax; where prices include it, with it.
    pub amount: Money,
}

/// A credit note to write.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCreditNoteJson {
    /// All that is left of the invoice unless given.
    #[serde(default)]
    pub lines: Vec<CreditLineJson>,
    /// To the customer's credit, paid back, or off what the invoice still wants.
    pub settlement: Settlement,
    pub reason: String,
}

/// Corrects an invoice.
#[utoipa::path(post, path = "/invoices/{id}/credit-notes", operation_id = "create_credit_note", tag = "invoices", params(("id" = InvoiceId, Path)), request_body = NewCreditNoteJson, responses((status = 201, body = CreditNoteJson)))]
async fn credit(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<InvoiceId>,
    Body(new): Body<NewCreditNoteJson>,
) -> Result<Response, Problem> {
    let mut check = Check::default();
    let reason = check.text("reason", &new.reason, 300);
    let lines = new.lines.into_iter().map(|l| CreditLine { line: l.line_id, amount: l.amount }).collect();
    let new = check.done(|| NewCreditNote { lines, settlement: new.settlement, reason })?;
    let note = store::credit_note(&scope, id, new).await?;
    let notes = store::detail(&scope, id).await?.credit_notes;
    let body = notes.into_iter().find(|n| n.id == note).map(CreditNoteJson::from).ok_or(Error::NotFound)?;
    Ok(created(format!("/api/v1/invoices/{id}"), body))
}

/// A day of a request, checked like one of a form.
fn day(check: &mut Check, field: &str, day: Option<NaiveDate>) -> Option<NaiveDate> {
    day.and_then(|day| check.optional_day(field, &day.to_string()))
}
