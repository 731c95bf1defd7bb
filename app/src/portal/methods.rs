//! `/account/payment-methods`.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AddOwnCard, AddOwnMethod, MakeOwnMethodPrimary, RemoveOwnMethod, list_own_card_gateways, list_own_methods};
use super::page::tabs;
use crate::kit::permission::Permission;
use crate::payments::gateway::GatewayKind;
use crate::payments::ways;
use crate::shell::use_viewer;
use crate::ui::{Bone, Crumb, Form, HiddenField, Kind, Loaded, PageHeader, Resource, ServerAction, SubmitButton, icon, use_live};

/// See the module.
pub struct AccountMethodsPage;

#[lazy_route]
impl LazyRoute for AccountMethodsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let methods = Resource::new_blocking(|| (), |()| list_own_methods());
        let may = use_viewer().can(Permission::WriteAccount);
        use_live(&["payment_method"], move |_| methods.refetch());
        let gateways = Resource::new_blocking(|| (), |()| list_own_card_gateways());
        view! {
            <PageHeader title="Our payment methods" crumbs=vec![Crumb::new("Our account", "/account")]/>
            {tabs()}
            <div class="stack">
                <Loaded of=methods skeleton=Bone::Card(200) whole=true let:of>
                    {ways::card::<AddOwnMethod, MakeOwnMethodPrimary, RemoveOwnMethod>(of, methods, may, None)}
                </Loaded>
                <Loaded of=gateways skeleton=Bone::Lines(1) part=true let:found>
                    {may.then(|| cards(found))}
                </Loaded>
            </div>
        }
        .into_any()
    }
}

/// For each gateway in use: the way to its page for a card.
pub fn cards(gateways: Vec<GatewayKind>) -> AnyView {
    let button = |gateway: GatewayKind| {
        let action = ServerAction::<AddOwnCard>::new();
        view! {
            <Form action on_ok=move |url: String| crate::auth::go(&url) class="inline-form">
                <HiddenField name="gateway" value=gateway.word()/>
                <SubmitButton kind=Kind::Secondary icon=icon::CREDIT_CARD>{format!("Add card by {}", gateway.label())}</SubmitButton>
            </Form>
        }
    };
    let buttons = gateways.into_iter().map(button).collect_view();
    view! { <div class="page-actions">{buttons}</div> }.into_any()
}
