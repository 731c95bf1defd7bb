//! The customers behind a figure.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::super::api::MovedReport;
use super::super::model::{Asked, MovedCustomer, begun};
use super::{days_begun, last_day};
use crate::kit::Result;
use crate::kit::id::encode;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::Money;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::period::{Month, long_day};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::movements::MovementKind;

/// Which figure: movements of a kind (or of all) from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub kind: Option<MovementKind>,
}

const LIST: Keyset = Keyset {
    columns: &[Column::integer("amount", "m.amount"), Column::text("customer", "c.name"), Column::day("day", "m.day")],
    default: "-amount",
    id: "c.id",
};
const COLUMNS: &str = "c.id, c.name, m.day, m.first_kind, m.last_kind, m.net, m.before_minor, m.after_minor, m.reason";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    day: NaiveDate,
    first_kind: MovementKind,
    last_kind: MovementKind,
    net: i64,
    before_minor: i64,
    after_minor: i64,
    reason: Option<String>,
}

impl Behind {
    /// What a page or a file asks for: a month, or days, or else the month that is not over.
    pub fn asked(asked: Asked, today: NaiveDate) -> Result<Self> {
        let (first, last) = match (asked.month, asked.first, asked.last) {
            (Some(month), None, None) => {
                let month = begun("month", month, today)?;
                (month.first_day(), last_day(month, today))
            }
            (_, first, last) => {
                let last = last.unwrap_or(today);
                (first.unwrap_or_else(|| Month::of(last).first_day()), last)
            }
        };
        days_begun(first, last, today)?;
        Ok(Self { first, last, kind: asked.kind })
    }

    /// One row for each customer: what it moved in all, and its MRR before the first and after the last such movement.
    fn tables(&self) -> String {
        let kind = self.kind.map_or(String::new(), |kind| format!(" AND kind = '{kind}'"));
        let over = "PARTITION BY customer_id ORDER BY day";
        let (first, last) = (self.first, self.last);
        format!(
            "(SELECT seller_id, customer_id, MIN(day) AS day, MIN(kind) AS first_kind, MAX(kind) AS last_kind, \
             CAST(SUM(after_minor - before_minor) AS BIGINT) AS net, CAST(ABS(SUM(after_minor - before_minor)) AS BIGINT) AS amount, \
             MIN(first_minor) AS before_minor, MIN(last_minor) AS after_minor, MAX(reason) AS reason FROM (SELECT seller_id, customer_id, \
             day, kind, before_minor, after_minor, reason, FIRST_VALUE(before_minor) OVER ({over}) AS first_minor, \
             FIRST_VALUE(after_minor) OVER ({over} DESC) AS last_minor FROM mrr_movements \
             WHERE seller_id = $1 AND day >= '{first}' AND day <= '{last}'{kind}) AS moved GROUP BY seller_id, customer_id) m \
             JOIN customers c ON c.seller_id = m.seller_id AND c.id = m.customer_id"
        )
    }

    fn filter(tx: &Tx, query: &ListQuery) -> Where {
        let mut filter = Where::seller(tx, "c");
        filter.contains(&["c.name"], &query.q);
        filter
    }
}

fn customer(row: Row, scope: &Scope) -> MovedCustomer {
    let money = |minor| Money::new(minor, scope.currency());
    MovedCustomer {
        id: encode("cus", row.id),
        name: row.name,
        day: row.day,
        kind: (row.first_kind == row.last_kind).then_some(row.first_kind),
        amount: money(row.net),
        before: money(row.before_minor),
        after: money(row.after_minor),
        reason: row.reason,
    }
}

/// A page of them, those that moved most first.
pub async fn behind(scope: &Scope, of: Behind, query: &ListQuery) -> Result<Page<MovedCustomer>> {
    let tx = scope.read().await?;
    let filter = Behind::filter(&tx, query);
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, &of.tables(), &filter).await?;
    Ok(page.map(|row| customer(row, scope)))
}

/// The next `size` of them, for an export, and where the rest starts.
pub async fn behind_all(scope: &Scope, of: Behind, query: &ListQuery, size: usize) -> Result<(Vec<MovedCustomer>, Option<String>)> {
    let tx = scope.read().await?;
    let filter = Behind::filter(&tx, query);
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, &of.tables(), &filter).await?;
    Ok((rows.into_iter().map(|row| customer(row, scope)).collect(), next))
}

/// What the page of movements shows: the customers behind what `query` asks for.
pub async fn moved_report(scope: &Scope, query: &ListQuery) -> Result<MovedReport> {
    let of = Behind::asked(Asked::of(query)?, scope.today())?;
    let page = behind(scope, of, query).await?;
    Ok(MovedReport { page, period: format!("{} to {}", long_day(of.first), long_day(of.last)) })
}
