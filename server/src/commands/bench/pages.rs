//! Server time of the console's pages, through the real router in this process, beside the same bytes as a file.

use std::time::{Duration, Instant};

use app::auth::store::create_user;
use app::kit::permission::Role;
use app::kit::scope::Scope;
use app::kit::secret::Sealer;
use axum::Router;
use axum::body::{Body, to_bytes};
use clap::Parser;
use http::{Request, StatusCode, header};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::report::{Report, show};
use super::{BenchArgs, sentence};
use crate::config::ServeArgs;
use crate::http as server;
use crate::site::Site;

const PAGES: &[&str] = &[
    "/dashboard",
    "/customers",
    "/customers?sort=-mrr&status=paying",
    "/customers?q=Customer%200001",
    "/subscriptions",
    "/plans",
    "/revenue",
    "/revenue/movements",
    "/revenue/cohorts",
    "/revenue/forecast",
    "/invoices",
    "/invoices?status=paid&sort=-total",
    "/invoices?status=overdue",
    "/credit-notes",
    "/payments",
    "/receipts",
    "/dunning",
    "/billing",
    "/usage",
    "/coupons",
    "/reports",
    "/reports/aging",
    "/mails",
    "/audit",
];
const EMAIL: &str = "bench@tenantry.example";
const PASSWORD: &str = "a password for the benchmark";

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    serve: ServeArgs,
}

pub async fn measure(args: &BenchArgs, scope: &Scope, report: &Report) -> Result<(), String> {
    create_user(scope.db(), EMAIL, "Bench", PASSWORD, &scope.seller().slug, Role::Owner).await.map_err(sentence)?;
    let sealer = Sealer::new(&Sealer::generate().map_err(sentence)?)?;
    let serve = Defaults::try_parse_from(["bench"]).map_err(|e| e.to_string())?.serve;
    let parts = server::Parts::new(scope.db().clone(), sealer, Site::find(args.site.clone()), &serve, CancellationToken::new());
    let router = server::router(parts);
    let cookie = sign_in(&router).await?;
    for path in PAGES {
        let (mut times, mut body) = (Vec::new(), Vec::new());
        for n in 0..args.requests + 5 {
            let started = Instant::now();
            body = get(&router, path, &cookie).await?;
            // The first few fill caches.
            if n >= 5 {
                times.push(started.elapsed());
            }
        }
        let raw = as_file(&body, args.requests).await?;
        let (median, p95) = (percentile(&mut times, 50), percentile(&mut times, 95));
        report.ratio(&format!("{path} ({} KB), p95; median {}", body.len() / 1024, show(median)), p95, "the same bytes as a file", raw);
    }
    Ok(())
}

async fn sign_in(router: &Router) -> Result<String, String> {
    let form = format!("email={}&password={}", app::kit::paging::escape(EMAIL), app::kit::paging::escape(PASSWORD));
    let request = Request::post("/api/app/auth/api/sign_in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form))
        .map_err(|e| e.to_string())?;
    let response = router.clone().oneshot(request).await.map_err(|e| e.to_string())?;
    let cookie = response.headers().get(header::SET_COOKIE).and_then(|c| c.to_str().ok()).and_then(|c| c.split(';').next());
    cookie.map(str::to_owned).ok_or_else(|| format!("the benchmark could not sign in: {}", response.status()))
}

async fn get(router: &Router, path: &str, cookie: &str) -> Result<Vec<u8>, String> {
    let request = Request::get(path)
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .map_err(|e| e.to_string())?;
    let response = router.clone().oneshot(request).await.map_err(|e| e.to_string())?;
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.map_err(|e| e.to_string())?;
    if status == StatusCode::OK { Ok(body.to_vec()) } else { Err(format!("{path} answered {status}")) }
}

/// The p95 of reading the same bytes through the same HTTP library from a file.
async fn as_file(body: &[u8], requests: usize) -> Result<Duration, String> {
    let file = std::env::temp_dir().join(format!("tenantry-bench-{}.html", std::process::id()));
    std::fs::write(&file, body).map_err(|e| e.to_string())?;
    let router: Router = Router::new().route_service("/page", ServeFile::new(&file));
    let mut times = Vec::new();
    for _ in 0..requests {
        let started = Instant::now();
        get(&router, "/page", "none=1").await?;
        times.push(started.elapsed());
    }
    std::fs::remove_file(&file).map_err(|e| e.to_string())?;
    Ok(percentile(&mut times, 95))
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
