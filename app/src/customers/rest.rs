//! `/api/v1/customers`.

use axum::Json;
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Customer, CustomerForm, CustomerId, CustomerStatus};
use super::store;
use crate::kit::money::Money;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Problem, created, or_cleared};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update))
}

/// A customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Customer)]
pub struct CustomerJson {
    pub id: CustomerId,
    /// The seller's own number for it.
    pub external_id: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub country: Option<String>,
    /// On the platform: the short name of the tenant's organization.
    pub organization: Option<String>,
    pub status: CustomerStatus,
    /// Monthly recurring revenue today, in the seller's currency; left out for a key that may not see revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mrr: Option<Money>,
    /// The first day it paid or is set to pay.
    pub first_paid_on: Option<NaiveDate>,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Customer> for CustomerJson {
    fn from(customer: Customer) -> Self {
        let Customer { id, external_id, name, email, country, organization, status, mrr, first_paid_on, created } = customer;
        let organization = organization.map(|o| o.slug);
        Self { id, external_id, name, email, country, organization, status, mrr, first_paid_on, created_at: created.iso }
    }
}

/// A new customer, or the fields to change: those left out stay as they are, null clears one.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerFields {
    /// Required of a new one.
    #[serde(default, deserialize_with = "or_cleared")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "or_cleared")]
    pub email: Option<String>,
    /// ISO 3166 code of two letters.
    #[serde(default, deserialize_with = "or_cleared")]
    pub country: Option<String>,
    /// The seller's own number for it; no two customers share one.
    #[serde(default, deserialize_with = "or_cleared")]
    pub external_id: Option<String>,
    /// On the platform: the short name of the tenant's organization.
    #[serde(default, deserialize_with = "or_cleared")]
    pub organization: Option<String>,
}

impl CustomerFields {
    fn over(self, form: CustomerForm) -> CustomerForm {
        CustomerForm {
            name: self.name.unwrap_or(form.name),
            email: self.email.unwrap_or(form.email),
            country: self.country.unwrap_or(form.country),
            external_id: self.external_id.unwrap_or(form.external_id),
            organization: self.organization.unwrap_or(form.organization),
        }
    }
}

/// Lists customers, the newest first.
#[utoipa::path(get, path = "/customers", operation_id = "list_customers", tag = "customers", params(ListParams), responses((status = 200, body = Listing<CustomerJson>)))]
async fn list(Authorized(scope, _): Authorized<can::ReadCustomers>, Params(params): Params<ListParams>) -> Answer<Listing<CustomerJson>> {
    let page = store::list(&scope, &params.query()?).await?;
    Ok(Json(page.map(CustomerJson::from).into()))
}

/// Makes a customer.
#[utoipa::path(post, path = "/customers", operation_id = "create_customer", tag = "customers", request_body = CustomerFields, responses((status = 201, body = CustomerJson)))]
async fn create(Authorized(scope, _): Authorized<can::WriteCustomers>, Body(fields): Body<CustomerFields>) -> Result<Response, Problem> {
    let id = store::create(&scope, fields.over(CustomerForm::default()).parse()?).await?;
    let customer = CustomerJson::from(store::get(&scope, id).await?);
    Ok(created(format!("/api/v1/customers/{id}"), customer))
}

/// One customer.
#[utoipa::path(get, path = "/customers/{id}", operation_id = "get_customer", tag = "customers", params(("id" = CustomerId, Path)), responses((status = 200, body = CustomerJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadCustomers>, Id(id): Id<CustomerId>) -> Answer<CustomerJson> {
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// Changes a customer: the fields given.
#[utoipa::path(patch, path = "/customers/{id}", operation_id = "update_customer", tag = "customers", params(("id" = CustomerId, Path)), request_body = CustomerFields, responses((status = 200, body = CustomerJson)))]
async fn update(
    Authorized(scope, _): Authorized<can::WriteCustomers>,
    Id(id): Id<CustomerId>,
    Body(fields): Body<CustomerFields>,
) -> Answer<CustomerJson> {
    let form = fields.over(store::form(&scope, id).await?);
    store::update(&scope, id, form.parse()?).await?;
    Ok(Json(store::get(&scope, id).await?.into()))
}
