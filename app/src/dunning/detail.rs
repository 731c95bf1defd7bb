//! `/dunning/ID`: where a case stands, its plan, its log, and what can be done.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::get_dunning_case;
use super::model::{Case, CaseDetail, CaseId, CaseStatus, Deed, Entry, PlannedStep, StepOutcome};
use super::table::{CaseBadge, next, stage};
use super::verbs;
use crate::kit::Error;
use crate::kit::period::{long_day, short_day};
use crate::kit::readable::count;
use crate::ui::{
    Amount, Badge, Bone, Callout, Card, Crumb, Exactly, Fact, Facts, Glyph, Head, Loaded, PageHeader, Resource, SimpleTable, Timeline,
    TimelineItem, Tone, icon, use_live, use_param,
};

/// See the module.
pub struct DunningCasePage;

#[lazy_route]
impl LazyRoute for DunningCasePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let detail = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: CaseId = id.parse().map_err(|_| Error::NotFound)?;
                get_dunning_case(id).await
            },
        );
        use_live(&["dunning", "payment", "invoice"], move |_| detail.refetch());
        view! {
            <Loaded of=detail skeleton=Bone::Detail whole=true let:found>
                {body(found, detail)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: CaseDetail, resource: verbs::Found) -> AnyView {
    let customer = format!("/customers/{}/dunning", of.case.customer);
    let crumbs = vec![Crumb::new("Dunning", "/dunning"), Crumb::new(of.case.customer_name.clone(), customer)];
    let (actions, notice, facts) = (verbs::actions(&of, resource), notice(&of), facts(&of));
    let subtitle = format!("Policy {}: days after the invoice was due", of.policy_name);
    view! {
        <PageHeader
            title=format!("{} of {}", of.case.number, of.case.customer_name)
            subtitle=format!("{} to pay", of.case.due)
            crumbs
            badge=view! { <CaseBadge of=of.case.status/> }.into_any()
            actions
        />
        <div class="stack">
            {notice}
            <div class="halves">
                <Card title="Details">
                    <Facts of=facts/>
                </Card>
                <Card title="Steps" subtitle flush=true>
                    {steps(of.steps)}
                </Card>
            </div>
            <Card title="What happened">
                <Timeline of=of.log.into_iter().map(entry).collect()/>
            </Card>
        </div>
    }
    .into_any()
}

fn notice(of: &CaseDetail) -> AnyView {
    let paused = of.paused_on.filter(|_| of.case.status == CaseStatus::Paused).map(|day| {
        let text = format!("Nothing happens since {} until somebody resumes it.", short_day(day));
        view! { <Callout tone=Tone::Info title="It is paused">{text}</Callout> }
    });
    let promised = of.case.promised_on.map(|day| {
        let text = format!("Steps wait until {}. If nothing comes by then, they go on.", long_day(day));
        view! { <Callout tone=Tone::Info title="A promise to pay">{text}</Callout> }
    });
    let declined = (of.case.hard_decline && of.case.status.is_live()).then(|| {
        view! {
            <Callout tone=Tone::Warn title="The payment method was declined for good">
                "It is not tried again. As soon as the customer has another one, that is tried at once."
            </Callout>
        }
    });
    let closed = (of.case.status == CaseStatus::Closed).then(|| {
        let why = of.case.close_reason.clone().unwrap_or_default();
        view! { <Callout tone=Tone::Neutral title="It was closed">{why}</Callout> }
    });
    view! { {paused} {promised} {declined} {closed} }.into_any()
}

fn facts(of: &CaseDetail) -> Vec<Fact> {
    let Case { customer, customer_name, invoice, number, .. } = of.case.clone();
    let case = &of.case;
    let mut facts = vec![
        Fact::new("Customer", view! { <a class="link" href=format!("/customers/{customer}")>{customer_name}</a> }),
        Fact::new("Invoice", view! { <a class="link" href=format!("/invoices/{invoice}")>{number}</a> }),
        Fact::new("Due", format!("{}, {} ago", long_day(case.due_on), count(u64::try_from(case.days_overdue).unwrap_or(0), "day"))),
        Fact::new("Still to pay", view! { <Amount of=case.due/> }),
        Fact::new("At risk when opened", view! { <Amount of=case.at_risk/> }),
        Fact::new("Recovered", view! { <Amount of=case.recovered/> }),
        Fact::new("Stage", stage(case.stage)),
        Fact::new("Next", next(case)),
        Fact::new("Opened", view! { <Exactly at=case.opened.clone()/> }),
    ];
    if of.suspended > 0 {
        facts.push(Fact::new("Withheld", format!("{} of the customer", count(of.suspended, "subscription"))));
    }
    if let Some(at) = case.closed.clone() {
        facts.push(Fact::new("Ended", view! { <Exactly at/> }));
    }
    facts.push(Fact::new("Id", case.id.to_string()));
    facts
}

fn steps(of: Vec<PlannedStep>) -> AnyView {
    let heads = vec![Head::number("Day"), Head::text("Step"), Head::text("When"), Head::text("State")];
    let row = |planned: PlannedStep| {
        let state = match planned.outcome {
            Some(outcome) => view! { <Badge tone=tone(outcome) text=outcome.label()/> }.into_any(),
            None => view! { <span class="muted">"To come"</span> }.into_any(),
        };
        vec![
            planned.step.day.to_string().into_any(),
            planned.step.action.label().into_any(),
            planned.on.map(short_day).unwrap_or_else(|| "\u{2013}".into()).into_any(),
            state,
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! { <SimpleTable caption="Steps of this case" heads rows/> }.into_any()
}

fn tone(of: StepOutcome) -> Tone {
    match of {
        StepOutcome::Done => Tone::Good,
        StepOutcome::Skipped => Tone::Neutral,
        StepOutcome::Failed => Tone::Bad,
    }
}

fn entry(of: Entry) -> TimelineItem {
    let tone = match (of.outcome, of.deed) {
        (StepOutcome::Failed, _) | (StepOutcome::Done, Deed::Lost | Deed::WriteOff) => Tone::Bad,
        (StepOutcome::Skipped, _) => Tone::Neutral,
        (_, Deed::Recovered | Deed::PartlyPaid | Deed::Restore) => Tone::Good,
        (_, Deed::Suspend | Deed::Cancel | Deed::PromiseBroken | Deed::Throttle) => Tone::Warn,
        _ => Tone::Info,
    };
    let title = if of.outcome == StepOutcome::Skipped { format!("{}: skipped", of.deed.label()) } else { of.deed.label().to_owned() };
    let by = if of.by == "job" { String::new() } else { format!("by {}", of.by) };
    let detail = [of.note, by].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let item = TimelineItem::new(glyph(of.deed), title, of.at).tone(tone);
    if detail.is_empty() { item } else { item.detail(detail) }
}

fn glyph(of: Deed) -> Glyph {
    match of {
        Deed::Opened | Deed::Reopened => icon::FLAG,
        Deed::Email | Deed::Sms => icon::MAIL,
        Deed::Retry => icon::REFRESH_CW,
        Deed::Declined => icon::CIRCLE_X,
        Deed::MethodReplaced => icon::CREDIT_CARD,
        Deed::Throttle | Deed::Suspend => icon::LOCK,
        Deed::Restore | Deed::Resumed => icon::PLAY,
        Deed::Cancel | Deed::Closed | Deed::Lost | Deed::WriteOff => icon::BAN,
        Deed::Promised => icon::CALENDAR,
        Deed::PromiseBroken => icon::TRIANGLE_ALERT,
        Deed::Paused => icon::PAUSE,
        Deed::PartlyPaid | Deed::Recovered => icon::HAND_COINS,
    }
}
