//! Policies, whose they are, and what is left alone.

use axum::Json;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::CaseJson;
use crate::customers::CustomerId;
use crate::dunning::forms;
use crate::dunning::model::{CustomerDunning, Exclusion, ExclusionId, NewPolicy, Policy, PolicyId, Step, StepAction};
use crate::dunning::store::{self, policies};
use crate::invoices::InvoiceId;
use crate::kit::form::{self, Check};
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, Listing, Problem, created};
use crate::kit::{Error, Result};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, archive))
        .routes(routes!(of_customer, choose))
        .routes(routes!(exclude))
        .routes(routes!(include))
}

/// A step of a policy.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DunningStep)]
pub struct StepJson {
    /// Days after the invoice was due, 1 to 365.
    pub day: i32,
    /// `email`, `retry`, `suspend`, `cancel` or `write_off`.
    pub action: StepAction,
}

/// A policy with its steps.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningPolicy)]
pub struct PolicyJson {
    pub id: PolicyId,
    pub name: String,
    /// For customers without one of their own.
    pub default: bool,
    pub archived: bool,
    pub steps: Vec<StepJson>,
    /// Cases that run on it.
    pub cases: u64,
    /// Customers whose own it is.
    pub customers: u64,
}

impl From<Policy> for PolicyJson {
    fn from(of: Policy) -> Self {
        let Policy { id, name, default, archived, steps, cases, customers } = of;
        let steps = steps.into_iter().map(|s| StepJson { day: s.day, action: s.action }).collect();
        Self { id, name, default, archived, steps, cases, customers }
    }
}

/// A policy to be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDunningPolicy)]
pub struct NewPolicyJson {
    pub name: String,
    #[serde(default)]
    pub default: bool,
    pub steps: Vec<StepJson>,
}

impl NewPolicyJson {
    fn parse(self) -> Result<NewPolicy> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 80);
        let mut steps: Vec<Step> = self.steps.into_iter().map(|s| Step { day: s.day, action: s.action }).collect();
        if let Err(why) = forms::valid(&mut steps) {
            check.refuse("steps", why);
        }
        let default = self.default;
        check.done(|| NewPolicy { name, default, steps })
    }
}

/// The policies in use, the default one first.
#[utoipa::path(get, path = "/dunning/policies", operation_id = "list_dunning_policies", tag = "dunning", responses((status = 200, body = Listing<PolicyJson>)))]
async fn list(Authorized(scope, _): Authorized<can::ReadInvoices>) -> Answer<Listing<PolicyJson>> {
    let data = policies::list(&scope).await?.into_iter().map(Into::into).collect();
    Ok(Json(Listing { data, next: None }))
}

/// Makes a policy.
#[utoipa::path(post, path = "/dunning/policies", operation_id = "create_dunning_policy", tag = "dunning", request_body = NewPolicyJson, responses((status = 201, body = PolicyJson)))]
async fn create(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(new): Body<NewPolicyJson>) -> Result<Response, Problem> {
    let id = policies::create(&scope, new.parse()?).await?;
    Ok(created(format!("/api/v1/dunning/policies/{id}"), PolicyJson::from(policies::get(&scope, id).await?)))
}

/// One policy.
#[utoipa::path(get, path = "/dunning/policies/{id}", operation_id = "get_dunning_policy", tag = "dunning", params(("id" = PolicyId, Path)), responses((status = 200, body = PolicyJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<PolicyId>) -> Answer<PolicyJson> {
    Ok(Json(policies::get(&scope, id).await?.into()))
}

/// Changes a policy. Where cases have run on it and its steps change, the answer is a new policy of another id; cases that
/// run go on as they began.
#[utoipa::path(put, path = "/dunning/policies/{id}", operation_id = "update_dunning_policy", tag = "dunning", params(("id" = PolicyId, Path)), request_body = NewPolicyJson, responses((status = 200, body = PolicyJson)))]
async fn update(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<PolicyId>,
    Body(new): Body<NewPolicyJson>,
) -> Answer<PolicyJson> {
    let id = policies::update(&scope, id, new.parse()?).await?;
    Ok(Json(policies::get(&scope, id).await?.into()))
}

/// Takes a policy out of use.
#[utoipa::path(delete, path = "/dunning/policies/{id}", operation_id = "archive_dunning_policy", tag = "dunning", params(("id" = PolicyId, Path)), responses((status = 204)))]
async fn archive(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<PolicyId>) -> Result<StatusCode, Problem> {
    policies::archive(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is left alone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningExclusion)]
pub struct ExclusionJson {
    pub id: ExclusionId,
    pub customer_id: CustomerId,
    /// Null: everything of the customer's.
    pub invoice_id: Option<InvoiceId>,
    pub reason: String,
    pub created_by: String,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Exclusion> for ExclusionJson {
    fn from(of: Exclusion) -> Self {
        let Exclusion { id, customer, invoice, reason, by, at } = of;
        Self { id, customer_id: customer, invoice_id: invoice.map(|i| i.0), reason, created_by: by, created_at: at.iso }
    }
}

/// How dunning treats a customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CustomerDunning)]
pub struct CustomerJson {
    /// Its own policy; null: the default one.
    pub policy_id: Option<PolicyId>,
    pub exclusions: Vec<ExclusionJson>,
    /// Live ones first, then the latest.
    pub cases: Vec<CaseJson>,
}

impl From<CustomerDunning> for CustomerJson {
    fn from(of: CustomerDunning) -> Self {
        Self {
            policy_id: of.policy,
            exclusions: of.exclusions.into_iter().map(Into::into).collect(),
            cases: of.cases.into_iter().map(Into::into).collect(),
        }
    }
}

/// How dunning treats a customer.
#[utoipa::path(get, path = "/customers/{id}/dunning", operation_id = "get_customer_dunning", tag = "dunning", params(("id" = CustomerId, Path)), responses((status = 200, body = CustomerJson)))]
async fn of_customer(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<CustomerId>) -> Answer<CustomerJson> {
    Ok(Json(store::of_customer(&scope, id).await?.into()))
}

/// The policy of a customer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DunningChoice)]
pub struct ChoiceJson {
    /// Null: the default one.
    pub policy_id: Option<PolicyId>,
}

/// Gives a customer a policy of its own, or the default one again. Cases that run keep theirs.
#[utoipa::path(put, path = "/customers/{id}/dunning", operation_id = "choose_dunning_policy", tag = "dunning", params(("id" = CustomerId, Path)), request_body = ChoiceJson, responses((status = 200, body = CustomerJson)))]
async fn choose(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<CustomerId>,
    Body(choice): Body<ChoiceJson>,
) -> Answer<CustomerJson> {
    store::choose_policy(&scope, id, choice.policy_id).await?;
    Ok(Json(store::of_customer(&scope, id).await?.into()))
}

/// What to leave alone.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDunningExclusion)]
pub struct NewExclusionJson {
    pub customer_id: CustomerId,
    /// Everything of the customer's unless given.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    pub reason: String,
}

/// Leaves a customer or an invoice alone: cases that run are closed, none is opened.
#[utoipa::path(post, path = "/dunning/exclusions", operation_id = "exclude_from_dunning", tag = "dunning", request_body = NewExclusionJson, responses((status = 201, body = ExclusionJson)))]
async fn exclude(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(new): Body<NewExclusionJson>) -> Result<Response, Problem> {
    let reason = form::reason(&new.reason)?;
    let id = store::exclude(&scope, new.customer_id, new.invoice_id, reason).await?;
    let all = store::of_customer(&scope, new.customer_id).await?.exclusions;
    let made = all.into_iter().find(|x| x.id == id).map(ExclusionJson::from).ok_or(Error::NotFound)?;
    Ok(created(format!("/api/v1/customers/{}/dunning", new.customer_id), made))
}

/// Takes it up again: the next run opens a case where one is wanted.
#[utoipa::path(delete, path = "/dunning/exclusions/{id}", operation_id = "include_in_dunning", tag = "dunning", params(("id" = ExclusionId, Path)), responses((status = 204)))]
async fn include(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<ExclusionId>) -> Result<StatusCode, Problem> {
    store::include(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
