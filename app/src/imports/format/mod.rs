//! Reads a book of subscriptions from CSV, a row at a time, however long the file is. The `csv` crate takes a quote that
//! never closes for the end of a field and keeps a line whole whatever its length; a book that was cut off or is no text
//! at all must be refused instead, with the line. So the records are read here, under limits.

mod check;
mod layout;
mod records;
mod row;
#[cfg(test)]
mod tests;

pub use check::{Checked, ERRORS_KEPT, Verdict, check};
pub use layout::Layout;
pub use records::{Limits, Record, Records};
pub use row::{Row, parse};

use std::io::Read;

use super::model::{ImportOptions, Mapping, Refusal, map_by_name};

/// A file at its first row.
pub struct Book<R> {
    pub records: Records<R>,
    pub layout: Layout,
}

/// Reads the header and finds the columns.
pub fn open<R: Read>(input: R, options: &ImportOptions, limits: Limits) -> Result<Book<R>, Refusal> {
    let (records, headers) = headers(input, limits)?;
    let mapping = options.mapping.clone().unwrap_or_else(|| map_by_name(&headers));
    let layout = Layout::new(headers, &mapping)?;
    Ok(Book { records, layout })
}

/// The names of the file's columns, and those of them that are ours.
pub fn columns<R: Read>(input: R, limits: Limits) -> Result<(Vec<String>, Mapping), Refusal> {
    let (mut records, headers) = headers(input, limits)?;
    if !records.read(&mut Record::default())? {
        return Err(Refusal::new(1, NO_ROWS));
    }
    let mapping = map_by_name(&headers);
    Ok((headers, mapping))
}

const NO_ROWS: &str = "the file has a header and no rows";

fn headers<R: Read>(input: R, limits: Limits) -> Result<(Records<R>, Vec<String>), Refusal> {
    let mut records = Records::new(input, limits)?;
    let mut header = Record::default();
    if !records.read(&mut header)? {
        return Err(Refusal::new(1, "the file is empty"));
    }
    let names = header.iter().map(|name| name.trim().to_owned()).collect::<Vec<_>>();
    layout::distinct(&names, header.line)?;
    Ok((records, names))
}
