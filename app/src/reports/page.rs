//! `/reports?report=…&from=…&to=…&sort=…`: a report on screen, and the same as a file.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::read_report;
use super::model::{Asked, AskedFor, Cell, Report, ReportKind};
use crate::kit::money::group;
use crate::kit::period::long_day;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Bone, Card, DateField, Empty, GetForm, Head, Kind, LinkButton, Loaded, PageHeader, Resource, Segment, Segmented, SelectField,
    SimpleTable, SubmitButton, Tab, Tabs, icon, use_live,
};

/// See the module.
pub struct ReportsPage;

#[lazy_route]
impl LazyRoute for ReportsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| {
            let map = map.read();
            let value = |key: &str| map.get(key).unwrap_or_default();
            AskedFor { report: value("report"), from: value("from"), to: value("to"), sort: value("sort") }
        });
        let report = Resource::new(move || asked.get(), read_report);
        use_live(&["invoice", "payment", "credit_note"], move |_| report.refetch());
        view! {
            <PageHeader title="Reports"/>
            {tabs()}
            <Loaded of=report skeleton=Bone::Table(10) let:of>
                <div class="stack">{choice(&of.asked)} {shown(of)}</div>
            </Loaded>
        }
        .into_any()
    }
}

/// The tabs of the reports.
pub fn tabs() -> AnyView {
    let tabs = vec![Tab::new("Reports", "/reports"), Tab::new("Aging", "/reports/aging")];
    view! { <Tabs label="Reports" tabs/> }.into_any()
}

/// Which report, of which days.
fn choice(asked: &Asked) -> AnyView {
    let viewer = use_viewer();
    let options = ReportKind::ALL.iter().filter(|kind| viewer.can(kind.permission()));
    let options: Vec<_> = options.map(|kind| (kind.word().to_owned(), kind.label().to_owned())).collect();
    let Asked { kind, from, to, .. } = asked.clone();
    view! {
        <GetForm label="Which report" path="/reports" class="report-choice">
            <SelectField name="report" label="Report" options value=kind.word()/>
            <DateField name="from" label="From" value=from.to_string()/>
            <DateField name="to" label="To" value=to.to_string()/>
            <SubmitButton kind=Kind::Secondary>"Show"</SubmitButton>
        </GetForm>
    }
    .into_any()
}

fn shown(of: Report) -> AnyView {
    let asked = of.asked.clone();
    let files = asked.url(&asked.sort);
    let actions = view! {
        <LinkButton href=format!("/reports/export.csv?{files}") icon=icon::DOWNLOAD download=true>"CSV"</LinkButton>
        <LinkButton href=format!("/reports/export.xlsx?{files}") icon=icon::FILE_SPREADSHEET download=true>"Excel"</LinkButton>
    };
    let days = format!("{} to {}", long_day(asked.from), long_day(asked.to));
    let subtitle = match asked.kind {
        ReportKind::Aging => "Today".to_owned(),
        ReportKind::Outstanding => long_day(asked.to),
        _ => days,
    };
    let cut = of.cut.then(|| view! { <p class="muted pad">"The first 200 rows in this order; the files have them all."</p> });
    let (order, table) = (order(&asked), table(of));
    view! {
        <Card title=asked.kind.label() subtitle flush=true actions=actions.into_any()>
            <p class="muted pad">{asked.kind.about()}</p>
            {order}
            {table}
            {cut}
        </Card>
    }
    .into_any()
}

/// The columns to sort by, as links; the one in use turns the order round.
fn order(asked: &Asked) -> AnyView {
    let (at, down) = asked.order();
    let segment = |(i, head): (usize, &super::model::Head)| {
        let (key, label, figures) = *head;
        // Figures come with the largest first, words from A.
        let turned = if i == at { !down } else { figures };
        let sort = if turned { format!("-{key}") } else { key.to_owned() };
        let arrow = if i != at {
            ""
        } else if down {
            " \u{2193}"
        } else {
            " \u{2191}"
        };
        Segment::new(format!("{label}{arrow}"), format!("/reports?{}", asked.url(&sort)), i == at)
    };
    let segments = asked.kind.heads().iter().enumerate().map(segment).collect::<Vec<_>>();
    view! { <div class="pad report-order"><Segmented label="Sorted by" segments/></div> }.into_any()
}

fn table(of: Report) -> AnyView {
    if of.rows.is_empty() {
        return view! {
            <Empty icon=icon::TABLE_2 title="Nothing in these days">
                <p>"Choose other days, or another report."</p>
            </Empty>
        }
        .into_any();
    }
    let head = |head: &super::model::Head| if head.2 { Head::number(head.1) } else { Head::text(head.1) };
    let heads = of.asked.kind.heads().iter().map(head).collect();
    let line = |row: Vec<Cell>| row.into_iter().map(cell).collect::<Vec<_>>();
    let mut rows: Vec<Vec<AnyView>> = of.rows.into_iter().map(line).collect();
    let mut totals = of.totals;
    // One currency has its sums at the foot, several have theirs as the last rows.
    let footer = if totals.len() == 1 { totals.remove(0) } else { Vec::new() };
    rows.extend(totals.into_iter().map(line));
    view! { <SimpleTable caption=of.asked.kind.label() heads rows footer=line(footer)/> }.into_any()
}

fn cell(of: Cell) -> AnyView {
    match of {
        Cell::Text(text) => text.into_any(),
        Cell::Link(text, href) => view! { <a class="link" href=href>{text}</a> }.into_any(),
        Cell::Money(of) => view! { <Amount of/> }.into_any(),
        Cell::Count(n) => group(&n.to_string()).into_any(),
    }
}
