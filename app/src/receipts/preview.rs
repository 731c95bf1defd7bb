//! The first page of a receipt that is a PDF, as a picture: it is looked at without being opened, in the browser or by who
//! reviews it.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::kit::Result;
use crate::kit::db::bug;
use crate::kit::document::FileKind;
use crate::kit::scope::Scope;
use crate::kit::upload;

/// One at a time: a page that takes long takes a core, and keeps this place until it is done.
static AT_ONCE: Semaphore = Semaphore::const_new(1);
/// How long who looks waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// In the place of a picture that there is none of.
const NONE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="700" height="120" viewBox="0 0 700 120"><rect width="700" height="120" fill="#f3f4f6"/><text x="350" y="66" text-anchor="middle" font-family="sans-serif" font-size="18" fill="#374151">This PDF cannot be shown. Download it to look at it.</text></svg>"##;

/// The picture, drawn once and kept beside the file.
pub async fn picture(scope: &Scope, name: &str, key: &str) -> Result<Response> {
    let kept = format!("{key}.png");
    if let Ok(png) = upload::bytes(scope, &kept).await {
        return upload::download(name, FileKind::Png, png);
    }
    let Some(png) = draw(upload::bytes(scope, key).await?).await? else { return Ok(none()) };
    scope.db().files()?.put_bytes(&kept, png.clone()).await?;
    upload::download(name, FileKind::Png, png)
}

/// `None`: it cannot be drawn, or not in time.
async fn draw(pdf: Vec<u8>) -> Result<Option<Vec<u8>>> {
    let Ok(place) = timeout(PATIENCE, AT_ONCE.acquire()).await else { return Ok(None) };
    let place = place.map_err(bug)?;
    let drawing = tokio::task::spawn_blocking(move || {
        let _place = place;
        invoice_pdf::first_page(pdf)
    });
    match timeout(PATIENCE, drawing).await {
        Ok(Ok(Ok(png))) => Ok(Some(png)),
        Ok(Ok(Err(why))) => {
            tracing::info!(why, "a PDF could not be drawn");
            Ok(None)
        }
        Ok(Err(error)) => Err(bug(error)),
        Err(_) => {
            tracing::warn!("a PDF takes too long to draw");
            Ok(None)
        }
    }
}

fn none() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, NONE).into_response()
}
