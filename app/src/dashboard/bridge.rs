//! Movements as a bridge: from MRR at the start to MRR at the end. Its steps are links, so it is no canvas.

use leptos::prelude::*;

use crate::kit::money::{Money, divide_half_away};
use crate::movements::MovementKind;
use crate::revenue::MonthMovements;
use crate::revenue::widgets::{BridgeTable, movements_href};

/// A bar from `low` to `high`.
struct Step {
    name: &'static str,
    low: i64,
    high: i64,
    label: String,
    tone: &'static str,
    kind: Option<MovementKind>,
}

fn steps(of: &MonthMovements) -> Vec<Step> {
    let whole = |name, money: Money| Step { name, low: 0, high: money.minor(), label: money.to_short(), tone: "whole", kind: None };
    let mut steps = vec![whole("Start", of.start())];
    let mut level = of.start_minor;
    for kind in MovementKind::ALL {
        let (sign, tone) = if kind.is_loss() { (-1, "bad") } else { (1, "good") };
        let next = level + sign * of.flow.of(*kind);
        let short = of.amount(*kind).to_short();
        let label = match (of.flow.of(*kind), sign) {
            (0, _) => short,
            (_, 1) => format!("+{short}"),
            _ => format!("\u{2212}{short}"),
        };
        steps.push(Step { name: kind.label(), low: level.min(next), high: level.max(next), label, tone, kind: Some(*kind) });
        level = next;
    }
    steps.push(whole("End", of.end()));
    steps
}

/// In tenths of a percent of the height, where the picture begins at `bottom` and ends at `top`.
fn height(minor: i64, bottom: i64, top: i64) -> i64 {
    let part = i128::from((minor - bottom).max(0)) * 1000;
    divide_half_away(part, i128::from((top - bottom).max(1))).and_then(|n| i64::try_from(n).ok()).unwrap_or(0)
}

/// The bridge over `period` (`day_from=…&day_to=…`), with the table behind it.
#[component]
pub fn Bridge(of: MonthMovements, #[prop(into)] period: String) -> impl IntoView {
    let steps = steps(&of);
    let top = steps.iter().map(|s| s.high).max().unwrap_or(0);
    let lowest = steps.iter().filter(|s| s.kind.is_some()).map(|s| s.low).min().unwrap_or(0);
    // Not from nought: the steps would be too small to tell apart.
    let bottom = (lowest - (top - lowest) / 2).max(0);
    let bars: Vec<_> = steps.into_iter().map(|step| bar(step, bottom, top, &period)).collect();
    view! {
        <ol class="bridge" aria-label="From MRR at the start to MRR at the end">
            {bars}
        </ol>
        <details class="chart-table">
            <summary>"Show table"</summary>
            <BridgeTable of period/>
        </details>
    }
}

fn bar(step: Step, bottom: i64, top: i64, period: &str) -> AnyView {
    let (low, high) = (height(step.low, bottom, top), height(step.high, bottom, top));
    let style = format!("--low:{}.{}%;--size:{}.{}%", low / 10, low % 10, (high - low) / 10, (high - low) % 10);
    let inside = view! {
        <span class="bridge-plot" style=style>
            <span class="bridge-label">{step.label}</span>
            <span class="bridge-bar" data-tone=step.tone></span>
        </span>
        <span class="bridge-name">{step.name}</span>
    };
    match step.kind {
        Some(kind) => view! {
            <li>
                <a href=movements_href(period, Some(kind))>{inside}</a>
            </li>
        }
        .into_any(),
        None => view! { <li>{inside}</li> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::money::Currency;
    use crate::revenue::Flow;

    #[test]
    fn the_steps_lead_from_start_to_end() {
        let flow = Flow { new: 300, expansion: 200, contraction: 50, churn: 100, ..Flow::default() };
        let of = MonthMovements {
            month: "2026-10".parse().expect("a month"),
            currency: Currency::USD,
            start_minor: 1000,
            start_customers: 1,
            flow,
        };
        let bars: Vec<(i64, i64)> = steps(&of).iter().map(|s| (s.low, s.high)).collect();
        assert_eq!(bars, [(0, 1000), (1000, 1300), (1300, 1500), (1500, 1500), (1450, 1500), (1350, 1450), (0, 1350)]);
        assert_eq!((height(1000, 0, 2000), height(5, 10, 20), height(20, 10, 20)), (500, 0, 1000));
    }
}
