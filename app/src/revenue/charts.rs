//! Charts as options for echarts, without a function in them. What is plotted is exact, in major units; how amounts are
//! written is a name with what it needs (`amount|$`, `axis|$|1000|k`), which the browser's half (`charts.js`) resolves, as
//! it does the colours, which are names of tokens.

use charming::Chart;
use charming::component::{Axis, Grid, Legend, LegendType};
use charming::datatype::CompositeValue;
use charming::element::{AreaStyle, AxisLabel, AxisType, ItemStyle, LineStyle, Tooltip, Trigger};
use charming::series::{Bar, Line};

use super::model::{MonthMovements, PlanLevels};
use crate::kit::money::{Currency, Money};
use crate::movements::MovementKind;

const COLOURS: [&str; 5] = ["var(--chart-1)", "var(--chart-2)", "var(--chart-3)", "var(--chart-4)", "var(--chart-other)"];

/// How amounts are written at an axis: divided by a power of ten, with a letter.
#[derive(Clone, Copy)]
pub struct Scale {
    currency: Currency,
    /// Major units that one unit of the axis stands for.
    unit: i64,
    letter: &'static str,
}

impl Scale {
    /// For amounts up to this one.
    pub fn of(largest_minor: i64, currency: Currency) -> Self {
        let major = largest_minor.abs() / currency.minor_per_major();
        let (unit, letter) = match major {
            5_000_000_000.. => (1_000_000_000, "bn"),
            5_000_000.. => (1_000_000, "m"),
            5_000.. => (1_000, "k"),
            _ => (1, ""),
        };
        Self { currency, unit, letter }
    }

    /// The amount itself, as text: the tooltip says what the table says.
    pub fn plot(self, minor: i64) -> CompositeValue {
        CompositeValue::String(Money::new(minor, self.currency).to_major())
    }
}

/// Room for a legend above, and for half of the last label on the right. A legend that is too long for one row is turned over.
pub fn base() -> Chart {
    let legend = Legend::new().type_(LegendType::Scroll).top(0).left(0);
    Chart::new().grid(Grid::new().left(8).right(32).top(40).bottom(8).contain_label(true)).legend(legend)
}

/// The axis of amounts.
pub fn amounts(scale: Scale) -> Axis {
    let Scale { currency, unit, letter } = scale;
    let words = format!("axis|{}|{unit}|{letter}", currency.sign());
    Axis::new().type_(AxisType::Value).axis_label(AxisLabel::new().formatter(words.as_str())).split_number(4)
}

/// The axis of names.
pub fn points(of: Vec<String>) -> Axis {
    Axis::new().type_(AxisType::Category).data(of)
}

/// One line for each series under the point's name.
pub fn tooltip(scale: Scale) -> Tooltip {
    Tooltip::new().trigger(Trigger::Axis).value_formatter(format!("amount|{}", scale.currency.sign()).as_str())
}

/// MRR by plan, one area upon the other.
pub fn areas(levels: &PlanLevels, currency: Currency) -> String {
    let largest = (0..levels.points.len()).map(|i| levels.plans.iter().map(|(_, l)| l[i]).sum::<i64>()).max().unwrap_or(0);
    let scale = Scale::of(largest, currency);
    let mut chart = base().tooltip(tooltip(scale)).x_axis(points(levels.points.clone()).boundary_gap(false)).y_axis(amounts(scale));
    for (i, (name, values)) in levels.plans.iter().enumerate() {
        let colour = COLOURS[i.min(COLOURS.len() - 1)];
        let values: Vec<CompositeValue> = values.iter().map(|v| scale.plot(*v)).collect();
        let line = Line::new().name(name.as_str()).stack("mrr").data(values).show_symbol(false).item_style(ItemStyle::new().color(colour));
        chart =
            chart.series(line.line_style(LineStyle::new().color(colour).width(1)).area_style(AreaStyle::new().color(colour).opacity(0.85)));
    }
    chart.to_string()
}

fn colour(kind: MovementKind) -> &'static str {
    match kind {
        MovementKind::New => "var(--chart-1)",
        MovementKind::Expansion => "var(--chart-2)",
        MovementKind::Reactivation => "var(--chart-3)",
        MovementKind::Contraction => "var(--warn)",
        MovementKind::Churn => "var(--bad)",
    }
}

/// Movements by month: what was won above the line, what was lost below it.
pub fn movements(months: &[MonthMovements], currency: Currency) -> String {
    let largest = months.iter().map(|m| m.flow.gains().max(m.flow.losses())).max().unwrap_or(0);
    let scale = Scale::of(largest, currency);
    let mut chart = base().tooltip(tooltip(scale)).x_axis(points(months.iter().map(|m| m.month.label()).collect())).y_axis(amounts(scale));
    for kind in MovementKind::ALL {
        let sign = if kind.is_loss() { -1 } else { 1 };
        let values: Vec<CompositeValue> = months.iter().map(|m| scale.plot(sign * m.flow.of(*kind))).collect();
        let bar = Bar::new().name(kind.label()).stack("movements").data(values).item_style(ItemStyle::new().color(colour(*kind)));
        chart = chart.series(bar);
    }
    chart.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_their_axis_is_scaled_and_no_function_is_in_the_option() {
        let levels = PlanLevels::of(vec!["Oct 2026".into()], vec![("Basic".into(), vec![24_781_234])]);
        let option: serde_json::Value = serde_json::from_str(&areas(&levels, Currency::USD)).expect("an option");
        assert_eq!(option["series"][0]["data"], serde_json::json!(["247812.34"]));
        let axis = option["yAxis"].get(0).unwrap_or(&option["yAxis"]);
        assert_eq!(axis["axisLabel"]["formatter"], "axis|$|1000|k");
        assert_eq!(option["tooltip"]["valueFormatter"], "amount|$");
        let scale = |minor| Scale::of(minor, Currency::USD);
        assert_eq!((scale(99_900).letter, scale(-700_000_000).letter), ("", "m"));
    }
}
