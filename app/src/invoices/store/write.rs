//! Writes invoices: drafts, and such that are issued at once. Issuing takes the number, copies who sells and buys, posts
//! to the ledger and uses the customer's credit, all in the transaction of the caller.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::Value;
use serde_json::json;

use super::accounts::{Account, stored};
use super::book::SellerBook;
use super::money::{credits, post};
use super::settings::{take_number, take_numbers};
use crate::customers::{Customer, CustomerId};
use crate::invoices::ledger::{Entry, EntryKind};
use crate::invoices::make::{Draft, Line};
use crate::invoices::model::{BillingRunId, InvoiceId, InvoiceLineId};
use crate::invoices::numbers::Series;
use crate::kit::Result;
use crate::kit::bulk::Rows;
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::money::{Currency, Money};
use crate::kit::tx::Tx;

/// Who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Run(BillingRunId),
    Manual,
}

/// A customer as its invoices print it.
pub(super) struct Buyer<'a> {
    pub customer: &'a Customer,
    pub account: &'a Account,
}

/// An invoice that was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub id: InvoiceId,
    pub event: Option<Event>,
}

const COLUMNS: [&str; 23] = [
    "id",
    "number",
    "customer_id",
    "status",
    "origin",
    "currency",
    "issued_on",
    "due_on",
    "period_start",
    "period_end",
    "subtotal_minor",
    "discount_minor",
    "tax_minor",
    "total_minor",
    "due_minor",
    "seller_details",
    "customer_details",
    "tax_note",
    "note",
    "run_id",
    "finalized_at",
    "paid_on",
    "created_at",
];

/// Writes drafts of customers who are held: those up to `issue_until` are issued, the others stay drafts.
pub(super) async fn write(
    tx: &Tx,
    seller: &SellerBook,
    buyers: &BTreeMap<CustomerId, Buyer<'_>>,
    drafts: &[Draft],
    (origin, issue_until): (Origin, NaiveDate),
) -> Result<Vec<Written>> {
    let ids: Vec<CustomerId> = buyers.keys().copied().collect();
    let mut credits = if ids.is_empty() { BTreeMap::new() } else { credits(tx, &ids).await? };
    let (mut heads, mut parts, mut entries, mut written) = (Vec::new(), Parts::default(), Vec::new(), Vec::new());
    let days: Vec<NaiveDate> = drafts.iter().map(|d| d.issued_on).filter(|day| *day <= issue_until).collect();
    let mut numbers = take_numbers(tx, Series::Invoice, &seller.settings.invoice_prefix, &days).await?.into_iter();
    for draft in drafts {
        let buyer = buyers.get(&draft.customer).ok_or_else(|| bug("an invoice of nobody"))?;
        let id = draft.id.unwrap_or_else(InvoiceId::new);
        parts.take(id, draft);
        let mut head = Head::draft(id, origin, tx);
        let mut event = None;
        if draft.issued_on <= issue_until {
            let number = numbers.next().ok_or_else(|| bug("a number is missing"))?;
            let credit = credits.entry((draft.customer, draft.currency)).or_default();
            entries.extend(head.issue(draft, number.clone(), credit).into_iter().map(|entry| (draft.issued_on, entry)));
            event = Some(issued(id, &number, draft, buyer.customer));
        }
        heads.push(head.row(draft, seller, buyer));
        written.push(Written { id, event });
    }
    Rows::new(&COLUMNS, heads).insert(tx, "invoices", "").await?;
    parts.write(tx).await?;
    post(tx, &entries).await?;
    Ok(written)
}

fn issued(id: InvoiceId, number: &str, draft: &Draft, customer: &Customer) -> Event {
    let total = Money::new(draft.figures.total, draft.currency);
    let details = json!({
        "number": number, "customer": draft.customer, "customer_name": customer.name, "total": total, "issued_on": draft.issued_on,
        "due_on": draft.due_on,
    });
    Event::new("invoice.finalized", "invoice", id, number).details(details)
}

/// What of an invoice's row issuing decides.
struct Head {
    id: InvoiceId,
    origin: Origin,
    number: Option<String>,
    status: &'static str,
    due: i64,
    finalized_at: Option<chrono::DateTime<chrono::Utc>>,
    paid_on: Option<NaiveDate>,
    now: chrono::DateTime<chrono::Utc>,
}

impl Head {
    fn draft(id: InvoiceId, origin: Origin, tx: &Tx) -> Self {
        let now = tx.scope().now();
        Self { id, origin, number: None, status: "draft", due: 0, finalized_at: None, paid_on: None, now }
    }

    /// Issues: gives what is to be posted, and takes from the customer's credit.
    fn issue(&mut self, draft: &Draft, number: String, credit: &mut i64) -> Vec<Entry> {
        let figures = &draft.figures;
        let entry = |kind| Entry::new(kind, draft.customer, draft.currency, self.id, number.clone());
        let mut entries = vec![entry(EntryKind::InvoiceFinalized).invoice(self.id, figures.total, figures.tax)];
        let used = (*credit).min(figures.total).max(0);
        if used > 0 {
            entries.push(entry(EntryKind::CreditApplied).credit_applied(self.id, used));
        }
        *credit += if figures.total < 0 { -figures.total } else { -used };
        self.due = figures.total.max(0) - used;
        self.status = if self.due == 0 { "paid" } else { "open" };
        self.paid_on = (self.due == 0).then_some(draft.issued_on);
        self.finalized_at = Some(self.now);
        self.number = Some(number);
        entries
    }

    fn row(self, draft: &Draft, seller: &SellerBook, buyer: &Buyer<'_>) -> Vec<Value> {
        let (period, figures) = (draft.period(), &draft.figures);
        let (origin, run) = match self.origin {
            Origin::Run(run) => ("run", Some(run.0)),
            Origin::Manual => ("manual", None),
        };
        vec![
            self.id.0.into(),
            self.number.into(),
            draft.customer.0.into(),
            self.status.into(),
            origin.into(),
            draft.currency.to_string().into(),
            draft.issued_on.into(),
            draft.due_on.into(),
            period.map(|p| p.start).into(),
            period.map(|p| p.end).into(),
            figures.subtotal.into(),
            figures.discount.into(),
            figures.tax.into(),
            figures.total.into(),
            self.due.into(),
            stored(&seller.party).into(),
            stored(&buyer.account.party(buyer.customer)).into(),
            draft.tax_note.clone().into(),
            draft.note.clone().into(),
            run.into(),
            self.finalized_at.into(),
            self.paid_on.into(),
            self.now.into(),
        ]
    }
}

/// Rows of lines, taxes and discounts.
#[derive(Default)]
struct Parts {
    lines: Vec<Vec<Value>>,
    taxes: Vec<Vec<Value>>,
    discounts: Vec<Vec<Value>>,
}

const LINE_COLUMNS: [&str; 22] = [
    "id",
    "invoice_id",
    "position",
    "kind",
    "description",
    "subscription_id",
    "plan_id",
    "item",
    "period_start",
    "period_end",
    "whole_start",
    "whole_end",
    "sequence",
    "quantity",
    "unit_minor",
    "whole_minor",
    "amount_minor",
    "discount_minor",
    "tax_rate_id",
    "tax_ppm",
    "tax_minor",
    "rate_inclusive",
];

impl Parts {
    fn take(&mut self, id: InvoiceId, draft: &Draft) {
        for (position, line) in (1i32..).zip(&draft.lines) {
            self.lines.push(line_row(id, position, line));
        }
        for tax in &draft.figures.taxes {
            let rate = &draft.rates[tax.rate];
            self.taxes.push(vec![
                id.0.into(),
                rate.id.0.into(),
                rate.name.clone().into(),
                i32::try_from(rate.ppm).unwrap_or(0).into(),
                rate.inclusive.into(),
                tax.taxable.into(),
                tax.tax.into(),
            ]);
        }
        for (redemption, name, off) in &draft.coupons {
            self.discounts.push(vec![id.0.into(), redemption.0.into(), name.clone().into(), (*off).into()]);
        }
    }

    async fn write(self, tx: &Tx) -> Result<()> {
        Rows::new(&LINE_COLUMNS, self.lines).insert(tx, "invoice_lines", "").await?;
        let taxes = ["invoice_id", "tax_rate_id", "name", "rate_ppm", "inclusive", "taxable_minor", "tax_minor"];
        Rows::new(&taxes, self.taxes).insert(tx, "invoice_taxes", "").await?;
        Rows::new(&["invoice_id", "redemption_id", "name", "amount_minor"], self.discounts)
            .insert(tx, "invoice_discounts", "")
            .await
            .map(|_| ())
    }
}

fn line_row(id: InvoiceId, position: i32, line: &Line) -> Vec<Value> {
    let rate = line.rate.as_ref();
    vec![
        InvoiceLineId::new().0.into(),
        id.0.into(),
        position.into(),
        line.kind.into(),
        line.description.clone().into(),
        line.subscription.map(|s| s.0).into(),
        line.plan.map(|p| p.0).into(),
        line.item.clone().into(),
        line.period.map(|p| p.start).into(),
        line.period.map(|p| p.end).into(),
        line.whole.map(|p| p.start).into(),
        line.whole.map(|p| p.end).into(),
        line.sequence.into(),
        line.quantity.into(),
        line.unit.into(),
        line.price.into(),
        line.amount.into(),
        line.discount.into(),
        rate.map(|r| r.id.0).into(),
        rate.map_or(0, |r| i32::try_from(r.ppm).unwrap_or(0)).into(),
        line.tax.into(),
        rate.is_some_and(|r| r.inclusive).into(),
    ]
}

/// What remains to be done where a draft of another transaction is issued: its number, its postings, its credit.
pub(super) async fn issue(
    tx: &Tx,
    seller: &SellerBook,
    buyer: &Buyer<'_>,
    (id, currency, total, tax): (InvoiceId, Currency, i64, i64),
    due_on: NaiveDate,
) -> Result<String> {
    let on = tx.scope().today();
    let mut credits = credits(tx, &[buyer.customer.id]).await?;
    let credit = credits.remove(&(buyer.customer.id, currency)).unwrap_or(0);
    let number = take_number(tx, Series::Invoice, &seller.settings.invoice_prefix, on).await?;
    let entry = |kind| Entry::new(kind, buyer.customer.id, currency, id, number.clone());
    let mut entries = vec![(on, entry(EntryKind::InvoiceFinalized).invoice(id, total, tax))];
    let used = credit.min(total).max(0);
    if used > 0 {
        entries.push((on, entry(EntryKind::CreditApplied).credit_applied(id, used)));
    }
    let due = total.max(0) - used;
    let sql = "UPDATE invoices SET number = $3, status = $4, issued_on = $5, due_on = $6, due_minor = $7, seller_details = $8, \
               customer_details = $9, finalized_at = $10, paid_on = $11 WHERE seller_id = $1 AND id = $2 AND status = 'draft'";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        number.clone().into(),
        (if due == 0 { "paid" } else { "open" }).into(),
        on.into(),
        due_on.into(),
        due.into(),
        stored(&seller.party).into(),
        stored(&buyer.account.party(buyer.customer)).into(),
        tx.scope().now().into(),
        (due == 0).then_some(on).into(),
    ];
    tx.run(sql, values).await?;
    post(tx, &entries).await?;
    Ok(number)
}
