//! The figures above the list, from the sums by day that the database keeps (`invoice_days`).

use chrono::Days;
use sea_orm::FromQueryResult;

use crate::invoices::sheet::InvoiceStats;
use crate::kit::Result;
use crate::kit::day_sums::DaySums;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Money, divide_half_away};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// Sums of invoices by the days of their issue and of their being due.
pub const INVOICE_DAYS: DaySums = DaySums {
    table: "invoice_days",
    key: &["currency", "day"],
    values: &["issued", "issued_minor", "open", "open_minor", "fell_due_minor", "in_time_minor"],
};
/// Sums of the ledger's postings.
pub const LEDGER_DAYS: DaySums = DaySums { table: "ledger_days", key: &["day", "account", "kind", "currency"], values: &["amount_minor"] };

/// Days of the period.
const DAYS: u64 = 30;

/// See [`InvoiceStats`]; in the seller's currency.
pub async fn stats(scope: &Scope) -> Result<InvoiceStats> {
    #[derive(FromQueryResult)]
    struct Sums {
        invoiced: i64,
        n: i64,
        outstanding: i64,
        overdue: i64,
        overdue_n: i64,
        fell_due: i64,
        in_time: i64,
    }
    let tx = scope.read().await?;
    let sum = |what: &str, days: &str| format!("CAST(COALESCE(SUM(CASE WHEN {days} THEN {what} ELSE 0 END), 0) AS BIGINT)");
    let (issued, late, fell_due) = ("day > $3 AND day <= $4", "day < $4", "day >= $3 AND day < $4");
    let sql = format!(
        "SELECT {} AS invoiced, {} AS n, {} AS outstanding, {} AS overdue, {} AS overdue_n, {} AS fell_due, {} AS in_time \
         FROM invoice_days WHERE seller_id = $1 AND currency = $2",
        sum("issued_minor", issued),
        sum("issued", issued),
        sum("open_minor", "1 = 1"),
        sum("open_minor", late),
        sum("open", late),
        sum("fell_due_minor", fell_due),
        sum("in_time_minor", fell_due),
    );
    let (today, currency) = (scope.today(), scope.currency());
    let since = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
    let values = [tx.seller_id().0.into(), currency.to_string().into(), since.into(), today.into()];
    let sums: Sums = tx.one(&sql, values).await?.ok_or_else(|| bug("no figures"))?;
    let money = |minor| Money::new(minor, currency);
    let ratio = |part: i64, whole: i64, times: i128| {
        if whole <= 0 {
            return None;
        }
        divide_half_away(i128::from(part) * times, i128::from(whole)).and_then(|value| i64::try_from(value).ok())
    };
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(InvoiceStats {
        invoiced: money(sums.invoiced),
        count: count(sums.n),
        outstanding: money(sums.outstanding),
        overdue: money(sums.overdue),
        overdue_count: count(sums.overdue_n),
        collected: ratio(sums.in_time, sums.fell_due, 1_000),
        dso: ratio(sums.outstanding, sums.invoiced, i128::from(DAYS) * 10),
    })
}

/// What open invoices want, in the seller's currency.
pub async fn outstanding(tx: &Tx) -> Result<Money> {
    #[derive(FromQueryResult)]
    struct Sum {
        minor: i64,
    }
    let sql = "SELECT CAST(COALESCE(SUM(open_minor), 0) AS BIGINT) AS minor FROM invoice_days WHERE seller_id = $1 AND currency = $2";
    let currency = tx.scope().currency();
    let sum: Option<Sum> = tx.one(sql, [tx.seller_id().0.into(), currency.to_string().into()]).await?;
    Ok(Money::new(sum.map_or(0, |s| s.minor), currency))
}
