//! `/customers/ID/payments`: what a customer paid, and how it pays.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AddPaymentMethod, MakePaymentMethodPrimary, RemovePaymentMethod, list_customer_payments, list_payment_methods};
use super::collect::{Collect, use_collection};
use super::gateway::GatewayKind;
use super::gateway::api::{AskForCard, list_card_gateways};
use super::table::listing;
use super::ways;
use crate::customers::CustomerId;
use crate::kit::Error;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, DataTable, Empty, Form, HiddenField, Kind, LinkButton, Loaded, Resource, ServerAction, SubmitButton, icon, use_live, use_param,
};

/// See the module.
pub struct CustomerPaymentsPage;

#[lazy_route]
impl LazyRoute for CustomerPaymentsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let parse = |id: String| id.parse::<CustomerId>().map_err(|_| Error::NotFound);
        let rows = Resource::new(move || id.get(), move |id| async move { list_customer_payments(parse(id)?).await });
        let methods = Resource::new(move || id.get(), move |id| async move { list_payment_methods(parse(id)?).await });
        use_live(&["payment", "receipt"], move |_| {
            rows.refetch();
            methods.refetch();
        });
        let collection = use_collection(move || (id.get().parse().ok(), None));
        let gateways = Resource::new(|| (), |()| list_card_gateways());
        let may = use_viewer().can(Permission::WritePayments);
        let new = move || {
            let href = format!("/payments/new?customer={}", id.get_untracked());
            may.then(|| view! { <LinkButton href icon=icon::PLUS>"Record payment"</LinkButton> })
        };
        view! {
            <div class="stack">
                <Loaded of=methods skeleton=Bone::Card(160) part=true let:found>
                    {ways::card::<AddPaymentMethod, MakePaymentMethodPrimary, RemovePaymentMethod>(found, methods, may, Some(id.get_untracked()))}
                </Loaded>
                <Loaded of=gateways skeleton=Bone::Lines(1) part=true let:found>
                    {may.then(|| cards(&id.get_untracked(), found))}
                </Loaded>
                <Collect of=collection/>
                <div class="page-actions">{new()}</div>
                <Loaded of=rows skeleton=Bone::Table(4) part=true let:rows>
                    {
                        let total = rows.len() as u64;
                        let page = Page { rows, next: None, previous: None, total };
                        view! {
                            <DataTable of=listing(false) page query=ListQuery::default()>
                                <Empty icon=icon::HAND_COINS title="No payments yet">
                                    <p>"What the customer pays appears here."</p>
                                </Empty>
                            </DataTable>
                        }
                    }
                </Loaded>
            </div>
        }
        .into_any()
    }
}

/// For each gateway in use: a page of its own on which the customer gives a card.
fn cards(customer: &str, gateways: Vec<GatewayKind>) -> AnyView {
    let button = |gateway: GatewayKind| {
        let (action, customer) = (ServerAction::<AskForCard>::new(), customer.to_owned());
        view! {
            <Form action on_ok=move |url: String| crate::auth::go(&url) class="inline-form">
                <HiddenField name="customer" value=customer/>
                <HiddenField name="gateway" value=gateway.word()/>
                <SubmitButton kind=Kind::Secondary icon=icon::CREDIT_CARD>{format!("Add card by {}", gateway.label())}</SubmitButton>
            </Form>
        }
    };
    let buttons = gateways.into_iter().map(button).collect_view();
    view! { <div class="page-actions">{buttons}</div> }.into_any()
}
