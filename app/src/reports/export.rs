//! Reports as files of any size: CSV streamed while it is read, XLSX written to a temporary file row by row and then
//! streamed, so that neither is ever in memory as a whole.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::{Asked, AskedFor, Cell};
use super::{store, xlsx};
use crate::kit::Result;
use crate::kit::download;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::{Caller, Scope};

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/reports/export.csv", get(csv)).route("/reports/export.xlsx", get(excel))
}

fn asked(caller: &Caller, wish: &AskedFor) -> Result<(Scope, Asked)> {
    let scope = caller.scope::<can::ReadInvoices>()?;
    let asked = wish.parse(scope.today())?;
    scope.require(asked.kind.permission())?;
    Ok((scope, asked))
}

/// The columns' keys, which are the file's head.
fn head(asked: &Asked) -> Vec<&'static str> {
    asked.kind.heads().iter().map(|head| head.0).collect()
}

async fn csv(Extension(caller): Extension<Caller>, Query(wish): Query<AskedFor>) -> Response {
    csv_file(&caller, &wish).await.unwrap_or_else(|error| Problem(error).into_response())
}

async fn csv_file(caller: &Caller, wish: &AskedFor) -> Result<Response> {
    let (scope, asked) = asked(caller, wish)?;
    let file = store::file(&scope, asked.clone()).await?;
    download::csv(&format!("{}.csv", asked.kind), &head(&asked), move |place| {
        let (scope, file) = (scope.clone(), file.clone());
        async move {
            let (rows, next) = store::part(&scope, &file, place.as_deref(), download::ROWS_AT_ONCE).await?;
            let lines = rows.iter().map(|row| download::line(row.iter().map(Cell::plain))).collect::<Result<Vec<_>>>()?;
            Ok((lines.concat(), next))
        }
    })
}

async fn excel(Extension(caller): Extension<Caller>, Query(wish): Query<AskedFor>) -> Response {
    excel_file(&caller, &wish).await.unwrap_or_else(|error| Problem(error).into_response())
}

async fn excel_file(caller: &Caller, wish: &AskedFor) -> Result<Response> {
    let (scope, asked) = asked(caller, wish)?;
    let file = store::file(&scope, asked.clone()).await?;
    let mut book = xlsx::Book::begin(head(&asked));
    let mut place: Option<String> = None;
    loop {
        let (rows, next) = store::part(&scope, &file, place.as_deref(), download::ROWS_AT_ONCE).await?;
        book.write(rows).await?;
        if next.is_none() {
            break;
        }
        place = next;
    }
    xlsx::response(&format!("{}.xlsx", asked.kind), book.end().await?)
}
