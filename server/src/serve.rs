//! Serving, and working without serving: what runs at once, and how it ends.

use std::net::SocketAddr;
use std::time::Duration;

use app::kit::db::Db;
use app::kit::{event, job, live};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::commands::{open, sentence};
use crate::config::{Config, ServeArgs};
use crate::http;
use crate::site::Site;

/// How long a job in hand may take to finish once the program is asked to end.
const GRACE: Duration = Duration::from_secs(30);

pub async fn serve(config: &Config, args: &ServeArgs) -> Result<(), String> {
    let site = Site::open(args.site.clone())?;
    let db = open(config).await?;
    let sealer = config.sealer()?;
    let demo = !args.no_demo && app::demo::seed(&db).await.map_err(sentence)?;
    let listener =
        tokio::net::TcpListener::bind(args.addr).await.map_err(|e| format!("TENANTRY_ADDR: cannot listen on {}: {e}", args.addr))?;
    if !site.is_built() {
        tracing::warn!("the browser's half is not built (LEPTOS_SITE_ROOT): pages can be read, but nothing in them moves");
    }
    let stop = stop_on_signal();
    let tasks = background(&db, (!args.no_work).then_some(args.lanes), &stop);
    let app = http::router(http::Parts::new(db.clone(), sealer, site, args, stop.clone()));
    println!("Tenantry is at {}", args.shown_url());
    if demo || app::demo::is_here(&db).await.map_err(sentence)? {
        println!("{}", app::demo::SIGN_INS);
    }
    let served = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    served.await.map_err(|e| e.to_string())?;
    finish(tasks).await;
    Ok(())
}

pub async fn work(config: &Config, lanes: u8) -> Result<(), String> {
    let db = open(config).await?;
    let stop = stop_on_signal();
    let tasks = background(&db, Some(lanes), &stop);
    println!("Working on {}", db.url().redacted());
    stop.cancelled().await;
    finish(tasks).await;
    Ok(())
}

/// Starts what runs beside the requests: live updates, delivery of events, jobs.
fn background(db: &Db, lanes: Option<u8>, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    tokio::spawn(live::forward(db.clone()));
    if let (Some(_), Ok(mailer)) = (lanes, db.mailer())
        && !mailer.leaves()
    {
        tracing::warn!("no TENANTRY_SMTP_URL: letters to customers are written to {} and reach nobody", mailer.place());
    }
    if let Some(lanes) = lanes {
        tokio::spawn(event::deliver(db.clone(), app::registry::sinks()));
        tasks.spawn(job::work(db.clone(), app::registry::jobs(), usize::from(lanes), stop.clone()));
    }
    tasks.close();
    tasks
}

async fn finish(tasks: TaskTracker) {
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("a job did not finish in time; it will be taken up again");
    }
}

/// Cancelled by Ctrl C or SIGTERM.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => return tracing::warn!(%error, "SIGTERM cannot be heard"),
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        token.cancel();
    });
    stop
}
