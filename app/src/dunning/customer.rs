//! `/customers/ID/dunning`: the cases of a customer, its policy, and what is left alone.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ChooseDunningPolicy, ExcludeFromDunning, IncludeInDunning, read_customer_dunning};
use super::model::{CustomerDunning, Exclusion, ExclusionId};
use super::table::listing;
use crate::customers::CustomerId;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::permission::Permission;
use crate::kit::readable::count;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Ask, Bone, Callout, Card, DataTable, Empty, Form, FormDialog, Head, HiddenField, Kind, Loaded, Resource, SelectField, ServerAction,
    SimpleTable, SubmitButton, TextField, Tone, When, icon, use_live, use_param, use_toasts,
};

type Found = Resource<Result<CustomerDunning>>;

/// See the module.
pub struct CustomerDunningPage;

#[lazy_route]
impl LazyRoute for CustomerDunningPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let found = Resource::new(
            move || id.get(),
            |id| async move {
                let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
                read_customer_dunning(id).await
            },
        );
        use_live(&["dunning", "payment", "invoice"], move |_| found.refetch());
        view! {
            <Loaded of=found skeleton=Bone::Table(4) part=true let:of>
                {body(of, found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: CustomerDunning, resource: Found) -> AnyView {
    let may = use_viewer().can(Permission::WriteInvoices);
    let live = of.cases.iter().filter(|c| c.status.is_live()).count() as u64;
    let notice = (live > 0).then(|| {
        let text = format!(
            "{} not paid in time. Each is a case below.",
            if live == 1 { "An invoice is".into() } else { count(live, "invoice") + " are" }
        );
        view! { <Callout tone=Tone::Warn title="In dunning">{text}</Callout> }
    });
    let policy = may.then(|| policy(&of, resource));
    let alone = alone(&of, resource, may);
    let total = of.cases.len() as u64;
    let page = Page { rows: of.cases, next: None, previous: None, total };
    view! {
        <div class="stack">
            {notice}
            <DataTable of=listing(false) page query=ListQuery::default()>
                <Empty icon=icon::CIRCLE_CHECK title="Always paid in time">
                    <p>"An invoice that is not paid when it is due becomes a case the day after."</p>
                </Empty>
            </DataTable>
            {policy}
            {alone}
        </div>
    }
    .into_any()
}

fn policy(of: &CustomerDunning, resource: Found) -> AnyView {
    let action = ServerAction::<ChooseDunningPolicy>::new();
    let toasts = use_toasts();
    let done = move |(): ()| {
        toasts.say("Policy chosen");
        resource.refetch();
    };
    let mut options = vec![(String::new(), "The default one".to_owned())];
    options.extend(of.policies.iter().map(|(id, name)| (id.to_string(), name.clone())));
    let value = of.policy.map(|id| id.to_string()).unwrap_or_default();
    let customer = of.customer.to_string();
    view! {
        <Card title="Policy" subtitle="For cases that are opened from now on">
            <Form action on_ok=done>
                <HiddenField name="customer" value=customer/>
                <SelectField name="policy" label="Dunning policy" options value/>
                <div class="form-actions">
                    <SubmitButton kind=Kind::Secondary>"Choose policy"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

fn alone(of: &CustomerDunning, resource: Found, may: bool) -> AnyView {
    let whole = of.exclusions.iter().any(|x| x.invoice.is_none());
    let actions = (may && !whole).then(|| exclude(of, resource)).into_any();
    let body = if of.exclusions.is_empty() {
        view! { <p class="muted pad">"Nothing: every invoice that is not paid in time becomes a case."</p> }.into_any()
    } else {
        let heads = vec![Head::text("What"), Head::text("Reason"), Head::text("By"), Head::text("Since"), Head::text("")];
        let rows = of.exclusions.clone().into_iter().map(|x| row(x, resource, may)).collect();
        view! { <SimpleTable caption="Left alone" heads rows/> }.into_any()
    };
    view! {
        <Card title="Left alone" flush=true actions>
            {body}
        </Card>
    }
    .into_any()
}

fn row(of: Exclusion, resource: Found, may: bool) -> Vec<AnyView> {
    let what = match of.invoice {
        Some((id, number)) => view! { <a class="link" href=format!("/invoices/{id}")>{number}</a> }.into_any(),
        None => "Everything".into_any(),
    };
    let include = may.then(|| include(of.id, resource));
    vec![what, of.reason.into_any(), of.by.into_any(), view! { <When at=of.at/> }.into_any(), include.into_any()]
}

fn include(id: ExclusionId, resource: Found) -> AnyView {
    let action = ServerAction::<IncludeInDunning>::new();
    let toasts = use_toasts();
    let done = move |(): ()| {
        toasts.say("Not left alone any more");
        resource.refetch();
    };
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id.to_string()/>
            <SubmitButton kind=Kind::Ghost>"Take up again"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn exclude(of: &CustomerDunning, resource: Found) -> AnyView {
    let action = ServerAction::<ExcludeFromDunning>::new();
    let done = move |_: ExclusionId| resource.refetch();
    let customer = of.customer.to_string();
    let ask = Ask::new("Leave everything alone", "Leave this customer alone?", "Leave alone")
        .icon(icon::BAN)
        .danger()
        .said("Left alone from now on");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="customer" value=customer/>
            <p>"No reminders, no suspension: cases are closed, what was withheld is given back, and no new ones are opened. What is owed stays owed."</p>
            <TextField name="reason" label="Reason" required=true hint="Such as: pays by its own calendar."/>
        </FormDialog>
    }
    .into_any()
}
