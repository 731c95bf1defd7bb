//! The figures above the list, and what the form to record a payment starts from.

use chrono::Days;
use sea_orm::FromQueryResult;

use super::allocate;
use crate::customers::{self, CustomerId};
use crate::invoices::{self, InvoiceId};
use crate::kit::day_sums::DaySums;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::{OpenInvoice, PaymentStart, PaymentStats};

/// Sums of payments that came, by the day.
pub const PAYMENT_DAYS: DaySums = DaySums {
    table: "payment_days",
    key: &["day", "method", "currency"],
    values: &["payments", "amount_minor", "fee_minor", "refunded_minor"],
};

/// The figures above the list, in the seller's currency.
pub async fn stats(scope: &Scope) -> Result<PaymentStats> {
    #[derive(FromQueryResult)]
    struct Sums {
        received: i64,
        n: i64,
        refunded: i64,
        credit: i64,
    }
    let tx = scope.read().await?;
    let sum = |of: &str| format!("(SELECT CAST(COALESCE(SUM({of}), 0) AS BIGINT)");
    let sql = format!(
        "SELECT {} FROM payment_days WHERE seller_id = $1 AND currency = $2 AND day > $3) AS received, \
         {} FROM payment_days WHERE seller_id = $1 AND currency = $2 AND day > $3) AS n, \
         {} FROM refunds WHERE seller_id = $1 AND currency = $2 AND destination = 'method' AND status = 'succeeded' AND created_at >= $4) \
         AS refunded, {} FROM ledger_postings WHERE seller_id = $1 AND account = 'customer_credit' AND currency = $2) AS credit",
        sum("amount_minor"),
        sum("payments"),
        sum("amount_minor"),
        sum("-amount_minor"),
    );
    let since = scope.today().checked_sub_days(Days::new(30)).unwrap_or(scope.today());
    let moment = crate::kit::clock::start_of(since.succ_opt().unwrap_or(since), scope.seller().time_zone);
    let currency = scope.currency();
    let values = [tx.seller_id().0.into(), currency.to_string().into(), since.into(), moment.into()];
    let sums: Sums = tx.one(&sql, values).await?.ok_or_else(|| bug("no figures"))?;
    let money = |minor| Money::new(minor, currency);
    Ok(PaymentStats {
        received: money(sums.received),
        count: u64::try_from(sums.n).unwrap_or(0),
        refunded: money(sums.refunded),
        outstanding: invoices::store::outstanding(&tx).await?,
        credit: money(sums.credit),
    })
}

/// What the form starts from: of an invoice, or of a customer with all that is due.
pub async fn start(scope: &Scope, customer: Option<CustomerId>, invoice: Option<InvoiceId>) -> Result<PaymentStart> {
    let tx = scope.read().await?;
    let invoice = match invoice {
        Some(id) => Some(invoices::store::read(&tx, id).await?),
        None => None,
    };
    let id = invoice.as_ref().map(|i| i.customer).or(customer).ok_or(Error::NotFound)?;
    let customer = customers::store::read(&tx, id).await?;
    let currency = match &invoice {
        Some(invoice) => invoice.total.currency(),
        None => owed_in(&tx, id).await?.unwrap_or(scope.currency()),
    };
    let mut open = allocate::wanting(&tx, id, currency).await?;
    if let Some(invoice) = &invoice {
        open.extend(allocate::given_up(&tx, invoice.id, id, currency).await?);
    }
    let money = |minor| Money::new(minor, currency);
    let chosen = invoice.and_then(|i| open.iter().find(|o| o.id == i.id)).cloned();
    let all = open.iter().map(|i| i.due_minor).fold(0i64, i64::saturating_add);
    let invoices =
        open.into_iter().map(|i| OpenInvoice { id: i.id, number: i.number, due_on: i.due_on, due: money(i.due_minor) }).collect();
    Ok(PaymentStart {
        customer: id,
        customer_name: customer.name,
        currency,
        due: money(chosen.as_ref().map_or(all, |i| i.due_minor)),
        today: scope.today(),
        invoices,
        chosen: chosen.map(|i| i.id),
    })
}

/// The currency of what is due first.
async fn owed_in(tx: &Tx, customer: CustomerId) -> Result<Option<Currency>> {
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
    }
    let sql = "SELECT currency FROM invoices WHERE seller_id = $1 AND customer_id = $2 AND status = 'open' ORDER BY due_on, id LIMIT 1";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    row.map(|row| row.currency.parse().map_err(bug)).transpose()
}
