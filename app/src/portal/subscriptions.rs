//! `/account/subscriptions`: what is bought, and moving to another plan.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ChangeOwnPlan, list_own_subscriptions, read_offers};
use super::model::{Offer, Offers, OwnSubscription};
use super::page::{ends, state, tabs};
use crate::kit::Result;
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::subscriptions::{SubscriptionId, SubscriptionStatus};
use crate::ui::{
    Bone, CancelButton, Card, Crumb, Dialog, DialogActions, DialogButton, Form, Head, HiddenField, Loaded, PageHeader, Resource,
    SelectField, ServerAction, SimpleTable, SubmitButton, icon, use_dialog, use_live, use_toasts,
};

type Found = Resource<Result<Vec<OwnSubscription>>>;

/// See the module.
pub struct AccountSubscriptionsPage;

#[lazy_route]
impl LazyRoute for AccountSubscriptionsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let found = Resource::new_blocking(|| (), |()| list_own_subscriptions());
        use_live(&["subscription"], move |_| found.refetch());
        view! {
            <PageHeader title="Our subscriptions" crumbs=vec![Crumb::new("Our account", "/account")]/>
            {tabs()}
            <Loaded of=found skeleton=Bone::Card(200) whole=true let:of>
                {body(of, found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: Vec<OwnSubscription>, resource: Found) -> AnyView {
    let may = use_viewer().can(Permission::WriteAccount);
    let body = if of.is_empty() {
        view! { <p class="muted pad">"None yet."</p> }.into_any()
    } else {
        let heads = vec![Head::text("Plan"), Head::text("Status"), Head::text("Since"), Head::text("Ends"), Head::text("")];
        let rows = of.into_iter().map(|own| row(&own, resource, may)).collect();
        view! { <SimpleTable caption="Our subscriptions" heads rows/> }.into_any()
    };
    view! { <Card flush=true>{body}</Card> }.into_any()
}

fn row(of: &OwnSubscription, resource: Found, may: bool) -> Vec<AnyView> {
    let s = &of.subscription;
    let open = s.ended_on.is_none() && matches!(s.status, SubscriptionStatus::Active | SubscriptionStatus::Trial);
    let change = (may && open).then(|| change(s.id, resource));
    vec![s.plan_name.clone().into_any(), state(of), short_day(s.started_on).into_any(), ends(of), change.into_any()]
}

fn change(id: SubscriptionId, resource: Found) -> AnyView {
    let dialog = use_dialog();
    let offers = Resource::new(
        move || dialog.is_open().get(),
        move |open| async move {
            if open { read_offers(id).await } else { Ok(Offers { subscription: id, plan_name: String::new(), offers: Vec::new() }) }
        },
    );
    view! {
        <DialogButton of=dialog icon=icon::PENCIL>"Change plan"</DialogButton>
        <Dialog of=dialog title="Change plan">
            <Loaded of=offers skeleton=Bone::Lines(4) let:offers>
                {form(offers, dialog, resource)}
            </Loaded>
        </Dialog>
    }
    .into_any()
}

fn form(of: Offers, dialog: crate::ui::DialogRef, resource: Found) -> AnyView {
    if of.offers.is_empty() {
        return view! { <p class="muted">"There is no other plan on offer."</p> }.into_any();
    }
    let toasts = use_toasts();
    let action = ServerAction::<ChangeOwnPlan>::new();
    let done = move |(): ()| {
        dialog.close();
        toasts.say("Plan changed");
        resource.refetch();
    };
    let label = |o: &Offer| if o.now { format!("{}, from today", o.label) } else { format!("{}, from {}", o.label, long_day(o.from)) };
    let options = of.offers.iter().map(|o| (o.plan.to_string(), label(o))).collect::<Vec<_>>();
    view! {
        <Form action on_ok=done>
            <HiddenField name="id" value=of.subscription.to_string()/>
            <p>{format!("Now on {}. What costs more counts at once and is billed by the day; what costs less, from the next period on.", of.plan_name)}</p>
            <SelectField name="plan" label="New plan" options required=true/>
            <DialogActions>
                <CancelButton/>
                <SubmitButton>"Change plan"</SubmitButton>
            </DialogActions>
        </Form>
    }
    .into_any()
}
