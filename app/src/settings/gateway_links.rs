//! On `/settings/gateways`: which customers, invoices and subscriptions live at a gateway too.

use leptos::prelude::*;

use crate::kit::Result;
use crate::kit::permission::Permission;
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::api::{LinkToGateway, UnlinkFromGateway};
use crate::payments::gateway::model::GatewayLink;
use crate::shell::use_viewer;
use crate::ui::{Ask, Card, Empty, FormDialog, Head, HiddenField, Kind, Resource, ServerAction, SimpleTable, TextField, When, icon};

pub type Links = Resource<Result<Vec<GatewayLink>>>;

/// The card of what is linked.
pub fn card(of: Vec<GatewayLink>, links: Links) -> AnyView {
    let may = use_viewer().can(Permission::WritePayments);
    let body = if of.is_empty() {
        view! {
            <Empty icon=icon::LINK title="Nothing is linked">
                <p>"Link an invoice or a subscription that lives in Stripe Billing: what Stripe tells of it then counts here."</p>
            </Empty>
        }
        .into_any()
    } else {
        let heads = ["Ours", "What", "Gateway", "Gateway's id", "Linked", ""].map(Head::text).to_vec();
        let rows = of.into_iter().map(|link| row(link, links, may)).collect();
        view! { <SimpleTable caption="What is linked to a gateway" heads rows/> }.into_any()
    };
    view! {
        <Card title="Links" subtitle="What lives at a gateway too, the latest hundred; customers are linked when they give a card" flush=true actions=may.then(|| add(links)).into_any()>
            {body}
        </Card>
    }
    .into_any()
}

fn row(of: GatewayLink, links: Links, may: bool) -> Vec<AnyView> {
    let verb = may.then(|| remove(&of, links));
    vec![
        view! { <a class="link" href=of.href()>{of.label.clone()}</a> }.into_any(),
        of.kind.label().into_any(),
        of.gateway.label().into_any(),
        view! { <code>{of.external_id}</code> }.into_any(),
        view! { <When at=of.created/> }.into_any(),
        verb.into_any(),
    ]
}

fn add(links: Links) -> AnyView {
    let action = ServerAction::<LinkToGateway>::new();
    let ask = Ask::new("Link to Stripe", "Link to Stripe", "Link").icon(icon::LINK).said("Linked");
    view! {
        <FormDialog of=ask action on_ok=move |()| links.refetch()>
            <HiddenField name="gateway" value=GatewayKind::Stripe.word()/>
            <TextField
                name="ours"
                label="Ours"
                required=true
                hint="The number of an invoice, or the address of a customer's, subscription's or invoice's page"
            />
            <TextField name="external_id" label="Stripe's id" required=true hint="Such as in_1Abc, sub_1Abc or cus_1Abc"/>
        </FormDialog>
    }
    .into_any()
}

fn remove(of: &GatewayLink, links: Links) -> AnyView {
    let action = ServerAction::<UnlinkFromGateway>::new();
    let text = format!("What {} tells of {} counts here no more. What it told before stays.", of.gateway.label(), of.external_id);
    let ask = Ask::new("Unlink", "Unlink?", "Unlink").button(Kind::Ghost).icon(icon::TRASH).cancel("Keep it").danger().said("Unlinked");
    let (gateway, id) = (of.gateway.word(), of.id.clone());
    view! {
        <FormDialog of=ask action on_ok=move |()| links.refetch()>
            <p>{text}</p>
            <HiddenField name="gateway" value=gateway/>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}
