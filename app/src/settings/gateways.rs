//! `/settings/gateways`: who moves the money. Keys are sealed; they are shown masked and never again.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::gateway_links::{self, Links};
use super::page::Frame;
use crate::kit::Result;
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::api::{SaveGateway, TestGateway, list_gateway_links, list_gateways};
use crate::payments::gateway::model::GatewayAccount;
use crate::ui::{
    Badge, Bone, Card, CheckboxField, Fact, Facts, Form, HiddenField, Kind, Loaded, Resource, ServerAction, SubmitButton, TextField, Tone,
    icon, use_toasts,
};

type Accounts = Resource<Result<Vec<GatewayAccount>>>;

/// See the module.
pub struct SettingsGatewaysPage;

#[lazy_route]
impl LazyRoute for SettingsGatewaysPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let accounts: Accounts = Resource::new_blocking(|| (), |()| list_gateways());
        let links: Links = Resource::new(|| (), |()| list_gateway_links());
        view! {
            <Frame title="Gateways">
                <Loaded of=accounts skeleton=Bone::Card(420) let:found>
                    {found.into_iter().map(|of| account(of, accounts)).collect_view()}
                </Loaded>
                <Loaded of=links skeleton=Bone::Card(160) part=true let:found>
                    {gateway_links::card(found, links)}
                </Loaded>
            </Frame>
        }
        .into_any()
    }
}

fn account(of: GatewayAccount, resource: Accounts) -> AnyView {
    let badge = if of.enabled {
        view! { <Badge tone=Tone::Good text="In use"/> }
    } else {
        view! { <Badge tone=Tone::Neutral text="Not in use"/> }
    };
    let about = match of.gateway {
        GatewayKind::Demo => "Built in and moves no money: test cards that pay, decline, want a confirmation or answer late",
        GatewayKind::Stripe => "Cards, by your own account",
    };
    let mut facts = vec![Fact::new("Its events go to", view! { <code>{of.webhook_path.clone()}</code> })];
    if !of.label.is_empty() {
        facts.push(Fact::new("Key", view! { <code>{of.label.clone()}</code> }));
    }
    facts.extend(of.updated_by.clone().map(|by| Fact::new("Last changed by", by)));
    let test = (!of.label.is_empty()).then(|| test(of.gateway));
    let form = form(of.clone(), resource);
    view! {
        <Card title=of.gateway.label() subtitle=about actions=view! { {badge} {test} }.into_any()>
            <div class="stack">
                <Facts of=facts/>
                {form}
            </div>
        </Card>
    }
    .into_any()
}

fn form(of: GatewayAccount, resource: Accounts) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<SaveGateway>::new();
    let name = of.gateway.label();
    let done = move |()| {
        toasts.say(format!("{name} saved"));
        resource.refetch();
    };
    let keys = (of.gateway == GatewayKind::Stripe).then(|| keys(&of));
    view! {
        <Form action on_ok=done>
            <HiddenField name="gateway" value=of.gateway.word()/>
            <CheckboxField name="enabled" label=format!("Use {name}") checked=of.enabled/>
            <CheckboxField
                name="collects"
                label="Charge invoices when they are due"
                checked=of.collects
                hint="Those of customers whose primary payment method it holds"
            />
            {keys}
            <div class="form-actions">
                <SubmitButton>{format!("Save {name}")}</SubmitButton>
            </div>
        </Form>
    }
    .into_any()
}

fn keys(of: &GatewayAccount) -> AnyView {
    let hint = if of.label.is_empty() { "Begins with sk_ or rk_" } else { "Blank: it stays as it is" };
    let secret = if of.label.is_empty() { "Begins with whsec_; of the endpoint above" } else { "Blank: it stays as it is" };
    view! {
        <TextField name="key" label="Secret key" hint=hint/>
        <TextField name="webhook" label="Signing secret" hint=secret/>
        <TextField
            name="site"
            label="Your address"
            value=of.site.clone()
            hint="Where payers come back to, such as https://billing.example"
            required=true
        />
    }
    .into_any()
}

fn test(gateway: GatewayKind) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<TestGateway>::new();
    let done = move |name: String| toasts.say(format!("It answers: {name}"));
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="gateway" value=gateway.word()/>
            <SubmitButton kind=Kind::Secondary icon=icon::ZAP>"Test the key"</SubmitButton>
        </Form>
    }
    .into_any()
}
