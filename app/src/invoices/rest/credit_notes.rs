//! `/api/v1/credit-notes`.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json::CreditNoteJson;
use crate::customers::CustomerId;
use crate::invoices::credit_notes::CreditNoteDetail;
use crate::invoices::model::{CreditNoteId, InvoiceId, Settlement};
use crate::invoices::store;
use crate::kit::money::Money;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Id, ListParams, Listing, Params};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// Which credit notes.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CreditNoteParams {
    /// Of one customer.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// On one invoice.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    #[serde(default)]
    pub settlement: Option<Settlement>,
}

impl CreditNoteParams {
    fn narrow(self, mut query: ListQuery) -> ListQuery {
        let settlement = self.settlement.map(|s| s.to_string());
        let (customer, invoice) = (self.customer_id.map(|id| id.to_string()), self.invoice_id.map(|id| id.to_string()));
        for (key, value) in [("customer", customer), ("invoice", invoice), ("settlement", settlement)] {
            if let Some(value) = value {
                query.filters.insert(key.to_owned(), vec![value]);
            }
        }
        query
    }
}

/// Lists credit notes, the latest first.
#[utoipa::path(get, path = "/credit-notes", operation_id = "list_credit_notes", tag = "invoices", params(ListParams, CreditNoteParams), responses((status = 200, body = Listing<CreditNoteJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadInvoices>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<CreditNoteParams>,
) -> Answer<Listing<CreditNoteJson>> {
    Ok(Json(store::list_credit_notes(&scope, &narrow.narrow(params.query()?)).await?.map(CreditNoteJson::from).into()))
}

/// What of a line was taken back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CreditNoteLineJson {
    pub description: String,
    /// Before tax; where prices include it, with it.
    pub amount: Money,
    pub tax: Money,
}

/// A credit note with its lines.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CreditNoteWithLines {
    #[serde(flatten)]
    pub note: CreditNoteJson,
    pub lines: Vec<CreditNoteLineJson>,
}

impl From<CreditNoteDetail> for CreditNoteWithLines {
    fn from(of: CreditNoteDetail) -> Self {
        let lines = of.lines.into_iter().map(|l| CreditNoteLineJson { description: l.description, amount: l.amount, tax: l.tax });
        Self { lines: lines.collect(), note: of.note.into() }
    }
}

/// One credit note.
#[utoipa::path(get, path = "/credit-notes/{id}", operation_id = "get_credit_note", tag = "invoices", params(("id" = CreditNoteId, Path)), responses((status = 200, body = CreditNoteWithLines)))]
async fn get(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<CreditNoteId>) -> Answer<CreditNoteWithLines> {
    Ok(Json(store::get_credit_note(&scope, id).await?.into()))
}
