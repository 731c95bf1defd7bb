//! Amounts of money.

use leptos::prelude::*;

use crate::kit::money::Money;

/// An amount in tabular figures, quiet where it is nought. `signed` puts a plus before a gain.
#[component]
pub fn Amount(of: Money, #[prop(optional)] signed: bool) -> impl IntoView {
    let text = if signed { of.to_signed() } else { of.to_string() };
    view! { <span class="amount" class:nought=of.is_zero()>{text}</span> }
}
