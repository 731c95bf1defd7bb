//! `/api/v1/mails`, and the console's plain routes: a letter as HTML, the files that went with it.

use axum::extract::{Extension, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::get as route_get;
use axum::{Json, Router};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Mail, MailDetail, MailId, MailStatus, MailTemplate};
use super::store;
use crate::customers::CustomerId;
use crate::kit::db::bug;
use crate::kit::language::Language;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Id, ListParams, Listing, Params, Problem};
use crate::kit::scope::{Caller, Scope};
use crate::kit::{Error, Result};

/// Nothing in a letter may run, load or be framed.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(resend))
}

/// The console's plain routes.
pub fn console() -> Router {
    Router::new().route("/mails/{id}/html", route_get(html)).route("/mails/{id}/files/{place}", route_get(file))
}

/// A letter to a customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Mail)]
pub struct MailJson {
    pub id: MailId,
    pub customer_id: CustomerId,
    pub to: String,
    pub template: MailTemplate,
    pub language: Language,
    pub subject: String,
    pub status: MailStatus,
    /// Tries to send it so far.
    pub tries: i32,
    /// What the mail server said of the last try, where it refused.
    pub error: Option<String>,
    /// The id of the invoice or credit note that it is about.
    pub about: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    pub sent_at: Option<String>,
    /// Of a single letter: what it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of a single letter: names of the files with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

impl From<Mail> for MailJson {
    fn from(of: Mail) -> Self {
        Self {
            id: of.id,
            customer_id: of.customer,
            to: of.to,
            template: of.template,
            language: of.language,
            subject: of.subject,
            status: of.status,
            tries: of.tries,
            error: of.error,
            about: of.about,
            created_at: of.created.iso,
            sent_at: of.sent.map(|at| at.iso),
            text: None,
            attachments: Vec::new(),
            message_id: None,
        }
    }
}

impl From<MailDetail> for MailJson {
    fn from(of: MailDetail) -> Self {
        let (text, message_id) = (Some(of.text), Some(of.message_id));
        Self { text, message_id, attachments: of.attachments, ..of.mail.into() }
    }
}

/// Which letters.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MailParams {
    #[serde(default)]
    pub status: Option<MailStatus>,
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The id of an invoice or a credit note.
    #[serde(default)]
    pub about: Option<String>,
}

/// Lists letters, the latest first.
#[utoipa::path(get, path = "/mails", operation_id = "list_mails", tag = "mail", params(ListParams, MailParams), responses((status = 200, body = Listing<MailJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadInvoices>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<MailParams>,
) -> Answer<Listing<MailJson>> {
    let mut query = params.query()?;
    let pairs = [
        ("status", narrow.status.map(|s| s.to_string())),
        ("customer", narrow.customer_id.map(|id| id.to_string())),
        ("about", narrow.about),
    ];
    query.filters.extend(pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), vec![value?]))));
    Ok(Json(store::list(&scope, &query).await?.map(MailJson::from).into()))
}

/// One letter, with what it says.
#[utoipa::path(get, path = "/mails/{id}", operation_id = "get_mail", tag = "mail", params(("id" = MailId, Path)), responses((status = 200, body = MailJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<MailId>) -> Answer<MailJson> {
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// Sends a letter anew, to the address that the customer has now; answers with the new one.
#[utoipa::path(post, path = "/mails/{id}/resend", operation_id = "resend_mail", tag = "mail", params(("id" = MailId, Path)), responses((status = 200, body = MailJson)))]
async fn resend(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<MailId>) -> Answer<MailJson> {
    let new = store::resend(&scope, id).await?;
    Ok(Json(store::get(&scope, new).await?.into()))
}

fn reader(caller: Option<Extension<Caller>>) -> Result<Scope> {
    match caller {
        Some(Extension(caller @ Caller::Member(..))) => caller.scope::<can::ReadInvoices>(),
        _ => Err(Error::SignedOut),
    }
}

async fn html(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    let answer = async {
        let scope = reader(caller)?;
        let html = store::html(&scope, id.parse().map_err(|_| Error::NotFound)?).await?;
        Ok::<_, Error>(harmless(HeaderValue::from_static("text/html; charset=utf-8"), None, html.into_bytes()))
    };
    answer.await.unwrap_or_else(|error| Problem(error).into_response())
}

async fn file(caller: Option<Extension<Caller>>, Path((id, place)): Path<(String, usize)>) -> Response {
    let answer = async {
        let scope = reader(caller)?;
        let attached = store::attachment(&scope, id.parse().map_err(|_| Error::NotFound)?, place).await?;
        let bytes = scope.db().files()?.read(&attached.key, u64::MAX).await?;
        let name: String = attached.name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        let kind = HeaderValue::from_str(&attached.content_type).map_err(bug)?;
        Ok::<_, Error>(harmless(kind, Some(name), bytes))
    };
    answer.await.unwrap_or_else(|error| Problem(error).into_response())
}

fn harmless(kind: HeaderValue, save_as: Option<String>, bytes: Vec<u8>) -> Response {
    let disposition = save_as.map_or_else(|| "inline".to_owned(), |name| format!("attachment; filename=\"{name}\""));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, bytes).into_response()
}
