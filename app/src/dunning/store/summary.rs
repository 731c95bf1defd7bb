//! How dunning does: money at risk, recovered and lost, by currency.

use chrono::Days;
use sea_orm::FromQueryResult;

use crate::dunning::model::{Stage, StageSum, Summary};
use crate::kit::clock::start_of;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// Days that recovered and lost are summed over.
const DAYS: u64 = 90;

#[derive(FromQueryResult)]
struct Live {
    stage: Stage,
    cases: i64,
    due: i64,
    came: i64,
    promised: i64,
    paused: i64,
}

#[derive(FromQueryResult)]
struct Ended {
    recovered: i64,
    lost: i64,
}

/// The figures in a currency; blank: the seller's, or else the first that anything is in.
pub async fn summary(scope: &Scope, currency: &str) -> Result<Summary> {
    let tx = scope.read().await?;
    let currencies = currencies(&tx).await?;
    let currency = match currency.trim() {
        "" if currencies.is_empty() || currencies.contains(&scope.currency()) => scope.currency(),
        "" => currencies[0],
        word => word.parse().map_err(|_| Error::field("currency", "is not an ISO 4217 currency code, such as USD"))?,
    };
    let live = live(&tx, currency).await?;
    let ended = ended(&tx, currency).await?;
    let (money, count) = (|minor| Money::new(minor, currency), |n: i64| u64::try_from(n).unwrap_or(0));
    let sum = |of: fn(&Live) -> i64| live.iter().map(of).fold(0i64, i64::saturating_add);
    let all = i128::from(ended.recovered) + i128::from(ended.lost);
    let rate = (all > 0).then(|| u32::try_from(i128::from(ended.recovered) * 1_000_000 / all).unwrap_or(0));
    Ok(Summary {
        currency,
        currencies,
        cases: count(sum(|l| l.cases)),
        at_risk: money(sum(|l| l.due)),
        promised: money(sum(|l| l.promised)),
        paused: count(sum(|l| l.paused)),
        recovered: money(ended.recovered.saturating_add(sum(|l| l.came))),
        lost: money(ended.lost),
        recovery_ppm: rate,
        stages: Stage::ALL
            .iter()
            .filter_map(|stage| live.iter().find(|l| l.stage == *stage))
            .map(|l| StageSum { stage: l.stage, cases: count(l.cases), due: money(l.due) })
            .collect(),
    })
}

async fn currencies(tx: &Tx) -> Result<Vec<Currency>> {
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
    }
    let sql = "SELECT DISTINCT currency FROM dunning_cases WHERE seller_id = $1 ORDER BY currency";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    rows.into_iter().map(|row| row.currency.parse().map_err(bug)).collect()
}

async fn live(tx: &Tx, currency: Currency) -> Result<Vec<Live>> {
    let sql = "SELECT k.stage, COUNT(*) AS cases, CAST(SUM(i.due_minor) AS BIGINT) AS due, CAST(SUM(k.recovered_minor) AS BIGINT) AS came, \
               CAST(SUM(CASE WHEN k.promised_on IS NOT NULL THEN i.due_minor ELSE 0 END) AS BIGINT) AS promised, \
               CAST(SUM(CASE WHEN k.status = 'paused' THEN 1 ELSE 0 END) AS BIGINT) AS paused FROM dunning_cases k \
               JOIN invoices i ON i.seller_id = k.seller_id AND i.id = k.invoice_id \
               WHERE k.seller_id = $1 AND k.status IN ('open', 'paused') AND k.currency = $2 GROUP BY k.stage";
    tx.all(sql, [tx.seller_id().0.into(), currency.to_string().into()]).await
}

/// Of cases that were recovered or lost lately.
async fn ended(tx: &Tx, currency: Currency) -> Result<Ended> {
    let scope = tx.scope();
    let since = scope.today().checked_sub_days(Days::new(DAYS - 1)).unwrap_or(scope.today());
    let sql = "SELECT CAST(COALESCE(SUM(recovered_minor), 0) AS BIGINT) AS recovered, \
               CAST(COALESCE(SUM(CASE WHEN status = 'lost' THEN at_risk_minor - recovered_minor ELSE 0 END), 0) AS BIGINT) AS lost \
               FROM dunning_cases WHERE seller_id = $1 AND closed_at >= $2 AND currency = $3 AND status IN ('recovered', 'lost')";
    let values = [tx.seller_id().0.into(), start_of(since, scope.seller().time_zone).into(), currency.to_string().into()];
    tx.one(sql, values).await?.ok_or_else(|| bug("no sums"))
}
