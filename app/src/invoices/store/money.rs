//! The ledger: posting, balances, statements. All money goes through here; nothing else writes what is due.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::invoices::ledger::{Account, Entry, EntryKind};
use crate::invoices::model::{Balance, EntryId, InvoiceId};
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// Posts entries, each with its day; the invoices' own rows are the caller's. Customers must be held.
pub(super) async fn post(tx: &Tx, entries: &[(NaiveDate, Entry)]) -> Result<()> {
    let (mut heads, mut postings) = (Vec::new(), Vec::new());
    for (day, entry) in entries.iter().filter(|(_, entry)| !entry.postings.is_empty()) {
        if !entry.is_balanced() {
            return Err(bug(format!("an entry out of balance: {entry:?}")));
        }
        let id = EntryId::new();
        heads.push(vec![
            id.0.into(),
            tx.scope().now().into(),
            (*day).into(),
            entry.kind.into(),
            entry.customer.0.into(),
            entry.currency.to_string().into(),
            entry.source.clone().into(),
            entry.label.clone().into(),
        ]);
        for (position, posting) in (0i32..).zip(&entry.postings) {
            postings.push(vec![
                id.0.into(),
                position.into(),
                posting.account.into(),
                posting.minor.into(),
                entry.currency.to_string().into(),
                entry.customer.0.into(),
                posting.invoice.map(|i| i.0).into(),
            ]);
        }
    }
    Rows::new(&["id", "at", "day", "kind", "customer_id", "currency", "source", "label"], heads).insert(tx, "ledger_entries", "").await?;
    let columns = ["entry_id", "position", "account", "amount_minor", "currency", "customer_id", "invoice_id"];
    Rows::new(&columns, postings).insert(tx, "ledger_postings", "").await.map(|_| ())
}

/// Posts an entry and carries what it says of receivables over to their invoices: an open one that is settled is paid, a
/// paid one that is owed again is open. The customer must be held. Payments, refunds and reversals come through here.
pub async fn settle(tx: &Tx, day: NaiveDate, entry: Entry) -> Result<()> {
    let mut owed: BTreeMap<uuid::Uuid, i64> = BTreeMap::new();
    for posting in &entry.postings {
        if let Some(invoice) = posting.invoice {
            *owed.entry(invoice.0).or_default() += posting.minor;
        }
    }
    post(tx, &[(day, entry)]).await?;
    for (invoice, minor) in owed {
        let sql = "UPDATE invoices SET due_minor = due_minor + $3, \
                   status = CASE WHEN status = 'open' AND due_minor + $3 = 0 THEN 'paid' \
                       WHEN status = 'paid' AND due_minor + $3 > 0 THEN 'open' ELSE status END, \
                   paid_on = CASE WHEN due_minor + $3 = 0 THEN $4 ELSE NULL END \
                   WHERE seller_id = $1 AND id = $2 AND number IS NOT NULL";
        tx.run(sql, [tx.seller_id().0.into(), invoice.into(), minor.into(), day.into()]).await?;
    }
    Ok(())
}

/// What these customers have with us, by currency, above zero.
pub(super) async fn credits(tx: &Tx, customers: &[CustomerId]) -> Result<BTreeMap<(CustomerId, Currency), i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        customer_id: CustomerId,
        currency: String,
        minor: i64,
    }
    let keys = Ids::of(customers.iter().map(|c| c.0));
    let sql = format!(
        "SELECT customer_id, currency, CAST(-SUM(amount_minor) AS BIGINT) AS minor FROM ledger_postings \
         WHERE seller_id = $1 AND {} AND account = 'customer_credit' GROUP BY customer_id, currency",
        keys.among(tx, "customer_id", 2)
    );
    let rows: Vec<Row> = tx.all(&sql, keys.keyed(tx)).await?;
    rows.into_iter().map(|row| Ok(((row.customer_id, row.currency.parse().map_err(bug)?), row.minor))).collect()
}

/// What of an invoice the customer's credit paid at the moment of issue.
pub async fn credit_at_issue(tx: &Tx, id: InvoiceId) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Used {
        minor: i64,
    }
    // A later use of credit has a number after the id.
    let sql = "SELECT p.amount_minor AS minor FROM ledger_entries e JOIN ledger_postings p ON p.seller_id = e.seller_id AND p.entry_id = e.id \
               WHERE e.seller_id = $1 AND e.kind = 'credit_applied' AND e.source = $2 AND p.account = 'customer_credit'";
    let used: Option<Used> = tx.one(sql, [tx.seller_id().0.into(), id.to_string().into()]).await?;
    Ok(used.map_or(0, |u| u.minor))
}

/// What a customer owes and has, by currency.
pub async fn balances(scope: &Scope, customer: CustomerId) -> Result<Vec<Balance>> {
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
        receivable: i64,
        credit: i64,
    }
    let tx = scope.read().await?;
    crate::customers::store::read(&tx, customer).await?;
    let sql = "SELECT currency, CAST(SUM(CASE WHEN account = 'receivable' THEN amount_minor ELSE 0 END) AS BIGINT) AS receivable, \
               CAST(SUM(CASE WHEN account = 'customer_credit' THEN -amount_minor ELSE 0 END) AS BIGINT) AS credit \
               FROM ledger_postings WHERE seller_id = $1 AND customer_id = $2 GROUP BY currency ORDER BY currency";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    let balance = |row: Row| {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        Ok(Balance { receivable: Money::new(row.receivable, currency), credit: Money::new(row.credit, currency) })
    };
    rows.into_iter().map(balance).collect()
}

/// An account in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialRow {
    pub account: Account,
    pub debit: Money,
    pub credit: Money,
}

/// All accounts up to and including a day, by currency; the sums of both sides are equal.
pub async fn trial_balance(scope: &Scope, until: Option<NaiveDate>) -> Result<Vec<TrialRow>> {
    #[derive(FromQueryResult)]
    struct Row {
        account: Account,
        currency: String,
        debit: i64,
        credit: i64,
    }
    let tx = scope.read().await?;
    let sums = "account, currency, CAST(SUM(CASE WHEN amount_minor > 0 THEN amount_minor ELSE 0 END) AS BIGINT) AS debit, \
                CAST(SUM(CASE WHEN amount_minor < 0 THEN -amount_minor ELSE 0 END) AS BIGINT) AS credit";
    let group = "GROUP BY account, currency ORDER BY currency, account";
    let rows: Vec<Row> = match until {
        None => {
            let sql = format!("SELECT {sums} FROM ledger_postings WHERE seller_id = $1 {group}");
            tx.all(&sql, [tx.seller_id().0.into()]).await?
        }
        Some(day) => {
            let sql = format!(
                "SELECT {sums} FROM (SELECT p.account, p.currency, p.amount_minor FROM ledger_postings p \
                 JOIN ledger_entries e ON e.seller_id = p.seller_id AND e.id = p.entry_id \
                 WHERE p.seller_id = $1 AND e.day <= $2) AS posted {group}"
            );
            tx.all(&sql, [tx.seller_id().0.into(), day.into()]).await?
        }
    };
    let row = |row: Row| {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        Ok(TrialRow { account: row.account, debit: Money::new(row.debit, currency), credit: Money::new(row.credit, currency) })
    };
    rows.into_iter().map(row).collect()
}

/// A line of a customer's statement: what it did to what they owe, credit of theirs taken off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    pub day: NaiveDate,
    pub kind: EntryKind,
    pub label: String,
    /// The shown id of the document.
    pub source: String,
    /// Above zero: owed by the customer.
    pub amount: Money,
    /// After it.
    pub balance: Money,
}

/// What happened between seller and customer in one currency, the earliest first. Entries that leave the balance as it is
/// are left out: using credit moves nothing.
pub async fn statement(scope: &Scope, customer: CustomerId, currency: Currency) -> Result<Vec<StatementLine>> {
    #[derive(FromQueryResult)]
    struct Row {
        day: NaiveDate,
        kind: EntryKind,
        label: String,
        source: String,
        minor: i64,
    }
    let tx = scope.read().await?;
    crate::customers::store::read(&tx, customer).await?;
    let sql = "SELECT e.day, e.kind, e.label, e.source, CAST(SUM(p.amount_minor) AS BIGINT) AS minor FROM ledger_entries e \
               JOIN ledger_postings p ON p.seller_id = e.seller_id AND p.entry_id = e.id \
               WHERE e.seller_id = $1 AND e.customer_id = $2 AND e.currency = $3 AND p.account IN ('receivable', 'customer_credit') \
               GROUP BY e.day, e.id, e.kind, e.label, e.source HAVING SUM(p.amount_minor) <> 0 ORDER BY e.day, e.id LIMIT 10000";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), customer.0.into(), currency.to_string().into()]).await?;
    let mut balance = 0i64;
    let line = |row: Row| {
        balance = balance.saturating_add(row.minor);
        let (amount, balance) = (Money::new(row.minor, currency), Money::new(balance, currency));
        StatementLine { day: row.day, kind: row.kind, label: row.label, source: row.source, amount, balance }
    };
    Ok(rows.into_iter().map(line).collect())
}
