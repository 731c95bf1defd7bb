//! The sums by day, summed further.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::super::model::Flow;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

#[derive(FromQueryResult)]
struct Row {
    bucket: NaiveDate,
    new_minor: i64,
    expansion_minor: i64,
    reactivation_minor: i64,
    contraction_minor: i64,
    churn_minor: i64,
    new_customers: i64,
    reactivated_customers: i64,
    churned_customers: i64,
}

/// What moved on each day of a stretch, and in all before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days(BTreeMap<NaiveDate, Flow>);

impl Days {
    /// What moved from `first` to `last`, both included.
    pub fn flow(&self, first: NaiveDate, last: NaiveDate) -> Flow {
        if first > last {
            return Flow::default();
        }
        self.0.range(first..=last).fold(Flow::default(), |sum, (_, flow)| sum.plus(flow))
    }

    /// MRR (minor units) and paying customers at the end of `day`, which is not before the day before the stretch.
    pub fn after(&self, day: NaiveDate) -> (i64, i64) {
        let flow = self.flow(NaiveDate::MIN, day);
        (flow.net(), flow.net_customers())
    }

    /// As [`after`](Self::after) the day before `day`.
    pub fn before(&self, day: NaiveDate) -> (i64, i64) {
        self.after(day.pred_opt().unwrap_or(NaiveDate::MIN))
    }
}

/// What moved on each day from `first` to `last`; everything before `first` lies on the day before it.
pub async fn days(tx: &Tx, first: NaiveDate, last: NaiveDate) -> Result<Days> {
    let columns = [
        "new_minor",
        "expansion_minor",
        "reactivation_minor",
        "contraction_minor",
        "churn_minor",
        "new_customers",
        "reactivated_customers",
        "churned_customers",
    ];
    let sums = columns.map(|c| format!("CAST(SUM({c}) AS BIGINT) AS {c}")).join(", ");
    let columns = columns.join(", ");
    let sql = format!(
        "SELECT bucket, {sums} FROM (SELECT CASE WHEN day < $2 THEN $3 ELSE day END AS bucket, {columns} FROM mrr_days \
         WHERE seller_id = $1 AND day <= $4) AS d GROUP BY bucket"
    );
    let before = first.pred_opt().unwrap_or(NaiveDate::MIN);
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), first.into(), before.into(), last.into()]).await?;
    let flow = |r: Row| Flow {
        new: r.new_minor,
        expansion: r.expansion_minor,
        reactivation: r.reactivation_minor,
        contraction: r.contraction_minor,
        churn: r.churn_minor,
        new_customers: r.new_customers,
        reactivated_customers: r.reactivated_customers,
        churned_customers: r.churned_customers,
    };
    Ok(Days(rows.into_iter().map(|r| (r.bucket, flow(r))).collect()))
}

#[derive(FromQueryResult)]
struct First {
    day: NaiveDate,
}

/// The day of the first movement that is not still to come.
pub async fn first(tx: &Tx, today: NaiveDate) -> Result<Option<NaiveDate>> {
    let sql = "SELECT day FROM mrr_days WHERE seller_id = $1 AND day <= $2 ORDER BY day LIMIT 1";
    let row: Option<First> = tx.one(sql, [tx.seller_id().0.into(), today.into()]).await?;
    Ok(row.map(|r| r.day))
}
