//! What is known about one thing, as pairs.

use leptos::prelude::*;

/// A name and a value: `Fact::new("Country", "Egypt")`.
pub struct Fact {
    name: String,
    value: AnyView,
}

impl Fact {
    pub fn new(name: impl Into<String>, value: impl IntoAny) -> Self {
        Self { name: name.into(), value: value.into_any() }
    }
}

/// The pairs of a detail page.
#[component]
pub fn Facts(of: Vec<Fact>) -> impl IntoView {
    let pairs = of.into_iter().map(|fact| {
        view! {
            <div>
                <dt>{fact.name}</dt>
                <dd>{fact.value}</dd>
            </div>
        }
    });
    let pairs = pairs.collect::<Vec<_>>();
    view! { <dl class="facts">{pairs}</dl> }
}
