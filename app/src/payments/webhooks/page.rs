//! `/webhook-events`: what gateways told us.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_gateway_event_kinds, list_gateway_events};
use super::model::{EventStatus, GatewayEvent};
use crate::payments::gateway::GatewayKind;
use crate::ui::{
    Badge, Bone, Column, Crumb, DataTable, Empty, Filter, FilterBar, LinkButton, Listing, Loaded, PageHeader, Resource, Row, Tone, When,
    icon, use_list_query, use_live,
};

/// See the module.
pub struct GatewayEventsPage;

#[lazy_route]
impl LazyRoute for GatewayEventsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_gateway_events);
        let kinds = Resource::new(|| (), |()| list_gateway_event_kinds());
        use_live(&["gateway_event", "payment"], move |_| page.refetch());
        view! {
            <PageHeader
                title="Webhook events"
                subtitle="What payment gateways told us, and what came of it"
                crumbs=vec![Crumb::new("Payments", "/payments")]
            />
            <Loaded of=kinds skeleton=Bone::Lines(1) let:kinds>
                <FilterBar
                    query
                    search="Id, type, error"
                    columns=listing().choices()
                    export="/webhook-events/export.csv"
                    filters=chips(&kinds)
                />
            </Loaded>
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::WEBHOOK title="No events here">
                        <p>"Gateways that are in use post their events to the address in the settings; they appear here at once."</p>
                        <LinkButton href="/webhook-events">"Clear all filters"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

fn chips(kinds: &[String]) -> Vec<Filter> {
    vec![
        Filter::choice("status", "Status", EventStatus::ALL.iter().map(|s| (s.word(), s.label()))),
        Filter::choice("kind", "Type", kinds.iter().map(|kind| (kind.clone(), kind.clone()))),
        Filter::choice("gateway", "Gateway", GatewayKind::ALL.iter().map(|g| (g.word(), g.label()))),
        Filter::days("received", "Received"),
    ]
}

fn listing() -> Listing<GatewayEvent> {
    Listing::new("Webhook events", |e: &GatewayEvent| Row::new(e.id, e.kind.clone()).href(format!("/webhook-events/{}", e.id)))
        .column(Column::new("kind", "Type", |e: &GatewayEvent| e.kind.clone()))
        .column(Column::new("status", "Status", |e: &GatewayEvent| badge(e.status)))
        .column(Column::new("gateway", "Gateway", |e: &GatewayEvent| e.gateway.label()))
        .column(Column::new("received", "Received", |e: &GatewayEvent| view! { <When at=e.received.clone()/> }).sortable())
        .column(Column::new("event_id", "Gateway's id", |e: &GatewayEvent| e.event_id.clone()).optional())
        .column(Column::new("error", "Error", |e: &GatewayEvent| e.error.clone().unwrap_or_default()).optional())
}

/// Where an event stands, as a badge.
pub(super) fn badge(status: EventStatus) -> AnyView {
    let tone = match status {
        EventStatus::Applied => Tone::Good,
        EventStatus::Ignored => Tone::Neutral,
        EventStatus::Waiting => Tone::Info,
        EventStatus::Failed => Tone::Bad,
    };
    view! { <Badge tone text=status.label()/> }.into_any()
}
