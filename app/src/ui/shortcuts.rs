//! The keys, and the dialog that lists them.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::browser;

/// A key or two pressed one after the other, what they do, and where they lead (empty: nowhere).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortcut {
    pub keys: &'static str,
    pub label: String,
    pub href: String,
}

impl Shortcut {
    /// `Shortcut::go("g t", "Tenants", "/tenants")`: press g, then t.
    pub fn go(keys: &'static str, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { keys, label: label.into(), href: href.into() }
    }
}

const ID: &str = "shortcuts";

/// Listens for the keys and shows them all on `?`. `/` goes to the page's search box.
#[component]
pub fn Shortcuts(of: Vec<Shortcut>) -> impl IntoView {
    let navigate = use_navigate();
    let keys = of.clone();
    let mut go = Some(move |pressed: &str| {
        let href = keys.iter().find(|key| key.keys == pressed && !key.href.is_empty()).map(|key| key.href.clone());
        if let Some(href) = href {
            navigate(&href, Default::default());
        }
    });
    Effect::new(move |_| {
        let Some(go) = go.take() else { return };
        browser::on_keys(move |pressed| match pressed {
            "?" => browser::toggle_dialog(ID),
            "/" => browser::focus_search(),
            other => go(other),
        });
    });
    let own = [("Ctrl K", "Search or jump to"), ("/", "Search in the list"), ("?", "These keys"), ("Esc", "Close what is open")];
    let own = own.map(|(keys, label)| line(keys, label.to_owned())).into_iter().collect::<Vec<_>>();
    let lines = of.into_iter().map(|key| line(key.keys, key.label)).collect::<Vec<_>>();
    view! {
        <dialog id=ID class="dialog" closedby="any" aria-labelledby="shortcuts-title">
            <header>
                <h2 id="shortcuts-title">"Keyboard shortcuts"</h2>
            </header>
            <dl class="keys">{own} {lines}</dl>
            <button type="button" class="icon-button dialog-close" aria-label="Close" command="close" commandfor=ID>
                <super::Icon of=super::icon::X/>
            </button>
        </dialog>
    }
}

fn line(keys: &'static str, label: String) -> AnyView {
    let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect::<Vec<_>>();
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{keys}</dd>
        </div>
    }
    .into_any()
}
