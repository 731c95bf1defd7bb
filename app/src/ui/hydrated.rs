//! When clicks count.

use leptos::mount::hydrate_from_async;
use leptos::prelude::*;

use super::browser;
use crate::kit::wire::BUILD;

/// Makes the page that the server sent alive, the chunk of its route included, then marks it `<body data-hydrated>`. A page
/// of another build is left as it is: it works as it does without JavaScript.
pub fn hydrate<V: IntoView + 'static>(application: fn() -> V) {
    if !browser::is_of_this_build() {
        return leptos::logging::error!("This script is of build {BUILD}, the page is of another.");
    }
    // The executor may be there already, which is no error.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    leptos::task::spawn_local(async move {
        hydrate_from_async(leptos::tachys::dom::body(), application).await.forget();
        browser::mark_hydrated();
    });
}
