//! The browser's half on disk: finding the bundle that `make build` made, and serving it.
//!
//! `SITE/pkg.txt` names the current bundle, `pkg/HASH`: a change in any file makes a new folder, so that everything in it
//! can be cached for good, and a page never meets the files of another build. Each file lies there brotli-compressed too.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::{env, fs};

use axum::Router;
use http::{HeaderValue, header};
use leptos::prelude::LeptosOptions;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The folder with the bundle.
pub struct Site {
    root: PathBuf,
    package: String,
}

impl Site {
    /// The folder asked for, which must hold a bundle, else the default one, which need not.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(asked: Option<PathBuf>) -> Result<Self, String> {
        let given = asked.is_some();
        let site = Self::find(asked);
        if given && !site.is_built() {
            return Err(format!(
                "LEPTOS_SITE_ROOT: there is no browser's half in {}: it has no pkg.txt that names a folder",
                site.root.display()
            ));
        }
        Ok(site)
    }

    /// The folder asked for, else `site` beside this program, where the build puts it. Without a bundle the server still
    /// answers machines and shows pages, only nothing in them moves: [`Site::is_built`] tells.
    #[must_use]
    pub fn find(asked: Option<PathBuf>) -> Self {
        let beside = || env::current_exe().ok().and_then(|program| Some(program.parent()?.join("site")));
        let root = asked.or_else(beside).unwrap_or_else(|| PathBuf::from("site"));
        let package = fs::read_to_string(root.join("pkg.txt")).unwrap_or_default().trim().to_owned();
        let package = if package.is_empty() { "pkg".to_owned() } else { package };
        Self { root, package }
    }

    #[must_use]
    pub fn is_built(&self) -> bool {
        self.root.join(&self.package).is_dir()
    }

    /// The brotli sizes of what a first visit loads, and of the charts: what and how many bytes.
    #[must_use]
    pub fn compressed(&self) -> Vec<(&'static str, u64)> {
        let files = fs::read_dir(self.root.join(&self.package)).into_iter().flatten().flatten();
        let sizes: Vec<(String, u64)> = files
            .filter_map(|file| Some((file.file_name().into_string().ok()?.strip_suffix(".br")?.to_owned(), file.metadata().ok()?.len())))
            .collect();
        let sum = |of: &dyn Fn(&str) -> bool| sizes.iter().filter(|(name, _)| of(name)).map(|(_, size)| size).sum();
        // As `frontend/bundle/budget.mjs` counts it: whoever comes for the first time is asked to sign in.
        let first = |name: &str| {
            name == "tenantry.wasm"
                || name == "tenantry.js"
                || (name.starts_with("__wasm_split") && name.ends_with(".js"))
                || name.starts_with("sign_in_page")
        };
        vec![
            ("first visit, which asks to sign in: wasm and its glue", sum(&first)),
            ("the frame of the console, and what its pages share", sum(&|name| name == "shared.wasm")),
            ("style sheet", sum(&|name| name == "tenantry.css")),
            ("charts, on pages with charts", sum(&|name| name == "charts.js")),
        ]
    }

    /// What leptos must know to write the page's head.
    #[must_use]
    pub fn options(&self, address: SocketAddr) -> LeptosOptions {
        LeptosOptions::builder()
            .output_name("tenantry")
            .site_root(self.root.to_string_lossy().as_ref())
            .site_pkg_dir(self.package.as_str())
            .site_addr(address)
            .build()
    }

    /// Serves `/pkg/…`, compressed where the browser takes it.
    pub fn files(&self) -> Router {
        let files = ServeDir::new(self.root.join("pkg")).append_index_html_on_directories(false).precompressed_br();
        let cached = ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, |response: &http::Response<_>| {
                response.status().is_success().then_some(FOREVER)
            }))
            .service(files);
        Router::new().nest_service("/pkg", cached)
    }
}
