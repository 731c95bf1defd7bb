//! What can be done with the rows picked in the list.

use leptos::prelude::*;

use super::api::{CancelSubscriptions, preview_cancel_subscriptions};
use super::model::CancelEffect;
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::kit::readable::count;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Bone, BulkBar, CancelButton, Dialog, DialogActions, DialogButton, DialogRef, Fact, Facts, Form, HiddenField, Kind, LinkButton,
    Loaded, Resource, Selection, ServerAction, SubmitButton, TextField, icon, use_dialog, use_toasts,
};

/// The bar of the picked subscriptions; `refetch` brings the list up to date.
pub fn bar(picked: Selection, refetch: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let dialog = use_dialog();
    let may = use_viewer().can(Permission::WriteSubscriptions);
    view! {
        <BulkBar of=picked>
            <LinkButton href=picked.link("/subscriptions/export.csv") icon=icon::DOWNLOAD download=true>"Export"</LinkButton>
            {may.then(|| view! { <DialogButton of=dialog icon=icon::BAN>"Cancel subscriptions"</DialogButton> })}
        </BulkBar>
        {may.then(|| cancel(dialog, picked, refetch))}
    }
    .into_any()
}

/// Asks for a reason, beside what it does to MRR.
fn cancel(dialog: DialogRef, picked: Selection, refetch: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let toasts = use_toasts();
    let effect = Resource::new(
        move || dialog.is_open().get().then(|| picked.joined().get()).filter(|ids| !ids.is_empty()),
        |ids| async move {
            match ids {
                Some(ids) => preview_cancel_subscriptions(ids).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let done = move |cancelled: u64| {
        dialog.close();
        toasts.say(count(cancelled, "subscription") + " cancelled");
        picked.clear();
        refetch();
    };
    view! {
        <Dialog of=dialog title="Cancel the picked subscriptions?">
            <Form action={ServerAction::<CancelSubscriptions>::new()} on_ok=done>
                <HiddenField name="ids" value=picked.joined()/>
                <Loaded of=effect skeleton=Bone::Lines(4) let:effect>
                    {effect.map(facts)}
                </Loaded>
                <TextField name="reason" label="Reason" hint="Kept with the churn it causes."/>
                <DialogActions>
                    <CancelButton label="Keep them"/>
                    <SubmitButton kind=Kind::Danger>"Cancel subscriptions"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
    .into_any()
}

fn facts(of: CancelEffect) -> AnyView {
    let days = match of.days {
        Some((first, last)) if first == last => short_day(first),
        Some((first, last)) => format!("{} to {}", short_day(first), short_day(last)),
        None => "\u{2013}".to_owned(),
    };
    let mut facts = vec![
        Fact::new("End with their periods", count(of.cancelled, "subscription")),
        Fact::new("On", days),
        Fact::new("MRR lost by then", view! { <Amount of=of.loses/> }),
        Fact::new("Who pay nothing any more", count(of.customers_lost, "customer")),
    ];
    if of.left > 0 {
        facts.push(Fact::new("Stay, for they have an end", count(of.left, "subscription")));
    }
    view! { <Facts of=facts/> }.into_any()
}
