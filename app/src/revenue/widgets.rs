//! What the revenue pages and the overview have in common.

use leptos::prelude::*;

use super::definition::Figure;
use super::model::{MonthMovements, PlanLevels};
use super::ratio::Ratio;
use crate::kit::money::{Currency, Money};
use crate::movements::MovementKind;
use crate::ui::{Amount, Definition, Head, Kpi, SimpleTable, Tab, Tabs, Tone};

/// A card's content for a figure, with its definition.
pub fn kpi(figure: Figure, value: impl Into<String>) -> Kpi {
    Kpi::new(figure.name, value).definition(definition(figure))
}

/// A figure's definition as a popover shows it.
pub fn definition(figure: Figure) -> Definition {
    Definition::new(figure.text, figure.formula)
}

/// As [`kpi`], with a link to the movements behind the figure.
pub fn kpi_of(figure: Figure, value: impl Into<String>, movements: &str) -> Kpi {
    Kpi::new(figure.name, value).definition(definition(figure).link("Show the movements", movements))
}

/// `30.5%`, or what METRICS calls "n/a".
pub fn percent(ratio: Option<Ratio>) -> String {
    ratio.map_or_else(|| "n/a".into(), Ratio::percent)
}

/// An amount, or "n/a".
pub fn amount(money: Option<Money>) -> String {
    money.map_or_else(|| "n/a".into(), |m| m.to_string())
}

/// The quick ratio, "no losses" where nothing was lost.
pub fn quick_ratio(ratio: Option<Ratio>) -> String {
    ratio.map_or_else(|| "no losses".into(), Ratio::times)
}

/// The list of movements of a period (`month=2026-10` or `day_from=…&day_to=…`), of a kind or of all.
pub fn movements_href(period: &str, kind: Option<MovementKind>) -> String {
    let kind = kind.map_or(String::new(), |kind| format!("&kind={kind}"));
    format!("/revenue/movements?{period}{kind}")
}

/// An amount that leads to the customers behind it; plain where there is none.
pub fn moved(money: Money, href: String) -> AnyView {
    if money.is_zero() {
        return view! { <Amount of=money/> }.into_any();
    }
    view! {
        <a class="link" href=href>
            <Amount of=money/>
        </a>
    }
    .into_any()
}

/// A movement's colour.
pub fn tone(kind: MovementKind) -> Tone {
    match kind {
        MovementKind::New | MovementKind::Expansion | MovementKind::Reactivation => Tone::Good,
        MovementKind::Contraction => Tone::Warn,
        MovementKind::Churn => Tone::Bad,
    }
}

/// The tabs of the revenue pages.
#[component]
pub fn RevenueTabs() -> impl IntoView {
    let tabs = vec![
        Tab::new("Overview", "/revenue"),
        Tab::new("Cohorts", "/revenue/cohorts"),
        Tab::new("Movements", "/revenue/movements"),
        Tab::new("Forecast", "/revenue/forecast"),
    ];
    view! { <Tabs label="Revenue" tabs/> }
}

/// The figures behind a chart of MRR by plan.
#[component]
pub fn LevelsTable(of: PlanLevels, currency: Currency, #[prop(into)] head: String) -> impl IntoView {
    let heads = std::iter::once(Head::text(head));
    let heads = heads.chain(of.plans.iter().map(|(name, _)| Head::number(name.clone()))).chain([Head::number("MRR")]).collect();
    let money = |minor| view! { <Amount of=Money::new(minor, currency)/> }.into_any();
    let rows = of.points.iter().enumerate().rev().map(|(i, point)| {
        let levels = of.plans.iter().map(|(_, levels)| levels[i]);
        let total = levels.clone().sum();
        std::iter::once(point.clone().into_any()).chain(levels.map(money)).chain([money(total)]).collect()
    });
    view! { <SimpleTable caption="MRR by plan" heads rows=rows.collect()/> }
}

/// The way from MRR at the start to MRR at the end, step by step, each leading to the customers behind it.
#[component]
pub fn BridgeTable(of: MonthMovements, #[prop(into)] period: String) -> impl IntoView {
    let heads = vec![Head::text("Movement"), Head::number("Amount")];
    let step = |kind: &MovementKind| {
        let money = of.amount(*kind);
        let signed = if kind.is_loss() { Money::new(-money.minor(), money.currency()) } else { money };
        vec![kind.label().into_any(), moved(signed, movements_href(&period, Some(*kind)))]
    };
    let start = vec!["MRR at the start".into_any(), view! { <Amount of=of.start()/> }.into_any()];
    let rows = std::iter::once(start).chain(MovementKind::ALL.iter().map(step)).collect();
    let footer = vec!["MRR at the end".into_any(), view! { <Amount of=of.end()/> }.into_any()];
    view! { <SimpleTable caption="Movements" heads rows footer/> }
}
