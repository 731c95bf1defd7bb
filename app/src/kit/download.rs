//! CSV files that are streamed while they are read from the database, for the export of a list.

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::header;

use super::db::bug;
use super::error::Result;
use super::paging::ListQuery;
use super::rest::Problem;
use super::scope::Scope;

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

/// The head of a file: without the columns of `revenue` for who may not see that.
pub fn head<'a>(scope: &Result<Scope>, all: &[&'a str], revenue: &[&str]) -> Vec<&'a str> {
    let may = scope.as_ref().is_ok_and(|scope| scope.of_revenue(()).is_some());
    all.iter().copied().filter(|name| may || !revenue.contains(name)).collect()
}

/// What stands in an address after the question mark.
pub type Pairs = Vec<(String, String)>;

/// The list of a page as a CSV download named `name`: exactly what `pairs` filter, in the list's order. `chunk` reads up to
/// so many rows of it and says where to go on; `line` writes one.
pub fn list<T, F, R>(
    scope: Result<Scope>,
    pairs: Pairs,
    name: &str,
    head: &[&str],
    chunk: F,
    line: impl Fn(T) -> Result<Vec<u8>> + Clone + Send + 'static,
) -> Response
where
    T: Send + 'static,
    F: Fn(Scope, ListQuery, usize) -> R + Send + 'static,
    R: Future<Output = Result<(Vec<T>, Option<String>)>> + Send + 'static,
{
    let file = scope.and_then(|scope| {
        let query = ListQuery::from_pairs(pairs).from_start();
        csv(name, head, move |place| {
            let query = ListQuery { after: place.unwrap_or_default(), ..query.clone() };
            let (reading, line) = (chunk(scope.clone(), query, ROWS_AT_ONCE), line.clone());
            async move {
                let (rows, next) = reading.await?;
                let lines = rows.into_iter().map(line).collect::<Result<Vec<_>>>()?;
                Ok((lines.concat(), next))
            }
        })
    });
    file.unwrap_or_else(|error| Problem(error).into_response())
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
