//! PDFs per second, one core, of invoices that differ.

use std::time::Instant;

use app::documents::store::bench_document;

use super::report::Report;
use super::{rate, seconds};

/// Documents made.
const COUNT: u64 = 200;

/// Typesets invoices of ten lines, each with a customer of its own.
pub fn measure(report: &mut Report) -> Result<(), String> {
    let mut bytes = 0;
    // The first one reads the fonts.
    bench_document(0)?;
    let started = Instant::now();
    for n in 1..=COUNT {
        bytes += bench_document(n)?;
    }
    let took = started.elapsed();
    let size = format!("{} KB each", bytes / usize::try_from(COUNT).unwrap_or(1) / 1024);
    report.line(&format!("{COUNT} invoices as PDF, one core"), &seconds(took), &format!("{:.0} PDF/s", rate(COUNT, took)), &size);
    Ok(())
}
