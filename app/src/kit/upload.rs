//! Taking a document out of a form, keeping it among the files, and giving it back so that it can do nothing in a browser.

use std::io::Read;

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartRejection};
use axum::response::{IntoResponse, Redirect, Response};
use futures::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::db::bug;
use super::document::{BYTES_MAX, FileKind, disposition, shown_name};
use super::error::{Error, Result};
use super::files::PutError;
use super::paging::escape;
use super::scope::Scope;
use super::wire;

/// The most bytes of a body with a document in it: the document and the words around it.
pub const BODY_MAX: usize = 6 * 1024 * 1024;
/// Nothing in it may run, load or be framed.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// A document that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Safe to show.
    pub name: String,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
}

impl Document {
    /// SHA-256 of its content, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.bytes).iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// What is wrong with a body that is no form.
pub fn rejected(rejection: MultipartRejection) -> Error {
    Error::field("file", rejection.body_text())
}

/// The document in the field `file` of a form, and the text of the field `beside`, which has to come before it.
pub async fn receive(mut form: Multipart, beside: &str) -> Result<(Document, String)> {
    let mut text = String::new();
    while let Some(field) = form.next_field().await.map_err(|e| Error::field("file", e.body_text()))? {
        match field.name() {
            Some("file") => return Ok((read(field).await?, text)),
            Some(name) if name == beside => text = field.text().await.map_err(|e| Error::field("file", e.body_text()))?,
            _ => {}
        }
    }
    Err(Error::field("file", "is required"))
}

async fn read(mut field: Field<'_>) -> Result<Document> {
    let name = shown_name(&spelt_out(field.file_name().unwrap_or_default()));
    let mut bytes = Vec::new();
    while let Some(part) = field.chunk().await.map_err(|e| Error::field("file", e.body_text()))? {
        if (bytes.len() + part.len()) as u64 > BYTES_MAX {
            return Err(Error::field("file", "is larger than 5 MB"));
        }
        bytes.extend_from_slice(&part);
    }
    let kind = FileKind::of(&bytes).ok_or_else(|| Error::field("file", "is no PDF, PNG or JPG, whatever its name says"))?;
    Ok(Document { name, kind, bytes })
}

/// A file's name as it is: browsers write a quote and the ends of lines in percents, and nothing else
/// (<https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>).
fn spelt_out(name: &str) -> String {
    name.replace("%22", "\"").replace("%0A", "\n").replace("%0D", "\r")
}

/// Keeps a document in `folder` of the seller's files; gives its key. What is then refused for another reason has to be
/// deleted again.
pub async fn keep(scope: &Scope, folder: &str, bytes: Vec<u8>) -> Result<String> {
    let key = format!("{folder}/{}/{}", scope.seller().id, uuid::Uuid::now_v7().simple());
    let kept = scope.db().files()?.put(&key, stream::iter([Ok::<_, std::convert::Infallible>(bytes)]), BYTES_MAX).await;
    kept.map_err(|error| match error {
        PutError::Store(error) => error,
        PutError::TooLarge => Error::field("file", "is larger than 5 MB"),
        PutError::BrokenOff(_) => Error::field("file", "did not arrive whole; send it again"),
    })?;
    Ok(key)
}

/// The bytes of a kept document.
pub async fn bytes(scope: &Scope, key: &str) -> Result<Vec<u8>> {
    let mut file = scope.db().files()?.open(key).await?;
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    });
    read.await.map_err(bug)?.map_err(bug)
}

/// A document as it was sent: a picture to look at, a PDF to save, neither able to do anything.
pub fn download(name: &str, kind: FileKind, bytes: Vec<u8>) -> Result<Response> {
    let disposition = HeaderValue::from_str(&disposition(kind, name)).map_err(bug)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.word())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

/// What an upload in the console answers: a page that runs is told where to go, or what is wrong; a plain form is led
/// there, or back to `back` with the reason in `refused`.
pub fn answer(headers: &HeaderMap, taken: Result<String>, back: &str) -> Response {
    let runs = headers.get(header::ACCEPT).is_some_and(|accept| accept.to_str().is_ok_and(wire::is_wanted));
    match taken {
        Ok(place) if runs => told(StatusCode::OK, &place),
        Ok(place) => Redirect::to(&place).into_response(),
        Err(error) if runs => told(status(&error), &error),
        Err(error @ (Error::SignedOut | Error::Forbidden(_) | Error::NotFound)) => (status(&error), error.to_string()).into_response(),
        Err(error) => Redirect::to(&format!("{back}?refused={}", escape(&error.message()))).into_response(),
    }
}

fn status(of: &Error) -> StatusCode {
    StatusCode::from_u16(of.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn told<T: Serialize>(status: StatusCode, value: &T) -> Response {
    (status, [(header::CONTENT_TYPE, wire::CONTENT_TYPE)], wire::write(value).unwrap_or_default()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_browsers_write_it() {
        assert_eq!(shown_name(&spelt_out("my %22proof%22 of 100%.png")), "my \"proof\" of 100%.png");
        assert_eq!(shown_name(&spelt_out("two%0D%0Alines.png")), "twolines.png");
    }
}
