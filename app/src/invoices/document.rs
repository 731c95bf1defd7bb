//! What an invoice says: whose it is, its lines, its sums. The same for an invoice that is only previewed.

use leptos::prelude::*;

use super::model::{InvoiceDetail, InvoiceDiscount, InvoiceLine, InvoiceTax, Party, Preview};
use super::sheet::percent;
use super::table::days_of;
use crate::kit::money::{Money, group};
use crate::ui::{Amount, Card, Fact, Facts, Head, SimpleTable};

/// The sums below the lines.
pub struct Sums {
    pub subtotal: Money,
    pub discount: Money,
    pub discounts: Vec<InvoiceDiscount>,
    pub taxes: Vec<InvoiceTax>,
    /// Why no tax is charged.
    pub tax_note: Option<String>,
    pub total: Money,
    /// `None` where nothing is asked for yet.
    pub due: Option<Money>,
}

/// Seller and customer, as they were at the moment of issue.
pub fn parties(of: &InvoiceDetail) -> AnyView {
    let (seller, buyer) = (party(&of.seller), party(&of.buyer));
    view! {
        <div class="halves">
            <Card title="From">
                <Facts of=seller/>
            </Card>
            <Card title="To">
                <Facts of=buyer/>
            </Card>
        </div>
    }
    .into_any()
}

fn party(of: &Party) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Name", of.legal_name.clone().unwrap_or_else(|| of.name.clone()))];
    let more = [
        ("Account", &of.account),
        ("Tax number", &of.tax_number),
        ("Address", &of.address),
        ("Country", &of.country),
        ("E-mail", &of.email),
    ];
    facts.extend(more.into_iter().filter_map(|(name, value)| value.clone().map(|value| Fact::new(name, value))));
    facts
}

/// The lines, each with what it pays for.
pub fn lines(of: Vec<InvoiceLine>) -> AnyView {
    let discounted = of.iter().any(|line| !line.discount.is_zero());
    let mut heads =
        vec![Head::text("What"), Head::text("Period"), Head::number("Quantity"), Head::number("Unit price"), Head::number("Amount")];
    if discounted {
        heads.push(Head::number("Discount"));
    }
    heads.push(Head::number("Tax"));
    let rows = of.into_iter().map(|line| row(line, discounted)).collect();
    view! { <SimpleTable caption="Lines of the invoice" heads rows/> }.into_any()
}

fn row(line: InvoiceLine, discounted: bool) -> Vec<AnyView> {
    let what = match line.subscription {
        Some(id) => view! { <a class="link" href=format!("/subscriptions/{id}")>{line.description}</a> }.into_any(),
        None => line.description.into_any(),
    };
    let rate = percent(line.tax_ppm) + "%";
    let mut cells = vec![
        what,
        line.period.map(days_of).unwrap_or_default().into_any(),
        group(&line.quantity.to_string()).into_any(),
        view! { <Amount of=line.unit/> }.into_any(),
        view! { <Amount of=line.amount/> }.into_any(),
    ];
    if discounted {
        cells.push(view! { <Amount of=line.discount/> }.into_any());
    }
    cells.push(if line.tax_ppm == 0 { "\u{2013}".into_any() } else { rate.into_any() });
    cells
}

/// Subtotal, discounts, taxes with the reason where there is none, total and what is still to be paid.
pub fn sums(of: Sums) -> AnyView {
    let line = |name: String, amount: Money| vec![name.into_any(), view! { <Amount of=amount/> }.into_any()];
    let less = |money: Money| Money::new(money.minor().saturating_neg(), money.currency());
    let mut rows = vec![line("Subtotal".to_owned(), of.subtotal)];
    rows.extend(of.discounts.iter().map(|d| line(format!("Discount: {}", d.name), less(d.amount))));
    let named: i64 = of.discounts.iter().map(|d| d.amount.minor()).sum();
    let other = Money::new(of.discount.minor().saturating_sub(named), of.discount.currency());
    if !other.is_zero() {
        rows.push(line("Other discounts".to_owned(), less(other)));
    }
    for tax in &of.taxes {
        let how = if tax.inclusive { "included in" } else { "of" };
        rows.push(line(format!("{} {}% {how} {}", tax.name, percent(tax.ppm), tax.taxable), tax.tax));
    }
    let note = of.tax_note.map(|why| view! { <p class="pad">{format!("No tax is charged: {why}.")}</p> });
    let (name, last) = match of.due {
        Some(due) => {
            rows.push(line("Total".to_owned(), of.total));
            ("Amount due", due)
        }
        None => ("Total", of.total),
    };
    let footer = vec![view! { <strong>{name}</strong> }.into_any(), view! { <strong><Amount of=last/></strong> }.into_any()];
    view! {
        <div class="sums">
            <SimpleTable caption="Sums of the invoice" heads=vec![Head::text("Sum"), Head::number("Amount")] rows footer/>
        </div>
        {note}
    }
    .into_any()
}

/// The sums of an invoice that does not exist yet.
pub fn preview_sums(of: Preview) -> AnyView {
    sums(Sums {
        subtotal: of.subtotal,
        discount: of.discount,
        discounts: of.discounts,
        taxes: of.taxes,
        tax_note: of.tax_note,
        total: of.total,
        due: None,
    })
}
