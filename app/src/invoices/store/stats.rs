//! The figures above the list.

use chrono::Days;
use sea_orm::FromQueryResult;

use crate::invoices::sheet::InvoiceStats;
use crate::kit::Result;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Money, divide_half_away};
use crate::kit::scope::Scope;

/// Days of the period.
const DAYS: u64 = 30;

/// See [`InvoiceStats`]; in the seller's currency. Each figure reads one range of an index.
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
    let from = |what: &str, condition: &str| {
        format!("(SELECT CAST(COALESCE({what}, 0) AS BIGINT) FROM invoices WHERE seller_id = $1 AND currency = $2 AND {condition})")
    };
    let issued = "status IN ('open', 'paid', 'uncollectible') AND issued_on > $3 AND issued_on <= $4";
    let late = "status = 'open' AND due_on < $4";
    let fell_due = "status IN ('open', 'paid', 'uncollectible') AND total_minor > 0 AND due_on >= $3 AND due_on < $4";
    let sql = format!(
        "SELECT {} AS invoiced, {} AS n, {} AS outstanding, {} AS overdue, {} AS overdue_n, {} AS fell_due, {} AS in_time",
        from("SUM(total_minor)", issued),
        from("COUNT(*)", issued),
        from("SUM(due_minor)", "status = 'open'"),
        from("SUM(due_minor)", late),
        from("COUNT(*)", late),
        from("SUM(total_minor)", fell_due),
        from("SUM(total_minor)", &format!("{fell_due} AND status = 'paid' AND paid_on <= due_on")),
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
