//! CSV files that are streamed while they are read from the database, for the export of a list.

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::header;

use super::db::bug;
use super::error::Result;

/// Rows read at once.
pub const ROWS_AT_ONCE: usize = 1_000;

/// One line. A cell that a spreadsheet would take for a formula gets an apostrophe before it, unless it is a number.
pub fn line<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let cells: Vec<String> = cells.into_iter().map(|cell| harmless(cell.as_ref())).collect();
    writer.write_record(&cells).map_err(bug)?;
    writer.into_inner().map_err(|e| bug(e.error()))
}

/// A cell that no spreadsheet takes for a formula.
pub fn harmless(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = cell.strip_prefix('-').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if risky && !number { format!("'{cell}") } else { cell.to_owned() }
}

/// A CSV download named `name`: the head, then what `next` gives, called with where it left off (`None`: the start)
/// until it gives no further place. A failure midway breaks the download off, so that half a file is never taken for a
/// whole one.
pub fn csv<F, R>(name: &str, head: &[&str], next: F) -> Result<Response>
where
    F: Fn(Option<String>) -> R + Send + 'static,
    R: Future<Output = Result<(Vec<u8>, Option<String>)>> + Send + 'static,
{
    let head = line(head)?;
    let rest = stream::try_unfold(Some(None), move |place: Option<Option<String>>| {
        let reading = place.map(&next);
        async move {
            let Some(reading) = reading else { return Ok(None) };
            let (bytes, place) = reading.await.map_err(std::io::Error::other)?;
            Ok::<_, std::io::Error>(Some((Bytes::from(bytes), place.map(Some))))
        }
    });
    let first = stream::once(async move { Ok::<_, std::io::Error>(Bytes::from(head)) });
    let body = Body::from_stream(futures::StreamExt::chain(first, rest));
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn formulas_are_made_text_and_numbers_stay() {
        let bytes = line(["=1+1", "+49 30", "-5.00", "-1+1", "@x", "a,\"b\"", "plain"]).expect("a line");
        assert_eq!(String::from_utf8(bytes).expect("text"), "'=1+1,'+49 30,-5.00,'-1+1,'@x,\"a,\"\"b\"\"\",plain\r\n");
    }
}
