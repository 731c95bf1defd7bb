//! The matters in words: what, why, since or until when, and what follows if nobody acts.

use chrono::NaiveDate;

use super::model::{Matter, NextStep};
use crate::dunning::StepAction;
use crate::kit::money::Money;
use crate::kit::period::long_day;
use crate::kit::readable;
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
        Matter::Dunning { count, at_risk, since, next } => dunning(count, &at_risk, since, next),
        Matter::Parked { count, since, name } => AttentionItem {
            icon: icon::BAN,
            tone: Tone::Bad,
            title: match name {
                Some(name) => format!("{name} was left out of billing"),
                None => format!("{count} customers were left out of billing"),
            },
            detail: format!("Since {} a run would not guess about something; no invoice until someone looks at it", long_day(since)),
            href: "/billing".into(),
        },
        Matter::ReceiptsWait { count, since } => AttentionItem {
            icon: icon::RECEIPT,
            tone: Tone::Warn,
            title: format!("{} for review", counted(count, "receipt", "wait")),
            detail: format!("Since {}; until someone approves it the invoice stays owed and is followed up", long_day(since)),
            href: "/receipts?status=waiting".into(),
        },
        Matter::JobsFailed { count, since } => {
            let since = since.map(|day| format!("Since {}. ", long_day(day))).unwrap_or_default();
            AttentionItem {
                icon: icon::CIRCLE_ALERT,
                tone: Tone::Bad,
                title: format!("{} failed for good", readable::count(count, "background job")),
                detail: since + "Imports among them have changed nothing. They stay undone until someone retries them.",
                href: "/jobs?status=dead".into(),
            }
        }
    }
}

fn dunning(count: i64, at_risk: &[Money], since: NaiveDate, next: Option<NextStep>) -> AttentionItem {
    let sums: Vec<String> = at_risk.iter().map(Money::to_string).collect();
    let next = match next {
        Some(NextStep { action, customer, on }) => {
            format!("next: {} on {}", doing(action, &customer), long_day(on))
        }
        None => "nothing more happens by itself".to_owned(),
    };
    AttentionItem {
        icon: icon::HOURGLASS,
        tone: Tone::Bad,
        title: format!("{} overdue, {} at risk", readable::count(count.unsigned_abs(), "invoice"), sums.join(" and ")),
        detail: format!("The oldest since {}; {next}", long_day(since)),
        href: "/dunning".into(),
    }
}

/// A step as something that will be done to a customer.
fn doing(action: StepAction, customer: &str) -> String {
    match action {
        StepAction::Email => format!("remind {customer}"),
        StepAction::Sms => format!("text {customer}"),
        StepAction::Retry => format!("collect from {customer} again"),
        StepAction::Throttle => format!("slow down the service of {customer}"),
        StepAction::Suspend => format!("suspend the service of {customer}"),
        StepAction::Cancel => format!("cancel the subscription of {customer}"),
        StepAction::WriteOff => format!("write off what {customer} owes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::money::Currency;
    use crate::kit::period::day;

    #[test]
    fn what_is_overdue_says_how_much_since_when_and_what_comes_next() {
        let day = |text| day(text).expect("a day");
        let next = NextStep { action: StepAction::Cancel, customer: "Harbour Clinics".into(), on: day("2026-12-04") };
        let at_risk = vec![Money::new(82_200, Currency::USD)];
        let item = item(Matter::Dunning { count: 7, at_risk, since: day("2026-10-01"), next: Some(next) });
        assert_eq!(item.title, "7 invoices overdue, $822.00 at risk");
        assert!(item.detail.ends_with("next: cancel the subscription of Harbour Clinics on 4 December 2026"), "{}", item.detail);
        let item = super::item(Matter::ReceiptsWait { count: 1, since: day("2026-10-01") });
        assert_eq!(item.title, "1 receipt waits for review");
    }
}
