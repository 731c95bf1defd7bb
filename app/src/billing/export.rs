//! The list of coupons as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use crate::invoices::catalogue::CouponView;
use crate::invoices::sheet::percent;
use crate::invoices::store::coupons;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/coupons/export.csv", get(export))
}

const HEAD: [&str; 12] =
    ["id", "name", "percent", "amount", "currency", "duration", "times", "codes", "redeemed", "max_redemptions", "expires_on", "state"];

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let chunk = |scope, query, size| async move { coupons::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadPlans>(), pairs, "coupons.csv", &HEAD, chunk, line)
}

fn line(of: CouponView) -> Result<Vec<u8>> {
    let number = |n: Option<i32>| n.map(|n| n.to_string()).unwrap_or_default();
    download::line([
        of.id.to_string(),
        of.name,
        of.percent_ppm.map(percent).unwrap_or_default(),
        of.amount.map(|a| a.to_major()).unwrap_or_default(),
        of.amount.map(|a| a.currency().to_string()).unwrap_or_default(),
        of.duration.word().to_owned(),
        number(of.times),
        of.codes.join(" "),
        of.redemptions.to_string(),
        number(of.max_redemptions),
        of.expires_on.map(|day| day.to_string()).unwrap_or_default(),
        of.state.word().to_owned(),
    ])
}
