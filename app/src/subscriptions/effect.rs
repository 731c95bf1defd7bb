//! What a verb would do to MRR, beside the form that asks for it.

use leptos::prelude::*;

use super::api::Previewed;
use super::model::Effect;
use crate::kit::money::Money;
use crate::kit::period::{long_day, short_day};
use crate::kit::{FieldErrors, Result};
use crate::ui::{Amount, Card, Fact, Facts};

type Answer = Signal<Option<Result<Previewed>>>;

/// What is wrong with what was typed, for the fields of the form beside the preview.
pub fn wrong(effect: Answer) -> Signal<FieldErrors> {
    let of = move |answer: &Option<Result<Previewed>>| match answer {
        Some(Ok(Err(fields))) => fields.clone(),
        _ => FieldErrors::default(),
    };
    Signal::derive(move || effect.with(of))
}

/// The preview, once there is one; it changes with the form.
#[component]
pub fn EffectView(#[prop(into)] effect: Answer) -> impl IntoView {
    let body = move || match effect.get() {
        None => view! { <p class="muted">"Change a field to see what it does to MRR."</p> }.into_any(),
        Some(Ok(Err(_))) => view! { <p class="muted">"Complete the form to see what it does to MRR."</p> }.into_any(),
        Some(Err(error)) => view! { <p class="muted">{error.to_string()}</p> }.into_any(),
        Some(Ok(Ok(effect))) => facts(effect),
    };
    view! {
        <Card title="What it does to MRR">
            <div aria-live="polite">{body}</div>
        </Card>
    }
}

fn facts(of: Effect) -> AnyView {
    let change = Money::new(of.customer_after.minor() - of.customer_before.minor(), of.customer_after.currency());
    let movement = of.movement.map_or("No change of the customer's MRR on that day", |kind| kind.label());
    let mut facts = vec![
        Fact::new("On", long_day(of.on)),
        Fact::new("This subscription", format!("{} \u{2192} {}", of.before, of.after)),
        Fact::new("The customer", format!("{} \u{2192} {}", of.customer_before, of.customer_after)),
        Fact::new("Change", view! { <Amount of=change signed=true/> }),
        Fact::new("Recorded as", movement.to_owned()),
    ];
    for later in of.later {
        facts.push(Fact::new(format!("From {}", short_day(later.on)), format!("{} by what is set already", later.customer_after)));
    }
    view! { <Facts of=facts/> }.into_any()
}
