//! Charts of the forecast: what was as a line or bars, what is foreseen dashed or pale, never as if it had happened.

use charming::datatype::CompositeValue;
use charming::element::{AreaStyle, ItemStyle, LineStyle, LineStyleType};
use charming::series::{Bar, Line};

use super::forecast::{Coming, Past};
use crate::kit::money::{Currency, Money};
use crate::revenue::charts::{Scale, amounts, base, points, tooltip};

fn labels(past: &[Past], coming: &[Coming]) -> Vec<String> {
    past.iter().map(|p| p.month.label()).chain(coming.iter().map(|c| c.month.label())).collect()
}

fn largest(past: &[Past], coming: &[Coming]) -> i64 {
    let was = past.iter().flat_map(|p| [p.mrr.minor(), p.revenue.minor()]);
    was.chain(coming.iter().flat_map(|c| [c.high.minor(), c.revenue().minor()])).max().unwrap_or(0)
}

/// What echarts takes for "no point here".
fn none() -> CompositeValue {
    CompositeValue::String("-".to_owned())
}

/// MRR: the months that were, then the forecast, dashed, in its band.
pub fn mrr(past: &[Past], coming: &[Coming], currency: Currency) -> String {
    let scale = Scale::of(largest(past, coming), currency);
    let plot = |money: Money| scale.plot(money.minor());
    // A dashed line begins where the other ends, so that they meet.
    let ahead = |of: fn(&Coming) -> Money| -> Vec<CompositeValue> {
        let before = past.iter().enumerate().map(|(at, p)| if at + 1 == past.len() { plot(p.mrr) } else { none() });
        before.chain(coming.iter().map(|c| plot(of(c)))).collect()
    };
    let was: Vec<CompositeValue> = past.iter().map(|p| plot(p.mrr)).chain(coming.iter().map(|_| none())).collect();
    let line = |name: &str, data: Vec<CompositeValue>, colour: &str, kind: LineStyleType| {
        Line::new()
            .name(name)
            .data(data)
            .show_symbol(false)
            .item_style(ItemStyle::new().color(colour))
            .line_style(LineStyle::new().color(colour).width(2).type_(kind))
    };
    let chart = base()
        .tooltip(tooltip(scale))
        .x_axis(points(labels(past, coming)).boundary_gap(false))
        .y_axis(amounts(scale))
        .series(line("MRR", was, "var(--chart-1)", LineStyleType::Solid).area_style(AreaStyle::new().color("var(--chart-1)").opacity(0.12)))
        .series(line("Forecast", ahead(|c| c.mrr), "var(--chart-2)", LineStyleType::Dashed))
        .series(line("Lowest", ahead(|c| c.low), "var(--chart-other)", LineStyleType::Dotted))
        .series(line("Highest", ahead(|c| c.high), "var(--chart-other)", LineStyleType::Dotted));
    chart.to_string()
}

/// Revenue as bars: what was posted, beside what had been foreseen; what is foreseen now, pale.
pub fn revenue(past: &[Past], coming: &[Coming], currency: Currency) -> String {
    let scale = Scale::of(largest(past, coming), currency);
    let plot = |money: Money| scale.plot(money.minor());
    let was: Vec<CompositeValue> = past.iter().map(|p| plot(p.revenue)).chain(coming.iter().map(|_| none())).collect();
    let foreseen = past.iter().map(|p| p.projected.map_or_else(none, plot)).chain(coming.iter().map(|c| plot(c.revenue())));
    let bar = |name: &str, data: Vec<CompositeValue>, style: ItemStyle| Bar::new().name(name).data(data).item_style(style);
    let chart = base()
        .tooltip(tooltip(scale))
        .x_axis(points(labels(past, coming)))
        .y_axis(amounts(scale))
        .series(bar("Revenue", was, ItemStyle::new().color("var(--chart-1)")))
        .series(bar("Projected", foreseen.collect(), ItemStyle::new().color("var(--chart-2)").opacity(0.45)));
    chart.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_and_what_is_foreseen_are_series_of_their_own() {
        let usd = |minor| Money::new(minor, Currency::USD);
        let past = [Past { month: "2026-01".parse().expect("a month"), mrr: usd(1_000), projected: None, revenue: usd(900) }];
        let month = "2026-02".parse().expect("a month");
        let coming = [Coming { month, mrr: usd(1_100), low: usd(1_000), high: usd(1_200), one_offs: usd(50) }];
        let chart: serde_json::Value = serde_json::from_str(&mrr(&past, &coming, Currency::USD)).expect("an option");
        assert_eq!(chart["series"][0]["data"], serde_json::json!(["10.00", "-"]));
        assert_eq!(chart["series"][1]["data"], serde_json::json!(["10.00", "11.00"]));
        assert_eq!(chart["series"][1]["lineStyle"]["type"], "dashed");
        let chart: serde_json::Value = serde_json::from_str(&revenue(&past, &coming, Currency::USD)).expect("an option");
        assert_eq!(chart["series"][1]["data"], serde_json::json!(["-", "11.50"]));
    }
}
