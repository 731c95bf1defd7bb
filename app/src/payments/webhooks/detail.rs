//! `/webhook-events/ID`: an event, what it said word for word, and its replay.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ReplayGatewayEvent, get_gateway_event};
use super::model::{EventStatus, GatewayEvent, GatewayEventDetail, GatewayEventId};
use super::page::badge;
use crate::kit::case;
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Bone, Callout, Card, Crumb, Exactly, Fact, Facts, Form, HiddenField, Kind, Loaded, PageHeader, Resource, ServerAction, SubmitButton,
    Tone, icon, use_live, use_param, use_toasts,
};

type Found = Resource<Result<GatewayEventDetail>>;

/// See the module.
pub struct GatewayEventPage;

#[lazy_route]
impl LazyRoute for GatewayEventPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let detail = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: GatewayEventId = id.parse().map_err(|_| Error::NotFound)?;
                get_gateway_event(id).await
            },
        );
        use_live(&["gateway_event"], move |_| detail.refetch());
        view! {
            <Loaded of=detail skeleton=Bone::Detail whole=true let:found>
                {body(found, detail)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: GatewayEventDetail, resource: Found) -> AnyView {
    let GatewayEventDetail { event, processed, payload } = of;
    let crumbs = vec![Crumb::new("Payments", "/payments"), Crumb::new("Webhook events", "/webhook-events")];
    let mut facts = vec![
        Fact::new("Gateway", event.gateway.label()),
        Fact::new("Gateway's id", event.event_id.clone()),
        Fact::new("Happened", view! { <Exactly at=event.happened.clone()/> }),
        Fact::new("Received", view! { <Exactly at=event.received.clone()/> }),
        Fact::new("Replays", event.replays.to_string()),
        Fact::new("Id", event.id.to_string()),
    ];
    if let Some(at) = processed {
        facts.insert(4, Fact::new("Processed", view! { <Exactly at/> }));
    }
    let failed = event.error.clone().map(|why| {
        view! { <Callout tone=Tone::Bad title="It could not be applied">{why}</Callout> }
    });
    let ignored = (event.status == EventStatus::Ignored).then(|| {
        view! { <Callout title="It means nothing here">"Its type is not one that changes anything, or it is about something that is not ours."</Callout> }
    });
    let actions = use_viewer().can(Permission::WritePayments).then(|| replay(&event, resource));
    view! {
        <PageHeader title=event.kind.clone() crumbs badge=badge(event.status) actions=actions.into_any()/>
        <div class="stack">
            {failed}
            {ignored}
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            <Card title="Payload" subtitle="Word for word as it came">
                <pre class="payload" tabindex="0" aria-label="Payload">{payload}</pre>
            </Card>
        </div>
    }
    .into_any()
}

fn replay(of: &GatewayEvent, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<ReplayGatewayEvent>::new();
    let done = move |status: EventStatus| {
        toasts.say(format!("Replayed: {}", case::lower(status.label())));
        resource.refetch();
    };
    let id = of.id.to_string();
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton kind=Kind::Secondary icon=icon::ROTATE_CCW>"Replay event"</SubmitButton>
        </Form>
    }
    .into_any()
}
