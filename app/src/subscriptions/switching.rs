//! On a subscription's page: the two switches. Service can be slowed down or suspended while billing goes on, and billing be
//! left out while service goes on. A pause, which leaves both and the MRR, is a verb of the page's head.

use chrono::NaiveDate;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::api::{SwitchBilling, SwitchService};
use super::model::{Service, SubscriptionId};
use crate::kit::Result;
use crate::kit::moment::Moment;
use crate::kit::period::long_day;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{Ask, Badge, Card, Fact, Facts, FormDialog, HiddenField, Resource, ServerAction, TextField, Tone, icon};

/// How the switches of a subscription stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchesView {
    /// A pause leaves the switches as they are.
    pub paused: bool,
    pub service: Service,
    /// Since when it is not given in full.
    pub since: Option<Moment>,
    pub reason: Option<String>,
    /// Dunning withheld it, and gives it back when paid.
    pub by_dunning: bool,
    /// Periods that begin from then on are not billed.
    pub unbilled_from: Option<NaiveDate>,
}

impl Service {
    pub fn tone(self) -> Tone {
        match self {
            Self::Full => Tone::Good,
            Self::Throttled => Tone::Warn,
            Self::Suspended => Tone::Bad,
        }
    }
}

type Found = Resource<Result<SwitchesView>>;

/// The card of the switches.
pub fn card(id: String, of: SwitchesView, resource: Found) -> AnyView {
    if id.parse::<SubscriptionId>().is_err() {
        return ().into_any();
    }
    let may = use_viewer().can(Permission::WriteSubscriptions);
    let since = of.since.as_ref().map(|at| {
        let who = if of.by_dunning { " by dunning" } else { "" };
        let why = of.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        format!(" since {}{who}{why}", at.absolute)
    });
    let paused = || view! { <Badge tone=Tone::Neutral text="Paused"/> }.into_any();
    let service = match of.service {
        Service::Full if of.paused => paused(),
        service => view! { <Badge tone=service.tone() text=service.label()/> {since} }.into_any(),
    };
    let billing = match of.unbilled_from {
        Some(day) => view! { <Badge tone=Tone::Warn text="Left out"/> " " {format!("for periods from {} on", long_day(day))} }.into_any(),
        None if of.paused => paused(),
        None => view! { <Badge tone=Tone::Good text="Goes on"/> }.into_any(),
    };
    let verbs = may.then(|| {
        let others = Service::ALL.iter().filter(|service| **service != of.service);
        let service: Vec<_> = others.map(|service| switch_service(&id, *service, resource)).collect();
        view! { {service} {switch_billing(&id, of.unbilled_from.is_some(), resource)} }
    });
    view! {
        <Card title="Service and billing" subtitle="Switched by hand, or by dunning where it is not paid" actions=verbs.into_any()>
            <Facts of=vec![Fact::new("Service", service), Fact::new("Billing", billing)]/>
        </Card>
    }
    .into_any()
}

fn switch_service(id: &str, to: Service, resource: Found) -> AnyView {
    let action = ServerAction::<SwitchService>::new();
    let done = move |(): ()| resource.refetch();
    let (label, icon, text, said) = match to {
        Service::Full => ("Give service back", icon::PLAY, "Service goes on in full from now.", "Service given back"),
        Service::Throttled => {
            ("Slow service down", icon::GAUGE, "Service is slowed down from now; billing goes on.", "Service slowed down")
        }
        Service::Suspended => ("Suspend service", icon::PAUSE, "Service is withheld from now; billing goes on.", "Service suspended"),
    };
    let ask = Ask::new(label, label, label).icon(icon).said(said);
    let ask = if to == Service::Full { ask } else { ask.danger() };
    let id = id.to_owned();
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
            <HiddenField name="service" value=to.word()/>
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
