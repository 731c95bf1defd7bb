//! What people do with invoices: write one, issue it, take it back, give it up.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::book::{self, SellerBook};
use super::money::{credits, settle};
use super::write::{Buyer, issue};
use super::{accounts, list, manual, run};
use crate::customers::{self, Customer, CustomerId};
use crate::invoices::ledger::{Entry, EntryKind};
use crate::invoices::model::{Invoice, InvoiceId, InvoiceLine, InvoiceStatus, LineKind, NewInvoice, NewLine};
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::money::Money;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::subscriptions::store::billing;

/// Says whose place an invoice takes.
pub(super) async fn set_replaces(tx: &Tx, id: InvoiceId, replaces: InvoiceId) -> Result<()> {
    let sql = "UPDATE invoices SET replaces_id = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), replaces.0.into()]).await.map(|_| ())
}

/// Issues a draft today. From here on it never changes.
pub async fn finalize(scope: &Scope, id: InvoiceId) -> Result<()> {
    let tx = scope.write().await?;
    let (invoice, seller, customer) = held(&tx, id).await?;
    if invoice.status != InvoiceStatus::Draft {
        return Err(Error::Conflict("It is issued already.".into()));
    }
    refuse_open_usage(&tx, &invoice).await?;
    let account = accounts::ensure(&tx, &[customer.id], &seller.settings).await?.remove(&customer.id).ok_or(Error::NotFound)?;
    let due_on = manual::due_day(&tx, customer.id, manual::wanted_due(&tx, id).await?).await?;
    let figures = (id, invoice.total.currency(), invoice.total.minor(), invoice.tax.minor());
    let buyer = Buyer { customer: &customer, account: &account };
    let number = issue(&tx, &seller, &buyer, figures, due_on).await?;
    let details = json!({
        "number": number, "customer": customer.id, "customer_name": customer.name, "total": invoice.total, "issued_on": scope.today(),
        "due_on": due_on,
    });
    tx.commit(Event::new("invoice.finalized", "invoice", id, number).details(details)).await
}

/// Issues the drafts among these, one by one; gives how many. What is none by then is left as it is.
pub async fn finalize_all(scope: &Scope, ids: &[InvoiceId]) -> Result<u64> {
    let tx = scope.read().await?;
    let mut drafts = Vec::new();
    for id in ids {
        drafts.extend((list::read(&tx, *id).await?.status == InvoiceStatus::Draft).then_some(*id));
    }
    drop(tx);
    let mut issued = 0;
    for id in drafts {
        match finalize(scope, id).await {
            Ok(()) => issued += 1,
            Err(Error::Conflict(_) | Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(issued)
}

/// A run's draft with usage on it shows what was used when it was drafted; what came since would never be billed.
async fn refuse_open_usage(tx: &Tx, invoice: &Invoice) -> Result<()> {
    let lines = list::lines(tx, &[invoice.id]).await?;
    if !invoice.manual && lines.values().flatten().any(|line| line.kind == LineKind::Usage) {
        return Err(Error::Conflict("It bills usage, which is counted when the run issues it. Bill the customer now instead.".into()));
    }
    Ok(())
}

/// The invoice as it stands once nobody else moves its money.
async fn held(tx: &Tx, id: InvoiceId) -> Result<(Invoice, SellerBook, Customer)> {
    let customer = list::read(tx, id).await?.customer;
    customers::store::hold(tx, &[customer]).await?;
    Ok((list::read(tx, id).await?, book::seller(tx).await?, customers::store::read(tx, customer).await?))
}

/// Throws a person's draft away. A run's is made anew by the next one.
pub async fn discard(scope: &Scope, id: InvoiceId) -> Result<()> {
    let tx = scope.write().await?;
    let invoice = list::read(&tx, id).await?;
    if invoice.status != InvoiceStatus::Draft {
        return Err(Error::Conflict("It is issued: void it, or write a credit note.".into()));
    }
    if !invoice.manual {
        return Err(Error::Conflict("It follows from subscriptions: change or cancel those.".into()));
    }
    tx.run("DELETE FROM invoices WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), id.0.into()]).await?;
    tx.commit(Event::new("invoice.discarded", "invoice", id, invoice.customer_name)).await
}

/// Takes an invoice back as if it had never been. What it billed is not billed again.
pub async fn void(scope: &Scope, id: InvoiceId, reason: Option<String>) -> Result<()> {
    let tx = scope.write().await?;
    let event = take_back(&tx, id, false, reason).await?;
    tx.commit(event).await
}

/// Takes an invoice back and bills the same anew: subscriptions as they are now, written lines as a draft. Gives what
/// takes its place.
pub async fn replace(scope: &Scope, id: InvoiceId, reason: Option<String>) -> Result<Vec<InvoiceId>> {
    let tx = scope.write().await?;
    let event = take_back(&tx, id, true, reason).await?;
    let invoice = list::read(&tx, id).await?;
    let lines: Vec<InvoiceLine> = list::lines(&tx, &[id]).await?.remove(&id).unwrap_or_default();
    let mut placed = Vec::new();
    let written = |l: &InvoiceLine| NewLine { description: l.description.clone(), quantity: l.quantity, unit: l.unit };
    let written: Vec<NewLine> = lines.iter().filter(|l| l.subscription.is_none()).map(written).collect();
    if !written.is_empty() {
        let customer = customers::store::read(&tx, invoice.customer).await?;
        let new = NewInvoice { customer: customer.id, lines: written, issued_on: None, due_on: None, note: None };
        let draft = manual::draft(&tx, &customer, &new, None).await?;
        set_replaces(&tx, draft, id).await?;
        placed.push(draft);
    }
    let mut subscriptions: Vec<_> = lines.iter().filter_map(|l| l.subscription).collect();
    subscriptions.sort();
    subscriptions.dedup();
    for subscription in &subscriptions {
        billing::look_again(&tx, *subscription).await?;
    }
    tx.commit(event).await?;
    if !subscriptions.is_empty() {
        // Where something waits for a person, it is back all the same, and the alert says what for.
        let (made, _) = run::bill_one(scope, invoice.customer).await?;
        let tx = scope.write().await?;
        for id_of_new in &made {
            set_replaces(&tx, *id_of_new, id).await?;
        }
        tx.commit_quietly().await?;
        placed.extend(made);
    }
    Ok(placed)
}

async fn take_back(tx: &Tx, id: InvoiceId, rebill: bool, reason: Option<String>) -> Result<Event> {
    let (invoice, _, customer) = held(tx, id).await?;
    let Some(number) = invoice.number.clone() else { return Err(Error::Conflict("It is a draft: discard it.".into())) };
    match invoice.status {
        InvoiceStatus::Void => return Err(Error::Conflict("It is void already.".into())),
        InvoiceStatus::Uncollectible => return Err(Error::Conflict("It is given up: write a credit note instead.".into())),
        _ => {}
    }
    if touched(tx, id).await? {
        let why = "Payments or credit notes belong to it: write a credit note for the rest instead.";
        return Err(Error::Conflict(why.into()));
    }
    let (total, tax, due) = (invoice.total.minor(), invoice.tax.minor(), invoice.due.minor());
    let credit = credits(tx, &[customer.id]).await?.remove(&(customer.id, invoice.total.currency())).unwrap_or(0);
    if total < 0 && credit < -total {
        return Err(Error::Conflict("The credit that it gave is used already: bill the difference instead.".into()));
    }
    let entry = Entry::new(EntryKind::InvoiceVoided, customer.id, invoice.total.currency(), id, number.clone());
    let entry = if total < 0 { negative(entry, total, tax) } else { entry.voided(id, total, tax, due) };
    settle(tx, tx.scope().today(), entry).await?;
    let sql =
        "UPDATE invoices SET status = 'void', due_minor = 0, paid_on = NULL, voided_at = $3, rebill = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), tx.scope().now().into(), rebill.into()]).await?;
    let details = json!({ "number": number, "total": invoice.total, "reason": reason, "billed_again": rebill });
    let (title, link) = (format!("Invoice {number} was voided"), format!("/invoices/{id}"));
    let body = format!("{} for {}.", invoice.total, customer.name);
    Ok(Event::new("invoice.voided", "invoice", id, number).level(Level::Warning).details(details).notify(Level::Info, title, body, link))
}

/// Takes back a credit that an invoice below zero gave.
fn negative(entry: Entry, total: i64, tax: i64) -> Entry {
    use crate::invoices::ledger::Account;
    entry.debit(Account::Revenue, total - tax).debit(Account::Tax, tax).credit(Account::CustomerCredit, total)
}

/// Whether payments or credit notes belong to an invoice.
async fn touched(tx: &Tx, id: InvoiceId) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let sql = "SELECT (SELECT COUNT(*) FROM payment_allocations p JOIN payments m ON m.seller_id = p.seller_id AND m.id = p.payment_id \
               WHERE p.seller_id = $1 AND p.invoice_id = $2 AND m.status = 'succeeded' AND p.amount_minor > p.released_minor) \
               + (SELECT COUNT(*) FROM credit_notes n WHERE n.seller_id = $1 AND n.invoice_id = $2) AS n";
    let count: Option<Count> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(count.is_some_and(|c| c.n > 0))
}

/// Uses a customer's credit for what it owes, the invoice that was due first before the others; gives what was used of
/// each currency.
pub async fn use_credit(scope: &Scope, customer: CustomerId) -> Result<Vec<Money>> {
    #[derive(FromQueryResult)]
    struct Owed {
        id: InvoiceId,
        number: String,
        due_minor: i64,
        used_before: i64,
    }
    let tx = scope.write().await?;
    let name = customers::store::read(&tx, customer).await?.name;
    customers::store::hold(&tx, &[customer]).await?;
    let mut used = Vec::new();
    for ((_, currency), credit) in credits(&tx, &[customer]).await? {
        let sql = "SELECT i.id, i.number, i.due_minor, (SELECT COUNT(*) FROM ledger_entries e JOIN ledger_postings p \
                   ON p.seller_id = e.seller_id AND p.entry_id = e.id WHERE e.seller_id = i.seller_id AND e.kind = 'credit_applied' \
                   AND p.invoice_id = i.id) AS used_before FROM invoices i \
                   WHERE i.seller_id = $1 AND i.customer_id = $2 AND i.currency = $3 AND i.status = 'open' ORDER BY i.due_on, i.id";
        let owed: Vec<Owed> = tx.all(sql, [tx.seller_id().0.into(), customer.0.into(), currency.to_string().into()]).await?;
        let mut left = credit;
        for invoice in owed {
            let part = left.min(invoice.due_minor);
            if part <= 0 {
                break;
            }
            // One entry of a kind for each source: later uses are told apart by their number.
            let source = format!("{}/{}", invoice.id, invoice.used_before + 1);
            let entry = Entry::new(EntryKind::CreditApplied, customer, currency, source, invoice.number);
            settle(&tx, scope.today(), entry.credit_applied(invoice.id, part)).await?;
            left -= part;
        }
        if left < credit {
            used.push(Money::new(credit - left, currency));
        }
    }
    if used.is_empty() {
        return Ok(used);
    }
    tx.commit(Event::new("customer.credit_used", "customer", customer, name).details(json!({ "used": used }))).await?;
    Ok(used)
}

/// Gives up what an invoice still wants.
pub async fn mark_uncollectible(scope: &Scope, id: InvoiceId) -> Result<()> {
    let tx = scope.write().await?;
    let event = give_up(&tx, id).await?;
    tx.commit(event).await
}

/// As [`mark_uncollectible`], in a transaction that is under way; gives the event that says so.
pub async fn give_up(tx: &Tx, id: InvoiceId) -> Result<Event> {
    let (invoice, _, customer) = held(tx, id).await?;
    let open = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::PartiallyPaid | InvoiceStatus::Overdue);
    let Some(number) = invoice.number.filter(|_| open) else { return Err(Error::Conflict("It wants nothing.".into())) };
    let entry = Entry::new(EntryKind::WrittenOff, customer.id, invoice.total.currency(), id, number.clone());
    settle(tx, tx.scope().today(), entry.written_off(id, invoice.due.minor())).await?;
    let sql = "UPDATE invoices SET status = 'uncollectible', paid_on = NULL WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let event = Event::new("invoice.written_off", "invoice", id, number).level(Level::Warning);
    Ok(event.details(json!({ "amount": invoice.due, "customer": customer.id })))
}
