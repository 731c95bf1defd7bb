//! `/dashboard`

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::read_overview;
use super::attention;
use super::bridge::Bridge;
use super::model::{Matter, Overview, Span, Standing, TopCustomer, Trend};
use crate::kit::case;
use crate::kit::money::{Currency, Money};
use crate::kit::period::short_day;
use crate::movements::MovementKind;
use crate::revenue::definition::{ARR, CUSTOMER_CHURN, CUSTOMERS, MRR, NET_NEW, TRIALS};
use crate::revenue::widgets::{LevelsTable, kpi, kpi_of, movements_href, percent};
use crate::revenue::{PlanLevels, Ratio};
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Attention, Bone, Callout, Card, Chart, Delta, Empty, Head, Identity, Kpi, KpiCard, LinkButton, Loaded, PageHeader, Resource,
    Segment, Segmented, SimpleTable, icon, use_live,
};

/// See the module.
pub struct DashboardPage;

#[lazy_route]
impl LazyRoute for DashboardPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let span = Memo::new(move |_| Span::read(&map.read().get("span").unwrap_or_default()));
        let overview = Resource::new(move || span.get(), read_overview);
        use_live(&["subscription", "customer", "plan", "import", "job", "revenue", "dunning", "receipt", "billing"], move |_| {
            overview.refetch()
        });
        let segments = Signal::derive(move || {
            let segment = |s: &Span| Segment::new(s.label(), format!("/dashboard?span={s}"), *s == span.get());
            Span::ALL.iter().map(segment).collect::<Vec<_>>()
        });
        view! {
            <PageHeader title="Overview" actions=view! { <Segmented label="Period" segments/> }.into_any()/>
            <Loaded of=overview skeleton=Bone::Kpis(6) let:overview>
                {shown(overview)}
            </Loaded>
        }
        .into_any()
    }
}

fn shown(of: Overview) -> AnyView {
    let period = format!("day_from={}&day_to={}", of.first, of.today);
    let cards = cards(&of, &period).into_iter().map(|of| view! { <KpiCard of/> }).collect_view();
    let matters = of.matters;
    match of.standing {
        Some(standing) => {
            let currency = standing.movements.currency;
            view! {
                <div class="kpis">{cards}</div>
                <div class="split">
                    <ByPlan levels=standing.levels.clone() chart=standing.chart.clone() span=of.span currency/>
                    <Card title="Movements" subtitle=format!("{} to {}", short_day(of.first), short_day(of.today))>
                        <Bridge of=standing.movements period/>
                    </Card>
                </div>
                <div class="split">
                    <Top of=standing.top span=of.span/>
                    <div class="stack">
                        <NeedsAttention of=matters/>
                        <PlanSplit of=standing.levels currency/>
                    </div>
                </div>
            }
            .into_any()
        }
        None => view! {
            <div class="kpis">{cards}</div>
            <div class="stack">
                <Callout title="Figures of revenue are not shown">
                    "Your role does not include \u{201c}See revenue\u{201d}. An owner or admin can change that under Settings."
                </Callout>
                <NeedsAttention of=matters/>
            </div>
        }
        .into_any(),
    }
}

const AGAINST: &str = "vs previous";

fn change(now: i64, before: i64) -> Option<Delta> {
    Ratio::of(now - before, before.abs()).map(|r| Delta::more_is_better(r.percent_size(), r.sign(), AGAINST))
}

fn difference(of: &Trend) -> Delta {
    Delta::more_is_better((of.now - of.before).abs().to_string(), of.now - of.before, AGAINST)
}

fn with(kpi: Kpi, delta: Option<Delta>) -> Kpi {
    match delta {
        Some(delta) => kpi.delta(delta),
        None => kpi.note("nothing to compare with"),
    }
}

fn cards(of: &Overview, period: &str) -> Vec<Kpi> {
    let mut cards = Vec::new();
    if let Some(s) = &of.standing {
        cards.extend(revenue_cards(s, period));
    }
    if let Some(trials) = &of.trials {
        cards.push(kpi(TRIALS, trials.now.to_string()).delta(difference(trials)).spark(trials.points.clone()));
    }
    cards
}

fn revenue_cards(s: &Standing, period: &str) -> Vec<Kpi> {
    let currency = s.movements.currency;
    let short = |minor| Money::new(minor, currency).to_short();
    let all = movements_href(period, None);
    let churned = movements_href(period, Some(MovementKind::Churn));
    let churn = s.churn.zip(s.churn_before).map(|(now, before)| {
        let difference = now.minus(before);
        Delta::less_is_better(difference.points(), difference.sign(), AGAINST)
    });
    let noun = case::lower(use_viewer().customers_title());
    let mut customers = kpi_of(CUSTOMERS, s.customers.now.to_string(), &all);
    customers.label = format!("Paying {noun}");
    vec![
        with(kpi_of(MRR, short(s.mrr.now), &all), change(s.mrr.now, s.mrr.before)).spark(s.mrr.points.clone()),
        with(kpi_of(ARR, short(s.mrr.now.saturating_mul(12)), &all), change(s.mrr.now, s.mrr.before)).spark(s.mrr.points.clone()),
        with(kpi_of(NET_NEW, short(s.net_new.now), &all), change(s.net_new.now, s.net_new.before)).spark(s.net_new.points.clone()),
        customers.delta(difference(&s.customers)).spark(s.customers.points.clone()),
        with(kpi_of(CUSTOMER_CHURN, percent(s.churn), &churned), churn).spark(s.churned.clone()),
    ]
}

/// MRR by plan over the period.
#[component]
fn ByPlan(levels: PlanLevels, chart: String, span: Span, currency: Currency) -> impl IntoView {
    let ends = levels.points.first().zip(levels.points.last()).map(|(a, b)| format!("{a} to {b}, ")).unwrap_or_default();
    let (grain, head) = if span == Span::Year { ("end of month", "Month") } else { ("end of day", "Day") };
    view! {
        <Card title="MRR by plan" subtitle=ends + grain>
            <Chart label="MRR by plan, stacked" option=chart height=272>
                <LevelsTable of=levels currency head/>
            </Chart>
        </Card>
    }
}

/// How today's MRR divides over plans.
#[component]
fn PlanSplit(of: PlanLevels, currency: Currency) -> impl IntoView {
    let levels: Vec<(String, i64)> = of.plans.into_iter().map(|(name, l)| (name, l.last().copied().unwrap_or(0))).collect();
    let whole: i64 = levels.iter().map(|(_, minor)| *minor).sum();
    let rows = levels.into_iter().map(move |(name, minor)| {
        let share = Ratio::of(minor, whole).map_or_else(|| "n/a".into(), Ratio::percent);
        vec![name.into_any(), view! { <Amount of=Money::new(minor, currency)/> }.into_any(), share.into_any()]
    });
    let heads = vec![Head::text("Plan"), Head::number("MRR"), Head::number("Share")];
    view! {
        <Card title="Plans" subtitle="MRR today" flush=true>
            <SimpleTable caption="MRR today by plan" heads rows=rows.collect()/>
        </Card>
    }
}

/// The customers that pay most.
#[component]
fn Top(of: Vec<TopCustomer>, span: Span) -> impl IntoView {
    let viewer = use_viewer();
    let title = format!("Top {}", case::lower(viewer.customers_title()));
    if of.is_empty() {
        return view! {
            <Card title=title>
                <Empty icon=icon::USERS title="Nobody pays yet">
                    <p>"Import your book, or start a first subscription."</p>
                    <LinkButton href="/imports/new" icon=icon::UPLOAD>"Import subscriptions"</LinkButton>
                </Empty>
            </Card>
        }
        .into_any();
    }
    let noun = if viewer.is_platform { "Tenant" } else { "Customer" };
    let heads = vec![Head::text(noun), Head::text("Plan"), Head::number("MRR"), Head::number(span.label())];
    let rows = of.into_iter().map(|c| {
        let (mrr, before) = (c.mrr, c.before);
        let link = view! {
            <a href=format!("/customers/{}", c.id)>
                <Identity name=c.name detail=""/>
            </a>
        };
        vec![link.into_any(), c.plan.into_any(), view! { <Amount of=mrr/> }.into_any(), over_period(mrr, before)]
    });
    view! {
        <Card title=title flush=true>
            <SimpleTable caption="Customers with the largest MRR" heads rows=rows.collect()/>
        </Card>
    }
    .into_any()
}

/// `↑ 4.1%`, `new`.
fn over_period(now: Money, before: Money) -> AnyView {
    let Some(ratio) = Ratio::of(now.minor() - before.minor(), before.minor()) else { return "new".into_any() };
    let (arrow, tone) = match ratio.sign() {
        1 => ("\u{2191} ", "good"),
        -1 => ("\u{2193} ", "bad"),
        _ => ("", ""),
    };
    view! { <span class="over-period" data-tone=tone>{arrow}{ratio.percent_size()}</span> }.into_any()
}

/// What needs someone.
#[component]
fn NeedsAttention(of: Vec<Matter>) -> impl IntoView {
    let items = of.into_iter().map(attention::item).collect();
    view! {
        <Card title="Needs attention">
            <Attention of=items>
                <p class="muted">"Nothing does. Overdue invoices, receipts to review, trials about to end, losses and failed jobs appear here."</p>
            </Attention>
        </Card>
    }
}
