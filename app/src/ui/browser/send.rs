//! What a form holds, and sending it.

use std::cell::RefCell;
use std::time::Duration;

use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, ProgressEvent, XmlHttpRequest};

use crate::kit::{Error, Result};
use crate::ui::form::FormValues;

/// How long nothing must be typed before the server is asked.
const SETTLED: Duration = Duration::from_millis(220);

pub fn form_values(node: NodeRef<html::Form>) -> FormValues {
    let data = node.get_untracked().and_then(|form| FormData::new_with_form(&form).ok());
    let Some(entries) = data.and_then(|data| js_sys::try_iter(&data).ok().flatten()) else { return Vec::new() };
    let pair = |entry: JsValue| {
        let entry: js_sys::Array = entry.dyn_into().ok()?;
        Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
    };
    entries.filter_map(|entry| pair(entry.ok()?)).collect()
}

/// `done` once calls have ceased for a moment.
pub fn settled(done: impl Fn() + 'static) -> impl Fn() + Clone + Send + Sync + 'static {
    let timer = StoredValue::new_local(RefCell::new(None::<TimeoutHandle>));
    let done = StoredValue::new_local(done);
    move || {
        timer.try_with_value(|timer| {
            if let Some(running) = timer.take() {
                running.clear();
            }
            let next = set_timeout_with_handle(
                move || {
                    done.try_with_value(|done| done());
                },
                SETTLED,
            );
            timer.replace(next.ok());
        });
    }
}

/// Posts the form with its files; `progress` hears the percentage sent.
pub fn upload(node: NodeRef<html::Form>, url: &str, progress: Callback<u64>, finish: Callback<Result<String>>) {
    let Some(data) = node.get_untracked().and_then(|form| FormData::new_with_form(&form).ok()) else { return };
    let Ok(request) = XmlHttpRequest::new() else { return };
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.total() > 0.0 {
            progress.run((event.loaded() * 100.0 / event.total()) as u64);
        }
    });
    let answer = request.clone();
    let on_end = Closure::once_into_js(move || {
        let body = answer.response_text().ok().flatten().unwrap_or_default();
        let result = match answer.status() {
            Ok(200..300) => Ok(body),
            Ok(400..) => Err(serde_json::from_str(&body).unwrap_or(Error::Unavailable)),
            _ => Err(Error::Unavailable),
        };
        finish.run(result);
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    on_progress.forget();
    request.set_onloadend(Some(on_end.unchecked_ref()));
    let sent = request
        .open("POST", url)
        .and_then(|()| request.set_request_header("Accept", "application/json"))
        .and_then(|()| request.send_with_opt_form_data(Some(&data)));
    if sent.is_err() {
        finish.run(Err(Error::Unavailable));
    }
}
