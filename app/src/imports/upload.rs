//! The console's two plain routes: the file that a form sends, and the errors as a file.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Multipart, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::Stream;
use http::{HeaderMap, StatusCode, header};

use super::format::Limits;
use super::model::{ImportId, size_label};
use super::store::{self, NewUpload};
use crate::kit::db::bug;
use crate::kit::files::PutError;
use crate::kit::permission::can;
use crate::kit::scope::{Caller, Scope, member};
use crate::kit::upload::answer;
use crate::kit::{Error, Result, form};

/// Errors of one import that a file holds; no more are kept.
const ERRORS: u64 = 20_000;

pub fn routes() -> Router {
    Router::new().route("/imports/upload", post(upload).layer(DefaultBodyLimit::disable())).route("/imports/{id}/errors.csv", get(errors))
}

/// Takes a file, and leads to the import.
async fn upload(
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let taken = match (member::<can::WriteImports>(caller), form) {
        (Ok(scope), Ok(form)) => take(&scope, form).await,
        (Err(error), _) => Err(error),
        (_, Err(rejection)) => Err(Error::field("file", rejection.body_text())),
    };
    answer(&headers, taken.map(|id| format!("/imports/{id}")), "/imports/new")
}

async fn take(scope: &Scope, form: Multipart) -> Result<ImportId> {
    let upload = from_form(scope, form).await?;
    store::create(scope, upload, None).await
}

/// Keeps the file of the form's field `file`.
pub(super) async fn from_form(scope: &Scope, mut form: Multipart) -> Result<NewUpload> {
    while let Some(field) = form.next_field().await.map_err(|e| Error::field("file", e.body_text()))? {
        if field.name() == Some("file") {
            let name = field.file_name().unwrap_or_default().to_owned();
            return keep(scope, &name, field).await;
        }
    }
    Err(Error::field("file", "is required"))
}

/// Keeps a file as it arrives; no more of it than a part is ever in memory.
pub(super) async fn keep<B, E>(scope: &Scope, name: &str, body: impl Stream<Item = Result<B, E>>) -> Result<NewUpload>
where
    B: AsRef<[u8]>,
    E: std::fmt::Display,
{
    let file_key = format!("imports/{}/{}", scope.seller().id, ImportId::new());
    let limit = Limits::default().bytes;
    let kept = scope.db().files()?.put(&file_key, body, limit).await;
    let size_bytes = kept.map_err(|error| match error {
        PutError::TooLarge => Error::field("file", format!("is larger than {}", size_label(limit))),
        PutError::BrokenOff(why) => {
            tracing::info!(%why, "an upload broke off");
            Error::field("file", "did not arrive whole; send it again")
        }
        PutError::Store(error) => error,
    })?;
    Ok(NewUpload { file_name: shown_name(name), file_key, size_bytes })
}

/// The last part of a path, without what does not show.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control() && form::is_readable_char(*c)).take(200).collect();
    if !form::is_readable(&name) || name.trim().is_empty() { "subscriptions.csv".to_owned() } else { name }
}

/// The errors as CSV. No cell can be taken for a formula.
async fn errors(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    match errors_csv(caller, &id).await {
        Ok(body) => {
            let name = format!("attachment; filename=\"import-errors-{id}.csv\"");
            ([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], body).into_response()
        }
        Err(error) => {
            (StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error.to_string()).into_response()
        }
    }
}

async fn errors_csv(caller: Option<Extension<Caller>>, id: &str) -> Result<Vec<u8>> {
    let scope = member::<can::ReadImports>(caller)?;
    let id: ImportId = id.parse().map_err(|_| Error::NotFound)?;
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["line", "column", "reason"]).map_err(bug)?;
    for error in store::errors(&scope, id, 0, ERRORS).await? {
        let safe = |text: String| if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text };
        csv.write_record([error.line.to_string(), safe(error.column), safe(error.message)]).map_err(bug)?;
    }
    csv.into_inner().map_err(bug)
}

#[cfg(test)]
mod tests {
    use super::shown_name;

    #[test]
    fn a_path_in_a_file_name_is_left_out() {
        assert_eq!(shown_name("C:\\Users\\nadia\\book.csv"), "book.csv");
        assert_eq!(shown_name("../../etc/passwd"), "passwd");
        assert_eq!(shown_name("a\u{0}b\n.csv"), "ab.csv");
        assert_eq!(shown_name(""), "subscriptions.csv");
    }
}
