//! The matters in words: what, why, since or until when, and what follows if nobody acts.

use super::model::Matter;
use crate::kit::period::long_day;
use crate::movements::MovementKind;
use crate::ui::{AttentionItem, Tone, icon};

/// `1 trial ends`, `3 trials end`.
fn counted(count: i64, noun: &str, verb: &str) -> String {
    if count == 1 { format!("1 {noun} {verb}s") } else { format!("{count} {noun}s {verb}") }
}

/// A matter as a line of the card.
pub fn item(matter: Matter) -> AttentionItem {
    match matter {
        Matter::TrialsEnd { count, mrr, soonest, name } => AttentionItem {
            icon: icon::HOURGLASS,
            tone: Tone::Warn,
            title: match name {
                Some(name) => format!("The trial of {name} ends within 3 days"),
                None => format!("{} within 3 days", counted(count, "trial", "end")),
            },
            detail: format!("{mrr} of MRR starts to pay if nobody cancels; first on {}", long_day(soonest)),
            href: "/subscriptions?status=trial".into(),
        },
        Matter::SubscriptionsEnd { count, mrr, soonest, name } => AttentionItem {
            icon: icon::CALENDAR,
            tone: Tone::Bad,
            title: match name {
                Some(name) => format!("A subscription of {name} is set to end this week"),
                None => format!("{count} subscriptions are set to end this week"),
            },
            detail: format!("{mrr} of MRR is lost unless taken back; first on {}", long_day(soonest)),
            href: "/subscriptions?status=cancelling".into(),
        },
        Matter::Lost { customer, name, kind, amount, left, day, reason } => {
            let why = reason.map_or_else(|| "no reason given".to_owned(), |r| format!("reason: {r}"));
            let churned = kind == MovementKind::Churn;
            let rest = if churned { "it pays nothing now".to_owned() } else { format!("{left} of MRR left") };
            AttentionItem {
                icon: icon::TRENDING_DOWN,
                tone: if churned { Tone::Bad } else { Tone::Warn },
                title: format!(
                    "{name} {}",
                    if churned { format!("left, and {amount} of MRR with it") } else { format!("pays {amount} less") }
                ),
                detail: format!("On {}, {why}; {rest}", long_day(day)),
                href: format!("/customers/{customer}"),
            }
        }
        Matter::JobsFailed { count } => AttentionItem {
            icon: icon::CIRCLE_ALERT,
            tone: Tone::Bad,
            title: if count == 1 { "1 background job failed for good".into() } else { format!("{count} background jobs failed for good") },
            detail: "Imports among them have changed nothing. They stay undone until someone retries them.".into(),
            href: "/jobs?status=dead".into(),
        },
    }
}
