//! Sending a file, with its progress.

use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::browser;
use super::form::{FormError, FormState};
use super::progress::Progress;
use crate::kit::{Error, Result};

/// A multipart form to a plain route. With JavaScript it shows how much has been sent and tells `on_done` the page to go to;
/// without, the browser posts it and follows the redirect. The route answers by `kit::upload::answer`.
#[component]
pub fn UploadForm(#[prop(into)] action: String, #[prop(into)] on_done: Callback<(String,)>, children: Children) -> impl IntoView {
    let node = NodeRef::<html::Form>::new();
    let sent = RwSignal::new(None::<u64>);
    let error = RwSignal::new(None::<Error>);
    let state = FormState::new(error.into(), Signal::derive(move || sent.read().is_some()), StoredValue::new(None));
    let url = action.clone();
    let finish = Callback::new(move |answer: Result<String>| {
        sent.set(None);
        match answer {
            Ok(body) => on_done.run((body,)),
            Err(why) => {
                error.set(Some(why));
                browser::focus_first_invalid(node);
            }
        }
    });
    let progress = Callback::new(move |percent: u64| sent.set(Some(percent)));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(None);
        sent.set(Some(0));
        browser::upload(node, &url, progress, finish);
    };
    let bar = move || {
        sent.read().is_some().then(|| {
            let value = Signal::derive(move || sent.get().unwrap_or(100));
            view! { <Progress label="Sent" value/> }
        })
    };
    view! {
        <form action=action method="post" enctype="multipart/form-data" class="form" novalidate=true node_ref=node on:submit=on_submit>
            <Provider value=state>
                <FormError/>
                {children()}
                {bar}
            </Provider>
        </form>
    }
}
