//! The list's columns, and how a status looks.

use leptos::prelude::*;

use super::model::{Payment, PaymentStatus};
use crate::kit::period::short_day;
use crate::ui::{Amount, Badge, Column, Listing, Row, Tone, When};

/// The status in a word and a colour.
#[component]
pub fn PaymentBadge(of: PaymentStatus) -> impl IntoView {
    let tone = match of {
        PaymentStatus::Succeeded => Tone::Good,
        PaymentStatus::Pending => Tone::Info,
        PaymentStatus::NeedsAction | PaymentStatus::Disputed => Tone::Warn,
        PaymentStatus::Failed | PaymentStatus::Reversed => Tone::Bad,
        PaymentStatus::Cancelled => Tone::Neutral,
    };
    view! { <Badge tone text=of.label()/> }
}

/// `customers`: with whose they are.
pub fn listing(customers: bool) -> Listing<Payment> {
    let list = Listing::new("Payments", |p: &Payment| {
        Row::new(p.id, format!("{} of {}", p.amount, p.customer_name)).href(format!("/payments/{}", p.id))
    });
    let list = list.column(Column::new("paid", "Paid", |p: &Payment| short_day(p.paid_on)).sortable());
    let list =
        if customers { list.column(Column::new("customer", "Customer", |p: &Payment| p.customer_name.clone()).sortable()) } else { list };
    list.column(Column::new("amount", "Amount", |p: &Payment| view! { <Amount of=p.amount/> }).numeric().sortable())
        .column(Column::new("status", "Status", |p: &Payment| view! { <PaymentBadge of=p.status/> }))
        .column(Column::new("method", "Method", |p: &Payment| p.paid_by.label()))
        .column(Column::new("reference", "Reference", |p: &Payment| p.reference.clone().unwrap_or_default()))
        .column(Column::new("allocated", "On invoices", |p: &Payment| view! { <Amount of=p.allocated/> }).numeric())
        .column(Column::new("refunded", "Paid back", |p: &Payment| view! { <Amount of=p.refunded/> }).numeric().optional())
        .column(Column::new("by", "Recorded by", |p: &Payment| p.recorded_by.clone()).optional())
        .column(Column::new("created", "Recorded", |p: &Payment| view! { <When at=p.created.clone()/> }).sortable().optional())
}
