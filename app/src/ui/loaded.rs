//! Content that has to be fetched.

use leptos::prelude::*;

use super::error::{ErrorPage, ErrorPanel};
use super::skeleton::{Bone, Skeleton};
use crate::kit::{Error, Result};

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
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=move || view! { <Skeleton of=skeleton/> }>
            {move || {
                let children = children.clone();
                // Taken while the resource is alive: by the first poll, what holds it may have been shown anew.
                let found = of.into_future();
                Suspend::new(async move {
                    match found.await {
                        Ok(value) => children(value).into_any(),
                        Err(Error::NotFound) if part => ().into_any(),
                        Err(error) if whole => view! { <ErrorPage error/> }.into_any(),
                        Err(error) => view! { <ErrorPanel error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}
