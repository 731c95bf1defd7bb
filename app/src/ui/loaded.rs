//! Content that has to be fetched.

use std::future::IntoFuture;
use std::sync::Arc;

use leptos::prelude::{AnyView, IntoAny, IntoView, Suspend, Transition, component, view};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{ErrorPage, ErrorPanel};
use super::resource::{Content, Fetch, Resource};
use super::skeleton::{Bone, Skeleton};
use crate::kit::{Error, Result};

/// What is shown of what was fetched.
type Show = Arc<dyn Fn(&Content) -> Result<AnyView> + Send + Sync>;

/// Shows `children` with the value of a resource, a skeleton until the first one is there and the error where there is
/// none. A later fetch keeps what is shown until the new value has come. `let:name` names the value. `whole`: it is what
/// the page is about, so its error is the page's; `part`: a part of that, which is silent where the whole is not found.
#[component]
pub fn Loaded<T, F, V>(
    of: Resource<Result<T>>,
    #[prop(optional)] skeleton: Bone,
    #[prop(optional)] whole: bool,
    #[prop(optional)] part: bool,
    children: F,
) -> impl IntoView
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    F: Fn(T) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let show: Show = Arc::new(move |found| found.take().map(|value| children(value).into_any()));
    loaded(of.fetch, skeleton, whole, part, show)
}

/// The part that is compiled once.
fn loaded(of: Fetch, skeleton: Bone, whole: bool, part: bool, show: Show) -> AnyView {
    view! {
        <Transition fallback=move || view! { <Skeleton of=skeleton/> }>
            {move || {
                let show = Arc::clone(&show);
                // Taken while the resource is alive: by the first poll, what holds it may have been shown anew.
                let found = of.into_future();
                Suspend::new(async move {
                    match show(&found.await) {
                        Ok(shown) => shown,
                        Err(Error::NotFound) if part => ().into_any(),
                        Err(error) if whole => view! { <ErrorPage error/> }.into_any(),
                        Err(error) => view! { <ErrorPanel error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}
