//! Credit notes: corrections of what was issued. What is taken back goes to the customer's credit, is paid back, or comes
//! off what the invoice still wants.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::credit_list::{COLUMNS, Row, TABLES};
use super::list;
use super::money::settle;
use super::settings::{settings, take_number};
use crate::customers;
use crate::invoices::ledger::{Entry, EntryKind};
use crate::invoices::model::{CreditNote, CreditNoteId, Invoice, InvoiceId, InvoiceLineId, InvoiceStatus, NewCreditNote, Settlement};
use crate::invoices::numbers::Series;
use crate::invoices::sheet::{CreditEffect, CreditForm, LineLeft};
use crate::invoices::spread::spread;
use crate::kit::bulk::Rows;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::money::{Money, divide_half_away};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// A line and what can still be taken back of it.
#[derive(FromQueryResult)]
struct Left {
    id: InvoiceLineId,
    description: String,
    net_minor: i64,
    tax_minor: i64,
    inclusive: bool,
    credited_minor: i64,
    credited_tax_minor: i64,
}

/// What of a line is taken back: `amount` as the line has it, `tax` on top of it or, where prices include it, within.
struct Part<'a> {
    line: &'a Left,
    amount: i64,
    tax: i64,
}

/// What a credit note takes back, and what it comes to.
struct Plan<'a> {
    parts: Vec<Part<'a>>,
    tax: i64,
    total: i64,
}

/// The invoice, where there is something to take back of it, and its number.
fn issued(invoice: &Invoice) -> Result<String> {
    let number = invoice.number.clone().filter(|_| invoice.status != InvoiceStatus::Void);
    number.ok_or_else(|| Error::Conflict("It is a draft or void: there is nothing to take back.".into()))
}

/// What a credit note comes to, or why it cannot be written.
async fn plan<'a>(tx: &Tx, left: &'a [Left], invoice: &Invoice, new: &NewCreditNote) -> Result<Plan<'a>> {
    let parts = if new.lines.is_empty() { all(left) } else { chosen(left, new, invoice)? };
    let (tax, amounts) = (parts.iter().map(|p| p.tax).sum::<i64>(), parts.iter().map(|p| p.amount).sum::<i64>());
    let on_top: i64 = parts.iter().filter(|p| !p.line.inclusive).map(|p| p.tax).sum();
    let total = amounts + on_top;
    within(tx, invoice, new.settlement, total).await?;
    Ok(Plan { parts, tax, total })
}

/// What a credit note would come to, by the code that writes it. Without a reason yet.
pub async fn foresee_credit(scope: &Scope, id: InvoiceId, form: &CreditForm) -> Result<CreditEffect> {
    let tx = scope.read().await?;
    let invoice = list::read(&tx, id).await?;
    let form = CreditForm { reason: "A preview".to_owned(), ..form.clone() };
    let new = form.parse(invoice.total.currency())?;
    issued(&invoice)?;
    let left = left(&tx, id).await?;
    let Plan { tax, total, .. } = plan(&tx, &left, &invoice, &new).await?;
    let money = |minor| Money::new(minor, invoice.total.currency());
    let off = if new.settlement == Settlement::Offset { total } else { 0 };
    Ok(CreditEffect {
        subtotal: money(total - tax),
        tax: money(tax),
        total: money(total),
        due: invoice.due,
        due_after: money(invoice.due.minor() - off),
    })
}

/// As [`credit_note`], from what a person typed.
pub async fn credit_typed(scope: &Scope, id: InvoiceId, form: &CreditForm) -> Result<CreditNoteId> {
    let currency = list::get(scope, id).await?.total.currency();
    credit_note(scope, id, form.parse(currency)?).await
}

/// What can still be taken back of the lines of an invoice; nothing of a draft or a void one.
pub(super) async fn left_of(tx: &Tx, invoice: &Invoice) -> Result<Vec<LineLeft>> {
    if issued(invoice).is_err() {
        return Ok(Vec::new());
    }
    let of = |line: Left| {
        let left = Money::new(line.net_minor - line.credited_minor, invoice.total.currency());
        LineLeft { line: line.id, description: line.description, left }
    };
    let left = left(tx, invoice.id).await?;
    Ok(left.into_iter().filter(|line| line.net_minor > line.credited_minor).map(of).collect())
}

/// Writes a credit note.
pub async fn credit_note(scope: &Scope, id: InvoiceId, new: NewCreditNote) -> Result<CreditNoteId> {
    let tx = scope.write().await?;
    let customer = list::read(&tx, id).await?.customer;
    customers::store::hold(&tx, &[customer]).await?;
    let invoice = list::read(&tx, id).await?;
    let invoice_number = issued(&invoice)?;
    let left = left(&tx, id).await?;
    let Plan { parts, tax, total } = plan(&tx, &left, &invoice, &new).await?;
    let (note, on) = (CreditNoteId::new(), scope.today());
    let prefix = settings(&tx).await?.credit_note_prefix;
    let number = take_number(&tx, Series::CreditNote, &prefix, on).await?;
    let currency = invoice.total.currency();
    let columns = [
        "id",
        "number",
        "invoice_id",
        "customer_id",
        "settlement",
        "reason",
        "currency",
        "issued_on",
        "subtotal_minor",
        "tax_minor",
        "total_minor",
        "created_by",
        "created_at",
    ];
    let row = vec![
        note.0.into(),
        number.clone().into(),
        id.0.into(),
        customer.0.into(),
        new.settlement.into(),
        new.reason.clone().into(),
        currency.to_string().into(),
        on.into(),
        (total - tax).into(),
        tax.into(),
        total.into(),
        scope.actor().name().into(),
        scope.now().into(),
    ];
    Rows::new(&columns, vec![row]).insert(&tx, "credit_notes", "").await?;
    let line = |p: &Part| vec![note.0.into(), p.line.id.0.into(), p.line.description.clone().into(), p.amount.into(), p.tax.into()];
    let columns = ["credit_note_id", "invoice_line_id", "description", "amount_minor", "tax_minor"];
    Rows::new(&columns, parts.iter().map(line).collect()).insert(&tx, "credit_note_lines", "").await?;
    let entry = Entry::new(EntryKind::CreditNote, customer, currency, note, number.clone());
    settle(&tx, on, entry.credit_note(id, new.settlement, total, tax)).await?;
    let details = json!({
        "invoice": invoice_number, "total": Money::new(total, currency), "settlement": new.settlement, "reason": new.reason,
    });
    tx.commit(Event::new("credit_note.issued", "credit_note", note, number).level(Level::Warning).details(details)).await?;
    Ok(note)
}

async fn left(tx: &Tx, id: InvoiceId) -> Result<Vec<Left>> {
    let sum = |column| {
        format!(
            "(SELECT CAST(COALESCE(SUM(n.{column}), 0) AS BIGINT) FROM credit_note_lines n \
             WHERE n.seller_id = l.seller_id AND n.invoice_line_id = l.id)"
        )
    };
    let sql = format!(
        "SELECT l.id, l.description, l.amount_minor - l.discount_minor AS net_minor, l.tax_minor, l.rate_inclusive AS inclusive, \
         {} AS credited_minor, {} AS credited_tax_minor FROM invoice_lines l \
         WHERE l.seller_id = $1 AND l.invoice_id = $2 ORDER BY l.position",
        sum("amount_minor"),
        sum("tax_minor")
    );
    tx.all(&sql, [tx.seller_id().0.into(), id.0.into()]).await
}

/// All that is left: what lines below zero gave is taken off the others.
fn all(left: &[Left]) -> Vec<Part<'_>> {
    let charges: Vec<&Left> = left.iter().filter(|l| l.net_minor > 0).collect();
    let open: Vec<i64> = charges.iter().map(|l| (l.net_minor - l.credited_minor).max(0)).collect();
    let net: i64 = left.iter().map(|l| l.net_minor - l.credited_minor).sum();
    let tax: i64 = left.iter().map(|l| l.tax_minor - l.credited_tax_minor).sum();
    let parts = charges.into_iter().zip(spread(net.max(0), &open)).zip(spread(tax.max(0), &open));
    parts.map(|((line, amount), tax)| Part { line, amount, tax }).filter(|p| p.amount > 0).collect()
}

fn chosen<'a>(left: &'a [Left], new: &NewCreditNote, invoice: &Invoice) -> Result<Vec<Part<'a>>> {
    let mut parts: Vec<Part> = Vec::new();
    for wanted in &new.lines {
        let line = left.iter().find(|l| l.id == wanted.line).ok_or_else(|| Error::field("lines", "names a line of another invoice"))?;
        let open = line.net_minor - line.credited_minor;
        let amount = wanted.amount.minor();
        if wanted.amount.currency() != invoice.total.currency()
            || amount <= 0
            || amount > open
            || parts.iter().any(|p| p.line.id == line.id)
        {
            let open = Money::new(open.max(0), invoice.total.currency());
            return Err(Error::field("lines", format!("must take back more than nothing and at most {open} of each line")));
        }
        let share = divide_half_away(i128::from(line.tax_minor) * i128::from(amount), i128::from(line.net_minor.max(1)));
        let tax_left = line.tax_minor - line.credited_tax_minor;
        let share = share.and_then(|t| i64::try_from(t).ok()).unwrap_or(0);
        let tax = if amount == open { tax_left } else { share.min(tax_left) };
        parts.push(Part { line, amount, tax });
    }
    Ok(parts)
}

/// No more is taken back than was asked for, nor more paid back than was paid.
async fn within(tx: &Tx, invoice: &Invoice, settlement: Settlement, total: i64) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Sums {
        given: i64,
    }
    if total <= 0 {
        return Err(Error::Conflict("There is nothing left to take back.".into()));
    }
    let sql = "SELECT CAST(COALESCE(SUM(total_minor), 0) AS BIGINT) AS given FROM credit_notes WHERE seller_id = $1 AND invoice_id = $2";
    let sums: Option<Sums> = tx.one(sql, [tx.seller_id().0.into(), invoice_id(invoice)]).await?;
    let given = sums.map_or(0, |s| s.given);
    let (due, currency) = (invoice.due.minor(), invoice.total.currency());
    if settlement == Settlement::Offset {
        if total > due {
            return Err(Error::field("settlement", format!("can take off at most {}, what the invoice wants", Money::new(due, currency))));
        }
        return Ok(());
    }
    if invoice.status == InvoiceStatus::Uncollectible {
        return Err(Error::Conflict("It was given up: nothing was paid that could go back.".into()));
    }
    let paid = (invoice.total.minor() - due - given).max(0);
    if total > paid {
        let paid = Money::new(paid, currency);
        return Err(Error::field("settlement", format!("can give back at most {paid}, what was paid; take the rest off the invoice")));
    }
    Ok(())
}

fn invoice_id(invoice: &Invoice) -> sea_orm::Value {
    invoice.id.0.into()
}

/// `SELECT` of credit notes, to which conditions are added.
fn select() -> String {
    format!("SELECT {COLUMNS} FROM {TABLES} WHERE n.seller_id = $1")
}

/// The credit notes of an invoice, the earliest first.
pub(super) async fn of_invoice(tx: &Tx, id: InvoiceId) -> Result<Vec<CreditNote>> {
    let rows: Vec<Row> =
        tx.all(&format!("{} AND n.invoice_id = $2 ORDER BY n.id", select()), [tx.seller_id().0.into(), id.0.into()]).await?;
    rows.into_iter().map(|row| row.note(tx.scope())).collect()
}

/// One credit note, in a transaction that is under way.
pub async fn read_credit_note(tx: &Tx, id: CreditNoteId) -> Result<CreditNote> {
    let row: Option<Row> = tx.one(&format!("{} AND n.id = $2", select()), [tx.seller_id().0.into(), id.0.into()]).await?;
    row.ok_or(Error::NotFound)?.note(tx.scope())
}

/// What a credit note takes back, line by line: description, amount before tax and tax.
pub async fn credit_note_lines(tx: &Tx, note: &CreditNote) -> Result<Vec<(String, Money, Money)>> {
    #[derive(FromQueryResult)]
    struct LineRow {
        description: String,
        amount_minor: i64,
        tax_minor: i64,
    }
    let sql = "SELECT n.description, n.amount_minor, n.tax_minor FROM credit_note_lines n JOIN invoice_lines l \
               ON l.seller_id = n.seller_id AND l.id = n.invoice_line_id \
               WHERE n.seller_id = $1 AND n.credit_note_id = $2 ORDER BY l.position, l.id";
    let rows: Vec<LineRow> = tx.all(sql, [tx.seller_id().0.into(), note.id.0.into()]).await?;
    let money = |minor| Money::new(minor, note.total.currency());
    Ok(rows.into_iter().map(|row| (row.description, money(row.amount_minor), money(row.tax_minor))).collect())
}
