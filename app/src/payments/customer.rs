//! `/customers/ID/payments`: what a customer paid, and how it pays.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AddPaymentMethod, MakePaymentMethodPrimary, RemovePaymentMethod, list_customer_payments, list_payment_methods};
use super::collect::{Collect, use_collection};
use super::gateway::GatewayKind;
use super::gateway::api::{AskForCard, list_card_gateways};
use super::methods::{MethodKind, MethodStatus, PaymentMethod};
use super::table::listing;
use crate::customers::CustomerId;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Badge, Bone, CancelButton, Card, Choice, DataTable, Dialog, DialogActions, DialogButton, Empty, Form, Head, HiddenField, Kind,
    LinkButton, Loaded, RadioField, Resource, ServerAction, SimpleTable, SubmitButton, TextField, Tone, icon, use_dialog, use_live,
    use_toasts,
};

type Methods = Resource<Result<Vec<PaymentMethod>>>;

/// See the module.
pub struct CustomerPaymentsPage;

#[lazy_route]
impl LazyRoute for CustomerPaymentsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
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
                    {ways(id.get_untracked(), found, methods, may)}
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

fn ways(customer: String, of: Vec<PaymentMethod>, resource: Methods, may: bool) -> AnyView {
    let add = may.then(|| add(customer, resource));
    let body = if of.is_empty() {
        view! { <p class="muted pad">"None yet. Add a bank account or a debit order; cards come from a gateway."</p> }.into_any()
    } else {
        let heads = vec![Head::text("Method"), Head::text("Status"), Head::text("Good until"), Head::text("")];
        let rows = of.into_iter().map(|method| row(method, resource, may)).collect();
        view! { <SimpleTable caption="Payment methods" heads rows/> }.into_any()
    };
    view! {
        <Card title="Payment methods" flush=true actions=add.into_any()>
            {body}
        </Card>
    }
    .into_any()
}

fn row(method: PaymentMethod, resource: Methods, may: bool) -> Vec<AnyView> {
    let tone = match method.status {
        MethodStatus::Usable => Tone::Good,
        MethodStatus::Pending => Tone::Info,
        MethodStatus::Failed => Tone::Bad,
    };
    let primary = method.primary.then(|| view! { <Badge tone=Tone::Info text="Primary"/> });
    let until = method.expires_on.and_then(|day| day.pred_opt()).map(short_day).unwrap_or_default();
    let verbs = may.then(|| {
        let prefer = (!method.primary).then(|| prefer(&method, resource));
        view! { <div class="row-actions">{prefer} {remove(&method, resource)}</div> }
    });
    vec![
        view! { {method.label.clone()} " " {primary} }.into_any(),
        view! { <Badge tone text=method.status.label()/> }.into_any(),
        until.into_any(),
        verbs.into_any(),
    ]
}

fn prefer(of: &PaymentMethod, resource: Methods) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<MakePaymentMethodPrimary>::new();
    let id = of.id.to_string();
    let done = move |_: CustomerId| {
        toasts.say("Primary method changed");
        resource.refetch();
    };
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton kind=Kind::Ghost>"Make primary"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn remove(of: &PaymentMethod, resource: Methods) -> AnyView {
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let action = ServerAction::<RemovePaymentMethod>::new();
    let id = of.id.to_string();
    let done = move |_: CustomerId| {
        dialog.close();
        toasts.say("Payment method removed");
        resource.refetch();
    };
    let text = format!("Nothing is collected from {} any more. What it paid stays.", of.label);
    view! {
        <DialogButton of=dialog kind=Kind::Ghost icon=icon::TRASH>"Remove"</DialogButton>
        <Dialog of=dialog title="Remove payment method?">
            <Form action on_ok=done>
                <p>{text}</p>
                <HiddenField name="id" value=id/>
                <DialogActions>
                    <CancelButton label="Keep it"/>
                    <SubmitButton kind=Kind::Danger>"Remove payment method"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
    .into_any()
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

fn add(customer: String, resource: Methods) -> AnyView {
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let action = ServerAction::<AddPaymentMethod>::new();
    let done = move |_: super::PaymentMethodId| {
        dialog.close();
        toasts.say("Payment method added");
        resource.refetch();
    };
    let kinds = vec![
        Choice::new(MethodKind::BankAccount.word(), "Bank account", "To pay back to, and to know transfers by."),
        Choice::new(MethodKind::DebitOrder.word(), "Debit order", "The customer signed a mandate to collect from it."),
    ];
    view! {
        <DialogButton of=dialog icon=icon::PLUS>"Add method"</DialogButton>
        <Dialog of=dialog title="Add payment method">
            <Form action on_ok=done>
                <HiddenField name="customer" value=customer/>
                <RadioField name="kind" label="What" choices=kinds value=MethodKind::BankAccount.word()/>
                <TextField name="holder" label="Account holder" required=true/>
                <TextField name="bank" label="Bank" required=true/>
                <TextField name="account" label="Account number" required=true hint="Sealed; only its last digits are shown."/>
                <TextField name="mandate" label="Mandate" hint="Required of a debit order."/>
                <DialogActions>
                    <CancelButton/>
                    <SubmitButton>"Add payment method"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
    .into_any()
}
