//! `/revenue/cohorts`: of those that first paid in a month, how many still pay, and how much.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::cohort_report;
use super::definition::RETENTION;
use super::model::Cohort;
use super::ratio::Ratio;
use super::widgets::{RevenueTabs, definition};
use crate::ui::{Bone, Card, Crumb, Empty, Explain, Head, Loaded, PageHeader, Resource, Segment, Segmented, SimpleTable, icon, use_live};

/// Span, and `mrr` for shares of MRR instead of customers.
type Asked = (String, String);

/// See the module.
pub struct CohortsPage;

#[lazy_route]
impl LazyRoute for CohortsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| (map.read().get("span").unwrap_or_default(), map.read().get("of").unwrap_or_default()));
        let cohorts = Resource::new(move || asked.get().0, cohort_report);
        use_live(&["import", "revenue"], move |_| cohorts.refetch());
        view! {
            <PageHeader
                title="Cohorts"
                crumbs=vec![Crumb::new("Revenue", "/revenue")]
                subtitle="What became of those that first paid in a month"
                actions=view! { <Choices asked/> }.into_any()
            />
            <RevenueTabs/>
            <Loaded of=cohorts skeleton=Bone::Table(12) let:cohorts>
                {move || table(&cohorts, asked.get().1 == "mrr")}
            </Loaded>
        }
        .into_any()
    }
}

fn href(span: &str, of: &str) -> String {
    let pairs: Vec<String> = [("span", span), ("of", of)].iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}={v}")).collect();
    if pairs.is_empty() { "/revenue/cohorts".into() } else { format!("/revenue/cohorts?{}", pairs.join("&")) }
}

#[component]
fn Choices(asked: Memo<Asked>) -> impl IntoView {
    let shares = Signal::derive(move || {
        let (span, of) = asked.get();
        [("Customers", ""), ("MRR", "mrr")].map(|(label, value)| Segment::new(label, href(&span, value), of == value)).to_vec()
    });
    let spans = Signal::derive(move || {
        let (span, of) = asked.get();
        [("12 months", ""), ("24 months", "24"), ("All", "all")]
            .map(|(label, value)| Segment::new(label, href(value, &of), span == value))
            .to_vec()
    });
    view! {
        <Segmented label="Share of" segments=shares/>
        <Segmented label="Months shown" segments=spans/>
    }
}

fn table(cohorts: &[Cohort], of_mrr: bool) -> AnyView {
    if cohorts.is_empty() {
        return view! {
            <Empty icon=icon::LAYERS title="No cohorts yet">
                <p>"A cohort begins with the first customer that pays. Import your book or start a subscription."</p>
            </Empty>
        }
        .into_any();
    }
    let months = cohorts.iter().map(|c| c.since.len()).max().unwrap_or(0);
    let heads = [Head::text("First paid"), Head::number("Customers")].into_iter();
    let heads = heads.chain((0..months).map(|n| Head::number(if n == 0 { "Month 0".to_owned() } else { n.to_string() }))).collect();
    let rows = cohorts.iter().rev().map(|c| row(c, months, of_mrr)).collect();
    view! {
        <Card title="Retention by cohort" actions=view! { <Explain label="How it is counted" of=definition(RETENTION)/> }.into_any()>
            <div class="cohorts">
                <SimpleTable caption="Retention by cohort and months since the first payment" heads rows/>
            </div>
        </Card>
    }
    .into_any()
}

fn row(cohort: &Cohort, months: usize, of_mrr: bool) -> Vec<AnyView> {
    let whole = if of_mrr { cohort.mrr_minor } else { cohort.customers };
    let mut cells = vec![cohort.month.label().into_any(), cohort.customers.to_string().into_any()];
    for n in 0..months {
        cells.push(match cohort.since.get(n) {
            Some((customers, minor)) => share(Ratio::of(if of_mrr { *minor } else { *customers }, whole)),
            None => ().into_any(),
        });
    }
    cells
}

/// A share, shaded by its size; the number says the same.
fn share(ratio: Option<Ratio>) -> AnyView {
    let Some(ratio) = ratio else { return "n/a".into_any() };
    let percent = ratio.whole_percent();
    let shade = format!("--share: {}%", percent.clamp(0, 100) * 6 / 10);
    view! { <span class="share" style=shade>{format!("{percent}%")}</span> }.into_any()
}
