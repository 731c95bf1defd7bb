//! Light, dark or as the system says; kept in a cookie, so that the server paints the right one at once.

use leptos::prelude::*;

use super::browser;
use super::icon;
use super::menu::{Look, Menu, MenuAction};
use super::palette::PaletteEntry;

/// The attributes of `<html>` from a request's `Cookie` header: `data-theme` (`light`, `dark`, `system`) and
/// `data-sidebar` (`wide`, `icons`).
pub fn root_attributes(cookies: &str) -> (&'static str, &'static str) {
    let has = |pair: &str| cookies.split(';').any(|cookie| cookie.trim() == pair);
    let theme = if has("theme=light") {
        "light"
    } else if has("theme=dark") {
        "dark"
    } else {
        "system"
    };
    (theme, if has("sidebar=icons") { "icons" } else { "wide" })
}

/// What else the palette can do: the same choices.
pub fn theme_entries() -> [PaletteEntry; 3] {
    [
        PaletteEntry::doing("Switch to the light theme", icon::SUN, || browser::set_root("theme", "light")),
        PaletteEntry::doing("Switch to the dark theme", icon::MOON, || browser::set_root("theme", "dark")),
        PaletteEntry::doing("Switch to the theme of the system", icon::MONITOR, || browser::set_root("theme", "system")),
    ]
}

/// The menu in the top bar. It shows with JavaScript only.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let choice = |name: &'static str, label: &'static str, glyph: icon::Glyph| {
        view! {
            <MenuAction icon=glyph on:click=move |_| browser::set_root("theme", name)>
                {label}
            </MenuAction>
        }
    };
    view! {
        <div class="needs-script">
            <Menu label="Theme" icon=icon::MOON look=Look::Icon>
                {choice("light", "Light", icon::SUN)}
                {choice("dark", "Dark", icon::MOON)}
                {choice("system", "System", icon::MONITOR)}
            </Menu>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::root_attributes;

    #[test]
    fn cookies_choose_the_look() {
        assert_eq!(root_attributes(""), ("system", "wide"));
        assert_eq!(root_attributes("a=b; theme=dark; sidebar=icons"), ("dark", "icons"));
        assert_eq!(root_attributes("theme=\"><script>"), ("system", "wide"));
    }
}
