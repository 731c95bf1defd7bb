//! `/usage`: who uses what against its allowance, and files of events; `/usage/events`: every event.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_usage_events, list_usage_meters, list_usage_uploads, list_using_subscriptions};
use super::model::{UploadStatus, UsageEvent, UsageUpload, UsingSubscription, quantity_label};
use crate::kit::money::group;
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Badge, Bone, Callout, Card, Column, Crumb, DataTable, Empty, FileField, Filter, FilterBar, Head, LinkButton, Listing, Loaded,
    PageHeader, Progress, Resource, Row, SimpleTable, SubmitButton, Tone, UploadForm, When, icon, use_list_query, use_live,
};

/// Who uses what.
pub struct UsagePage;

/// The colour of a part of an allowance.
pub fn tone(percent: i64) -> Tone {
    match percent {
        ..80 => Tone::Info,
        80..95 => Tone::Warn,
        95.. => Tone::Bad,
    }
}

fn furthest(of: &UsingSubscription) -> AnyView {
    let Some((meter, percent)) = of.furthest() else { return "\u{2013}".into_any() };
    let label = format!("{} of {}, {percent} % of the allowance", meter.name, of.customer_name);
    let value = Signal::stored(u64::try_from(percent).unwrap_or(0));
    view! {
        <div class="usage-bar">
            <Progress label value tone=tone(percent)/>
            <span>{format!("{percent} % of {}", meter.name)}</span>
        </div>
    }
    .into_any()
}

fn used(of: &UsingSubscription) -> String {
    let words: Vec<String> = of.meters.iter().take(3).map(|m| quantity_label(m.quantity, &m.unit)).collect();
    words.join(", ")
}

fn listing() -> Listing<UsingSubscription> {
    let ends = |s: &UsingSubscription| s.period.map(|p| short_day(p.end)).unwrap_or_else(|| "\u{2013}".into());
    Listing::new("Subscriptions that use something", |s: &UsingSubscription| {
        Row::new(s.subscription, &s.customer_name).href(format!("/usage/{}", s.subscription))
    })
    .column(Column::new("customer", "Customer", |s: &UsingSubscription| s.customer_name.clone()).sortable())
    .column(Column::new("plan", "Plan", |s: &UsingSubscription| s.plan_name.clone()))
    .column(Column::new("used", "This period", used))
    .column(Column::new("allowance", "Allowance", furthest))
    .column(Column::new("last", "Last used", |s: &UsingSubscription| short_day(s.last_used_on)).sortable())
    .column(Column::new("ends", "Period ends", ends))
}

#[lazy_route]
impl LazyRoute for UsagePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        // What was refused stands in the URL beside the list's own words.
        let asked = move || query.get().without("refused");
        let page = Resource::new(asked, list_using_subscriptions);
        let uploads = Resource::new(|| (), |()| list_usage_uploads());
        use_live(&["usage", "subscription"], move |_| {
            page.refetch();
            uploads.refetch();
        });
        let viewer = use_viewer();
        let meters = viewer.can(Permission::ReadPlans).then(|| view! { <LinkButton href="/meters" icon=icon::GAUGE>"Meters"</LinkButton> });
        let actions = view! { {meters} <LinkButton href="/usage/events" icon=icon::LIST>"All events"</LinkButton> }.into_any();
        let may = viewer.can(Permission::WriteSubscriptions);
        view! {
            <PageHeader title="Usage" subtitle="What was used this period, against what the plans include" actions/>
            <FilterBar query search="Customer or plan" columns=listing().choices() filters=Vec::new() export="/usage/export.csv"/>
            <Loaded of=page skeleton=Bone::Table(6) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::CHART_COLUMN title="Nothing was used lately">
                        <p>"Events come by the API, or from a file below."</p>
                    </Empty>
                </DataTable>
            </Loaded>
            <div class="stack">
                {may.then(upload)}
                <Loaded of=uploads skeleton=Bone::Card(160) let:found>
                    {files(found)}
                </Loaded>
            </div>
        }
        .into_any()
    }
}

fn upload() -> AnyView {
    let navigate = use_navigate();
    let go = Callback::new(move |(place,): (String,)| navigate(&place, Default::default()));
    let refused = use_query_map().read_untracked().get("refused");
    view! {
        {refused.map(|why| view! { <Callout tone=Tone::Bad title="The file was refused">{why}</Callout> })}
        <Card title="Upload usage" subtitle="All of the file is recorded, or nothing of it">
            <UploadForm action="/usage/upload" on_done=go>
                <FileField
                    name="file"
                    label="CSV file"
                    accept=".csv,text/csv"
                    hint="Columns event_id, meter, subscription and at; quantity (1 where blank) and subject where they matter. Up to 100,000 rows."
                />
                <div class="form-actions">
                    <SubmitButton icon=icon::UPLOAD>"Upload usage"</SubmitButton>
                </div>
            </UploadForm>
        </Card>
    }
    .into_any()
}

/// The status in a word and a colour.
#[component]
pub fn UploadBadge(of: UploadStatus) -> impl IntoView {
    let tone = match of {
        UploadStatus::Queued => Tone::Info,
        UploadStatus::Done => Tone::Good,
        UploadStatus::Failed => Tone::Bad,
    };
    view! { <Badge tone text=of.label()/> }
}

fn files(of: Vec<UsageUpload>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("File"), Head::text("Status"), Head::number("Rows"), Head::text("By"), Head::text("Uploaded")];
    let row = |of: UsageUpload| {
        let href = format!("/usage-uploads/{}", of.id);
        vec![
            view! { <a class="link" href=href>{of.file_name}</a> }.into_any(),
            view! { <UploadBadge of=of.status/> }.into_any(),
            group(&of.rows.to_string()).into_any(),
            of.created_by.into_any(),
            view! { <When at=of.created/> }.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Latest files" flush=true>
            <SimpleTable caption="Latest files of usage" heads rows/>
        </Card>
    }
    .into_any()
}

/// Every event.
pub struct UsageEventsPage;

fn events() -> Listing<UsageEvent> {
    let subject = |e: &UsageEvent| e.subject.clone().unwrap_or_else(|| "\u{2013}".into());
    Listing::new("Usage events", |e: &UsageEvent| Row::new(e.id, &e.event_id).href(format!("/usage/{}", e.subscription)))
        .column(Column::new("customer", "Customer", |e: &UsageEvent| e.customer_name.clone()))
        .column(Column::new("meter", "Meter", |e: &UsageEvent| e.meter.clone()))
        .column(Column::new("quantity", "Quantity", |e: &UsageEvent| quantity_label(e.quantity, &e.unit)).numeric())
        .column(Column::new("at", "When", |e: &UsageEvent| view! { <When at=e.at.clone()/> }).sortable())
        .column(Column::new("day", "Counts on", |e: &UsageEvent| short_day(e.day)))
        .column(Column::new("subject", "Subject", subject))
        .column(Column::new("event", "Event id", |e: &UsageEvent| e.event_id.clone()))
}

#[lazy_route]
impl LazyRoute for UsageEventsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_usage_events);
        let meters = Resource::new(|| (), |()| list_usage_meters());
        use_live(&["usage"], move |_| page.refetch());
        view! {
            <PageHeader title="Usage events" crumbs=vec![Crumb::new("Usage", "/usage")]/>
            <Loaded of=meters skeleton=Bone::Lines(1) let:meters>
                {
                    let filters = vec![Filter::choice("meter", "Meter", meters.into_iter().map(|m| (m.key, m.label)))];
                    view! { <FilterBar query search="Event id, subject, customer" columns=events().choices() filters export="/usage/events/export.csv"/> }
                }
            </Loaded>
            <Loaded of=page skeleton=Bone::Table(8) let:page>
                <DataTable of=events() page query=query.get_untracked()>
                    <Empty icon=icon::LIST title="No events here">
                        <p>"What machines and files record appears here."</p>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}
