//! Fields of a form: label, control, hint and error, tied together.

use leptos::prelude::*;

use super::form::{FormState, sentence, ticked_or, typed_or};
use super::icon::{self, Icon};
use super::id::unique;

/// What every field has beside its control.
pub(crate) struct Field {
    pub name: String,
    pub label: String,
    pub hint: String,
    pub required: bool,
}

/// What ties a control to its label, hint and error.
pub(crate) struct Tie {
    pub id: String,
    pub name: String,
    /// Ids of hint and error.
    pub described_by: String,
    pub required: Option<&'static str>,
    invalid: Signal<bool>,
}

impl Tie {
    pub(crate) fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + Clone + 'static {
        let invalid = self.invalid;
        move || invalid.get().then_some("true")
    }
}

/// Lays out one field around its control.
pub(crate) fn field(of: Field, class: &'static str, control: impl FnOnce(&Tie) -> AnyView) -> AnyView {
    let Field { name, label, hint, required } = of;
    let id = unique();
    let (hint_id, error_id) = (id.clone() + "h", id.clone() + "e");
    let described_by = if hint.is_empty() { error_id.clone() } else { hint_id.clone() + " " + &error_id };
    let state = use_context::<FormState>();
    let message = {
        let (name, label) = (name.clone(), label.clone());
        Memo::new(move |_| {
            let fields = state?.fields.read();
            fields.first(&name).map(|message| sentence(&label, message))
        })
    };
    let invalid = Signal::derive(move || message.read().is_some());
    let control = control(&Tie { id: id.clone(), name, described_by, required: required.then_some("true"), invalid });
    let error = move || {
        message.get().map(|text| {
            view! {
                <Icon of=icon::CIRCLE_ALERT/>
                {text}
            }
        })
    };
    view! {
        <div class=class class:invalid=move || invalid.get()>
            <label for=id>
                {label} {required.then(|| view! { <span class="required" aria-hidden="true">"*"</span> })}
            </label>
            {control}
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <p class="field-error" id=error_id>{error}</p>
        </div>
    }
    .into_any()
}

/// What is typed into a text field; sets the keyboard, the browser's own completion and its checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Input {
    #[default]
    Text,
    Email,
    Username,
    Url,
    Tel,
    Number,
    Search,
}

impl Input {
    /// `type`, `autocomplete`, `inputmode`.
    fn attributes(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Input::Text => ("text", "off", None),
            Input::Email => ("email", "email", None),
            Input::Username => ("email", "username", None),
            Input::Url => ("url", "url", None),
            Input::Tel => ("tel", "tel", None),
            Input::Number => ("text", "off", Some("numeric")),
            Input::Search => ("search", "off", None),
        }
    }
}

/// One line of text.
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
    #[prop(optional)] input: Input,
) -> impl IntoView {
    let (kind, autocomplete, inputmode) = input.attributes();
    let value = typed_or(&name, value);
    field(Field { name, label, hint, required }, "field", |tie| {
        view! {
            <input
                type=kind
                id=tie.id.clone()
                name=tie.name.clone()
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                aria-required=tie.required
                aria-describedby=tie.described_by.clone()
                aria-invalid=tie.invalid()
            />
        }
        .into_any()
    })
}

/// A password. `new` for one being chosen.
#[component]
pub fn PasswordField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] new: bool,
) -> impl IntoView {
    let autocomplete = if new { "new-password" } else { "current-password" };
    field(Field { name, label, hint, required: true }, "field", |tie| {
        view! {
            <input
                type="password"
                id=tie.id.clone()
                name=tie.name.clone()
                autocomplete=autocomplete
                aria-required="true"
                aria-describedby=tie.described_by.clone()
                aria-invalid=tie.invalid()
            />
        }
        .into_any()
    })
}

/// One of several: value and label of each.
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let value = typed_or(&name, value);
    let options = options.into_iter().map(|(option, label)| {
        let selected = option == value;
        view! { <option value=option selected=selected>{label}</option> }
    });
    let options = options.collect::<Vec<_>>();
    field(Field { name, label, hint, required }, "field", |tie| {
        view! {
            <div class="select">
                <select
                    id=tie.id.clone()
                    name=tie.name.clone()
                    aria-required=tie.required
                    aria-describedby=tie.described_by.clone()
                    aria-invalid=tie.invalid()
                >
                    {options}
                </select>
                <Icon of=icon::CHEVRON_DOWN/>
            </div>
        }
        .into_any()
    })
}

/// Yes or no; sends `true` or nothing.
#[component]
pub fn CheckboxField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional)] checked: bool,
    #[prop(optional, into)] hint: String,
) -> impl IntoView {
    let checked = ticked_or(&name, checked);
    field(Field { name, label, hint, required: false }, "field check", |tie| {
        view! {
            <input
                type="checkbox"
                id=tie.id.clone()
                name=tie.name.clone()
                value="true"
                checked=checked
                aria-describedby=tie.described_by.clone()
                aria-invalid=tie.invalid()
            />
        }
        .into_any()
    })
}

/// Several lines of text. The value is also its content, escaped here since leptos would not, for who has no JavaScript.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
    #[prop(default = 4)] rows: u32,
) -> impl IntoView {
    let value = typed_or(&name, value);
    let content = value.replace('&', "&amp;").replace('<', "&lt;");
    field(Field { name, label, hint, required }, "field", |tie| {
        view! {
            <textarea
                id=tie.id.clone()
                name=tie.name.clone()
                rows=rows.to_string()
                prop:value=value
                inner_html=content
                aria-required=tie.required
                aria-describedby=tie.described_by.clone()
                aria-invalid=tie.invalid()
            />
        }
        .into_any()
    })
}

/// A value that is sent and not shown.
#[component]
pub fn HiddenField(#[prop(into)] name: String, #[prop(into)] value: Signal<String>) -> impl IntoView {
    if let Some(state) = use_context::<FormState>() {
        state.is_of(&name, &value.get_untracked());
    }
    view! { <input type="hidden" name=name value=move || value.get()/> }
}
