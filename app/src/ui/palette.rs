//! The command palette: pages, actions and things found, all by keyboard.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::ev::KeyboardEvent;

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::browser;
use super::icon::{self, Glyph, Icon};
use crate::kit::case;

/// A place to go to, or something to do at once.
#[derive(Clone, Debug)]
pub struct PaletteEntry {
    pub label: String,
    /// A word on what it is: `Tenant`, `Page`, `Action`.
    pub kind: String,
    pub href: String,
    pub icon: Glyph,
    does: Option<fn()>,
}

impl PartialEq for PaletteEntry {
    fn eq(&self, other: &Self) -> bool {
        (&self.label, &self.kind, &self.href) == (&other.label, &other.kind, &other.href)
    }
}

impl PaletteEntry {
    pub fn new(label: impl Into<String>, kind: impl Into<String>, href: impl Into<String>, icon: Glyph) -> Self {
        Self { label: label.into(), kind: kind.into(), href: href.into(), icon, does: None }
    }

    /// Does that in place of going somewhere.
    pub fn doing(label: impl Into<String>, icon: Glyph, does: fn()) -> Self {
        Self { does: Some(does), ..Self::new(label, "Action", "#content", icon) }
    }

    fn matches(&self, words: &str) -> bool {
        let label = case::lower(&self.label);
        words.split_whitespace().all(|word| label.contains(word))
    }
}

type Found = Pin<Box<dyn Future<Output = Vec<PaletteEntry>> + Send>>;

/// How the palette asks the server: `PaletteSearch::new(|text| async move { … })`.
#[derive(Clone)]
pub struct PaletteSearch(Arc<dyn Fn(String) -> Found + Send + Sync>);

impl PaletteSearch {
    pub fn new<F: Future<Output = Vec<PaletteEntry>> + Send + 'static>(search: impl Fn(String) -> F + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |text| Box::pin(search(text))))
    }
}

const ID: &str = "palette";

/// Opens the palette of the page.
pub(crate) fn open_palette() {
    browser::toggle_dialog(ID);
}

/// The palette itself, opened by Ctrl K or ⌘ K. `entries` are known to the page, `search` finds the rest.
#[component]
pub fn Palette(#[prop(into)] entries: Signal<Vec<PaletteEntry>>, search: PaletteSearch) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0usize);
    let found = RwSignal::new(Vec::<PaletteEntry>::new());
    let shown = Memo::new(move |_| {
        let words = case::lower(&text.get());
        let own = entries.get().into_iter().filter(|entry| entry.matches(&words)).take(if words.is_empty() { 20 } else { 8 });
        own.chain(found.get()).collect::<Vec<_>>()
    });
    let settled = browser::settled(move || {
        let (words, search) = (text.get_untracked(), search.clone());
        leptos::task::spawn_local(async move {
            let answer = if words.trim().is_empty() { Vec::new() } else { (search.0)(words.clone()).await };
            if text.try_get_untracked() == Some(words) {
                found.set(answer);
            }
        });
    });
    let navigate = use_navigate();
    let go = move |i: usize| {
        if let Some(entry) = shown.get_untracked().get(i) {
            browser::toggle_dialog(ID);
            match entry.does {
                Some(does) => does(),
                None => navigate(&entry.href, Default::default()),
            }
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let last = shown.read_untracked().len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => at.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
            "ArrowUp" => at.update(|at| *at = if *at == 0 { last } else { *at - 1 }),
            "Enter" => go(at.get_untracked()),
            _ => return,
        }
        event.prevent_default();
        browser::reveal_option(ID);
    };
    Effect::new(move |_| browser::on_shortcut("k", || browser::toggle_dialog(ID)));
    view! {
        <dialog
            id=ID
            class="dialog palette"
            closedby="any"
            aria-label="Search or jump to"
            on:close=move |_| {
                text.set(String::new());
                found.set(Vec::new());
                at.set(0);
            }
        >
            {field(text, at, on_key, settled)}
            {options(shown, at)}
        </dialog>
    }
}

/// Where the words are typed; the list below it is what it controls.
fn field(text: RwSignal<String>, at: RwSignal<usize>, on_key: impl Fn(KeyboardEvent) + 'static, settled: impl Fn() + 'static) -> AnyView {
    view! {
        <div class="palette-input">
            <Icon of=icon::SEARCH/>
            <input
                type="text"
                role="combobox"
                aria-label="Search or jump to"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant=move || option_id(at.get())
                autocomplete="off"
                placeholder="Search or jump to\u{2026}"
                prop:value=move || text.get()
                on:keydown=on_key
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    at.set(0);
                    settled();
                }
            />
            <kbd>"Esc"</kbd>
        </div>
    }
    .into_any()
}

fn option_id(i: usize) -> String {
    String::from("palette-") + &i.to_string()
}

fn options(shown: Memo<Vec<PaletteEntry>>, at: RwSignal<usize>) -> AnyView {
    let items = move || {
        let items = shown.get().into_iter().enumerate().map(|(i, entry)| {
            view! {
                <a
                    id=option_id(i)
                    role="option"
                    aria-selected=move || if at.get() == i { "true" } else { "false" }
                    href=entry.href
                    tabindex="-1"
                    on:mousemove=move |_| at.set(i)
                    on:click=move |event: leptos::ev::MouseEvent| {
                        browser::toggle_dialog(ID);
                        if let Some(does) = entry.does {
                            event.prevent_default();
                            does();
                        }
                    }
                >
                    <Icon of=entry.icon/>
                    <span>{entry.label}</span>
                    <span class="palette-kind">{entry.kind}</span>
                </a>
            }
        });
        items.collect::<Vec<_>>()
    };
    view! {
        <div id="palette-list" role="listbox" aria-label="Results">
            {items}
        </div>
        <p class="palette-none" role="status">
            {move || shown.read().is_empty().then_some("Nothing found. Try a name, a number or a page.")}
        </p>
    }
    .into_any()
}
