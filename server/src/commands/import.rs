//! `tenantry import`: the same import as the console's, from a file, with its progress on standard error.

use std::io::{IsTerminal, Write};
use std::path::Path;

use app::imports;
use app::kit::clock;
use app::kit::scope::Scope;

use super::{open, seller};
use crate::config::Config;

pub async fn subscriptions(config: &Config, file: &Path, organization: &str, skip_bad: bool) -> Result<(), String> {
    let db = open(config).await?;
    let seller = seller(&db, organization).await?;
    let scope = Scope::system(db, "command line", seller, clock::now());
    let options = imports::ImportOptions { skip_bad, ..Default::default() };
    let mut progress = show;
    match imports::run_file(&scope, file, options, &mut progress).await {
        Ok(report) => {
            println!("{report}");
            Ok(())
        }
        Err(failure) => Err(failure.to_string()),
    }
}

/// Rewrites one line on a terminal; says nothing into a file.
fn show(done: u64, total: u64) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        // A progress line that cannot be written is not worth failing for.
        let _ = write!(out, "\r{done} of {total} rows");
        let _ = if done >= total { writeln!(out) } else { out.flush() };
    }
}
