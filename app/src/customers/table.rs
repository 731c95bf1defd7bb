//! The list's columns, and how a status looks.

use leptos::prelude::*;

use super::model::{Customer, CustomerStatus};
use crate::kit::period::short_day;
use crate::ui::{Amount, Badge, Column, Identity, Listing, Row, Tone, When};

/// The status in a word and a colour.
#[component]
pub fn CustomerBadge(of: CustomerStatus) -> impl IntoView {
    let tone = match of {
        CustomerStatus::Paying => Tone::Good,
        CustomerStatus::Trial => Tone::Info,
        CustomerStatus::Former => Tone::Bad,
        CustomerStatus::NeverPaid => Tone::Neutral,
    };
    view! { <Badge tone text=of.label()/> }
}

/// `title` is what the seller calls its customers; `revenue`: with what they pay.
pub fn listing(title: &str, revenue: bool) -> Listing<Customer> {
    Listing::new(title, |c: &Customer| Row::new(c.id, &c.name).href(format!("/customers/{}", c.id)))
        .column(Column::new("name", "Name", |c: &Customer| identity(c)).sortable())
        .column(Column::new("status", "Status", |c: &Customer| view! { <CustomerBadge of=c.status/> }))
        .column_if(revenue, Column::new("mrr", "MRR", |c: &Customer| c.mrr.map(|of| view! { <Amount of/> })).numeric().sortable())
        .column(Column::new("country", "Country", |c: &Customer| c.country.clone().unwrap_or_default()))
        .column(Column::new("first_paid", "Paying since", first_paid).sortable())
        .column(Column::new("created", "Added", |c: &Customer| view! { <When at=c.created.clone()/> }).sortable())
        .column(Column::new("external_id", "External id", |c: &Customer| c.external_id.clone().unwrap_or_default()).optional())
}

/// A trial has a day already on which it will begin to pay.
fn first_paid(customer: &Customer) -> String {
    match customer.first_paid_on {
        Some(day) if customer.is_yet_to_pay() => format!("From {}", short_day(day)),
        day => day.map(short_day).unwrap_or_default(),
    }
}

fn identity(customer: &Customer) -> AnyView {
    let detail = customer.email.clone().or_else(|| customer.external_id.clone()).unwrap_or_default();
    view! { <Identity name=customer.name.clone() detail/> }.into_any()
}
