//! `/subscriptions/ID`: what it is, its phases, and its verbs.

use chrono::NaiveDate;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::actions::actions;
use super::activity;
use super::api::{get_subscription, read_switches};
use super::model::{Pause, PhaseView, SubscriptionDetail, SubscriptionId, SubscriptionStatus, rate_label};
use super::switching;
use super::table::SubscriptionBadge;
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::movements::Rate;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Bone, Callout, Card, Crumb, Exactly, Fact, Facts, Head, LinkButton, Loaded, PageHeader, Resource, SimpleTable, Tone, icon,
    use_live, use_param,
};

/// The page's data.
pub struct SubscriptionPage;

#[lazy_route]
impl LazyRoute for SubscriptionPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let detail = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: SubscriptionId = id.parse().map_err(|_| Error::NotFound)?;
                get_subscription(id).await
            },
        );
        let switches = Resource::new(
            move || id.get(),
            |id| async move {
                let id: SubscriptionId = id.parse().map_err(|_| Error::NotFound)?;
                read_switches(id).await
            },
        );
        let activity = activity::of_subscription();
        use_live(&["subscription", "plan.subscriptions_moved", "day"], move |_| {
            detail.refetch();
            switches.refetch();
            activity.refetch();
        });
        view! {
            <Loaded of=detail skeleton=Bone::Detail whole=true let:found>
                {body(found, detail)}
            </Loaded>
            <div class="stack">
                <Loaded of=switches skeleton=Bone::Card(120) part=true let:found>
                    {switching::card(id.get_untracked(), found, switches)}
                </Loaded>
                {activity::card(activity)}
            </div>
        }
        .into_any()
    }
}

fn body(of: SubscriptionDetail, resource: Resource<Result<SubscriptionDetail>>) -> AnyView {
    let subscription = of.subscription.clone();
    let customer = format!("/customers/{}", subscription.customer_id);
    let crumbs = vec![Crumb::new("Subscriptions", "/subscriptions"), Crumb::new(subscription.customer_name.clone(), customer)];
    let (verbs, notice, facts) = (actions(&of, resource), notice(&of), facts(&of));
    let preview = use_viewer().can(Permission::ReadInvoices).then(|| {
        let href = format!("/invoices/preview?subscription={}", subscription.id);
        view! { <LinkButton href icon=icon::EYE>"Preview next invoice"</LinkButton> }
    });
    let head = view! { {preview} {verbs} }.into_any();
    view! {
        <PageHeader
            title=subscription.plan_name.clone()
            subtitle=subscription.customer_name.clone()
            crumbs
            badge=view! { <SubscriptionBadge of=subscription.status/> }.into_any()
            actions=head
        />
        <div class="stack">
            {notice}
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            <Card title="Phases" subtitle="Stretches at one plan, price and quantity; the latest first" flush=true>
                {phases(of.phases)}
            </Card>
        </div>
    }
    .into_any()
}

/// What is set to happen.
fn notice(of: &SubscriptionDetail) -> AnyView {
    let back = of.pause.and_then(|pause| pause.until);
    let pending = of.phases.first().filter(|phase| phase.starts_on > of.today && of.phases.len() > 1 && back != Some(phase.starts_on));
    let change = pending.map(|phase| {
        let text = format!("From {}: {} × {} at {}.", long_day(phase.starts_on), phase.quantity, phase.plan_name, phase.price);
        view! { <Callout tone=Tone::Info title="A change is set">{text}</Callout> }
    });
    let end = of.subscription.ended_on.filter(|end| *end > of.today).map(|end| {
        let why = of.subscription.cancel_reason.as_deref().map_or(String::new(), |reason| format!(" Reason: {reason}."));
        let text = format!("Service ends on {}; the MRR goes on that day.{why}", long_day(end));
        view! { <Callout tone=Tone::Warn title="It is cancelled">{text}</Callout> }
    });
    view! { {of.pause.map(|pause| paused(pause, of.today))} {change} {end} }.into_any()
}

fn paused(pause: Pause, today: NaiveDate) -> impl IntoView {
    let title = if pause.from <= today { "It is paused" } else { "A pause is set" };
    let back = pause.until.map_or("until somebody resumes it".to_owned(), |day| format!("and back on {}", long_day(day)));
    let text = format!("No service and nothing to pay from {} {back}.", long_day(pause.from));
    view! { <Callout tone=Tone::Warn title>{text}</Callout> }
}

fn facts(of: &SubscriptionDetail) -> Vec<Fact> {
    let s = &of.subscription;
    let text = |value: Option<String>| value.unwrap_or_else(|| "\u{2013}".into());
    let customer = format!("/customers/{}", s.customer_id);
    let plan = format!("/plans/{}", s.plan_id);
    let mut facts = vec![
        Fact::new("Customer", view! { <a class="link" href=customer>{s.customer_name.clone()}</a> }),
        Fact::new("Plan", view! { <a class="link" href=plan>{s.plan_name.clone()}</a> }),
        Fact::new("Monthly", view! { <Amount of=s.monthly/> }),
        Fact::new("Started", long_day(s.started_on)),
    ];
    if let Some(day) = s.trial_ends_on {
        let label = if s.status == SubscriptionStatus::Trial { "Trial until" } else { "Trial ended" };
        facts.push(Fact::new(label, long_day(day)));
    }
    if let Some(day) = of.period_ends_on {
        facts.push(Fact::new("Billing period ends", long_day(day)));
    }
    if let Some(day) = s.ended_on {
        facts.push(Fact::new(if s.status == SubscriptionStatus::Ended { "Ended" } else { "Ends" }, long_day(day)));
        facts.push(Fact::new("Reason", text(s.cancel_reason.clone())));
    }
    facts.extend([
        Fact::new("Payment method", text(s.payment_method.clone())),
        Fact::new("External id", text(s.external_id.clone())),
        Fact::new("Added", view! { <Exactly at=s.created.clone()/> }),
        Fact::new("Id", s.id.to_string()),
    ]);
    facts
}

fn phases(of: Vec<PhaseView>) -> AnyView {
    let heads = vec![
        Head::text("From"),
        Head::text("Until"),
        Head::text("Plan"),
        Head::number("Quantity"),
        Head::number("Price"),
        Head::text("Every"),
        Head::number("Monthly"),
        Head::text("Note"),
    ];
    let row = |phase: PhaseView| {
        let note = note(&phase);
        vec![
            short_day(phase.starts_on).into_any(),
            phase.ends_on.map_or("open".into(), short_day).into_any(),
            phase.plan_name.into_any(),
            crate::kit::money::group(&phase.quantity.to_string()).into_any(),
            view! { <Amount of=phase.price/> }.into_any(),
            phase.interval.label().into_any(),
            view! { <Amount of=phase.monthly/> }.into_any(),
            note.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! { <SimpleTable caption="Phases of this subscription" heads rows/> }.into_any()
}

fn note(of: &PhaseView) -> String {
    let mut notes = Vec::new();
    if of.pays_from > of.starts_on {
        notes.push(format!("pays from {}", short_day(of.pays_from)));
    }
    if of.version.is_none() {
        notes.push("own price".to_owned());
    }
    if of.rate != Rate::ONE {
        notes.push(format!("rate {}", rate_label(of.rate)));
    }
    notes.extend(of.end_reason.as_ref().map(|reason| format!("ended: {reason}")));
    notes.join("; ")
}
