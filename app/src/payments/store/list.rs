//! Payments, found and read.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;

use super::{allocate, disputes, refund};
use crate::customers::CustomerId;
use crate::customers::store::find_by_words_or;
use crate::invoices::InvoiceId;
use crate::kit::db::{Sql, bug};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::{
    Allocation, Destination, PaidBy, Payment, PaymentDetail, PaymentId, PaymentStatus, Refund, RefundId, RefundStatus,
};

const LIST: Keyset = Keyset {
    columns: &[
        Column::day("paid", "p.paid_on"),
        Column::integer("amount", "p.amount_minor"),
        Column::time("created", "p.created_at"),
        Column::text("customer", "c.name"),
    ],
    default: "-paid",
    id: "p.id",
};
const COLUMNS: &str = "p.id, p.customer_id, c.name AS customer_name, \
     CASE WHEN p.status = 'succeeded' AND EXISTS (SELECT 1 FROM disputes d WHERE d.seller_id = p.seller_id AND d.payment_id = p.id \
     AND d.status = 'open') THEN 'disputed' ELSE p.status END AS status, p.method, p.currency, p.amount_minor, p.fee_minor, \
     p.refunded_minor, p.paid_on, p.reference, p.recorded_by, p.created_at, \
     CASE WHEN p.status = 'succeeded' THEN (SELECT CAST(COALESCE(SUM(a.amount_minor - a.released_minor), 0) AS BIGINT) \
     FROM payment_allocations a WHERE a.seller_id = p.seller_id AND a.payment_id = p.id) ELSE 0 END AS allocated_minor";
const TABLES: &str = "payments p JOIN customers c ON c.seller_id = p.seller_id AND c.id = p.customer_id";

#[derive(FromQueryResult)]
struct Row {
    id: PaymentId,
    customer_id: CustomerId,
    customer_name: String,
    status: PaymentStatus,
    method: PaidBy,
    currency: String,
    amount_minor: i64,
    fee_minor: i64,
    refunded_minor: i64,
    allocated_minor: i64,
    paid_on: NaiveDate,
    reference: Option<String>,
    recorded_by: String,
    created_at: DateTime<Utc>,
}

impl Row {
    fn payment(self, scope: &Scope) -> Result<Payment> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        let money = |minor| Money::new(minor, currency);
        Ok(Payment {
            id: self.id,
            customer: self.customer_id,
            customer_name: self.customer_name,
            status: self.status,
            paid_by: self.method,
            amount: money(self.amount_minor),
            fee: money(self.fee_minor),
            refunded: money(self.refunded_minor),
            allocated: money(self.allocated_minor),
            paid_on: self.paid_on,
            reference: self.reference,
            recorded_by: self.recorded_by,
            created: scope.moment(self.created_at),
        })
    }
}

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "p");
    statuses(&mut filter, query.filter("status"));
    filter.any("p.method", query.filter("paid_by"));
    filter.any("p.currency", query.filter("currency"));
    let ids = |key: &str, prefix| -> Vec<uuid::Uuid> {
        query.filter(key).iter().map(|id| crate::kit::id::decode(prefix, id).unwrap_or(uuid::Uuid::nil())).collect()
    };
    filter.any("p.id", &ids("id", "pay"));
    filter.any("p.customer_id", &ids("customer", "cus"));
    let invoices = ids("invoice", "inv");
    if !invoices.is_empty() {
        let marks = vec!["?"; invoices.len()].join(", ");
        let condition =
            format!("p.id IN (SELECT a.payment_id FROM payment_allocations a WHERE a.seller_id = $1 AND a.invoice_id IN ({marks}))");
        filter.and(&condition, invoices.into_iter().map(Into::into));
    }
    for (key, sign) in [("paid_from", ">="), ("paid_to", "<=")] {
        if let Some(text) = query.filter_one(key) {
            let day = crate::kit::period::day(text).map_err(|why| Error::field(key, why))?;
            filter.and(&format!("p.paid_on {sign} ?"), [day.into()]);
        }
    }
    let reference = format!("{}%", query.q.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let reference = ("lower(p.reference) LIKE ? ESCAPE '\\'", vec![reference.into()]);
    find_by_words_or(&mut filter, "p.customer_id", &query.q, reference);
    Ok(filter)
}

/// A disputed payment is one that came, with a dispute that is open; the others are as their rows say.
fn statuses(filter: &mut Where, words: &[String]) {
    let disputed = "EXISTS (SELECT 1 FROM disputes d WHERE d.seller_id = p.seller_id AND d.payment_id = p.id AND d.status = 'open')";
    let is = |word: &str| words.iter().any(|w| w == word);
    match (is("disputed"), is("succeeded")) {
        (true, _) => {
            let marks = vec!["?"; words.len()].join(", ");
            let undisputed = if is("succeeded") { String::new() } else { format!(" OR (p.status = 'succeeded' AND {disputed})") };
            filter.and(&format!("p.status IN ({marks}){undisputed}"), words.iter().map(|w| w.as_str().into()).collect::<Vec<_>>());
        }
        (false, true) => {
            filter.any("p.status", words);
            filter.and(&format!("p.status <> 'succeeded' OR NOT {disputed}"), []);
        }
        (false, false) => filter.any("p.status", words),
    }
}

/// A page of payments: search by reference or customer; filters `status`, `paid_by`, `customer`, `invoice`, `currency`,
/// `paid_from`, `paid_to`; sort `paid`, `amount`, `created`, `customer`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Payment>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    let rows = page.rows.into_iter().map(|row| row.payment(scope)).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` payments of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Payment>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.payment(scope)).collect::<Result<_>>()?, next))
}

pub async fn get(scope: &Scope, id: PaymentId) -> Result<Payment> {
    read(&scope.read().await?, id).await
}

/// As [`get`], in a transaction that is under way.
pub(super) async fn read(tx: &Tx, id: PaymentId) -> Result<Payment> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE p.seller_id = $1 AND p.id = $2");
    let row: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    row.ok_or(Error::NotFound)?.payment(tx.scope())
}

/// The payments of an invoice, the latest first, whatever became of them.
pub async fn of_invoice(scope: &Scope, invoice: InvoiceId) -> Result<Vec<Payment>> {
    let query = ListQuery { limit: 200, ..ListQuery::default().toggled("invoice", &invoice.to_string()) };
    Ok(list(scope, &query).await?.rows)
}

/// The latest payments of a customer.
pub async fn of_customer(scope: &Scope, customer: CustomerId) -> Result<Vec<Payment>> {
    crate::customers::store::get(scope, customer).await?;
    let query = ListQuery { limit: 100, ..ListQuery::default().toggled("customer", &customer.to_string()) };
    Ok(list(scope, &query).await?.rows)
}

/// A payment with where it went.
pub async fn detail(scope: &Scope, id: PaymentId) -> Result<PaymentDetail> {
    #[derive(FromQueryResult)]
    struct More {
        note: Option<String>,
        reverse_reason: Option<String>,
        failure_message: Option<String>,
        failure_code: Option<String>,
        hard_decline: bool,
        action_url: Option<String>,
        method_label: Option<String>,
        attachment_key: Option<String>,
    }
    let tx = scope.read().await?;
    let payment = read(&tx, id).await?;
    let sql = "SELECT p.note, p.reverse_reason, p.failure_message, p.failure_code, p.hard_decline, p.attachment_key, c.action_url, \
               m.label AS method_label \
               FROM payments p LEFT JOIN payment_methods m ON m.seller_id = p.seller_id AND m.id = p.payment_method_id \
               LEFT JOIN charges c ON c.seller_id = p.seller_id AND c.payment_id = p.id WHERE p.seller_id = $1 AND p.id = $2";
    let more: More = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)?;
    let currency = payment.amount.currency();
    let refundable = if payment.status == PaymentStatus::Succeeded {
        let parts = allocate::parts(&tx, id).await?;
        refund::limit(&tx, &payment, &parts, Destination::Method).await?.total
    } else {
        0
    };
    Ok(PaymentDetail {
        note: more.note,
        method_label: more.method_label,
        reverse_reason: more.reverse_reason,
        failure: more.failure_message,
        attached: more.attachment_key.is_some(),
        failure_code: more.failure_code,
        hard_decline: more.hard_decline,
        action_url: more.action_url.filter(|_| payment.status == PaymentStatus::NeedsAction),
        allocations: allocations(&tx, id, currency).await?,
        refunds: refunds(&tx, id, currency).await?,
        disputes: disputes::of_payment(&tx, id).await?,
        refundable: Money::new(refundable, currency),
        payment,
    })
}

async fn allocations(tx: &Tx, id: PaymentId, currency: Currency) -> Result<Vec<Allocation>> {
    #[derive(FromQueryResult)]
    struct AllocationRow {
        invoice_id: InvoiceId,
        number: String,
        issued_on: NaiveDate,
        amount_minor: i64,
        released_minor: i64,
    }
    let sql = "SELECT a.invoice_id, i.number, i.issued_on, a.amount_minor, a.released_minor FROM payment_allocations a \
               JOIN invoices i ON i.seller_id = a.seller_id AND i.id = a.invoice_id WHERE a.seller_id = $1 AND a.payment_id = $2 \
               ORDER BY i.issued_on, i.id";
    let rows: Vec<AllocationRow> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let allocation = |row: AllocationRow| Allocation {
        invoice: row.invoice_id,
        number: row.number,
        issued_on: row.issued_on,
        amount: Money::new(row.amount_minor, currency),
        released: Money::new(row.released_minor, currency),
    };
    Ok(rows.into_iter().map(allocation).collect())
}

async fn refunds(tx: &Tx, id: PaymentId, currency: Currency) -> Result<Vec<Refund>> {
    #[derive(FromQueryResult)]
    struct RefundRow {
        id: RefundId,
        status: RefundStatus,
        destination: Destination,
        amount_minor: i64,
        reason: String,
        created_by: String,
        created_at: DateTime<Utc>,
    }
    let sql = "SELECT id, status, destination, amount_minor, reason, created_by, created_at FROM refunds \
               WHERE seller_id = $1 AND payment_id = $2 ORDER BY id";
    let rows: Vec<RefundRow> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let refund = |row: RefundRow| Refund {
        id: row.id,
        status: row.status,
        destination: row.destination,
        amount: Money::new(row.amount_minor, currency),
        reason: row.reason,
        created_by: row.created_by,
        created: tx.scope().moment(row.created_at),
    };
    Ok(rows.into_iter().map(refund).collect())
}
