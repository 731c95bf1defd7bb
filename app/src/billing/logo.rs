//! The seller's logo: taken in, shown. PNG and JPG by their content; an SVG can hold a program and is refused.

use std::io::Read;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Multipart};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::invoices::store::settings;
use crate::kit::db::bug;
use crate::kit::files::PutError;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::{Caller, Scope, member};
use crate::kit::upload::answer;
use crate::kit::{Error, Result};

/// Bytes of a logo at most.
const BYTES_MAX: usize = 512 * 1024;
/// The file and the words around it.
const BODY_MAX: usize = 600 * 1024;
const PAGE: &str = "/settings/billing";

pub fn routes() -> Router {
    Router::new()
        .route("/settings/billing/logo", post(upload).layer(DefaultBodyLimit::max(BODY_MAX)))
        .route("/settings/billing/logo/picture", get(picture))
}

/// Takes a picture.
async fn upload(
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let taken = match (member::<can::WriteInvoices>(caller), form) {
        (Ok(scope), Ok(form)) => take(&scope, form).await,
        (Err(error), _) => Err(error),
        (_, Err(rejection)) => Err(Error::field("file", rejection.body_text())),
    };
    answer(&headers, taken.map(|()| PAGE.to_owned()), PAGE)
}

async fn take(scope: &Scope, mut form: Multipart) -> Result<()> {
    while let Some(mut field) = form.next_field().await.map_err(|e| Error::field("file", e.body_text()))? {
        if field.name() != Some("file") {
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(part) = field.chunk().await.map_err(|e| Error::field("file", e.body_text()))? {
            if bytes.len() + part.len() > BYTES_MAX {
                return Err(Error::field("file", "is larger than 512 KB"));
            }
            bytes.extend_from_slice(&part);
        }
        return keep(scope, bytes).await;
    }
    Err(Error::field("file", "is required"))
}

async fn keep(scope: &Scope, bytes: Vec<u8>) -> Result<()> {
    kind(&bytes).ok_or_else(|| Error::field("file", "is no PNG or JPG, whatever its name says"))?;
    let key = format!("logos/{}/{}", scope.seller().id, uuid::Uuid::now_v7().simple());
    let files = scope.db().files()?;
    let kept = files.put(&key, stream::iter([Ok::<_, std::convert::Infallible>(bytes)]), BYTES_MAX as u64).await;
    kept.map_err(|error| match error {
        PutError::Store(error) => error,
        PutError::TooLarge | PutError::BrokenOff(_) => Error::field("file", "did not arrive whole; send it again"),
    })?;
    if let Some(before) = settings::set_logo(scope, Some(key)).await? {
        files.delete(&before).await?;
    }
    Ok(())
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else {
        None
    }
}

async fn picture(caller: Option<Extension<Caller>>) -> Response {
    match content(caller).await {
        Ok(response) => response,
        Err(error) => Problem(error).into_response(),
    }
}

async fn content(caller: Option<Extension<Caller>>) -> Result<Response> {
    let scope = member::<can::ReadInvoices>(caller)?;
    let key = settings::logo_key(&scope.read().await?).await?;
    let Some(key) = key else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let mut file = scope.db().files()?.open(&key).await?;
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = read.await.map_err(bug)?.map_err(bug)?;
    let kind = kind(&bytes).ok_or_else(|| bug("a logo that is no picture"))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn a_logo_is_a_picture_by_its_content() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        for other in [&b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"[..], b"GIF89a", b"%PDF-1.7", b""] {
            assert_eq!(kind(other), None);
        }
    }
}
