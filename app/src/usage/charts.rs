//! The chart of a period's days, as an option for echarts.

use charming::Chart;
use charming::component::{Axis, Grid, Legend, LegendType};
use charming::datatype::CompositeValue;
use charming::element::{AxisType, ItemStyle, Tooltip, Trigger};
use charming::series::Bar;

use super::model::{DayUse, MeterUse};
use crate::kit::period::short_day;

const COLOURS: [&str; 5] = ["var(--chart-1)", "var(--chart-2)", "var(--chart-3)", "var(--chart-4)", "var(--chart-other)"];

/// What was used each day, a bar for each meter.
pub fn days(meters: &[MeterUse], days: &[DayUse]) -> String {
    let names: Vec<String> = days.iter().map(|d| short_day(d.day)).collect();
    let mut chart = Chart::new()
        .grid(Grid::new().left(8).right(24).top(40).bottom(8).contain_label(true))
        .legend(Legend::new().type_(LegendType::Scroll).top(0).left(0))
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        .x_axis(Axis::new().type_(AxisType::Category).data(names))
        .y_axis(Axis::new().type_(AxisType::Value).split_number(4));
    for (at, meter) in meters.iter().enumerate() {
        let values: Vec<CompositeValue> = days.iter().map(|d| CompositeValue::String(d.quantities[at].to_string())).collect();
        let name = format!("{} ({})", meter.name, meter.unit);
        let colour = COLOURS[at.min(COLOURS.len() - 1)];
        chart = chart.series(Bar::new().name(name.as_str()).data(values).item_style(ItemStyle::new().color(colour)));
    }
    chart.to_string()
}
