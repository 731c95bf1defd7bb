//! One stream of events for the whole page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, EventSource, MessageEvent, MouseEvent, XmlHttpRequest};

use super::dom::reload;
use crate::kit::paging::escape;
use crate::kit::wire::BUILD;
use crate::ui::live::LiveEvent;

/// Events within this time are one.
const QUIET: Duration = Duration::from_millis(120);

struct Ear {
    id: u32,
    prefixes: &'static [&'static str],
    waiting: Cell<bool>,
    last: RefCell<LiveEvent>,
    heard: Box<dyn Fn(LiveEvent)>,
}

#[derive(Default)]
struct Page {
    ears: Vec<Rc<Ear>>,
    next: u32,
    connected: bool,
}

thread_local! {
    static PAGE: RefCell<Page> = RefCell::default();
}

pub fn listen(prefixes: &'static [&'static str], heard: impl Fn(LiveEvent) + 'static) -> u32 {
    let (id, first) = PAGE.with_borrow_mut(|page| {
        page.next += 1;
        let ear = Ear { id: page.next, prefixes, waiting: Cell::new(false), last: RefCell::default(), heard: Box::new(heard) };
        page.ears.push(Rc::new(ear));
        (page.next, !std::mem::replace(&mut page.connected, true))
    });
    if first {
        connect(false);
    }
    id
}

pub fn stop_listening(id: u32) {
    PAGE.with_borrow_mut(|page| page.ears.retain(|ear| ear.id != id));
}

/// When the servers of one database, updated one after the other, are likely to be of one build again.
const SETTLED: Duration = Duration::from_secs(20);

/// How soon a stream that was refused is asked for again.
const AGAIN: Duration = Duration::from_secs(5);

/// The browser reconnects by itself; what was missed meanwhile is made up for by telling everyone. The first time, the
/// server is told when the page was made, and begins with what happened since. A stream that the server refuses is over:
/// where the session has ended, so is the page.
fn connect(opened: bool) {
    let made = document().document_element().and_then(|root| root.get_attribute("data-made")).unwrap_or_default();
    let Ok(source) = EventSource::new(&format!("/live?since={made}&build={BUILD}")) else { return };
    let opened = Cell::new(opened);
    let on_open = Closure::<dyn Fn()>::new(move || {
        if opened.replace(true) {
            tell(&LiveEvent::default());
        }
    });
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|message: MessageEvent| {
        if let Some(event) = message.data().as_string().and_then(|text| read(&text)) {
            tell(&event);
        }
    });
    let stream = source.clone();
    let on_error = Closure::<dyn Fn()>::new(move || {
        if stream.ready_state() == EventSource::CLOSED {
            refused();
        }
    });
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_error.forget();
    source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_open.forget();
    on_message.forget();
}

/// The browser's own reader: there is no other of JSON on this side.
fn read(text: &str) -> Option<LiveEvent> {
    let event = js_sys::JSON::parse(text).ok()?;
    let field = |name: &str| Reflect::get(&event, &JsValue::from_str(name)).ok()?.as_string();
    Some(LiveEvent { name: field("name")?, subject: field("subject")? })
}

/// The browser does not say why, so it is asked for once more by other means.
fn refused() {
    let Ok(request) = XmlHttpRequest::new() else { return };
    let answer = request.clone();
    let on_end = Closure::once_into_js(move || match answer.status() {
        Ok(401) => sign_in(),
        Ok(406) => outdated(),
        _ => set_timeout(|| connect(true), AGAIN),
    });
    request.set_onloadend(Some(on_end.unchecked_ref()));
    let _ = request.open("HEAD", &format!("/live?build={BUILD}")).and_then(|()| request.send());
}

/// The server is of another build by now: nothing here can be fetched from it any more. The page is loaded again where nothing
/// may have been typed by then; elsewhere the next link that is followed loads a page as a whole.
fn outdated() {
    let renew = || {
        let typing = document().query_selector("dialog[open], main form[method=post]:not(dialog form)");
        if typing.is_ok_and(|form| form.is_none()) {
            reload();
        }
    };
    set_timeout(renew, SETTLED);
    let follow = Closure::<dyn Fn(MouseEvent)>::new(|event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.closest("a[href]").is_ok_and(|link| link.is_some())) {
            event.stop_propagation();
        }
    });
    let _ = window().add_event_listener_with_callback_and_bool("click", follow.as_ref().unchecked_ref(), true);
    follow.forget();
}

/// Leaves a page whose session has ended, and comes back to it.
fn sign_in() {
    let location = window().location();
    let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let _ = location.assign(&format!("/sign-in?next={}", escape(&here)));
}

fn tell(event: &LiveEvent) {
    let concerned = |ear: &&Rc<Ear>| event.name.is_empty() || ear.prefixes.iter().any(|prefix| event.name.starts_with(prefix));
    let ears: Vec<Rc<Ear>> = PAGE.with_borrow(|page| page.ears.iter().filter(concerned).cloned().collect());
    for ear in ears {
        ear.last.replace(event.clone());
        if !ear.waiting.replace(true) {
            tell_soon(ear);
        }
    }
}

/// When it is quiet, and not while a dialog is open: a page made anew would lose what has been typed there.
fn tell_soon(ear: Rc<Ear>) {
    set_timeout(
        move || {
            let busy = document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some());
            if busy {
                return tell_soon(ear);
            }
            ear.waiting.set(false);
            let still = PAGE.with_borrow(|page| page.ears.iter().any(|other| other.id == ear.id));
            if still {
                (ear.heard)(ear.last.take());
            }
        },
        QUIET,
    );
}
