//! Spreadsheets that are written row by row, with constant memory, by a thread of their own.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::io::ReaderStream;

use super::model::Cell;
use crate::kit::Result;
use crate::kit::db::bug;
use crate::kit::download::harmless;

/// Rows of a sheet, the head included; the format knows no more.
const ROWS_MAX: u32 = 1_048_576;

/// A workbook under way.
pub struct Book {
    rows: mpsc::Sender<Vec<Vec<Cell>>>,
    writer: JoinHandle<Result<File>>,
}

impl Book {
    pub fn begin(head: Vec<&'static str>) -> Self {
        let (rows, mut more) = mpsc::channel::<Vec<Vec<Cell>>>(2);
        let writer = tokio::task::spawn_blocking(move || {
            let mut workbook = Workbook::new();
            let mut sheet = begun(&mut workbook, &head).map_err(bug)?;
            let mut at = 1;
            while let Some(rows) = more.blocking_recv() {
                for row in rows {
                    if at == ROWS_MAX {
                        workbook.push_worksheet(sheet);
                        sheet = begun(&mut workbook, &head).map_err(bug)?;
                        at = 1;
                    }
                    put(&mut sheet, at, &row).map_err(bug)?;
                    at += 1;
                }
            }
            workbook.push_worksheet(sheet);
            let mut file = tempfile::tempfile().map_err(bug)?;
            workbook.save_to_writer(&mut file).map_err(bug)?;
            file.seek(SeekFrom::Start(0)).map_err(bug)?;
            Ok(file)
        });
        Self { rows, writer }
    }

    /// Hands over rows; waits while the writer is behind.
    pub async fn write(&mut self, rows: Vec<Vec<Cell>>) -> Result<()> {
        // Where the writer has stopped, its own error says why.
        let _ = self.rows.send(rows).await;
        Ok(())
    }

    /// The file, ready to be read.
    pub async fn end(self) -> Result<File> {
        drop(self.rows);
        self.writer.await.map_err(bug)?
    }
}

fn begun(workbook: &mut Workbook, head: &[&'static str]) -> Result<Worksheet, XlsxError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    for (column, name) in (0u16..).zip(head) {
        sheet.write_string(0, column, *name)?;
    }
    Ok(sheet)
}

fn put(sheet: &mut Worksheet, at: u32, row: &[Cell]) -> Result<(), XlsxError> {
    for (column, cell) in (0u16..).zip(row) {
        let number = match cell {
            Cell::Money(_) | Cell::Count(_) => number(&cell.plain()),
            Cell::Text(_) | Cell::Link(..) => None,
        };
        match number.and_then(|number| number.as_f64()) {
            Some(number) => sheet.write_number(at, column, number)?,
            None => sheet.write_string(at, column, harmless(&cell.plain()))?,
        };
    }
    Ok(())
}

/// A decimal as the format keeps numbers: only here, at the very end, and read back to the same digits.
fn number(decimal: &str) -> Option<serde_json::Number> {
    serde_json::from_str(decimal).ok()
}

/// A download of the file.
pub fn response(name: &str, file: File) -> Result<Response> {
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    let disposition = format!("attachment; filename=\"{name}\"");
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}
