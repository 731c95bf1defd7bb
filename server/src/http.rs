//! The router: pages and server functions, the API, files of the bundle, and the layers around them.

use std::sync::OnceLock;

use app::document::document;
use app::kit::db::Db;
use app::kit::secret::Sealer;
use app::kit::{headers, refused};
use app::shell::App;
use app::{api, auth, live, monitoring};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use leptos::config::LeptosOptions;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::config::ServeArgs;
use crate::site::Site;

/// The largest body of a form or an API call; uploads have a limit of their own.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// What a router is made of.
pub struct Parts {
    pub db: Db,
    pub sealer: Sealer,
    pub site: Site,
    pub options: LeptosOptions,
    pub tls: bool,
    pub trust_proxy: bool,
    pub metrics_token: Option<String>,
    pub stop: CancellationToken,
}

impl Parts {
    pub fn new(db: Db, sealer: Sealer, site: Site, args: &ServeArgs, stop: CancellationToken) -> Self {
        let options = site.options(args.addr);
        Self { db, sealer, site, options, tls: args.tls(), trust_proxy: args.trust_proxy, metrics_token: args.metrics_token.clone(), stop }
    }
}

/// Everything that answers.
pub fn router(parts: Parts) -> Router {
    let auth = auth::AuthState::new(parts.db.clone(), parts.sealer.clone(), parts.tls, parts.trust_proxy);
    let pages = pages(&parts.options).layer(from_fn_with_state(parts.tls, refused::keep_typed));
    let signed_in = pages.merge(app::registry::console()).layer(from_fn(auth::pages)).layer(from_fn(headers::refuse_other_builds));
    let known = signed_in
        .merge(live::routes(parts.stop.clone()))
        .merge(api::router())
        .layer(from_fn_with_state(auth, auth::layer))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CompressionLayer::new());
    let webhooks = app::payments::webhooks::route::routes(parts.db.clone());
    let all = known.merge(webhooks).merge(parts.site.files()).merge(monitoring::routes(parts.db, parts.metrics_token));
    headers::secure(all, headers::Options { tls: parts.tls })
}

/// The paths of the pages. Once for the process: while Leptos walks them, no page anywhere in it may load its data, and
/// those that ask meanwhile wait for ever.
pub fn routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(App)).clone()
}

/// The pages and the server functions that they call.
fn pages(options: &LeptosOptions) -> Router {
    let shell = {
        let options = options.clone();
        move || document(options.clone())
    };
    let lost = render_app_async_with_context(headers::provide_policy, shell.clone());
    Router::new()
        .route("/", get(|| async { axum::response::Redirect::to("/dashboard") }))
        .leptos_routes_with_context(options, routes(), headers::provide_policy, shell)
        .fallback(lost)
        .with_state(options.clone())
}
