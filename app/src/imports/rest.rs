//! `/api/v1/imports`.

use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Import, ImportId, ImportOptions, ImportStatus, Report, RowError};
use super::{store, upload};
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Id, Params, Problem};
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};

/// Errors in one answer.
const ERRORS: u64 = 100;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(create)).layer(DefaultBodyLimit::disable()).routes(routes!(get))
}

/// An import.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Import)]
pub struct ImportJson {
    pub id: ImportId,
    /// `queued`, `running`, `done` or `failed` of one begun here; nothing has been imported before `done`.
    pub status: ImportStatus,
    pub file_name: String,
    pub size_bytes: u64,
    /// Whether bad rows are left out instead of refusing the file.
    pub skip_bad: bool,
    pub rows_total: u64,
    pub rows_good: u64,
    pub rows_bad: u64,
    /// What was done; null before.
    pub report: Option<ReportJson>,
    /// Why nothing was imported; null unless `failed`.
    pub failure: Option<String>,
    /// The first 100 errors by line.
    pub errors: Vec<RowErrorJson>,
    /// RFC 3339.
    pub created_at: String,
    pub finished_at: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ImportReport)]
pub struct ReportJson {
    /// Rows of the file, blank lines aside.
    pub rows: u64,
    pub customers_created: u64,
    pub customers_changed: u64,
    pub plans_created: u64,
    pub subscriptions_created: u64,
    pub subscriptions_changed: u64,
    /// Stretches of subscriptions that are new or different now.
    pub phases_written: u64,
    /// Rows that the books had already just so.
    pub unchanged: u64,
    /// Bad rows that were left out.
    pub skipped: u64,
}

impl From<Report> for ReportJson {
    fn from(report: Report) -> Self {
        let Report { rows, customers_created, customers_changed, plans_created, unchanged, skipped, .. } = report;
        let Report { subscriptions_created, subscriptions_changed, phases_written, .. } = report;
        Self {
            rows,
            customers_created,
            customers_changed,
            plans_created,
            subscriptions_created,
            subscriptions_changed,
            phases_written,
            unchanged,
            skipped,
        }
    }
}

/// What is wrong with a row.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ImportError)]
pub struct RowErrorJson {
    /// Of the file; its header is line 1.
    pub line: u64,
    /// As the file's header names it; empty where it is about the row as a whole.
    pub column: String,
    pub message: String,
}

impl From<RowError> for RowErrorJson {
    fn from(RowError { line, column, message }: RowError) -> Self {
        Self { line, column, message }
    }
}

async fn json(scope: &Scope, id: ImportId) -> Result<ImportJson> {
    let import = store::get(scope, id).await?;
    let errors = if import.status.is_busy() { Vec::new() } else { store::errors(scope, id, 0, ERRORS).await? };
    let Import { id, status, file_name, size_bytes, skip_bad, rows_total, rows_good, rows_bad, report, failure, .. } = import;
    let (created_at, finished_at) = (import.created.iso, import.finished.map(|at| at.iso));
    Ok(ImportJson {
        id,
        status,
        file_name,
        size_bytes,
        skip_bad,
        rows_total,
        rows_good,
        rows_bad,
        report: report.map(Into::into),
        failure,
        errors: errors.into_iter().map(Into::into).collect(),
        created_at,
        finished_at,
    })
}

/// How to import.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CreateParams {
    /// Import the good rows and leave out the bad ones, instead of refusing all.
    #[serde(default)]
    pub skip_bad: bool,
    /// What to call a file sent as the body itself.
    #[serde(default)]
    pub file_name: String,
}

/// The form of a file sent as `multipart/form-data`.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct FileForm {
    #[schema(format = Binary, content_media_type = "text/csv")]
    file: String,
}

/// Import subscriptions
///
/// Takes a book of subscriptions as CSV, as the field `file` of a form or as the body itself, and begins to import it:
/// all of it, or nothing. The columns must have the format's names. Ask for the import to hear how it went.
#[utoipa::path(
    post,
    path = "/imports/subscriptions",
    tag = "Imports",
    params(CreateParams),
    request_body(content((String = "text/csv"), (FileForm = "multipart/form-data"))),
    responses(
        (status = 202, description = "Begun", body = ImportJson, headers(("Location" = String, description = "Where it is"))),
        (status = 422, description = "Not a file that can be imported", content_type = "application/problem+json")
    )
)]
async fn create(
    Authorized(scope, ..): Authorized<can::WriteImports>,
    Params(params): Params<CreateParams>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kept = if kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        let form = Multipart::from_request(request, &()).await.map_err(|e| Error::field("file", e.body_text()))?;
        upload::from_form(&scope, form).await?
    } else {
        upload::keep(&scope, &params.file_name, request.into_body().into_data_stream()).await?
    };
    let options = ImportOptions { mapping: None, skip_bad: params.skip_bad };
    let id = store::create(&scope, kept, Some(options)).await?;
    let location = format!("/api/v1/imports/{id}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(json(&scope, id).await?)).into_response())
}

/// An import
///
/// How far it is, what it did, or why nothing was imported.
#[utoipa::path(
    get,
    path = "/imports/{id}",
    tag = "Imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, body = ImportJson),
        (status = 404, description = "Not found", content_type = "application/problem+json")
    )
)]
async fn get(Authorized(scope, ..): Authorized<can::ReadImports>, Id(id): Id<ImportId>) -> Answer<ImportJson> {
    Ok(Json(json(&scope, id).await?))
}
