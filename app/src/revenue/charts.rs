//! Charts as options for echarts, without a function in them: the amounts are scaled here (`240k`), the colours are
//! names of tokens, which the browser resolves for the theme it shows.

use charming::Chart;
use charming::component::{Axis, Grid, Legend};
use charming::datatype::CompositeValue;
use charming::element::{AreaStyle, AxisLabel, AxisType, ItemStyle, LineStyle, Tooltip, Trigger};
use charming::series::{Bar, Line};

use super::model::{MonthMovements, PlanLevels};
use crate::kit::money::{Currency, divide_half_away};
use crate::movements::MovementKind;

const COLOURS: [&str; 5] = ["var(--chart-1)", "var(--chart-2)", "var(--chart-3)", "var(--chart-4)", "var(--chart-other)"];

/// How large amounts are written in a chart: divided by a power of ten, with a letter.
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

    /// A decimal number of units, to hundredths.
    pub fn plot(self, minor: i64) -> CompositeValue {
        CompositeValue::String(self.decimal(minor, 100))
    }

    /// To one in `parts`.
    fn decimal(self, minor: i64, parts: i64) -> String {
        let whole = i128::from(self.unit) * i128::from(self.currency.minor_per_major());
        let scaled = divide_half_away(i128::from(minor) * i128::from(parts), whole).unwrap_or(0);
        let (size, digits) = (scaled.unsigned_abs(), parts.ilog10() as usize);
        let sign = if scaled < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:0digits$}", size / parts.unsigned_abs() as u128, size % parts.unsigned_abs() as u128);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// What the axis and the tooltip say of a plotted number: `$240k`.
    fn words(self, number: &str) -> String {
        format!("{}{number}{}", self.currency.sign(), self.letter)
    }
}

/// Room for a legend above, and for half of the last label on the right.
pub fn base() -> Chart {
    Chart::new().grid(Grid::new().left(8).right(32).top(40).bottom(8).contain_label(true)).legend(Legend::new().top(0).left(0))
}

/// The axis of amounts.
pub fn amounts(scale: Scale) -> Axis {
    Axis::new().type_(AxisType::Value).axis_label(AxisLabel::new().formatter(scale.words("{value}").as_str())).split_number(4)
}

/// The axis of names.
pub fn points(of: Vec<String>) -> Axis {
    Axis::new().type_(AxisType::Category).data(of)
}

/// One line for each series under the point's name.
pub fn tooltip(names: usize, scale: Scale) -> Tooltip {
    let lines: Vec<String> = (0..names).map(|i| format!("{{a{i}}}: <b>{}</b>", scale.words(&format!("{{c{i}}}")))).collect();
    Tooltip::new().trigger(Trigger::Axis).formatter(format!("{{b0}}<br/>{}", lines.join("<br/>")).as_str())
}

/// MRR by plan, one area upon the other.
pub fn areas(levels: &PlanLevels, currency: Currency) -> String {
    let largest = (0..levels.points.len()).map(|i| levels.plans.iter().map(|(_, l)| l[i]).sum::<i64>()).max().unwrap_or(0);
    let scale = Scale::of(largest, currency);
    let mut chart =
        base().tooltip(tooltip(levels.plans.len(), scale)).x_axis(points(levels.points.clone()).boundary_gap(false)).y_axis(amounts(scale));
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
    let mut chart = base()
        .tooltip(tooltip(MovementKind::ALL.len(), scale))
        .x_axis(points(months.iter().map(|m| m.month.label()).collect()))
        .y_axis(amounts(scale));
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
    fn amounts_are_scaled_and_no_function_is_in_the_option() {
        let levels = PlanLevels::of(vec!["Oct 2026".into()], vec![("Basic".into(), vec![24_781_234])]);
        let option: serde_json::Value = serde_json::from_str(&areas(&levels, Currency::USD)).expect("an option");
        assert_eq!(option["series"][0]["data"], serde_json::json!(["247.81"]));
        let axis = option["yAxis"].get(0).unwrap_or(&option["yAxis"]);
        assert_eq!(axis["axisLabel"]["formatter"], "${value}k");
        assert_eq!(option["tooltip"]["formatter"], "{b0}<br/>{a0}: <b>${c0}k</b>");
        let scale = |minor| Scale::of(minor, Currency::USD);
        assert_eq!((scale(99_900).decimal(99_900, 100), scale(99_900).words("{value}")), ("999".into(), "${value}".into()));
        assert_eq!((scale(700_000_000).decimal(-734_000_000, 100), scale(700_000_000).letter), ("-7.34".into(), "m"));
    }
}
