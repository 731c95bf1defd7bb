//! Fields for money, days, codes, files and choices that need a word of explanation.

use leptos::prelude::*;

use super::field::{Field, field};
use super::form::typed_or;
use super::icon::{self, Icon};
use crate::kit::money::{Currency, Money};

/// A day, sent as `YYYY-MM-DD`.
#[component]
pub fn DateField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let value = typed_or(&name, value);
    field(Field { name, label, hint, required }, "field", |tie| {
        view! {
            <input
                type="date"
                id=tie.id.clone()
                name=tie.name.clone()
                value=value
                aria-required=tie.required
                aria-describedby=tie.described_by.clone()
                aria-invalid=tie.invalid()
            />
        }
        .into_any()
    })
}

/// An amount in major units of `currency`, sent as typed: `29.85`.
#[component]
pub fn MoneyField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    currency: Currency,
    #[prop(optional)] value: Option<Money>,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let value = typed_or(&name, value.map(Money::to_major).unwrap_or_default());
    field(Field { name, label, hint, required }, "field", |tie| {
        view! {
            <div class="affix">
                <span>{currency.code().to_owned()}</span>
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    id=tie.id.clone()
                    name=tie.name.clone()
                    value=value
                    aria-required=tie.required
                    aria-describedby=tie.described_by.clone()
                    aria-invalid=tie.invalid()
                />
            </div>
        }
        .into_any()
    })
}

/// A short code from an authenticator app or a letter.
#[component]
pub fn CodeField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(default = 6)] length: u32,
) -> impl IntoView {
    field(Field { name, label, hint, required: true }, "field code", |tie| {
        view! {
            <input
                type="text"
                inputmode="numeric"
                autocomplete="one-time-code"
                maxlength=length.to_string()
                id=tie.id.clone()
                name=tie.name.clone()
                aria-required="true"
                aria-describedby=tie.described_by.clone()
                aria-invalid=tie.invalid()
            />
        }
        .into_any()
    })
}

/// A file to send with an `UploadForm`. `accept` as in HTML: `.csv,text/csv`.
#[component]
pub fn FileField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] accept: String,
    #[prop(optional, into)] hint: String,
) -> impl IntoView {
    field(Field { name, label, hint, required: true }, "field", |tie| {
        view! {
            <div class="file">
                <Icon of=icon::FILE_UP/>
                <input
                    type="file"
                    id=tie.id.clone()
                    name=tie.name.clone()
                    accept=accept
                    aria-required="true"
                    aria-describedby=tie.described_by.clone()
                    aria-invalid=tie.invalid()
                />
            </div>
        }
        .into_any()
    })
}

/// One choice of a [`RadioField`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// What choosing it means.
    pub detail: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), detail: detail.into() }
    }
}

/// One of a few, each with a sentence on what it means.
#[component]
pub fn RadioField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    choices: Vec<Choice>,
    #[prop(optional, into)] value: String,
) -> impl IntoView {
    let value = typed_or(&name, value);
    let choices = choices.into_iter().map(|choice| {
        let checked = choice.value == value;
        view! {
            <label class="choice">
                <input type="radio" name=name.clone() value=choice.value checked=checked/>
                <span>
                    <span class="choice-label">{choice.label}</span>
                    {(!choice.detail.is_empty()).then(|| view! { <span class="hint">{choice.detail}</span> })}
                </span>
            </label>
        }
    });
    let choices = choices.collect::<Vec<_>>();
    view! {
        <fieldset class="field choices">
            <legend>{label}</legend>
            {choices}
        </fieldset>
    }
}
