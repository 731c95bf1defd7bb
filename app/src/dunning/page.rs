//! `/dunning`: who is where and why, the money at risk and what came back.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_dunning_cases, read_dunning_summary};
use super::model::{CaseStatus, Stage, Summary};
use super::table::{listing, stage};
use crate::kit::money::group;
use crate::kit::paging::ListQuery;
use crate::kit::readable::count;
use crate::ui::{
    Amount, Bone, Card, DataTable, Definition, Empty, Filter, FilterBar, Head, Kpi, KpiCard, LinkButton, Loaded, PageHeader, Resource,
    Segment, Segmented, SimpleTable, icon, use_list_query, use_live,
};

/// See the module.
pub struct DunningPage;

#[lazy_route]
impl LazyRoute for DunningPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_dunning_cases);
        let currency = Memo::new(move |_| query.read().filter_one("currency").unwrap_or_default().to_owned());
        let summary = Resource::new(move || currency.get(), read_dunning_summary);
        use_live(&["dunning", "payment", "invoice"], move |_| {
            page.refetch();
            summary.refetch();
        });
        let policies = view! { <LinkButton href="/dunning/policies" icon=icon::SETTINGS>"Policies"</LinkButton> };
        view! {
            <PageHeader title="Dunning" subtitle="Invoices that are not paid in time" actions=policies.into_any()/>
            <Loaded of=summary skeleton=Bone::Kpis(4) let:summary>
                {figures(summary, query.get_untracked())}
            </Loaded>
            <FilterBar query search="Customer, invoice number" columns=listing(true).choices() export="/dunning/export.csv" filters=chips()/>
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing(true) page query=query.get_untracked()>
                    <Empty icon=icon::CIRCLE_CHECK title="Nobody is here">
                        <p>"An invoice that is not paid when it is due appears the day after."</p>
                        <LinkButton href="/dunning">"Clear all filters"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

fn figures(of: Summary, query: ListQuery) -> AnyView {
    let currencies = (of.currencies.len() > 1).then(|| {
        let segment = |c: &crate::kit::money::Currency| {
            let href = format!("/dunning{}", query.without("currency").toggled("currency", c.code()).to_url_query());
            Segment::new(c.code().to_owned(), href, *c == of.currency)
        };
        let segments: Vec<Segment> = of.currencies.iter().map(segment).collect();
        view! { <Segmented label="Currency" segments/> }
    });
    let stages = stages(&of, &query);
    view! {
        {currencies}
        <div class="kpis">{cards(&of)}</div>
        {stages}
    }
    .into_any()
}

fn cards(of: &Summary) -> AnyView {
    let rate = of.recovery_ppm.map_or_else(|| "n/a".to_owned(), |ppm| format!("{}.{}%", ppm / 10_000, ppm / 1_000 % 10));
    let cards = [
        Kpi::new("Money at risk", of.at_risk.to_short())
            .note(count(of.cases, "case"))
            .definition(Definition::new("What the invoices of cases that are not over still want.", "Σ still to pay")),
        Kpi::new("Promised", of.promised.to_short()).note(format!("{} paused", group(&of.paused.to_string()))).definition(
            Definition::new("Of that, what customers promised to pay by a day that has not passed.", "Σ still to pay, with a promise")
                .link("Show promises", "/dunning?waits=promise"),
        ),
        Kpi::new("Recovered in 90 days", of.recovered.to_short()).definition(
            Definition::new(
                "What came of invoices after their cases were opened: of cases that ended in the last 90 days, and of those under way.",
                "Σ (wanted when opened − still to pay − credited)",
            )
            .link("Show recovered cases", "/dunning?status=recovered"),
        ),
        Kpi::new("Recovery rate", rate).note(format!("{} lost", of.lost.to_short())).definition(
            Definition::new(
                "Of cases that were recovered or lost in the last 90 days, by amount. Cases that were closed by hand, credited or taken back do not count.",
                "recovered / (recovered + lost)",
            )
            .link("Show lost cases", "/dunning?status=lost"),
        ),
    ];
    cards.into_iter().map(|of| view! { <KpiCard of/> }).collect_view().into_any()
}

fn stages(of: &Summary, query: &ListQuery) -> AnyView {
    if of.stages.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("Stage"), Head::number("Cases"), Head::number("Money at risk")];
    let row = |sum: &super::model::StageSum| {
        let href = format!("/dunning{}", query.without("stage").toggled("stage", sum.stage.word()).to_url_query());
        vec![
            view! { <a class="link" href=href>{stage(sum.stage)}</a> }.into_any(),
            group(&sum.cases.to_string()).into_any(),
            view! { <Amount of=sum.due/> }.into_any(),
        ]
    };
    let rows = of.stages.iter().map(row).collect();
    view! {
        <Card title="By stage" subtitle="The last step that was taken" flush=true>
            <SimpleTable caption="Cases by stage" heads rows/>
        </Card>
    }
    .into_any()
}

fn chips() -> Vec<Filter> {
    let words = |s: &CaseStatus| (s.word(), s.label());
    vec![
        Filter::choice("status", "Status", CaseStatus::ALL.iter().map(words)),
        Filter::choice("stage", "Stage", Stage::ALL.iter().filter(|s| **s != Stage::Sms).map(|s| (s.word(), s.label()))),
        Filter::choice(
            "waits",
            "Waits for",
            [("promise", "A promise"), ("method", "Another payment method"), ("nothing", "Nothing: every step was taken")],
        ),
    ]
}
