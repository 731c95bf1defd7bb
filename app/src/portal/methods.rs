//! `/account/payment-methods`.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{AddOwnMethod, MakeOwnMethodPrimary, RemoveOwnMethod, list_own_methods};
use super::page::tabs;
use crate::kit::Result;
use crate::kit::permission::Permission;
use crate::payments::{MethodKind, PaymentMethod, PaymentMethodId};
use crate::shell::use_viewer;
use crate::ui::{
    Badge, Bone, CancelButton, Card, Choice, Crumb, Dialog, DialogActions, DialogButton, Form, Head, HiddenField, Kind, Loaded, PageHeader,
    RadioField, Resource, ServerAction, SimpleTable, SubmitButton, TextField, Tone, icon, use_dialog, use_live, use_toasts,
};

type Found = Resource<Result<Vec<PaymentMethod>>>;

/// See the module.
pub struct AccountMethodsPage;

#[lazy_route]
impl LazyRoute for AccountMethodsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let methods = Resource::new_blocking(|| (), |()| list_own_methods());
        use_live(&["payment_method"], move |_| methods.refetch());
        view! {
            <PageHeader title="Our payment methods" crumbs=vec![Crumb::new("Our account", "/account")]/>
            {tabs()}
            <Loaded of=methods skeleton=Bone::Card(200) whole=true let:of>
                {body(of, methods)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: Vec<PaymentMethod>, resource: Found) -> AnyView {
    let may = use_viewer().can(Permission::WriteAccount);
    let actions = may.then(|| add(resource)).into_any();
    let body = if of.is_empty() {
        view! { <p class="muted pad">"None yet."</p> }.into_any()
    } else {
        let heads = vec![Head::text("Method"), Head::text("Status"), Head::text("")];
        let rows = of.into_iter().map(|method| row(method, resource, may)).collect();
        view! { <SimpleTable caption="Our payment methods" heads rows/> }.into_any()
    };
    view! {
        <Card title="Payment methods" flush=true actions>
            {body}
        </Card>
    }
    .into_any()
}

fn row(of: PaymentMethod, resource: Found, may: bool) -> Vec<AnyView> {
    let primary = of.primary.then(|| view! { " " <Badge tone=Tone::Info text="Primary"/> });
    let label = of.label.clone();
    let verbs = may.then(|| {
        let prefer = (!of.primary).then(|| prefer(of.id, resource));
        view! { <div class="row-actions">{prefer} {remove(&of, resource)}</div> }
    });
    vec![view! { {label} {primary} }.into_any(), view! { <Badge tone=Tone::Neutral text=of.status.label()/> }.into_any(), verbs.into_any()]
}

fn prefer(id: PaymentMethodId, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<MakeOwnMethodPrimary>::new();
    let done = move |(): ()| {
        toasts.say("Primary method changed");
        resource.refetch();
    };
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id.to_string()/>
            <SubmitButton kind=Kind::Ghost>"Make primary"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn remove(of: &PaymentMethod, resource: Found) -> AnyView {
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let action = ServerAction::<RemoveOwnMethod>::new();
    let done = move |(): ()| {
        dialog.close();
        toasts.say("Payment method removed");
        resource.refetch();
    };
    let (id, text) = (of.id.to_string(), format!("Nothing is collected from {} any more.", of.label));
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

fn add(resource: Found) -> AnyView {
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let action = ServerAction::<AddOwnMethod>::new();
    let done = move |_: PaymentMethodId| {
        dialog.close();
        toasts.say("Payment method added");
        resource.refetch();
    };
    let kinds = vec![
        Choice::new(MethodKind::BankAccount.word(), "Bank account", "That we pay from, and are paid back to."),
        Choice::new(MethodKind::DebitOrder.word(), "Debit order", "A mandate to collect from it was signed."),
    ];
    view! {
        <DialogButton of=dialog icon=icon::PLUS>"Add method"</DialogButton>
        <Dialog of=dialog title="Add payment method">
            <Form action on_ok=done>
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
