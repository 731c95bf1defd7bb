//! The HTML document, on the server: head, theme, bundle.

use leptos::config::LeptosOptions;
use leptos::hydration::HydrationScripts;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::kit::wire::BUILD;
use crate::kit::{clock, request};
use crate::shell::App;
use crate::ui::root_attributes;

/// The document of every page. Its first paint has the right theme and sidebar: both come with the request's cookies.
pub fn document(options: LeptosOptions) -> impl IntoView {
    let pkg = format!("/{}", options.site_pkg_dir);
    let (theme, sidebar) = root_attributes(&request::cookies());
    // Before anything on the page is read: what happens from here on is made up for by the live updates.
    let made = clock::now().timestamp_millis();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-pkg=pkg.clone() data-theme=theme data-sidebar=sidebar data-made=made data-build=BUILD>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href=format!("{pkg}/favicon.svg")/>
                <link
                    rel="preload"
                    href=format!("{pkg}/fonts/inter-latin-wght-normal.woff2")
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <link rel="stylesheet" href=format!("{pkg}/tenantry.css")/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
