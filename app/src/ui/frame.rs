//! The console's frame: what stays while pages change.

use leptos::prelude::*;

use super::error::InFrame;
use super::icon::{self, Icon};
use super::palette::open_palette;
use super::sidebar::{NavGroup, Sidebar};
use super::theme::ThemeSwitch;
use super::toast::Toaster;

/// Sidebar, top bar and the page. `organization` is the switcher at the top of the sidebar, `bell` and `account` stand
/// at the right of the top bar. Call `provide_toasts` above it and put a `Palette` and `Shortcuts` beside it.
#[component]
pub fn Frame(
    #[prop(into)] nav: Signal<Vec<NavGroup>>,
    organization: AnyView,
    bell: AnyView,
    account: AnyView,
    children: Children,
) -> impl IntoView {
    provide_context(InFrame);
    view! {
        <a class="skip" href="#content" rel="external">
            "Skip to content"
        </a>
        <div class="frame">
            <Sidebar nav organization/>
            <header class="topbar">
                <button type="button" class="icon-button sheet-button" aria-label="Menu" popovertarget="sidebar">
                    <Icon of=icon::MENU/>
                </button>
                <SearchButton/>
                <div class="topbar-end">
                    <ThemeSwitch/>
                    {bell}
                    {account}
                </div>
            </header>
            <main id="content" tabindex="-1">
                <div class="content">{children()}</div>
            </main>
        </div>
        <Toaster/>
    }
}

/// Opens the palette.
#[component]
fn SearchButton() -> impl IntoView {
    view! {
        <button type="button" class="search-button needs-script" aria-label="Search or jump to" on:click=|_| open_palette()>
            <Icon of=icon::SEARCH/>
            <span class="search-hint">"Search or jump to\u{2026}"</span>
            <kbd>"Ctrl K"</kbd>
        </button>
    }
}
