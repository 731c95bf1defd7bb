//! `/revenue`: the months side by side, and one of them in detail.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::revenue_report;
use super::definition::{
    ARPA, ARR, COMMITTED, CUSTOMER_CHURN, CUSTOMERS, GROSS_CHURN, GRR, LTV, MRR, NET_CHURN, NET_NEW, NRR, QUICK_RATIO,
};
use super::model::{Metrics, MonthMovements, PlanMonth, Report};
use super::widgets::{LevelsTable, RevenueTabs, amount, kpi, kpi_of, moved, movements_href, percent, quick_ratio};
use crate::kit::money::{Currency, Money};
use crate::movements::MovementKind;
use crate::revenue::Ratio;
use crate::ui::{
    Amount, Bone, Card, Chart, Delta, Head, Kpi, KpiCard, LinkButton, Loaded, PageHeader, Resource, Segment, Segmented, SimpleTable, icon,
    use_live,
};

/// Span and month as the URL says them.
type Asked = (String, String);

/// See the module.
pub struct RevenuePage;

#[lazy_route]
impl LazyRoute for RevenuePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| (map.read().get("span").unwrap_or_default(), map.read().get("month").unwrap_or_default()));
        let report = Resource::new(move || asked.get(), |(span, month)| revenue_report(span, month));
        use_live(&["subscription", "customer", "import", "revenue"], move |_| report.refetch());
        view! {
            <PageHeader title="Revenue" actions=view! { <Spans asked/> }.into_any()/>
            <RevenueTabs/>
            <Loaded of=report skeleton=Bone::Kpis(12) let:report>
                <div class="stack">
                    <Detail report=report.clone()/>
                    <Levels report=report.clone()/>
                    <Months report=report.clone() asked=asked.get_untracked()/>
                    <div class="split">
                        <ByPlan of=report.plans.clone()/>
                        <ByCurrency of=report.plans/>
                    </div>
                </div>
            </Loaded>
        }
        .into_any()
    }
}

fn href((span, month): &Asked) -> String {
    let pairs: Vec<String> =
        [("span", span), ("month", month)].iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}={v}")).collect();
    if pairs.is_empty() { "/revenue".into() } else { format!("/revenue?{}", pairs.join("&")) }
}

/// How many months are shown.
#[component]
fn Spans(asked: Memo<Asked>) -> impl IntoView {
    let segments = Signal::derive(move || {
        let (span, month) = asked.get();
        let choices = [("12 months", ""), ("24 months", "24"), ("36 months", "36"), ("All", "all")];
        choices.map(|(label, value)| Segment::new(label, href(&(value.to_owned(), month.clone())), span == value)).to_vec()
    });
    view! { <Segmented label="Months shown" segments/> }
}

/// The cards of one month.
#[component]
fn Detail(report: Report) -> impl IntoView {
    let cards = cards(&report.metrics, report.committed);
    let cards: Vec<_> = cards.into_iter().map(|of| view! { <KpiCard of/> }).collect();
    view! {
        <section>
            <h2 class="section-title">{report.metrics.movements.month.label()}</h2>
            <div class="kpis">{cards}</div>
        </section>
    }
}

fn growth(ratio: Option<Ratio>, against: &str) -> Option<Delta> {
    ratio.map(|r| Delta::more_is_better(r.percent_size(), r.sign(), against))
}

fn cards(m: &Metrics, committed: Money) -> Vec<Kpi> {
    let moved = |kind| movements_href(&format!("month={}", m.movements.month), kind);
    let with = |kpi: Kpi, delta: Option<Delta>| delta.map_or(kpi.clone(), |delta| kpi.delta(delta));
    vec![
        with(kpi_of(MRR, m.movements.end().to_string(), &moved(None)), growth(m.growth, "vs start")),
        with(kpi_of(ARR, m.arr.to_string(), &moved(None)), growth(m.year_on_year, "vs a year before")),
        kpi(COMMITTED, committed.to_string()).note("as of today"),
        kpi_of(NET_NEW, m.movements.net().to_signed(), &moved(None)),
        kpi_of(CUSTOMERS, m.movements.end_customers().to_string(), &moved(None)),
        kpi_of(CUSTOMER_CHURN, percent(m.customer_churn), &moved(Some(MovementKind::Churn))),
        kpi_of(GROSS_CHURN, percent(m.gross_churn), &moved(Some(MovementKind::Churn))),
        kpi_of(NET_CHURN, percent(m.net_churn), &moved(None)),
        kpi_of(NRR, percent(m.nrr), &moved(None)),
        kpi_of(GRR, percent(m.grr), &moved(None)),
        kpi_of(QUICK_RATIO, quick_ratio(m.quick_ratio), &moved(None)),
        kpi(ARPA, amount(m.arpa)),
        kpi_of(LTV, amount(m.ltv), &moved(Some(MovementKind::Churn))),
    ]
}

/// MRR by plan over the months.
#[component]
fn Levels(report: Report) -> impl IntoView {
    let currency = report.committed.currency();
    view! {
        <Card title="MRR by plan" subtitle="End of month, of today in the month that is not over">
            <Chart label="MRR by plan, stacked" option=report.charts.levels height=300>
                <LevelsTable of=report.levels currency head="Month"/>
            </Chart>
        </Card>
    }
}

/// Movements of each month, as bars and as a table whose cells lead to the customers behind them.
#[component]
fn Months(report: Report, asked: Asked) -> impl IntoView {
    let range =
        report.months.first().zip(report.months.last()).map(|(a, b)| format!("?from={}&to={}", a.month, b.month)).unwrap_or_default();
    let actions = view! {
        <LinkButton href=format!("/revenue/movements-by-month.csv{range}") icon=icon::DOWNLOAD download=true>"Movements"</LinkButton>
        <LinkButton href=format!("/revenue/metrics.csv{range}") icon=icon::DOWNLOAD download=true>"Metrics"</LinkButton>
    };
    let rows = report.months.iter().rev().map(|m| month_row(m, &asked.0)).collect();
    view! {
        <Card title="Movements by month" subtitle="An amount leads to the customers behind it" actions=actions.into_any()>
            <Chart label="Movements by month: gains above the line, losses below" option=report.charts.movements height=260>
                <p class="muted">"The figures are in the table below."</p>
            </Chart>
            <SimpleTable caption="Movements by month" heads=month_heads() rows/>
        </Card>
    }
}

fn month_heads() -> Vec<Head> {
    let kinds = MovementKind::ALL.iter().map(|kind| Head::number(kind.label()));
    let start = [Head::text("Month"), Head::number("MRR start")].into_iter();
    start.chain(kinds).chain(["MRR end", "Paying customers"].map(Head::number)).collect()
}

fn month_row(m: &MonthMovements, span: &str) -> Vec<AnyView> {
    let period = format!("month={}", m.month);
    let detail = href(&(span.to_owned(), m.month.to_string()));
    let name = view! { <a class="link" href=detail>{m.month.label()}</a> }.into_any();
    let kinds = MovementKind::ALL.iter().map(|kind| moved(m.amount(*kind), movements_href(&period, Some(*kind))));
    let start = [name, view! { <Amount of=m.start()/> }.into_any()].into_iter();
    let end = [view! { <Amount of=m.end()/> }.into_any(), m.end_customers().to_string().into_any()];
    start.chain(kinds).chain(end).collect()
}

fn share(part: Money, whole: i64) -> String {
    Ratio::of(part.minor(), whole).map_or_else(|| "n/a".into(), Ratio::percent)
}

/// The month in detail, plan by plan.
#[component]
fn ByPlan(of: Vec<PlanMonth>) -> impl IntoView {
    let whole = of.iter().map(|p| p.movements.end().minor()).sum();
    let heads = vec![Head::text("Plan"), Head::number("MRR"), Head::number("Share"), Head::number("Change"), Head::number("Customers")];
    let rows = of.into_iter().map(move |p| {
        let link = view! { <a class="link" href=format!("/plans/{}", p.plan.id)>{p.plan.name}</a> };
        let (end, net) = (p.movements.end(), p.movements.net());
        vec![
            link.into_any(),
            view! { <Amount of=end/> }.into_any(),
            share(end, whole).into_any(),
            view! { <Amount of=net signed=true/> }.into_any(),
            p.customers.to_string().into_any(),
        ]
    });
    view! {
        <Card title="By plan" subtitle="MRR at the end of the month">
            <SimpleTable caption="MRR by plan at the end of the month" heads rows=rows.collect()/>
        </Card>
    }
}

/// The month in detail by the currency that customers are billed in.
#[component]
fn ByCurrency(of: Vec<PlanMonth>) -> impl IntoView {
    let mut sums: Vec<(Currency, Money)> = Vec::new();
    for plan in of {
        let end = plan.movements.end();
        match sums.iter_mut().find(|(currency, _)| *currency == plan.plan.currency) {
            Some((_, sum)) => *sum = Money::new(sum.minor() + end.minor(), end.currency()),
            None => sums.push((plan.plan.currency, end)),
        }
    }
    sums.sort_by_key(|(_, sum)| -sum.minor());
    let whole = sums.iter().map(|(_, sum)| sum.minor()).sum();
    let heads = vec![Head::text("Billed in"), Head::number("MRR"), Head::number("Share")];
    let rows = sums.into_iter().map(move |(currency, sum)| {
        vec![currency.to_string().into_any(), view! { <Amount of=sum/> }.into_any(), share(sum, whole).into_any()]
    });
    view! {
        <Card title="By currency" subtitle="In your currency, at each subscription\u{2019}s own rate">
            <SimpleTable caption="MRR by the currency billed" heads rows=rows.collect()/>
        </Card>
    }
}
