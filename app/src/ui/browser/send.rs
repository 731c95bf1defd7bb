//! What a form holds, and sending it.

use std::cell::RefCell;
use std::future::Future;
use std::time::Duration;

use js_sys::Uint8Array;
use leptos::form::form_data_from_event;
use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::web_sys::SubmitEvent;
use server_fn::client::browser::BrowserClient;
use server_fn::codec::{IntoReq, PostUrl};
use server_fn::error::FromServerFnError;
use server_fn::request::ClientReq;
use server_fn::request::browser::BrowserRequest;
use server_fn::{Bytes, ContentType};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, ProgressEvent, UrlSearchParams, XmlHttpRequest, XmlHttpRequestResponseType};

use crate::kit::{Error, Result, wire};
use crate::ui::form::FormValues;
use crate::ui::resource::read;

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
        let body = Bytes::from(answer.response().map(|body| Uint8Array::new(&body).to_vec()).unwrap_or_default());
        let result = match answer.status() {
            Ok(200..300) => read(&body),
            Ok(400..) => Err(Error::de(body)),
            _ => Err(Error::Unavailable),
        };
        finish.run(result);
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    on_progress.forget();
    request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    request.set_onloadend(Some(on_end.unchecked_ref()));
    let sent = request
        .open("POST", url)
        .and_then(|()| request.set_request_header("Accept", wire::CONTENT_TYPE))
        .and_then(|()| request.send_with_opt_form_data(Some(&data)));
    if sent.is_err() {
        finish.run(Err(Error::Unavailable));
    }
}

/// A call of a server function.
pub type Request = BrowserRequest;

/// The arguments of a server function, encoded as it says.
pub trait Arguments<Encoding>: IntoReq<Encoding, Request, Error> {}

impl<Encoding, T: IntoReq<Encoding, Request, Error>> Arguments<Encoding> for T {}

/// The call with those arguments.
pub fn request<Encoding>(input: impl Arguments<Encoding>, path: &str) -> Result<Request> {
    input.into_req(path, wire::CONTENT_TYPE)
}

/// The call with the fields of the form that is being submitted, and the button that was pressed.
pub fn form_request(event: &SubmitEvent, path: &str) -> Result<Request> {
    let fields = || {
        let data = form_data_from_event(event).ok()?;
        UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?.to_string().as_string()
    };
    ClientReq::<Error>::try_new_post(path, PostUrl::CONTENT_TYPE, wire::CONTENT_TYPE, fields().ok_or(Error::Unavailable)?)
}

/// Sends it; goes where the answer says.
pub async fn answer(request: Request) -> Result<Bytes> {
    wire::ask::<BrowserClient, Error>(request).await
}

pub fn spawn(task: impl Future<Output = ()> + 'static) {
    leptos::task::spawn_local(task);
}

/// Whether a refused form led to the address: no longer once the page has gone on to another.
pub fn led_back() -> bool {
    window().location().search().is_ok_and(|search| search.contains("__err="))
}

/// Only the server writes into the page what it fetched.
pub fn carried<T>(_: &T) -> Vec<u8> {
    Vec::new()
}
