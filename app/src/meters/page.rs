//! `/meters` and `/meters/ID`.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ArchiveMeter, UpdateMeter, get_meter, list_meters};
use super::model::{Meter, MeterId};
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Badge, Bone, Card, Column, Crumb, DataTable, Empty, Exactly, Fact, Facts, Filter, FilterBar, Form, HiddenField, Kind, LinkButton,
    Listing, Loaded, PageHeader, Resource, Row, ServerAction, SubmitButton, TextField, Tone, icon, use_list_query, use_live, use_param,
    use_toasts,
};

/// The list.
pub struct MetersPage;

#[component]
fn MeterBadge(archived: bool) -> impl IntoView {
    let (tone, text) = if archived { (Tone::Neutral, "Archived") } else { (Tone::Good, "In use") };
    view! { <Badge tone text/> }
}

fn listing() -> Listing<Meter> {
    Listing::new("Meters", |m: &Meter| Row::new(m.id, &m.name).href(format!("/meters/{}", m.id)))
        .column(Column::new("name", "Name", |m: &Meter| m.name.clone()).sortable())
        .column(Column::new("key", "Key", |m: &Meter| m.key.clone()).sortable())
        .column(Column::new("unit", "Unit", |m: &Meter| m.unit.clone()))
        .column(Column::new("aggregation", "A period is", |m: &Meter| m.aggregation.label()))
        .column(Column::new("state", "State", |m: &Meter| view! { <MeterBadge archived=m.archived/> }))
}

fn new_button() -> AnyView {
    let may = use_viewer().can(Permission::WritePlans);
    may.then(|| view! { <LinkButton href="/meters/new" kind=Kind::Primary icon=icon::PLUS>"New meter"</LinkButton> }).into_any()
}

#[lazy_route]
impl LazyRoute for MetersPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_meters);
        use_live(&["meter"], move |_| page.refetch());
        let filters = vec![Filter::choice("state", "State", [("active", "In use"), ("archived", "Archived")])];
        view! {
            <PageHeader title="Meters" subtitle="What is counted of what customers use" actions=new_button()/>
            <FilterBar query search="Name or key" columns=listing().choices() filters export="/meters/export.csv"/>
            <Loaded of=page skeleton=Bone::Table(6) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::GAUGE title="No meters here">
                        <p>"A meter counts events, such as calls or gigabytes, for a plan to charge."</p>
                        {new_button()}
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

/// One meter.
pub struct MeterPage;

#[lazy_route]
impl LazyRoute for MeterPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let meter = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: MeterId = id.parse().map_err(|_| Error::NotFound)?;
                get_meter(id).await
            },
        );
        use_live(&["meter"], move |_| meter.refetch());
        view! {
            <Loaded of=meter skeleton=Bone::Detail whole=true let:found>
                {body(found, meter)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: Meter, resource: Resource<Result<Meter>>) -> AnyView {
    let may = use_viewer().can(Permission::WritePlans);
    let facts = vec![
        Fact::new("Key", of.key.clone()),
        Fact::new("Unit", of.unit.clone()),
        Fact::new("A period is", of.aggregation.label()),
        Fact::new("Added", view! { <Exactly at=of.created.clone()/> }),
        Fact::new("Id", of.id.to_string()),
    ];
    let events = format!("/usage/events?meter={}", of.key);
    view! {
        <PageHeader
            title=of.name.clone()
            crumbs=vec![Crumb::new("Meters", "/meters")]
            badge=view! { <MeterBadge archived=of.archived/> }.into_any()
            actions=may.then(|| archive(&of, resource)).into_any()
        />
        <div class="stack">
            <Card title="Details" actions=view! { <LinkButton href=events>"Show events"</LinkButton> }.into_any()>
                <Facts of=facts/>
            </Card>
            {may.then(|| names(&of, resource))}
        </div>
    }
    .into_any()
}

fn names(of: &Meter, resource: Resource<Result<Meter>>) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<UpdateMeter>::new();
    let done = move |(): ()| {
        toasts.say("Meter saved");
        resource.refetch();
    };
    let (id, name, unit) = (of.id.to_string(), of.name.clone(), of.unit.clone());
    view! {
        <Card title="Names" subtitle="Key and aggregation stay: prices and events rest on them">
            <Form action on_ok=done>
                <HiddenField name="id" value=id/>
                <TextField name="name" label="Name" value=name required=true/>
                <TextField name="unit" label="Unit" value=unit required=true/>
                <div class="form-actions">
                    <SubmitButton>"Save meter"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

/// A form of one button, so that it works without JavaScript.
fn archive(of: &Meter, resource: Resource<Result<Meter>>) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<ArchiveMeter>::new();
    let (label, said, icon) = match of.archived {
        true => ("Use again", "Meter takes events again", icon::UNDO_2),
        false => ("Archive meter", "Meter archived", icon::ARCHIVE),
    };
    let done = move |(): ()| {
        toasts.say(said);
        resource.refetch();
    };
    let (id, archived) = (of.id.to_string(), !of.archived);
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <HiddenField name="archived" value=archived.to_string()/>
            <SubmitButton kind=Kind::Secondary icon>{label}</SubmitButton>
        </Form>
    }
    .into_any()
}
