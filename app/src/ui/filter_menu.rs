//! One filter of a list.

use leptos::prelude::*;

use super::form::GetForm;
use super::icon::{self, Icon};
use super::menu::{Look, Menu, MenuCheck};
use super::popover::Popover;
use super::{browser, path_now};
use crate::kit::case;
use crate::kit::paging::ListQuery;

/// A way to narrow a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    key: &'static str,
    label: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Choice(Vec<(String, String)>),
    Days,
    Text,
}

impl Filter {
    /// Any of some values: `Filter::choice("status", "Status", Status::ALL.iter().map(|s| (s.word(), s.label())))`.
    pub fn choice<V: Into<String>, L: Into<String>>(
        key: &'static str,
        label: impl Into<String>,
        options: impl IntoIterator<Item = (V, L)>,
    ) -> Self {
        let options = options.into_iter().map(|(value, label)| (value.into(), label.into())).collect();
        Self { key, label: label.into(), kind: Kind::Choice(options) }
    }

    /// From a day to a day, both included: the filters `KEY_from` and `KEY_to`.
    pub fn days(key: &'static str, label: impl Into<String>) -> Self {
        Self { key, label: label.into(), kind: Kind::Days }
    }

    /// Text typed in.
    pub fn text(key: &'static str, label: impl Into<String>) -> Self {
        Self { key, label: label.into(), kind: Kind::Text }
    }

    fn first_key(&self) -> String {
        String::from(self.key) + "_from"
    }

    fn to_key(&self) -> String {
        String::from(self.key) + "_to"
    }

    /// What is chosen, in words; empty where nothing is.
    fn chosen(&self, query: &ListQuery) -> String {
        let name = |value: &String| match &self.kind {
            Kind::Choice(options) => {
                let label = options.iter().find(|(option, _)| option == value).map_or(value, |(_, label)| label);
                case::lower(label)
            }
            _ => value.clone(),
        };
        match &self.kind {
            Kind::Days => {
                let (from, to) = (self.first_key(), self.to_key());
                match (query.filter_one(&from), query.filter_one(&to)) {
                    (Some(from), Some(to)) => [from, " to ", to].concat(),
                    (Some(from), None) => ["from ", from].concat(),
                    (None, Some(to)) => ["until ", to].concat(),
                    (None, None) => String::new(),
                }
            }
            _ => query.filter(self.key).iter().map(name).collect::<Vec<_>>().join(", "),
        }
    }

    /// The chip's words: `Status: active, past due`.
    pub(crate) fn sentence(&self, query: &ListQuery) -> Option<String> {
        let chosen = self.chosen(query);
        (!chosen.is_empty()).then(|| [self.label.as_str(), ": ", &chosen].concat())
    }

    fn cleared(&self, query: &ListQuery) -> ListQuery {
        query.without(self.key).without(&self.first_key()).without(&self.to_key())
    }
}

/// A chip: `+ Plan`, or what is chosen with a cross.
pub(crate) fn chip(of: Filter, query: Signal<ListQuery>) -> AnyView {
    let on = {
        let of = of.clone();
        Memo::new(move |_| query.with(|query| of.sentence(query)))
    };
    let clear = {
        let (of, path) = (of.clone(), path_now());
        Signal::derive(move || path.clone() + &query.with(|query| of.cleared(query)).to_url_query())
    };
    let clear_label = String::from("Clear ") + &of.label;
    let cross = move || {
        let label = clear_label.clone();
        on.read().is_some().then(|| {
            view! {
                <a class="chip-clear" href=move || clear.get() aria-label=label data-noscroll="">
                    <Icon of=icon::X/>
                </a>
            }
        })
    };
    let text = {
        let label = of.label.clone();
        Signal::derive(move || on.get().unwrap_or_else(|| label.clone()))
    };
    let opener = match of.kind.clone() {
        Kind::Choice(options) => choice_menu(of, options, text, query),
        _ => value_panel(of, text, query),
    };
    view! {
        <div class="filter" class:on=move || on.read().is_some()>
            {opener}
            {cross}
        </div>
    }
    .into_any()
}

fn choice_menu(of: Filter, options: Vec<(String, String)>, text: Signal<String>, query: Signal<ListQuery>) -> AnyView {
    let path = path_now();
    let items = options.into_iter().map(|(value, label)| {
        let (key, path, option) = (of.key, path.clone(), value.clone());
        let href = Signal::derive(move || path.clone() + &query.with(|query| query.toggled(key, &option)).to_url_query());
        let checked = Signal::derive(move || query.with(|query| query.filter(key).contains(&value)));
        view! {
            <MenuCheck href checked>
                {label}
            </MenuCheck>
        }
    });
    let items = items.collect::<Vec<_>>();
    view! {
        <Menu label=text icon=icon::PLUS look=Look::Chip>
            {items}
        </Menu>
    }
    .into_any()
}

fn value_panel(of: Filter, text: Signal<String>, query: Signal<ListQuery>) -> AnyView {
    let input = |kind: &'static str, name: String, label: String| {
        let key = name.clone();
        let value = move || query.with(|query| query.filter_one(&key).unwrap_or_default().to_owned());
        view! {
            <label class="field">
                <span>{label}</span>
                <input type=kind name=name value=value.clone() prop:value=value autocomplete="off"/>
            </label>
        }
    };
    let fields = match of.kind {
        Kind::Days => view! {
            {input("date", of.first_key(), "From".into())}
            {input("date", of.to_key(), "Until".into())}
        }
        .into_any(),
        _ => input("text", of.key.to_owned(), of.label.clone()).into_any(),
    };
    let rest = {
        let of = of.clone();
        Signal::derive(move || query.with(|query| of.cleared(query)))
    };
    view! {
        <Popover label=text class="button chip" icon=icon::PLUS>
            <GetForm label=of.label.clone() class="form filter-form">
                {fields}
                {kept(rest, "")}
                <button type="submit" class="button primary" on:click=|event| browser::close_popover_around(&event)>
                    "Apply"
                </button>
            </GetForm>
        </Popover>
    }
    .into_any()
}

/// The rest of a query as hidden fields, so that a form which changes one part keeps the others.
pub(crate) fn kept(query: Signal<ListQuery>, but: &'static str) -> impl IntoView {
    move || {
        let pairs = query.get().from_start().pairs().into_iter().filter(|(key, _)| key != but);
        pairs.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect::<Vec<_>>()
    }
}
