//! Invoices that a person writes: drafted, changed while they are drafts, and previewed by the same code.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::book::{self, SellerBook};
use super::verbs::set_replaces;
use super::write::{Buyer, Origin, write};
use super::{accounts, list, preview, settings};
use crate::customers::{self, Customer, CustomerId};
use crate::invoices::make::{CustomerBook, Draft, Line};
use crate::invoices::model::{InvoiceId, InvoiceStatus, LineKind, NewInvoice, NewLine, Preview};
use crate::invoices::written::{InvoiceForm, InvoiceStart, LineForm};
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// Most lines of an invoice that a person writes.
const LINES_MAX: usize = 200;

/// Writes a draft.
pub async fn create(scope: &Scope, new: NewInvoice) -> Result<InvoiceId> {
    let tx = scope.write().await?;
    let customer = known(&tx, new.customer).await?;
    let id = draft(&tx, &customer, &new, None).await?;
    let event = Event::new("invoice.drafted", "invoice", id, customer.name.clone()).details(json!({ "customer": customer.id }));
    tx.commit(event).await?;
    Ok(id)
}

/// Writes a person's draft anew. It stays with its customer.
pub async fn edit(scope: &Scope, id: InvoiceId, new: NewInvoice) -> Result<()> {
    let tx = scope.write().await?;
    let before = list::read(&tx, id).await?;
    customers::store::hold(&tx, &[before.customer]).await?;
    let before = list::read(&tx, id).await?;
    editable(before.status, before.manual)?;
    if new.customer != before.customer {
        return Err(Error::field("customer_id", "is not the one that the draft is for"));
    }
    let customer = customers::store::read(&tx, before.customer).await?;
    let replaces = replaces(&tx, id).await?;
    check_lines(&new)?;
    tx.run("DELETE FROM invoices WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), id.0.into()]).await?;
    draft(&tx, &customer, &new, Some(id)).await?;
    if let Some(other) = replaces {
        set_replaces(&tx, id, other).await?;
    }
    let after = list::read(&tx, id).await?;
    let details = json!({ "before": { "total": before.total }, "after": { "total": after.total } });
    tx.commit(Event::new("invoice.edited", "invoice", id, customer.name).details(details)).await
}

fn editable(status: InvoiceStatus, manual: bool) -> Result<()> {
    if status != InvoiceStatus::Draft {
        return Err(Error::Conflict("It is issued and never changes: write a credit note.".into()));
    }
    if !manual {
        return Err(Error::Conflict("It follows from subscriptions: change or cancel those.".into()));
    }
    Ok(())
}

async fn replaces(tx: &Tx, id: InvoiceId) -> Result<Option<InvoiceId>> {
    #[derive(FromQueryResult)]
    struct Row {
        replaces_id: Option<uuid::Uuid>,
    }
    let sql = "SELECT replaces_id FROM invoices WHERE seller_id = $1 AND id = $2";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(row.and_then(|row| row.replaces_id).map(InvoiceId))
}

async fn known(tx: &Tx, id: CustomerId) -> Result<Customer> {
    let customer = customers::store::read(tx, id).await;
    customer.map_err(|e| if e == Error::NotFound { Error::field("customer_id", "is no customer") } else { e })
}

/// What a draft would say, with nothing written.
pub async fn preview_new(scope: &Scope, new: NewInvoice) -> Result<Preview> {
    let tx = scope.read().await?;
    let customer = known(&tx, new.customer).await?;
    let seller = book::seller(&tx).await?;
    let draft = figure(&tx, &seller, customer.id, &new).await?;
    let currency = draft.currency;
    Ok(preview::show(draft, currency))
}

fn check_lines(new: &NewInvoice) -> Result<()> {
    let Some(first) = new.lines.first() else { return Err(Error::field("lines", "must not be empty")) };
    let currency = first.unit.currency();
    if new.lines.len() > LINES_MAX || new.lines.iter().any(|l| l.unit.currency() != currency || l.quantity < 1) {
        return Err(Error::field("lines", format!("must be at most {LINES_MAX}, of one currency, with quantities above zero")));
    }
    Ok(())
}

/// A draft with its sums, by the rules that every invoice follows.
async fn figure(tx: &Tx, seller: &SellerBook, customer: CustomerId, new: &NewInvoice) -> Result<Draft> {
    check_lines(new)?;
    let today = tx.scope().today();
    if new.due_on.is_some_and(|day| day < today) {
        return Err(Error::field("due_on", "must not be in the past"));
    }
    let currency = new.lines[0].unit.currency();
    let opened = book::open_with(tx, seller, &[customer], Vec::new(), today).await?;
    let mut book: CustomerBook = opened.into_iter().next().ok_or(Error::NotFound)?.book;
    let on = new.issued_on.unwrap_or(today);
    let rate = book.rate(&seller.rates, on).cloned();
    // Coupons are for what recurs.
    book.coupons.clear();
    let line = |new: &NewLine| -> Result<Line> {
        let amount = new.unit.times_ratio(i128::from(new.quantity), 1).map_err(|e| Error::field("lines", e.to_string()))?;
        Ok(Line {
            kind: LineKind::OneOff,
            description: new.description.clone(),
            subscription: None,
            item: None,
            sequence: None,
            plan: None,
            period: None,
            whole: None,
            quantity: new.quantity,
            unit: new.unit.minor(),
            price: amount.minor(),
            amount: amount.minor(),
            discount: 0,
            tax: 0,
            rate: rate.clone(),
            of: None,
        })
    };
    let lines = new.lines.iter().map(line).collect::<Result<Vec<_>>>()?;
    let figured = book.figure(currency, on, lines);
    let mut draft = figured.and_then(|draft| draft.bounded()).map_err(|e| Error::field("lines", e.to_string()))?;
    draft.note = new.note.clone();
    draft.due_on = new.due_on.unwrap_or(draft.due_on);
    Ok(draft)
}

/// Writes the draft, in the place of `id` where that is given.
pub(super) async fn draft(tx: &Tx, customer: &Customer, new: &NewInvoice, id: Option<InvoiceId>) -> Result<InvoiceId> {
    check_lines(new)?;
    customers::store::hold(tx, &[customer.id]).await?;
    let seller = book::seller(tx).await?;
    let accounts = accounts::ensure(tx, &[customer.id], &seller.settings).await?;
    let draft = Draft { id, ..figure(tx, &seller, customer.id, new).await? };
    let account = accounts.get(&customer.id).ok_or(Error::NotFound)?;
    let buyers = BTreeMap::from([(customer.id, Buyer { customer, account })]);
    let written = write(tx, &seller, &buyers, &[draft], (Origin::Manual, NaiveDate::MIN)).await?;
    let id = written.first().map(|w| w.id).ok_or_else(|| bug("a draft was not written"))?;
    if let Some(day) = new.due_on {
        let sql = "UPDATE invoices SET wanted_due_on = $3 WHERE seller_id = $1 AND id = $2";
        tx.run(sql, [tx.seller_id().0.into(), id.0.into(), day.into()]).await?;
    }
    Ok(id)
}

/// The due day that a person chose for a draft.
pub(super) async fn wanted_due(tx: &Tx, id: InvoiceId) -> Result<Option<NaiveDate>> {
    #[derive(FromQueryResult)]
    struct Row {
        wanted_due_on: Option<NaiveDate>,
    }
    let sql = "SELECT wanted_due_on FROM invoices WHERE seller_id = $1 AND id = $2";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(row.and_then(|row| row.wanted_due_on))
}

/// When an invoice of the customer would be due if it were issued today: as a person chose, or by the terms.
pub(super) async fn due_day(tx: &Tx, customer: CustomerId, wanted: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = tx.scope().today();
    if let Some(day) = wanted {
        return Ok(day.max(today));
    }
    let own = accounts::of(tx, &[customer]).await?.remove(&customer).and_then(|account| account.terms_days);
    let days = match own {
        Some(days) => days,
        None => settings::settings(tx).await?.terms_days,
    };
    Ok(today.checked_add_days(Days::new(u64::try_from(days).unwrap_or(0))).unwrap_or(today))
}

/// What the form starts from: a customer, or a draft to change.
pub async fn start(scope: &Scope, customer: Option<CustomerId>, draft: Option<InvoiceId>) -> Result<InvoiceStart> {
    let detail = match draft {
        Some(id) => Some(list::detail(scope, id).await?),
        None => None,
    };
    if let Some(detail) = &detail {
        editable(detail.invoice.status, detail.invoice.manual)?;
    }
    let id = detail.as_ref().map(|d| d.invoice.customer).or(customer).ok_or(Error::NotFound)?;
    let tx = scope.read().await?;
    let customer = customers::store::read(&tx, id).await?;
    let wanted = match draft {
        Some(draft) => wanted_due(&tx, draft).await?,
        None => None,
    };
    let by_terms = due_day(&tx, id, None).await?;
    let form = match detail {
        None => InvoiceForm { customer: id.to_string(), currency: scope.currency().to_string(), ..InvoiceForm::default() },
        Some(detail) => InvoiceForm {
            customer: id.to_string(),
            currency: detail.invoice.total.currency().to_string(),
            due_on: wanted.map(|day| day.to_string()).unwrap_or_default(),
            note: detail.note.unwrap_or_default(),
            lines: detail
                .lines
                .into_iter()
                .map(|l| LineForm { description: l.description, quantity: l.quantity.to_string(), amount: l.unit.to_major() })
                .collect(),
        },
    };
    Ok(InvoiceStart { draft, customer: id, customer_name: customer.name, by_terms, form })
}
