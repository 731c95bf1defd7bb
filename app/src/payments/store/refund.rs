//! Money goes back.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::allocate::{self, Part};
use super::reverse::credit_used;
use super::{charges, list, paybacks};
use crate::customers;
use crate::invoices::InvoiceId;
use crate::invoices::ledger::{Account, Entry, EntryKind};
use crate::invoices::store::money::settle;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::{Destination, NewRefund, Payment, PaymentId, PaymentStatus, RefundId};

/// Where a refund is taken from, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sources {
    /// What credit notes promised back.
    promised: i64,
    /// The customer's credit.
    credit: i64,
    /// Invoices that are owed again, with whether they were given up.
    invoices: Vec<(InvoiceId, i64, bool)>,
}

impl Sources {
    /// Takes `minor` from what there is; what is left over could not be found.
    fn take(mut minor: i64, promised: i64, credit: i64, parts: &[Part]) -> (Self, i64) {
        let mut sources = Self { promised: minor.min(promised), ..Self::default() };
        minor -= sources.promised;
        sources.credit = minor.min(credit);
        minor -= sources.credit;
        for part in parts {
            let taken = minor.min(part.minor);
            if taken > 0 {
                sources.invoices.push((part.invoice_id, taken, part.given_up));
                minor -= taken;
            }
        }
        (sources, minor)
    }

    fn entry(&self, entry: Entry, to: Account) -> Entry {
        let total = self.promised + self.credit + self.invoices.iter().map(|(_, minor, _)| minor).sum::<i64>();
        let entry = entry.debit(Account::Refunds, self.promised).debit(Account::CustomerCredit, self.credit);
        let entry = self.invoices.iter().fold(entry, |entry, (id, minor, given_up)| owed_again(entry, *id, *minor, *given_up));
        entry.credit(to, total)
    }
}

/// An invoice is owed again; one that was given up is given up anew.
pub(super) fn owed_again(entry: Entry, id: InvoiceId, minor: i64, given_up: bool) -> Entry {
    if given_up { entry.debit(Account::WriteOff, minor) } else { entry.owed(id, minor) }
}

/// Pays a payment back, or turns it into the customer's credit. What credit notes promised is used first, then, for money
/// out of the house, the customer's credit; for the rest the latest invoices it paid are owed again. What a gateway brought
/// goes back through it: that is booked when it has answered.
pub async fn refund(scope: &Scope, id: PaymentId, new: NewRefund) -> Result<RefundId> {
    let tx = scope.write().await?;
    let customer = list::read(&tx, id).await?.customer;
    customers::store::hold(&tx, &[customer]).await?;
    let payment = list::read(&tx, id).await?;
    if payment.status != PaymentStatus::Succeeded {
        return Err(Error::Conflict(format!("It is {}: nothing of it can go back.", payment.status.label().to_lowercase())));
    }
    let currency = payment.amount.currency();
    let parts = allocate::parts(&tx, id).await?;
    let available = limit(&tx, &payment, &parts, new.to).await?;
    let minor = match new.amount {
        None => available.total,
        Some(amount) if amount.currency() != currency => return Err(Error::field("amount", format!("must be in {currency}"))),
        Some(amount) => amount.minor(),
    };
    if minor <= 0 || minor > available.total {
        return Err(Error::field("amount", format!("must be more than nothing and at most {}", Money::new(available.total, currency))));
    }
    let refund = RefundId::new();
    let charge = charges::read(&tx, id).await?.filter(|charge| charge.gateway_id.is_some() && new.to == Destination::Method);
    if let Some(charge) = charge {
        if charge.gateway_id.as_deref().is_some_and(|id| !charge.gateway.can_ask_about(id)) {
            let where_at = charge.gateway.label();
            return Err(Error::Conflict(format!("{where_at} has not said which payment this is. Pay it back at {where_at}.")));
        }
        write(&tx, refund, &payment, minor, &new, "pending").await?;
        paybacks::ask(&tx, refund).await?;
        let details = json!({ "refund": refund, "amount": Money::new(minor, currency), "gateway": charge.gateway, "reason": new.reason });
        let event = Event::new("payment.refund_started", "payment", id, payment.customer_name.clone()).details(details);
        tx.commit(event).await?;
        return Ok(refund);
    }
    write(&tx, refund, &payment, minor, &new, "succeeded").await?;
    let booking = Booking { id: refund, minor, to: new.to, reason: &new.reason, forced: false };
    let event = book(&tx, &payment, booking).await?;
    tx.commit(event).await?;
    Ok(refund)
}

/// A refund to book.
pub(super) struct Booking<'a> {
    pub id: RefundId,
    pub minor: i64,
    pub to: Destination,
    pub reason: &'a str,
    /// The money is gone already, whatever it can be taken from.
    pub forced: bool,
}

/// Books money that went back. The customer must be held; gives the event to commit with.
pub(super) async fn book(tx: &Tx, payment: &Payment, refund: Booking<'_>) -> Result<Event> {
    let Booking { id, minor, to, reason, forced } = refund;
    let currency = payment.amount.currency();
    let parts = allocate::parts(tx, payment.id).await?;
    let available = limit(tx, payment, &parts, to).await?;
    let (sources, missing) = Sources::take(minor, available.promised, available.credit, &parts);
    release(tx, payment.id, &sources).await?;
    let account = if to == Destination::Method { Account::Cash } else { Account::CustomerCredit };
    let mut entry = Entry::new(EntryKind::Refund, payment.customer, currency, id, format!("Refund: {reason}"));
    if forced && missing > 0 {
        entry = missing_credit(tx, payment, entry, missing).await?.credit(account, missing);
    } else if missing > 0 {
        return Err(Error::Conflict("Less can go back by now.".into()));
    }
    settle(tx, tx.scope().today(), sources.entry(entry, account)).await?;
    if to == Destination::Method {
        let sql = "UPDATE payments SET refunded_minor = refunded_minor + $3 WHERE seller_id = $1 AND id = $2";
        tx.run(sql, [tx.seller_id().0.into(), payment.id.0.into(), minor.into()]).await?;
    }
    let amount = Money::new(minor, currency);
    let again: Vec<String> = sources.invoices.iter().map(|(id, _, _)| id.to_string()).collect();
    let details = json!({ "refund": id, "amount": amount, "to": to, "reason": reason, "owed_again": again });
    Ok(Event::new("payment.refunded", "payment", payment.id, payment.customer_name.clone()).level(Level::Warning).details(details))
}

/// The credit that the payment made is used: what used it is owed again, the latest first; what even that does not cover
/// is lost.
async fn missing_credit(tx: &Tx, payment: &Payment, mut entry: Entry, mut missing: i64) -> Result<Entry> {
    for used in credit_used(tx, payment.customer, payment.amount.currency()).await? {
        let back = missing.min(used.minor);
        if back > 0 {
            entry = entry.owed(used.id, back);
            missing -= back;
        }
    }
    Ok(entry.debit(Account::WriteOff, missing))
}

/// As [`refund`], from what a person typed; a blank amount is all that can go.
pub async fn refund_typed(scope: &Scope, id: PaymentId, amount: &str, to: Destination, reason: &str) -> Result<RefundId> {
    let currency = list::get(scope, id).await?.amount.currency();
    let mut check = Check::default();
    let amount = (!amount.trim().is_empty()).then(|| check.money("amount", amount, currency));
    let reason = check.text("reason", reason, 200);
    refund(scope, id, check.done(|| NewRefund { amount, to, reason })?).await
}

/// What a refund could be taken from.
pub(super) struct Available {
    promised: i64,
    credit: i64,
    /// The most that can go back.
    pub total: i64,
}

/// What of a payment can go where.
pub(super) async fn limit(tx: &Tx, payment: &Payment, parts: &[Part], to: Destination) -> Result<Available> {
    let currency = payment.amount.currency();
    let promised = allocate::promised(tx, payment.customer, currency).await?;
    let credit = if to == Destination::Method { allocate::credit(tx, payment.customer, currency).await? } else { 0 };
    let found = promised.saturating_add(credit).saturating_add(parts.iter().map(|p| p.minor).sum());
    let left = payment.amount.minor() - payment.refunded.minor() - waiting(tx, payment.id).await?;
    Ok(Available { promised, credit, total: found.min(left) })
}

/// What is on its way back and not booked yet.
async fn waiting(tx: &Tx, payment: PaymentId) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Sum {
        minor: i64,
    }
    let sql = "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS minor FROM refunds \
               WHERE seller_id = $1 AND payment_id = $2 AND status = 'pending'";
    let sum: Option<Sum> = tx.one(sql, [tx.seller_id().0.into(), payment.0.into()]).await?;
    Ok(sum.map_or(0, |sum| sum.minor))
}

pub(super) async fn write(tx: &Tx, id: RefundId, payment: &Payment, minor: i64, new: &NewRefund, status: &str) -> Result<()> {
    let sql = "INSERT INTO refunds (seller_id, id, payment_id, customer_id, status, destination, currency, amount_minor, reason, created_by, \
               created_at, settled_at) VALUES ($1, $2, $3, $4, $11, $5, $6, $7, $8, $9, $10, $12)";
    let settled = (status == "succeeded").then_some(tx.scope().now());
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        payment.id.0.into(),
        payment.customer.0.into(),
        new.to.into(),
        payment.amount.currency().to_string().into(),
        minor.into(),
        new.reason.clone().into(),
        tx.scope().actor().name().into(),
        tx.scope().now().into(),
        status.into(),
        settled.into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

async fn release(tx: &Tx, id: PaymentId, sources: &Sources) -> Result<()> {
    for (invoice, minor, _) in &sources.invoices {
        let sql = "UPDATE payment_allocations SET released_minor = released_minor + $4 \
                   WHERE seller_id = $1 AND payment_id = $2 AND invoice_id = $3";
        tx.run(sql, [tx.seller_id().0.into(), id.0.into(), invoice.0.into(), (*minor).into()]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_come_first_then_credit_then_invoices() {
        let part = |n: u128, minor| Part { invoice_id: InvoiceId(uuid::Uuid::from_u128(n)), minor, given_up: false };
        let (sources, rest) = Sources::take(100, 20, 30, &[part(1, 40), part(2, 40)]);
        assert_eq!((sources.promised, sources.credit, rest), (20, 30, 0));
        assert_eq!(sources.invoices.iter().map(|(_, minor, _)| *minor).collect::<Vec<_>>(), [40, 10]);
        assert_eq!(Sources::take(100, 20, 30, &[part(1, 40)]).1, 10);
    }
}
