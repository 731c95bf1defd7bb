//! The one form: posts to a server function with or without JavaScript, shows each error beside its field, keeps what
//! was typed and waits while the answer is on its way.

use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde::de::DeserializeOwned;
use server_fn::ServerFn;
use server_fn::codec::PostUrl;

use super::action::{Calls, ServerAction, reader, taken};
use super::browser;
use super::dialog::DialogRef;
use super::icon::{self, Icon};
use super::resource::Value;
use crate::kit::form::Refused;
use crate::kit::readable::capitalized;
use crate::kit::wire::{self, Wired};
use crate::kit::{Error, FieldErrors, Result, request};

/// What the fields and buttons in a form know of it.
#[derive(Clone, Copy)]
pub struct FormState {
    pub error: Signal<Option<Error>>,
    pub fields: Memo<FieldErrors>,
    pub pending: Signal<bool>,
    typed: Typed,
}

/// What is wrong with what is typed, known before it is sent.
pub type Meanwhile = Signal<FieldErrors>;

/// What was typed into the form when it was sent without JavaScript and refused; none where it was not this form.
pub(super) type Typed = StoredValue<Option<FormValues>>;

impl FormState {
    pub(crate) fn new(error: Signal<Option<Error>>, pending: Signal<bool>, typed: Typed) -> Self {
        Self::with(error, pending, typed, None)
    }

    fn with(error: Signal<Option<Error>>, pending: Signal<bool>, typed: Typed, meanwhile: Option<Meanwhile>) -> Self {
        let fields = Memo::new(move |_| {
            let now = meanwhile.map(|fields| fields.get()).filter(|fields| !fields.is_empty());
            now.unwrap_or_else(|| error.with(|error| error.as_ref().map(Error::fields).unwrap_or_default()))
        });
        Self { error, fields, pending, typed }
    }

    fn typed(self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.as_ref()?.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
    }

    /// Several forms may share an action, one in each row of a list: what says which row it is tells them apart.
    pub(crate) fn is_of(self, name: &str, value: &str) {
        if self.typed(name).is_some_and(|typed| typed != value) {
            self.typed.set_value(None);
        }
    }
}

/// What stands in a field at first: what was typed, where the form was refused, else `value`.
pub(crate) fn typed_or(name: &str, value: String) -> String {
    use_context::<FormState>().and_then(|state| state.typed(name)).unwrap_or(value)
}

/// The same of a box to tick, which sends nothing where it is not ticked.
pub(crate) fn ticked_or(name: &str, ticked: bool) -> bool {
    let sent = |state: FormState| state.typed.with_value(|typed| typed.as_ref().is_some_and(|typed| !typed.is_empty()));
    use_context::<FormState>().filter(|state| sent(*state)).map_or(ticked, |state| state.typed(name).is_some())
}

/// The form that led back to this page, if one did.
#[derive(Clone)]
struct LedBack(Option<Refused>);

/// For the whole page, written into it by the server: both sides must make the same of it.
pub fn provide_refused() {
    let refused = SharedValue::<_, wire::Carried>::new_with_encoding(request::refused).into_inner();
    provide_context(LedBack(refused));
}

/// The form for the server function at that path, if it led back here.
pub(super) fn refused(path: &str) -> Option<Refused> {
    use_context::<LedBack>().and_then(|back| back.0).filter(|refused| refused.path == path && browser::led_back())
}

/// What a form holds, by field name, in the order of its fields.
pub type FormValues = Vec<(String, String)>;

/// A server function that a form can post to.
pub trait Posted:
    ServerFn<Protocol = Wired<PostUrl>, Error = Error, Output: DeserializeOwned + Clone + Send + Sync + 'static> + 'static
{
}

impl<S> Posted for S where
    S: ServerFn<Protocol = Wired<PostUrl>, Error = Error, Output: DeserializeOwned + Clone + Send + Sync + 'static> + 'static
{
}

/// A form over a server function. `on_ok` hears the answer; `on_change` hears the values a moment after each change, and
/// `meanwhile` may say what is wrong with them.
/// The server function takes one argument per field (`#[server(default)]` for a checkbox); its error is `kit::Error`.
/// What is sent is what the browser would send by itself.
#[component]
pub fn Form<S: Posted>(
    action: ServerAction<S>,
    #[prop(optional, into)] on_ok: Option<Callback<(S::Output,)>>,
    #[prop(optional, into)] on_change: Option<Callback<(FormValues,)>>,
    #[prop(optional)] meanwhile: Option<Meanwhile>,
    #[prop(default = "form")] class: &'static str,
    children: Children,
) -> impl IntoView {
    form(Target { meanwhile, ..Target::of(action, on_ok) }, class, on_change, children)
}

/// Where a form is sent, and who hears the answer.
pub(super) struct Target {
    url: &'static str,
    calls: Calls,
    read: fn(&[u8]) -> Result<Value>,
    hear: Callback<Value>,
    typed: Option<FormValues>,
    meanwhile: Option<Meanwhile>,
}

impl Target {
    pub(super) fn of<S: Posted>(action: ServerAction<S>, on_ok: Option<Callback<(S::Output,)>>) -> Self {
        let hear = Callback::new(move |value: Value| {
            if let (Some(on_ok), Ok(answer)) = (on_ok, taken(&value)) {
                on_ok.run((answer,));
            }
        });
        let typed = refused(S::PATH).map(|refused| refused.typed);
        Self { url: S::url(), calls: action.calls, read: reader::<S::Output>(), hear, typed, meanwhile: None }
    }

    /// With `first` done before the answer is heard.
    pub(super) fn after(self, first: impl Fn() + Send + Sync + 'static) -> Self {
        let hear = self.hear;
        let hear = Callback::new(move |value: Value| {
            first();
            hear.run(value);
        });
        Self { hear, ..self }
    }
}

/// The part of a form that is compiled once.
pub(super) fn form(to: Target, class: &'static str, on_change: Option<Callback<(FormValues,)>>, children: Children) -> AnyView {
    let Target { url, calls, read, hear, typed, meanwhile } = to;
    let node = NodeRef::<html::Form>::new();
    let typed = StoredValue::new(typed);
    let ours = move || calls.version.get() > 0 || typed.with_value(Option::is_some);
    let failed = Signal::derive(move || if ours() { calls.failed() } else { None });
    let state = FormState::with(failed, Signal::derive(move || calls.running.get() > 0), typed, meanwhile);
    if let Some(dialog) = use_context::<DialogRef>() {
        dialog.holds(typed);
    }
    // Several forms may share an action, one in each row of a list: the answer is for the one that was sent.
    let sent = StoredValue::new(false);
    Effect::new(move |seen: Option<usize>| {
        let version = calls.version.get();
        if seen.is_some_and(|seen| seen != version) && sent.get_value() {
            sent.set_value(false);
            match calls.last() {
                Some(Ok(answer)) => hear.run(answer),
                Some(Err(_)) => browser::focus_first_invalid(node),
                None => {}
            }
        }
        version
    });
    let on_submit = Callback::new(move |event: SubmitEvent| {
        if !event.default_prevented() {
            event.prevent_default();
            sent.set_value(true);
            calls.send(browser::form_request(&event, url), read);
        }
    });
    view! { <Provider value=state>{frame(url, class, node, on_submit, on_change, children)}</Provider> }.into_any()
}

/// The element. A form of one button in a menu has no fields to
/// speak of, and a menu may hold nothing but its items.
fn frame(
    url: &'static str,
    class: &'static str,
    node: NodeRef<html::Form>,
    on_submit: Callback<SubmitEvent>,
    on_change: Option<Callback<(FormValues,)>>,
    children: Children,
) -> AnyView {
    let on_input = on_change.map(|on_change| browser::settled(move || on_change.run((browser::form_values(node),))));
    view! {
        <form
            action=url
            method="post"
            class=class
            novalidate=true
            node_ref=node
            on:submit=move |event| on_submit.run(event)
            on:input=move |_| {
                if let Some(on_input) = &on_input {
                    on_input();
                }
            }
        >
            {(class != "menu-form").then(|| view! { <FormError/> })}
            {children()}
        </form>
    }
    .into_any()
}

/// Why the form was refused, at its top; it is there in every [`Form`].
#[component]
pub fn FormError() -> impl IntoView {
    let state = use_context::<FormState>();
    let sign_in = super::sign_in_here();
    let lines = move || {
        let error = state.and_then(|state| state.error.get())?;
        let lines = match &error {
            Error::Invalid(fields) => fields.0.iter().flat_map(|(name, all)| all.iter().map(|text| sentence(name, text))).collect(),
            other => vec![other.to_string()],
        };
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect::<Vec<_>>();
        let sign_in = (error == Error::SignedOut).then(|| view! { <a href=sign_in.clone() rel="external">"Sign in"</a> });
        Some(view! {
            <div class="callout" data-tone="bad">
                <Icon of=icon::CIRCLE_ALERT/>
                <ul>{lines}</ul>
                {sign_in}
            </div>
        })
    };
    view! { <div class="form-error" role="alert">{lines}</div> }
}

/// `Name is required` from `name` and `is required`; a message that is a sentence stays one.
pub(crate) fn sentence(name: &str, message: &str) -> String {
    let own = name.is_empty() || message.chars().next().is_some_and(char::is_uppercase);
    let mut text = String::new();
    if !own {
        text.push_str(&name.replace('_', " "));
        text.push(' ');
    }
    text.push_str(message);
    capitalized(&text)
}

/// A form that only changes the URL: its filled fields become the query. `path` is the page it leads to; empty: this one.
#[component]
pub fn GetForm(
    #[prop(into)] label: String,
    #[prop(optional, into)] path: String,
    #[prop(default = "form")] class: &'static str,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Form>::new();
    let path = if path.is_empty() { super::path_now() } else { path };
    let navigate = use_navigate();
    let target = path.clone();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let mut url = target.clone();
        for (key, value) in browser::form_values(node).into_iter().filter(|(_, value)| !value.is_empty()) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&crate::kit::paging::escape(&key));
            url.push('=');
            url.push_str(&crate::kit::paging::escape(&value));
        }
        navigate(&url, leptos_router::NavigateOptions { scroll: false, ..Default::default() });
    };
    view! {
        <form method="get" action=path class=class aria-label=label node_ref=node on:submit=on_submit>
            {children()}
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("started_on", "is required"), "Started on is required");
        assert_eq!(sentence("", "the file is empty"), "The file is empty");
        assert_eq!(sentence("code", "This code was used before."), "This code was used before.");
    }
}
