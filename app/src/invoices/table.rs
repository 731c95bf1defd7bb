//! The list's columns, and how a status looks.

use leptos::prelude::*;

use super::model::{Invoice, InvoiceStatus};
use crate::kit::period::{Period, long_day, short_day};
use crate::ui::{Amount, Badge, Column, Listing, Row, Tone, When};

/// The status in a word and a colour.
#[component]
pub fn InvoiceBadge(of: InvoiceStatus) -> impl IntoView {
    let tone = match of {
        InvoiceStatus::Paid => Tone::Good,
        InvoiceStatus::Open | InvoiceStatus::PartiallyPaid => Tone::Info,
        InvoiceStatus::Overdue => Tone::Bad,
        InvoiceStatus::Uncollectible => Tone::Warn,
        InvoiceStatus::Draft | InvoiceStatus::Void => Tone::Neutral,
    };
    view! { <Badge tone text=of.label()/> }
}

/// A number, or that there is none yet.
pub fn number_of(of: &Invoice) -> String {
    of.number.clone().unwrap_or_else(|| "Draft".to_owned())
}

/// `1 Mar – 31 Mar 2026`: the first and the last day.
pub fn days_of(of: Period) -> String {
    let last = of.end.pred_opt().unwrap_or(of.end);
    if last == of.start { long_day(last) } else { format!("{} \u{2013} {}", short_day(of.start), short_day(last)) }
}

/// `customers`: with whose they are.
pub fn listing(customers: bool) -> Listing<Invoice> {
    let list = Listing::new("Invoices", |i: &Invoice| {
        Row::new(i.id, format!("{} of {}", number_of(i), i.customer_name)).href(format!("/invoices/{}", i.id))
    });
    let list = list.column(Column::new("number", "Number", number_of).sortable());
    let list = if customers { list.column(Column::new("customer", "Customer", |i: &Invoice| i.customer_name.clone())) } else { list };
    list.column(Column::new("total", "Total", |i: &Invoice| view! { <Amount of=i.total/> }).numeric().sortable())
        .column(Column::new("amount_due", "Amount due", |i: &Invoice| view! { <Amount of=i.due/> }).numeric())
        .column(Column::new("status", "Status", |i: &Invoice| view! { <InvoiceBadge of=i.status/> }))
        .column(Column::new("issued", "Issued", |i: &Invoice| short_day(i.issued_on)).sortable())
        .column(Column::new("due", "Due", |i: &Invoice| short_day(i.due_on)).sortable())
        .column(Column::new("period", "Period", |i: &Invoice| i.period.map(days_of).unwrap_or_default()).optional())
        .column(Column::new("tax", "Tax", |i: &Invoice| view! { <Amount of=i.tax/> }).numeric().optional())
        .column(Column::new("paid", "Paid", |i: &Invoice| i.paid_on.map(short_day).unwrap_or_default()).optional())
        .column(Column::new("origin", "Made by", |i: &Invoice| if i.manual { "A person" } else { "A billing run" }).optional())
        .column(Column::new("created", "Created", |i: &Invoice| view! { <When at=i.created.clone()/> }).optional())
}
