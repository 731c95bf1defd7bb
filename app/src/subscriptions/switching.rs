//! On a subscription's page: the two switches. Service can be withheld while billing goes on, and billing be left out while
//! service goes on; both at once are a pause.

use chrono::NaiveDate;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::api::{SwitchBilling, SwitchService};
use super::model::SubscriptionId;
use crate::kit::Result;
use crate::kit::moment::Moment;
use crate::kit::period::long_day;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{Ask, Badge, Card, Fact, Facts, FormDialog, HiddenField, Resource, ServerAction, TextField, Tone, icon};

/// How the switches of a subscription stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchesView {
    /// Since when service is withheld.
    pub suspended: Option<Moment>,
    pub reason: Option<String>,
    /// Dunning withheld it, and gives it back when paid.
    pub by_dunning: bool,
    /// Periods that begin from then on are not billed.
    pub unbilled_from: Option<NaiveDate>,
}

type Found = Resource<Result<SwitchesView>>;

/// The card of the switches.
pub fn card(id: String, of: SwitchesView, resource: Found) -> AnyView {
    if id.parse::<SubscriptionId>().is_err() {
        return ().into_any();
    }
    let may = use_viewer().can(Permission::WriteSubscriptions);
    let service = match &of.suspended {
        Some(at) => {
            let who = if of.by_dunning { " by dunning" } else { "" };
            let why = of.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            let text = format!("since {}{who}{why}", at.absolute);
            view! { <Badge tone=Tone::Bad text="Withheld"/> " " {text} }.into_any()
        }
        None => view! { <Badge tone=Tone::Good text="Given"/> }.into_any(),
    };
    let billing = match of.unbilled_from {
        Some(day) => view! { <Badge tone=Tone::Warn text="Left out"/> " " {format!("for periods from {} on", long_day(day))} }.into_any(),
        None => view! { <Badge tone=Tone::Good text="As usual"/> }.into_any(),
    };
    let verbs = may.then(|| {
        let (service, billing) =
            (switch_service(&id, of.suspended.is_some(), resource), switch_billing(&id, of.unbilled_from.is_some(), resource));
        view! { {service} {billing} }
    });
    view! {
        <Card title="Service and billing" actions=verbs.into_any()>
            <Facts of=vec![Fact::new("Service", service), Fact::new("Billing", billing)]/>
        </Card>
    }
    .into_any()
}

fn switch_service(id: &str, suspended: bool, resource: Found) -> AnyView {
    let action = ServerAction::<SwitchService>::new();
    let done = move |(): ()| resource.refetch();
    let ask = match suspended {
        true => Ask::new("Give service back", "Give service back", "Give service back").icon(icon::PLAY).said("Service given back"),
        false => Ask::new("Suspend service", "Suspend service", "Suspend service").icon(icon::PAUSE).danger().said("Service suspended"),
    };
    let text = if suspended { "Service goes on from now." } else { "Service is withheld from now; billing goes on." };
    let id = id.to_owned();
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
            <HiddenField name="suspended" value=(!suspended).to_string()/>
            <TextField name="reason" label="Reason"/>
        </FormDialog>
    }
    .into_any()
}

fn switch_billing(id: &str, left_out: bool, resource: Found) -> AnyView {
    let action = ServerAction::<SwitchBilling>::new();
    let (label, text, said) = match left_out {
        true => ("Bill again", "Periods that begin from today are billed.", "Billing resumed"),
        false => ("Leave billing out", "Periods that begin from tomorrow are not billed; service goes on.", "Billing left out"),
    };
    let done = move |(): ()| resource.refetch();
    let id = id.to_owned();
    let ask = Ask::new(label, label, label).said(said);
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
            <HiddenField name="billed" value=left_out.to_string()/>
            <TextField name="reason" label="Reason"/>
        </FormDialog>
    }
    .into_any()
}
