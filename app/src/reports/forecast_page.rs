//! `/revenue/forecast`: trends, what is foreseen, and how what was foreseen compares with what came.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::read_forecast;
use super::forecast::{Coming, Forecast, MethodTrend, Past, rate_label};
use crate::kit::money::Money;
use crate::kit::period::Month;
use crate::movements::MovementKind;
use crate::revenue::widgets::RevenueTabs;
use crate::ui::{
    Amount, Bone, Callout, Card, Chart, Definition, Explain, Head, Kpi, KpiCard, Loaded, PageHeader, Resource, SimpleTable, Tone, use_live,
};

/// See the module.
pub struct ForecastPage;

#[lazy_route]
impl LazyRoute for ForecastPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let forecast = Resource::new(|| (), |()| read_forecast());
        use_live(&["subscription", "invoice", "payment", "revenue"], move |_| forecast.refetch());
        view! {
            <PageHeader title="Forecast"/>
            <RevenueTabs/>
            <Loaded of=forecast skeleton=Bone::Kpis(4) let:of>
                <div class="stack">{body(of)}</div>
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: Forecast) -> AnyView {
    let short = of.coming.is_empty().then(|| {
        view! {
            <Callout tone=Tone::Info title="Not enough to go by">
                "A forecast takes the rates of three whole months that began with MRR. Until then only what was is shown."
            </Callout>
        }
    });
    let (cards, mrr, revenue) = (cards(&of), mrr_rows(&of), revenue_rows(&of));
    let heads = |last: [&'static str; 3]| std::iter::once(Head::text("Month")).chain(last.map(Head::number)).collect::<Vec<_>>();
    view! {
        {short}
        <div class="kpis">{cards}</div>
        <Card title="MRR and its forecast" subtitle="Solid: what was. Dashed: what is foreseen, between the lowest and the highest month of the last three">
            <Chart label="MRR of the last months and its forecast" option=of.mrr_chart height=300>
                <SimpleTable caption="MRR and its forecast" heads=heads(["MRR", "Lowest", "Highest"]) rows=mrr/>
            </Chart>
        </Card>
        <Card title="Revenue: actual against projected" subtitle="Projected is what the three months before had promised, and scheduled one-offs">
            <Chart label="Revenue of the last months against what was projected" option=of.revenue_chart height=300>
                <SimpleTable caption="Revenue against what was projected" heads=heads(["Revenue", "Projected", "Difference"]) rows=revenue/>
            </Chart>
        </Card>
        {methods(of.method_months, of.methods)}
    }
    .into_any()
}

fn cards(of: &Forecast) -> AnyView {
    let text = "The last MRR rolled forward with the mean of each movement's rate in the three whole months before this one; \
                the band takes the lowest and the highest net rate of them.";
    let mut cards = Vec::new();
    if let Some(next) = of.coming.first() {
        cards.push(Kpi::new("MRR next month", next.mrr.to_short()).definition(Definition::new(text, "MRR × (1 + Σ mean rates)")));
        cards.push(
            Kpi::new("Revenue next month", next.revenue().to_short()).note(format!("{} of one-offs", next.one_offs.to_short())).definition(
                Definition::new(
                    "The MRR foreseen, and what drafts of that month charge once, without tax.",
                    "MRR forecast + scheduled one-offs",
                ),
            ),
        );
    }
    if let Some(last) = of.coming.last() {
        let range = format!("{} to {}", last.low.to_short(), last.high.to_short());
        cards.push(
            Kpi::new(format!("MRR in {}", last.month.label()), last.mrr.to_short()).note(range).definition(Definition::new(text, "")),
        );
    }
    if let Some((_, churn)) = of.rates.iter().find(|(kind, _)| *kind == MovementKind::Churn) {
        let definition = Definition::new("Mean of the last three whole months.", "churned MRR / MRR at the start")
            .link("Show the movements", "/revenue/movements");
        cards.push(Kpi::new("Churn a month", rate_label(*churn)).definition(definition));
    }
    cards.into_iter().map(|of| view! { <KpiCard of/> }).collect_view().into_any()
}

fn amount(of: Money) -> AnyView {
    view! { <Amount of/> }.into_any()
}

fn blank() -> AnyView {
    "\u{2013}".into_any()
}

fn mrr_rows(of: &Forecast) -> Vec<Vec<AnyView>> {
    let was = |p: &Past| vec![p.month.label().into_any(), amount(p.mrr), blank(), blank()];
    let coming = |c: &Coming| vec![(c.month.label() + " (forecast)").into_any(), amount(c.mrr), amount(c.low), amount(c.high)];
    of.past.iter().map(was).chain(of.coming.iter().map(coming)).collect()
}

fn revenue_rows(of: &Forecast) -> Vec<Vec<AnyView>> {
    let was = |p: &Past| {
        let difference = p.projected.and_then(|projected| p.revenue.minus(projected).ok());
        let difference = difference.map_or_else(blank, |of| view! { <Amount of signed=true/> }.into_any());
        vec![p.month.label().into_any(), amount(p.revenue), p.projected.map_or_else(blank, amount), difference]
    };
    let coming = |c: &Coming| vec![(c.month.label() + " (forecast)").into_any(), blank(), amount(c.revenue()), blank()];
    of.past.iter().map(was).chain(of.coming.iter().map(coming)).collect()
}

fn methods(months: Vec<Month>, of: Vec<MethodTrend>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let mut heads = vec![Head::text("Method")];
    heads.extend(months.iter().map(|month| Head::number(month.label())));
    heads.extend([Head::number("Share"), Head::number("Projected next month")]);
    let row = |trend: MethodTrend| {
        let mut cells = vec![trend.method.into_any()];
        cells.extend(trend.received.into_iter().map(amount));
        cells.push((crate::invoices::sheet::tenths(trend.share) + "%").into_any());
        cells.push(amount(trend.projected));
        cells
    };
    let rows = of.into_iter().map(row).collect();
    let definition = Definition::new(
        "Share: of what came in the three whole months before this one, in percent. Projected: that share of the revenue foreseen, without tax.",
        "received by the method / received",
    );
    view! {
        <Card
            title="By payment method"
            subtitle="What came, and what is foreseen to"
            flush=true
            actions=view! { <Explain label="How it is projected" of=definition/> }.into_any()
        >
            <SimpleTable caption="Payments by method" heads rows/>
        </Card>
    }
    .into_any()
}
