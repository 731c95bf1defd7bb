//! A letter tile, and the two lines that name someone in a table.

use crate::kit::case;
use leptos::prelude::*;

/// The first letter of a name, or the initials handed in. `round` for people, square for organizations.
#[component]
pub fn Avatar(#[prop(into)] name: String, #[prop(optional)] round: bool) -> impl IntoView {
    let words = name.split_whitespace().filter_map(|word| word.chars().next());
    let letters = case::upper(&words.take(if round { 2 } else { 1 }).collect::<String>());
    view! {
        <span class="avatar" class:round=round aria-hidden="true">
            {letters}
        </span>
    }
}

/// Tile, name and a quieter second line: the first cell of most tables. The row's link covers it.
#[component]
pub fn Identity(#[prop(into)] name: String, #[prop(optional, into)] detail: String) -> impl IntoView {
    view! {
        <span class="identity">
            <Avatar name=name.clone()/>
            <span>
                <span class="identity-name">{name}</span>
                {(!detail.is_empty()).then(|| view! { <span class="identity-detail">{detail}</span> })}
            </span>
        </span>
    }
}
