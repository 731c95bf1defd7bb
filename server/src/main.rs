//! `tenantry`: one program, its commands in `cli`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    // A .env that is not there is the usual case.
    let _ = dotenvy::dotenv();
    match server::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tenantry: {message}");
            ExitCode::FAILURE
        }
    }
}
