//! The list's columns, and how a status and a stage look.

use leptos::prelude::*;

use super::model::{Case, CaseStatus, Stage};
use crate::kit::period::short_day;
use crate::kit::readable::count;
use crate::ui::{Amount, Badge, Column, Listing, Row, Tone, When};

/// The status in a word and a colour.
#[component]
pub fn CaseBadge(of: CaseStatus) -> impl IntoView {
    let tone = match of {
        CaseStatus::Open => Tone::Warn,
        CaseStatus::Paused => Tone::Info,
        CaseStatus::Recovered => Tone::Good,
        CaseStatus::Lost => Tone::Bad,
        CaseStatus::Closed => Tone::Neutral,
    };
    view! { <Badge tone text=of.label()/> }
}

/// How far it went, in a word and a colour.
pub fn stage(of: Stage) -> AnyView {
    let tone = match of {
        Stage::New | Stage::Email | Stage::Sms | Stage::Retry => Tone::Neutral,
        Stage::Throttle | Stage::Suspend => Tone::Warn,
        Stage::Cancel | Stage::WriteOff => Tone::Bad,
    };
    view! { <Badge tone text=of.label()/> }.into_any()
}

/// What happens next, and when.
pub fn next(of: &Case) -> String {
    if of.status == CaseStatus::Paused {
        return "Waits to be resumed".into();
    }
    if let Some(day) = of.promised_on {
        return format!("Promised by {}", short_day(day));
    }
    match (of.next, of.next_on) {
        (Some(action), Some(day)) => format!("{}, {}", action.label(), short_day(day)),
        _ if of.status.is_live() => "Every step was taken".into(),
        _ => of.close_reason.clone().unwrap_or_default(),
    }
}

/// `customers`: with whose they are.
pub fn listing(customers: bool) -> Listing<Case> {
    let list =
        Listing::new("Cases", |c: &Case| Row::new(c.id, format!("{} of {}", c.number, c.customer_name)).href(format!("/dunning/{}", c.id)));
    let list = list.column(Column::new("invoice", "Invoice", |c: &Case| c.number.clone()));
    let list = if customers { list.column(Column::new("customer", "Customer", |c: &Case| c.customer_name.clone())) } else { list };
    list.column(Column::new("due", "Still to pay", |c: &Case| view! { <Amount of=c.due/> }).numeric().sortable())
        .column(Column::new("overdue", "Overdue", |c: &Case| count(u64::try_from(c.days_overdue).unwrap_or(0), "day")).sortable())
        .column(Column::new("stage", "Stage", |c: &Case| stage(c.stage)))
        .column(Column::new("next", "Next", next).sortable())
        .column(Column::new("status", "Status", |c: &Case| view! { <CaseBadge of=c.status/> }))
        .column(Column::new("recovered", "Recovered", |c: &Case| view! { <Amount of=c.recovered/> }).numeric().optional())
        .column(Column::new("opened", "Opened", |c: &Case| view! { <When at=c.opened.clone()/> }).sortable().optional())
}
