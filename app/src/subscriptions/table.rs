//! The list's columns, and how a status looks.

use leptos::prelude::*;

use super::model::{Subscription, SubscriptionStatus};
use crate::kit::period::short_day;
use crate::ui::{Amount, Badge, Column, Listing, Row, Tone};

/// The status in a word and a colour.
#[component]
pub fn SubscriptionBadge(of: SubscriptionStatus) -> impl IntoView {
    let tone = match of {
        SubscriptionStatus::Active => Tone::Good,
        SubscriptionStatus::Trial | SubscriptionStatus::Scheduled => Tone::Info,
        SubscriptionStatus::Cancelling | SubscriptionStatus::Paused => Tone::Warn,
        SubscriptionStatus::Ended => Tone::Neutral,
    };
    view! { <Badge tone text=of.label()/> }
}

/// The columns; on a customer's own page without the customer.
pub fn listing(with_customer: bool) -> Listing<Subscription> {
    let mut listing = Listing::new("Subscriptions", |s: &Subscription| {
        Row::new(s.id, format!("{}, {}", s.customer_name, s.plan_name)).href(format!("/subscriptions/{}", s.id))
    });
    if with_customer {
        listing = listing.column(Column::new("customer", "Customer", |s: &Subscription| s.customer_name.clone()));
    }
    listing
        .column(Column::new("plan", "Plan", |s: &Subscription| s.plan_name.clone()))
        .column(Column::new("monthly", "Monthly", |s: &Subscription| view! { <Amount of=s.monthly/> }).numeric().sortable())
        .column(Column::new("status", "Status", |s: &Subscription| view! { <SubscriptionBadge of=s.status/> }))
        .column(Column::new("started", "Started", |s: &Subscription| short_day(s.started_on)).sortable())
        .column(Column::new("ended", "Ends", |s: &Subscription| s.ended_on.map(short_day).unwrap_or_default()).sortable())
        .column(Column::new("interval", "Every", |s: &Subscription| s.interval.label()).optional())
        .column(Column::new("currency", "Currency", |s: &Subscription| s.currency.to_string()).optional())
        .column(Column::new("reason", "Reason", |s: &Subscription| s.cancel_reason.clone().unwrap_or_default()).optional())
        .column(Column::new("external_id", "External id", |s: &Subscription| s.external_id.clone().unwrap_or_default()).optional())
}
