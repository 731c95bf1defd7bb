//! Reports of few rows: by month, by method, tax.

use std::collections::BTreeMap;

use sea_orm::{FromQueryResult, Value};

use crate::kit::Result;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::tx::Tx;
use crate::payments::PaidBy;
use crate::reports::model::{Asked, Cell, ReportKind};

/// All rows, in no particular order.
pub async fn rows(tx: &Tx, asked: &Asked) -> Result<Vec<Vec<Cell>>> {
    match asked.kind {
        ReportKind::RevenueByMonth => by_month(tx, asked).await,
        ReportKind::PaymentsByMethod => by_method(tx, asked).await,
        ReportKind::Tax => tax(tx, asked).await,
        _ => Err(bug("a report by customer")),
    }
}

/// The sums of each currency. What is no figure that adds up stays blank.
pub fn totals(kind: ReportKind, rows: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
    let Some(currency_at) = kind.heads().iter().position(|head| head.0 == "currency") else { return Vec::new() };
    let mut totals: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for row in rows {
        let Some(Cell::Text(currency)) = row.get(currency_at) else { continue };
        let blank =
            || row.iter().map(|cell| if let Cell::Text(_) = cell { Cell::Text(String::new()) } else { zero(cell) }).collect::<Vec<Cell>>();
        let sums: &mut Vec<Cell> = totals.entry(currency.clone()).or_insert_with(blank);
        for (sum, cell) in sums.iter_mut().zip(row) {
            add(sum, cell);
        }
    }
    for (currency, sums) in &mut totals {
        sums[currency_at] = Cell::Text(currency.clone());
        sums[0] = Cell::Text("Total".to_owned());
    }
    totals.into_values().collect()
}

fn zero(of: &Cell) -> Cell {
    match of {
        Cell::Money(money) => Cell::Money(Money::zero(money.currency())),
        Cell::Count(_) => Cell::Count(0),
        _ => Cell::Text(String::new()),
    }
}

fn add(sum: &mut Cell, cell: &Cell) {
    match (sum, cell) {
        (Cell::Money(sum), Cell::Money(more)) => *sum = Money::new(sum.minor().saturating_add(more.minor()), sum.currency()),
        (Cell::Count(sum), Cell::Count(more)) => *sum = sum.saturating_add(*more),
        _ => {}
    }
}

fn range(tx: &Tx, asked: &Asked) -> [Value; 3] {
    [tx.seller_id().0.into(), asked.from.into(), asked.to.into()]
}

fn money(minor: i64, currency: Currency) -> Cell {
    Cell::Money(Money::new(minor, currency))
}

async fn by_month(tx: &Tx, asked: &Asked) -> Result<Vec<Vec<Cell>>> {
    #[derive(FromQueryResult)]
    struct Row {
        month: String,
        currency: String,
        invoiced: i64,
        taken_back: i64,
        tax: i64,
    }
    let sql = "SELECT month, currency, CAST(SUM(CASE WHEN account = 'revenue' AND kind = 'invoice_finalized' THEN -amount_minor ELSE 0 END) AS BIGINT) AS invoiced, \
               CAST(SUM(CASE WHEN account = 'revenue' AND kind <> 'invoice_finalized' THEN amount_minor ELSE 0 END) AS BIGINT) AS taken_back, \
               CAST(SUM(CASE WHEN account = 'tax' THEN -amount_minor ELSE 0 END) AS BIGINT) AS tax \
               FROM (SELECT substr(CAST(day AS TEXT), 1, 7) AS month, currency, account, kind, amount_minor FROM ledger_days \
               WHERE seller_id = $1 AND day >= $2 AND day <= $3 AND account IN ('revenue', 'tax')) AS posted GROUP BY month, currency";
    let rows: Vec<Row> = tx.all(sql, range(tx, asked)).await?;
    let cells = |row: Row| {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        let amounts = [row.invoiced, row.taken_back, row.invoiced - row.taken_back, row.tax];
        let head = [Cell::Text(row.month), Cell::Text(row.currency)].into_iter();
        Ok(head.chain(amounts.into_iter().map(|minor| money(minor, currency))).collect::<Vec<Cell>>())
    };
    rows.into_iter().map(cells).collect()
}

async fn by_method(tx: &Tx, asked: &Asked) -> Result<Vec<Vec<Cell>>> {
    #[derive(FromQueryResult)]
    struct Row {
        method: PaidBy,
        currency: String,
        n: i64,
        received: i64,
        fees: i64,
        refunded: i64,
    }
    let sql = "SELECT method, currency, CAST(SUM(payments) AS BIGINT) AS n, CAST(SUM(amount_minor) AS BIGINT) AS received, \
               CAST(SUM(fee_minor) AS BIGINT) AS fees, CAST(SUM(refunded_minor) AS BIGINT) AS refunded FROM payment_days \
               WHERE seller_id = $1 AND day >= $2 AND day <= $3 GROUP BY method, currency HAVING SUM(payments) > 0";
    let rows: Vec<Row> = tx.all(sql, range(tx, asked)).await?;
    let cells = |row: Row| {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        let head = vec![Cell::Text(row.method.label().to_owned()), Cell::Text(row.currency), Cell::Count(row.n)];
        let amounts = [row.received, row.fees, row.refunded];
        Ok(head.into_iter().chain(amounts.into_iter().map(|minor| money(minor, currency))).collect::<Vec<Cell>>())
    };
    rows.into_iter().map(cells).collect()
}

/// A tax by name, rate and currency: taxable, invoiced, taken back; a reason for no tax is a row of its own.
type Taxes = BTreeMap<(String, i32, String), [i64; 3]>;

#[derive(FromQueryResult)]
struct TaxRow {
    name: String,
    ppm: i32,
    currency: String,
    taxable: i64,
    tax: i64,
}

/// Invoices whose tax was declared and never taken back as a whole.
const STANDING: &str = "i.status IN ('open', 'paid', 'uncollectible')";
/// Those whose tax was declared in the month of their issue and taken back, as a whole, in a later one. Within a month there
/// is nothing to declare.
const VOIDED_LATER: &str = "i.status = 'void' AND substr(CAST(v.day AS TEXT), 1, 7) > substr(CAST(i.issued_on AS TEXT), 1, 7)";

/// What a query reads its invoices from: those that stand, or those that were voided, with the day of it.
fn invoices(condition: &str, day: &str) -> String {
    let tables = if condition == VOIDED_LATER {
        "ledger_entries v JOIN invoices i ON i.seller_id = v.seller_id AND i.number = v.label AND v.kind = 'invoice_voided'"
    } else {
        "invoices i"
    };
    format!("FROM {tables} {{}} WHERE i.seller_id = $1 AND {condition} AND {day} >= $2 AND {day} <= $3")
}

/// What invoices bear of each tax; what is free of it, by the reason that they print.
async fn borne(tx: &Tx, asked: &Asked, condition: &str, day: &str) -> Result<Vec<TaxRow>> {
    let of = invoices(condition, day);
    let taxed = of.replace("{}", "JOIN invoice_taxes t ON t.seller_id = i.seller_id AND t.invoice_id = i.id");
    let taxed = format!(
        "SELECT t.name, t.rate_ppm AS ppm, i.currency, CAST(SUM(t.taxable_minor) AS BIGINT) AS taxable, \
         CAST(SUM(t.tax_minor) AS BIGINT) AS tax {taxed} GROUP BY t.name, t.rate_ppm, i.currency"
    );
    let free = of.replace("{}", "");
    let free = format!(
        "SELECT i.tax_note AS name, CAST(0 AS INTEGER) AS ppm, i.currency, CAST(SUM(i.subtotal_minor - i.discount_minor) AS BIGINT) AS taxable, \
         CAST(0 AS BIGINT) AS tax {free} AND i.tax_note IS NOT NULL GROUP BY i.tax_note, i.currency"
    );
    let mut rows: Vec<TaxRow> = tx.all(&taxed, range(tx, asked)).await?;
    let free: Vec<TaxRow> = tx.all(&free, range(tx, asked)).await?;
    rows.extend(free.into_iter().map(|row| TaxRow { name: format!("No tax: {}", row.name), ..row }));
    Ok(rows)
}

async fn tax(tx: &Tx, asked: &Asked) -> Result<Vec<Vec<Cell>>> {
    let credited = "SELECT COALESCE(t.name, 'No tax') AS name, l.tax_ppm AS ppm, n.currency, \
                    CAST(SUM(CASE WHEN l.rate_inclusive THEN c.amount_minor - c.tax_minor ELSE c.amount_minor END) AS BIGINT) AS taxable, \
                    CAST(SUM(c.tax_minor) AS BIGINT) AS tax FROM credit_notes n \
                    JOIN credit_note_lines c ON c.seller_id = n.seller_id AND c.credit_note_id = n.id \
                    JOIN invoice_lines l ON l.seller_id = c.seller_id AND l.id = c.invoice_line_id \
                    LEFT JOIN invoice_taxes t ON t.seller_id = l.seller_id AND t.invoice_id = l.invoice_id AND t.tax_rate_id = l.tax_rate_id \
                    WHERE n.seller_id = $1 AND n.issued_on >= $2 AND n.issued_on <= $3 GROUP BY COALESCE(t.name, 'No tax'), l.tax_ppm, n.currency";
    let mut taxes = Taxes::new();
    for condition in [STANDING, VOIDED_LATER] {
        for row in borne(tx, asked, condition, "i.issued_on").await? {
            let sums = taxes.entry((row.name, row.ppm, row.currency)).or_default();
            (sums[0], sums[1]) = (sums[0] + row.taxable, sums[1] + row.tax);
        }
    }
    let voided = borne(tx, asked, VOIDED_LATER, "v.day").await?;
    for row in tx.all::<TaxRow>(credited, range(tx, asked)).await?.into_iter().chain(voided) {
        let sums = taxes.entry((row.name, row.ppm, row.currency)).or_default();
        (sums[0], sums[2]) = (sums[0] - row.taxable, sums[2] + row.tax);
    }
    let cells = |((name, ppm, code), [taxable, invoiced, back]): ((String, i32, String), [i64; 3])| {
        let currency: Currency = code.parse().map_err(bug)?;
        let rate = crate::invoices::sheet::percent(ppm);
        let head = [Cell::Text(name), Cell::Text(rate), Cell::Text(code)].into_iter();
        Ok(head.chain([taxable, invoiced, back, invoiced - back].into_iter().map(|minor| money(minor, currency))).collect::<Vec<Cell>>())
    };
    taxes.into_iter().map(cells).collect()
}
