//! Figures worth a card.

use leptos::prelude::*;

use super::icon::{self, Icon};
use super::popover::Explain;
use super::spark::Sparkline;

/// What a figure means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    pub text: String,
    pub formula: String,
    /// Where what is behind the number is listed, and the words of that link; empty: nowhere.
    pub href: String,
    pub link: String,
}

impl Definition {
    pub fn new(text: impl Into<String>, formula: impl Into<String>) -> Self {
        Self { text: text.into(), formula: formula.into(), ..Self::default() }
    }

    pub fn link(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.link = text.into();
        self.href = href.into();
        self
    }
}

/// A change against an earlier value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The size, without a sign: `6.8%`, `11`.
    pub text: String,
    /// Negative, nought or positive.
    pub sign: i64,
    /// Whether the change is welcome; `None` where it is neither.
    pub good: Option<bool>,
    /// `vs previous`.
    pub against: String,
}

impl Delta {
    /// A change where more is better.
    pub fn more_is_better(text: impl Into<String>, sign: i64, against: impl Into<String>) -> Self {
        Self { text: text.into(), sign: sign.signum(), good: (sign != 0).then_some(sign > 0), against: against.into() }
    }

    /// A change where less is better.
    pub fn less_is_better(text: impl Into<String>, sign: i64, against: impl Into<String>) -> Self {
        Self { good: (sign != 0).then_some(sign < 0), ..Self::more_is_better(text, sign, against) }
    }

    /// A change without judgement.
    pub fn neutral(text: impl Into<String>, sign: i64, against: impl Into<String>) -> Self {
        Self { good: None, ..Self::more_is_better(text, sign, against) }
    }
}

/// A figure: `Kpi::new("MRR", "$247,812").delta(…).spark(…).definition(…)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kpi {
    pub label: String,
    pub value: String,
    pub delta: Option<Delta>,
    pub spark: Vec<i64>,
    pub definition: Option<Definition>,
    /// A line below instead of a delta.
    pub note: String,
}

impl Kpi {
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), ..Self::default() }
    }

    pub fn delta(mut self, delta: Delta) -> Self {
        self.delta = Some(delta);
        self
    }

    pub fn spark(mut self, values: Vec<i64>) -> Self {
        self.spark = values;
        self
    }

    pub fn definition(mut self, definition: Definition) -> Self {
        self.definition = Some(definition);
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// One card; several stand in a `<div class="kpis">`.
#[component]
pub fn KpiCard(of: Kpi) -> impl IntoView {
    let label = match of.definition {
        Some(definition) => view! { <Explain label=of.label.clone() of=definition/> }.into_any(),
        None => of.label.clone().into_any(),
    };
    let spark = (of.spark.len() > 1).then(|| view! { <Sparkline values=of.spark/> });
    view! {
        <div class="card kpi" role="group" aria-label=of.label>
            <div class="kpi-label">{label}</div>
            <div class="kpi-value">{of.value}</div>
            <div class="kpi-delta">{of.delta.map(delta)} {of.note}</div>
            {spark}
        </div>
    }
}

fn delta(of: Delta) -> impl IntoView {
    let (glyph, word) = match of.sign {
        ..0 => (icon::ARROW_DOWN, "down "),
        0 => (icon::MINUS, "unchanged "),
        1.. => (icon::ARROW_UP, "up "),
    };
    let tone = match of.good {
        Some(true) => "good",
        Some(false) => "bad",
        None => "neutral",
    };
    view! {
        <span class="delta" data-tone=tone>
            <Icon of=glyph/>
            <span class="visually-hidden">{word}</span>
            {of.text}
        </span>
        " "
        <span>{of.against}</span>
    }
}
