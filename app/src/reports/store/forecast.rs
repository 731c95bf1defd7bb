//! What was and what is foreseen: MRR, revenue, and how money comes.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;

use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::money::{Money, divide_half_away};
use crate::kit::period::Month;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::payments::PaidBy;
use crate::reports::charts;
use crate::reports::forecast::{AHEAD, Forecast, MethodTrend, Past, TRAILING, rates};
use crate::revenue::{MonthMovements, store as revenue};

/// Months that were, this one included.
const BACK: usize = 12;
/// Months of the table by method, this one included.
const METHOD_MONTHS: usize = 4;

/// See [`Forecast`]; in the seller's currency.
pub async fn forecast(scope: &Scope) -> Result<Forecast> {
    let current = Month::of(scope.today());
    // Three months more, so that the first shown has something that promised it.
    let all = revenue::movements(scope, current.plus(1 - (BACK + TRAILING) as i32), current).await?;
    let shown = all.len().saturating_sub(BACK);
    let tx = scope.read().await?;
    let revenue = revenue_of(&tx, all.get(shown).map_or(current, |m| m.month), current).await?;
    let money = |minor| Money::new(minor, scope.currency());
    let past = |at: usize, m: &MonthMovements| Past {
        month: m.month,
        mrr: m.end(),
        projected: rates(&all[..at]).map(|rates| rates.next(m.start())),
        revenue: money(revenue.get(&m.month.to_string()).copied().unwrap_or(0)),
    };
    let past: Vec<Past> = all.iter().enumerate().skip(shown).map(|(at, m)| past(at, m)).collect();
    // The month that is not over says nothing of a whole one's rates.
    let rates = rates(&all[..all.len().saturating_sub(1)]);
    let last = all.last().map_or(money(0), MonthMovements::end);
    let mut coming = rates.as_ref().map(|rates| rates.ahead(current, last, AHEAD)).unwrap_or_default();
    let one_offs = one_offs(&tx, current.next(), current.plus(AHEAD as i32)).await?;
    for month in &mut coming {
        month.one_offs = money(one_offs.get(&month.month.to_string()).copied().unwrap_or(0));
    }
    let method_months: Vec<Month> = (0..METHOD_MONTHS).rev().map(|back| current.plus(-(back as i32))).collect();
    let next = coming.first().map_or(money(0), |month| month.revenue());
    let methods = methods(&tx, &method_months, next).await?;
    let (mrr_chart, revenue_chart) = (charts::mrr(&past, &coming, scope.currency()), charts::revenue(&past, &coming, scope.currency()));
    let rates = rates.map(|rates| rates.of).unwrap_or_default();
    Ok(Forecast { past, coming, rates, method_months, methods, mrr_chart, revenue_chart })
}

#[derive(FromQueryResult)]
struct MonthRow {
    month: String,
    minor: i64,
}

fn by_month(rows: Vec<MonthRow>) -> BTreeMap<String, i64> {
    rows.into_iter().map(|row| (row.month, row.minor)).collect()
}

fn ends(first: Month, last: Month) -> [sea_orm::Value; 2] {
    [first.first_day().into(), last.next().first_day().into()]
}

/// Revenue posted in each month, without tax.
async fn revenue_of(tx: &Tx, first: Month, last: Month) -> Result<BTreeMap<String, i64>> {
    let sql = "SELECT month, CAST(SUM(minor) AS BIGINT) AS minor FROM (SELECT substr(CAST(day AS TEXT), 1, 7) AS month, -amount_minor AS minor \
               FROM ledger_days WHERE seller_id = $1 AND day >= $2 AND day < $3 AND account = 'revenue' AND currency = $4) AS posted GROUP BY month";
    let [from, to] = ends(first, last);
    let currency = tx.scope().currency().to_string();
    Ok(by_month(tx.all(sql, [tx.seller_id().0.into(), from, to, currency.into()]).await?))
}

/// What drafts of those months charge once, after discounts and without tax.
async fn one_offs(tx: &Tx, first: Month, last: Month) -> Result<BTreeMap<String, i64>> {
    let sql = "SELECT month, CAST(SUM(minor) AS BIGINT) AS minor FROM (SELECT substr(CAST(i.issued_on AS TEXT), 1, 7) AS month, \
               l.amount_minor - l.discount_minor - CASE WHEN l.rate_inclusive THEN l.tax_minor ELSE 0 END AS minor FROM invoices i \
               JOIN invoice_lines l ON l.seller_id = i.seller_id AND l.invoice_id = i.id \
               WHERE i.seller_id = $1 AND i.status = 'draft' AND i.issued_on >= $2 AND i.issued_on < $3 AND i.currency = $4 \
               AND l.kind = 'one_off') AS drafted GROUP BY month";
    let [from, to] = ends(first, last);
    let currency = tx.scope().currency().to_string();
    Ok(by_month(tx.all(sql, [tx.seller_id().0.into(), from, to, currency.into()]).await?))
}

/// What came by each method in each month, the largest share first, and its share of what is foreseen.
async fn methods(tx: &Tx, months: &[Month], next: Money) -> Result<Vec<MethodTrend>> {
    #[derive(FromQueryResult)]
    struct Row {
        month: String,
        method: PaidBy,
        minor: i64,
    }
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Ok(Vec::new()) };
    let sql = "SELECT month, method, CAST(SUM(minor) AS BIGINT) AS minor FROM (SELECT substr(CAST(day AS TEXT), 1, 7) AS month, method, \
               amount_minor AS minor FROM payment_days WHERE seller_id = $1 AND day >= $2 AND day < $3 AND currency = $4) AS paid \
               GROUP BY month, method";
    let [from, to] = ends(*first, *last);
    let currency = tx.scope().currency();
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), from, to, currency.to_string().into()]).await?;
    // The last month is not over.
    let whole = &months[..months.len().saturating_sub(1)];
    let is_whole = |row: &&Row| whole.iter().any(|month| month.to_string() == row.month);
    let all: i64 = rows.iter().filter(is_whole).map(|row| row.minor).sum();
    let mut trends = Vec::new();
    for method in PaidBy::ALL {
        let own: Vec<&Row> = rows.iter().filter(|row| row.method == *method).collect();
        if own.is_empty() {
            continue;
        }
        let of = |month: &Month| own.iter().filter(|row| row.month == month.to_string()).map(|row| row.minor).sum::<i64>();
        let part: i64 = own.iter().copied().filter(|row| is_whole(row)).map(|row| row.minor).sum();
        let share = divide_half_away(i128::from(part) * 1_000, i128::from(all)).and_then(|n| i64::try_from(n).ok()).unwrap_or(0);
        let projected = if all > 0 { next.times_ratio(part.into(), all.into()).unwrap_or(next) } else { Money::zero(currency) };
        let received = months.iter().map(|month| Money::new(of(month), currency)).collect();
        trends.push(MethodTrend { method: method.label().to_owned(), received, share, projected });
    }
    trends.sort_by_key(|trend| -trend.share);
    Ok(trends)
}
