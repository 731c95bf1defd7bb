//! Invoices, found and read.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use super::credit;
use crate::customers::CustomerId;
use crate::customers::store::find_by_words_or;
use crate::invoices::model::{
    Invoice, InvoiceDetail, InvoiceDiscount, InvoiceId, InvoiceLine, InvoiceLineId, InvoiceStatus, InvoiceTax, LineKind, RedemptionId,
    TaxRateId,
};
use crate::kit::bulk::Ids;
use crate::kit::db::{Sql, bug};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::period::Period;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;

const LIST: Keyset = Keyset {
    columns: &[
        Column::day("issued", "i.issued_on"),
        Column::day("due", "i.due_on"),
        Column::integer("total", "i.total_minor"),
        Column::text("number", "i.number").or_null(),
    ],
    default: "-issued",
    id: "i.id",
};
/// What is issued names the customer as it was then.
const COLUMNS: &str = "i.id, i.number, i.customer_id, \
     CASE WHEN i.number IS NULL THEN c.name ELSE COALESCE(i.customer_details ->> 'name', c.name) END AS customer_name, \
     i.status, i.origin, i.currency, i.issued_on, i.due_on, i.period_start, i.period_end, i.subtotal_minor, i.discount_minor, \
     i.tax_minor, i.total_minor, i.due_minor, i.paid_on, i.created_at";
const TABLES: &str = "invoices i LEFT JOIN customers c ON c.seller_id = i.seller_id AND c.id = i.customer_id";

#[derive(FromQueryResult)]
struct Row {
    id: InvoiceId,
    number: Option<String>,
    customer_id: CustomerId,
    customer_name: String,
    status: String,
    origin: String,
    currency: String,
    issued_on: NaiveDate,
    due_on: NaiveDate,
    period_start: Option<NaiveDate>,
    period_end: Option<NaiveDate>,
    subtotal_minor: i64,
    discount_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    due_minor: i64,
    paid_on: Option<NaiveDate>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn invoice(self, scope: &Scope) -> Result<Invoice> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        let money = |minor| Money::new(minor, currency);
        Ok(Invoice {
            id: self.id,
            number: self.number,
            customer: self.customer_id,
            customer_name: self.customer_name,
            status: InvoiceStatus::of(&self.status, self.total_minor, self.due_minor, self.due_on, scope.today()),
            manual: self.origin == "manual",
            issued_on: self.issued_on,
            due_on: self.due_on,
            period: self.period_start.zip(self.period_end).map(|(start, end)| Period { start, end }),
            subtotal: money(self.subtotal_minor),
            discount: money(self.discount_minor),
            tax: money(self.tax_minor),
            total: money(self.total_minor),
            due: money(self.due_minor),
            paid_on: self.paid_on,
            created: scope.moment(self.created_at),
        })
    }
}

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "i");
    let today = tx.scope().today();
    // In the order of issue, the index of the status has the rows in order and the day they are due beside; SQLite would
    // rather find them by that day and sort them. What is no range it does not look up by.
    let in_order = tx.db().is_sqlite() && matches!(query.sort.trim_start_matches('-'), "" | "issued");
    let overdue = if in_order { "(i.status = 'open' AND (i.due_on < ? OR 1 = 0))" } else { "(i.status = 'open' AND i.due_on < ?)" };
    let mut statuses = Vec::new();
    let mut values = Vec::new();
    for word in query.filter("status") {
        let (condition, days) = match word.parse() {
            Ok(InvoiceStatus::Draft) => ("i.status = 'draft'", 0),
            Ok(InvoiceStatus::Paid) => ("i.status = 'paid'", 0),
            Ok(InvoiceStatus::Void) => ("i.status = 'void'", 0),
            Ok(InvoiceStatus::Uncollectible) => ("i.status = 'uncollectible'", 0),
            Ok(InvoiceStatus::Overdue) => (overdue, 1),
            Ok(InvoiceStatus::Open) => ("(i.status = 'open' AND i.due_on >= ? AND i.due_minor = i.total_minor)", 1),
            Ok(InvoiceStatus::PartiallyPaid) => ("(i.status = 'open' AND i.due_on >= ? AND i.due_minor < i.total_minor)", 1),
            // Issued, and still to be paid: open, partially paid or overdue.
            Err(_) if word == "finalized" => ("i.status = 'open'", 0),
            Err(_) => ("1 = 0", 0),
        };
        statuses.push(condition);
        values.extend((0..days).map(|_| today.into()));
    }
    if !statuses.is_empty() {
        filter.and(&statuses.join(" OR "), values);
    }
    let ids =
        |key: &str, prefix| query.filter(key).iter().map(|id| crate::kit::id::decode(prefix, id).unwrap_or(uuid::Uuid::nil())).collect();
    let (customers, subscriptions): (Vec<uuid::Uuid>, Vec<uuid::Uuid>) = (ids("customer", "cus"), ids("subscription", "sub"));
    let own: Vec<uuid::Uuid> = ids("id", "inv");
    filter.any("i.id", &own);
    filter.any("i.customer_id", &customers);
    if !subscriptions.is_empty() {
        let marks = vec!["?"; subscriptions.len()].join(", ");
        let condition =
            format!("i.id IN (SELECT l.invoice_id FROM invoice_lines l WHERE l.seller_id = $1 AND l.subscription_id IN ({marks}))");
        filter.and(&condition, subscriptions.into_iter().map(Into::into));
    }
    let currencies: Vec<String> = query.filter("currency").iter().map(|code| code.trim().to_uppercase()).collect();
    filter.any("i.currency", &currencies);
    let ends = [
        ("issued_from", "i.issued_on >= ?"),
        ("issued_to", "i.issued_on <= ?"),
        ("due_from", "i.due_on >= ?"),
        ("due_to", "i.due_on <= ?"),
    ];
    for (key, condition) in ends {
        if let Some(text) = query.filter_one(key) {
            let day = crate::kit::period::day(text).map_err(|why| Error::field(key, why))?;
            filter.and(condition, [day.into()]);
        }
    }
    let number = vec![query.q.trim().to_uppercase().into()];
    find_by_words_or(&mut filter, "i.customer_id", &query.q, ("i.number = ?", number));
    Ok(filter)
}

/// A page of invoices: search by number or customer; filters `status`, `customer`, `subscription`, `currency`,
/// `issued_from`, `issued_to`, `due_from`, `due_to`; sort `issued`, `due`, `total`, `number`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Invoice>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    let rows = page.rows.into_iter().map(|row| row.invoice(scope)).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` invoices of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Invoice>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.invoice(scope)).collect::<Result<_>>()?, next))
}

/// The latest invoices of a customer.
pub async fn of_customer(scope: &Scope, customer: CustomerId) -> Result<Vec<Invoice>> {
    crate::customers::store::get(scope, customer).await?;
    let query = ListQuery { limit: 200, ..ListQuery::default().toggled("customer", &customer.to_string()) };
    Ok(list(scope, &query).await?.rows)
}

pub async fn get(scope: &Scope, id: InvoiceId) -> Result<Invoice> {
    read(&scope.read().await?, id).await
}

/// As [`get`], in a transaction that is under way.
pub async fn read(tx: &Tx, id: InvoiceId) -> Result<Invoice> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE i.seller_id = $1 AND i.id = $2");
    let row: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    row.ok_or(Error::NotFound)?.invoice(tx.scope())
}

/// The invoice with that number.
pub async fn by_number(tx: &Tx, number: &str) -> Result<Option<InvoiceId>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: InvoiceId,
    }
    let sql = "SELECT id FROM invoices WHERE seller_id = $1 AND number = $2";
    let found: Option<Found> = tx.one(sql, [tx.seller_id().0.into(), number.into()]).await?;
    Ok(found.map(|f| f.id))
}

#[derive(FromQueryResult)]
struct LineRow {
    id: InvoiceLineId,
    invoice_id: InvoiceId,
    kind: LineKind,
    description: String,
    subscription_id: Option<uuid::Uuid>,
    plan_id: Option<uuid::Uuid>,
    period_start: Option<NaiveDate>,
    period_end: Option<NaiveDate>,
    whole_start: Option<NaiveDate>,
    whole_end: Option<NaiveDate>,
    quantity: i64,
    unit_minor: i64,
    amount_minor: i64,
    discount_minor: i64,
    tax_ppm: i32,
    tax_minor: i64,
    currency: String,
}

impl LineRow {
    fn line(self) -> Result<InvoiceLine> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        let money = |minor| Money::new(minor, currency);
        let period = |start: Option<NaiveDate>, end: Option<NaiveDate>| start.zip(end).map(|(start, end)| Period { start, end });
        Ok(InvoiceLine {
            id: Some(self.id),
            kind: self.kind,
            description: self.description,
            subscription: self.subscription_id.map(SubscriptionId),
            plan: self.plan_id.map(PlanId),
            period: period(self.period_start, self.period_end),
            whole: period(self.whole_start, self.whole_end),
            quantity: self.quantity,
            unit: money(self.unit_minor),
            amount: money(self.amount_minor),
            discount: money(self.discount_minor),
            tax_ppm: self.tax_ppm,
            tax: money(self.tax_minor),
        })
    }
}

/// The lines of these invoices, in order.
pub async fn lines(tx: &Tx, ids: &[InvoiceId]) -> Result<BTreeMap<InvoiceId, Vec<InvoiceLine>>> {
    let mut lines: BTreeMap<InvoiceId, Vec<InvoiceLine>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(lines);
    }
    let keys = Ids::of(ids.iter().map(|id| id.0));
    let sql = format!(
        "SELECT l.id, l.invoice_id, l.kind, l.description, l.subscription_id, l.plan_id, l.period_start, l.period_end, l.whole_start, \
         l.whole_end, l.quantity, l.unit_minor, l.amount_minor, l.discount_minor, l.tax_ppm, l.tax_minor, i.currency \
         FROM invoice_lines l JOIN invoices i ON i.seller_id = l.seller_id AND i.id = l.invoice_id \
         WHERE l.seller_id = $1 AND {} ORDER BY l.invoice_id, l.position",
        keys.among(tx, "l.invoice_id", 2)
    );
    for row in tx.all::<LineRow>(&sql, keys.keyed(tx)).await? {
        lines.entry(row.invoice_id).or_default().push(row.line()?);
    }
    Ok(lines)
}

/// A page of invoices with their lines, for machines.
pub async fn list_with_lines(scope: &Scope, query: &ListQuery) -> Result<Page<(Invoice, Vec<InvoiceLine>)>> {
    let page = list(scope, query).await?;
    let ids: Vec<InvoiceId> = page.rows.iter().map(|i| i.id).collect();
    let mut lines = lines(&scope.read().await?, &ids).await?;
    Ok(page.map(|invoice| {
        let of = lines.remove(&invoice.id).unwrap_or_default();
        (invoice, of)
    }))
}

/// An invoice with all that it says.
pub async fn detail(scope: &Scope, id: InvoiceId) -> Result<InvoiceDetail> {
    #[derive(FromQueryResult)]
    struct More {
        seller_details: Json,
        customer_details: Json,
        tax_note: Option<String>,
        note: Option<String>,
        replaces_id: Option<uuid::Uuid>,
        replaced_by: Option<uuid::Uuid>,
    }
    let tx = scope.read().await?;
    let invoice = read(&tx, id).await?;
    let sql = "SELECT i.seller_details, i.customer_details, i.tax_note, i.note, i.replaces_id, (SELECT r.id FROM invoices r \
               WHERE r.seller_id = i.seller_id AND r.customer_id = i.customer_id AND r.replaces_id = i.id LIMIT 1) AS replaced_by \
               FROM invoices i WHERE i.seller_id = $1 AND i.id = $2";
    let more: More = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)?;
    let currency = invoice.total.currency();
    Ok(InvoiceDetail {
        lines: lines(&tx, &[id]).await?.remove(&id).unwrap_or_default(),
        taxes: taxes(&tx, id, currency).await?,
        discounts: discounts(&tx, id, currency).await?,
        seller: serde_json::from_value(more.seller_details).map_err(bug)?,
        buyer: serde_json::from_value(more.customer_details).map_err(bug)?,
        tax_note: more.tax_note,
        note: more.note,
        replaces: more.replaces_id.map(InvoiceId),
        replaced_by: more.replaced_by.map(InvoiceId),
        credit_notes: credit::of_invoice(&tx, id).await?,
        invoice,
    })
}

async fn taxes(tx: &Tx, id: InvoiceId, currency: Currency) -> Result<Vec<InvoiceTax>> {
    #[derive(FromQueryResult)]
    struct TaxRow {
        tax_rate_id: TaxRateId,
        name: String,
        rate_ppm: i32,
        inclusive: bool,
        taxable_minor: i64,
        tax_minor: i64,
    }
    let sql = "SELECT tax_rate_id, name, rate_ppm, inclusive, taxable_minor, tax_minor FROM invoice_taxes \
               WHERE seller_id = $1 AND invoice_id = $2 ORDER BY rate_ppm, tax_rate_id";
    let rows: Vec<TaxRow> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let tax = |row: TaxRow| InvoiceTax {
        rate: row.tax_rate_id,
        name: row.name,
        ppm: row.rate_ppm,
        inclusive: row.inclusive,
        taxable: Money::new(row.taxable_minor, currency),
        tax: Money::new(row.tax_minor, currency),
    };
    Ok(rows.into_iter().map(tax).collect())
}

async fn discounts(tx: &Tx, id: InvoiceId, currency: Currency) -> Result<Vec<InvoiceDiscount>> {
    #[derive(FromQueryResult)]
    struct DiscountRow {
        redemption_id: RedemptionId,
        name: String,
        amount_minor: i64,
    }
    let sql =
        "SELECT redemption_id, name, amount_minor FROM invoice_discounts WHERE seller_id = $1 AND invoice_id = $2 ORDER BY redemption_id";
    let rows: Vec<DiscountRow> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let discount = |row: DiscountRow| InvoiceDiscount {
        redemption: row.redemption_id,
        name: row.name,
        amount: Money::new(row.amount_minor, currency),
    };
    Ok(rows.into_iter().map(discount).collect())
}
