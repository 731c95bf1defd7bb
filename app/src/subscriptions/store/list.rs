//! Reading subscriptions: the list, one, those of a customer.

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::{SubscriptionRow, TABLES, columns, id, phases};
use crate::customers::{self, CustomerId};
use crate::kit::db::{Sql, bug};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::Money;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements::Rate;
use crate::plans::{PlanId, PlanVersionId};
use crate::subscriptions::model::{
    PhaseId, PhaseView, Subscription, SubscriptionDetail, SubscriptionFilters, SubscriptionId, SubscriptionStart, SubscriptionStatus,
};

const LIST: Keyset = Keyset {
    columns: &[
        Column::day("started", "s.started_on"),
        Column::integer("monthly", "s.mrr_minor"),
        Column::day("ended", "s.ended_on").or_null(),
    ],
    default: "-started",
    id: "s.id",
};

/// The conditions that a list's filters and search stand for. A value that no filter knows finds nothing.
async fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "s");
    let today = tx.scope().today();
    if !query.filter("status").is_empty() {
        let (mut any, mut values): (Vec<&str>, Vec<Value>) = (Vec::new(), Vec::new());
        for word in query.filter("status") {
            let (condition, days) = status_condition(word);
            any.push(condition);
            values.extend((0..days).map(|_| Value::from(today)));
        }
        filter.and(&any.join(" OR "), values);
    }
    let picked: Vec<Uuid> = query.filter("id").iter().map(|id| id.parse::<SubscriptionId>().map_or(Uuid::nil(), |id| id.0)).collect();
    filter.any("s.id", &picked);
    let customers: Vec<Uuid> = query.filter("customer").iter().map(|c| c.parse::<CustomerId>().map_or(Uuid::nil(), |id| id.0)).collect();
    filter.any("s.customer_id", &customers);
    if let Some(plans) = plans(tx, query).await? {
        filter.any("s.plan_id", &plans);
        if plans.is_empty() {
            filter.and("1 = 0", []);
        }
    }
    customers::store::find_by_words(&mut filter, "s.customer_id", &query.q);
    Ok(filter)
}

/// In service as far as pauses go, naming today twice. Few ever paused, and an index holds those; the others are not
/// looked at.
macro_rules! not_paused {
    () => {
        " AND NOT (s.id IN (SELECT h.subscription_id FROM subscription_phases h WHERE h.seller_id = $1 AND h.end_reason = 'paused') \
         AND NOT EXISTS (SELECT 1 FROM subscription_phases h WHERE h.seller_id = s.seller_id AND h.subscription_id = s.id \
         AND h.starts_on <= ? AND (h.ends_on IS NULL OR h.ends_on > ?))))"
    };
}

/// The SQL of a status, and how often it names today. Nearly everything has started, so that is said in a way that no
/// index of SQLite serves; PostgreSQL reads it as `<=`.
fn status_condition(word: &str) -> (&'static str, usize) {
    match word.parse() {
        Ok(SubscriptionStatus::Scheduled) => ("(s.started_on > ?)", 1),
        Ok(SubscriptionStatus::Trial) => {
            (concat!("(s.trial_ends_on > ? AND NOT (s.started_on > ?) AND (s.ended_on IS NULL OR s.ended_on > ?)", not_paused!()), 5)
        }
        Ok(SubscriptionStatus::Active) => (
            concat!("(s.ended_on IS NULL AND NOT (s.started_on > ?) AND (s.trial_ends_on IS NULL OR s.trial_ends_on <= ?)", not_paused!()),
            4,
        ),
        Ok(SubscriptionStatus::Cancelling) => {
            (concat!("(s.ended_on > ? AND NOT (s.started_on > ?) AND (s.trial_ends_on IS NULL OR s.trial_ends_on <= ?)", not_paused!()), 5)
        }
        Ok(SubscriptionStatus::Ended) => ("(s.ended_on <= ?)", 1),
        Ok(SubscriptionStatus::Paused) => (
            "((s.ended_on IS NULL OR s.ended_on > ?) AND NOT (s.started_on > ?) AND NOT EXISTS (SELECT 1 FROM subscription_phases h \
             WHERE h.seller_id = s.seller_id AND h.subscription_id = s.id AND h.starts_on <= ? AND (h.ends_on IS NULL OR h.ends_on > ?)))",
            4,
        ),
        Err(_) => ("(1 = 0)", 0),
    }
}

/// The plans that the filters `plan`, `currency` and `interval` come to; `None` where none is set. Plans are few, so
/// the list itself can stay on an index of its own table.
async fn plans(tx: &Tx, query: &ListQuery) -> Result<Option<Vec<Uuid>>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: Uuid,
    }
    if ["plan", "currency", "interval"].iter().all(|key| query.filter(key).is_empty()) {
        return Ok(None);
    }
    let mut filter = Where::seller(tx, "p");
    let chosen: Vec<Uuid> = query.filter("plan").iter().map(|p| p.parse::<PlanId>().map_or(Uuid::nil(), |id| id.0)).collect();
    filter.any("p.id", &chosen);
    filter.any("p.currency", query.filter("currency"));
    filter.any("p.interval_unit", query.filter("interval"));
    let rows: Vec<Found> = tx.all(&format!("SELECT p.id FROM plans p WHERE {} LIMIT 1000", filter.sql()), filter.values()).await?;
    Ok(Some(rows.into_iter().map(|row| row.id).collect()))
}

/// A page of subscriptions: search by customer, filters `status`, `plan`, `customer`, `currency`, `interval`, `id`, sort
/// `started`, `monthly`, `ended`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Subscription>> {
    let tx = scope.read().await?;
    let filter = filter(&tx, query).await?;
    let page: Page<SubscriptionRow> = LIST.page(&tx, query, &columns(scope.today()), TABLES, &filter).await?;
    let rows = page.rows.into_iter().map(|row| row.subscription(scope)).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` subscriptions of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Subscription>, Option<String>)> {
    let tx = scope.read().await?;
    let filter = filter(&tx, query).await?;
    let (rows, next): (Vec<SubscriptionRow>, _) = LIST.chunk(&tx, query, size, &columns(scope.today()), TABLES, &filter).await?;
    Ok((rows.into_iter().map(|row| row.subscription(scope)).collect::<Result<_>>()?, next))
}

/// A customer's subscriptions, the latest first; at most 200.
pub async fn of_customer(scope: &Scope, customer: CustomerId) -> Result<Vec<Subscription>> {
    let query = ListQuery { limit: 200, ..ListQuery::default().toggled("customer", &customer.to_string()) };
    customers::store::get(scope, customer).await?;
    Ok(list(scope, &query).await?.rows)
}

pub async fn get(scope: &Scope, subscription: SubscriptionId) -> Result<Subscription> {
    read(&scope.read().await?, subscription).await
}

/// As [`get`], in a transaction that is under way.
pub(super) async fn read(tx: &Tx, subscription: SubscriptionId) -> Result<Subscription> {
    let sql = format!("SELECT {} FROM {TABLES} WHERE s.seller_id = $1 AND s.id = $2", columns(tx.scope().today()));
    let row: Option<SubscriptionRow> = tx.one(&sql, [tx.seller_id().0.into(), id(subscription)]).await?;
    row.ok_or(Error::NotFound)?.subscription(tx.scope())
}

#[derive(FromQueryResult)]
struct PhaseRow {
    id: PhaseId,
    plan_id: PlanId,
    plan_name: String,
    plan_version_id: Option<Uuid>,
    quantity: i64,
    unit_amount_minor: i64,
    currency: String,
    interval_unit: crate::kit::period::IntervalUnit,
    interval_count: i32,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    pays_from: NaiveDate,
    mrr_minor: i64,
    rate_nano: i64,
    end_reason: Option<String>,
}

impl PhaseRow {
    fn view(self, scope: &Scope) -> Result<PhaseView> {
        Ok(PhaseView {
            id: self.id,
            plan_id: self.plan_id,
            plan_name: self.plan_name,
            version: self.plan_version_id.map(PlanVersionId),
            quantity: self.quantity,
            price: Money::new(self.unit_amount_minor, self.currency.parse().map_err(bug)?),
            interval: crate::kit::period::Interval { unit: self.interval_unit, count: u32::try_from(self.interval_count).unwrap_or(1) },
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            pays_from: self.pays_from,
            monthly: Money::new(self.mrr_minor, scope.currency()),
            rate: Rate::from_nano(self.rate_nano).ok_or_else(|| bug("a rate of nought"))?,
            end_reason: self.end_reason,
        })
    }
}

/// A subscription with all its phases.
pub async fn detail(scope: &Scope, subscription: SubscriptionId) -> Result<SubscriptionDetail> {
    let tx = scope.read().await?;
    let head = read(&tx, subscription).await?;
    let sql = "SELECT h.id, h.plan_id, p.name AS plan_name, v.id AS plan_version_id, h.quantity, h.unit_amount_minor, h.currency, h.interval_unit, \
               h.interval_count, h.starts_on, h.ends_on, h.pays_from, h.mrr_minor, h.rate_nano, h.end_reason \
               FROM subscription_phases h JOIN plans p ON p.seller_id = h.seller_id AND p.id = h.plan_id \
               LEFT JOIN plan_versions v ON v.seller_id = h.seller_id AND v.id = h.plan_version_id AND v.amount_minor = h.unit_amount_minor \
               WHERE h.seller_id = $1 AND h.subscription_id = $2 ORDER BY h.starts_on DESC LIMIT 1000";
    let rows: Vec<PhaseRow> = tx.all(sql, [tx.seller_id().0.into(), id(subscription)]).await?;
    let phases = rows.into_iter().map(|row| row.view(scope)).collect::<Result<_>>()?;
    let (_, course) = phases::load(&tx, subscription).await?;
    let today = scope.today();
    Ok(SubscriptionDetail { subscription: head, phases, today, period_ends_on: course.period_end(today), pause: course.pause(today) })
}

/// What the list's filters offer.
pub async fn filters(scope: &Scope) -> Result<SubscriptionFilters> {
    let plans = crate::plans::store::names(scope).await?;
    let mut currencies: Vec<String> = plans.iter().map(|plan| plan.currency.clone()).collect();
    currencies.sort();
    currencies.dedup();
    Ok(SubscriptionFilters { plans: plans.into_iter().map(|plan| (plan.id.to_string(), plan.label)).collect(), currencies })
}

/// What the form of a new subscription starts from.
pub async fn start(scope: &Scope, customer: &str) -> Result<SubscriptionStart> {
    let customer = customer.parse().map_err(|_| Error::NotFound)?;
    let customer = customers::store::get(scope, customer).await?;
    let (plans, anchor_days) = (crate::plans::store::choices(scope, None).await?, anchor_days(&scope.read().await?).await?);
    Ok(SubscriptionStart { customer, plans, today: scope.today(), anchor_days })
}

/// The days of the month that the seller's billing settings offer.
pub(super) async fn anchor_days(tx: &Tx) -> Result<Vec<u32>> {
    #[derive(FromQueryResult)]
    struct Row {
        anchor_days: serde_json::Value,
    }
    let row: Option<Row> = tx.one("SELECT anchor_days FROM billing_settings WHERE seller_id = $1", [tx.seller_id().0.into()]).await?;
    Ok(row.and_then(|row| serde_json::from_value(row.anchor_days).ok()).unwrap_or_default())
}

/// Subscriptions after the id `after` with a phase of `plan` on or after `from` whose price is another version's, and not
/// their own.
pub(super) async fn on_other_versions(
    tx: &Tx,
    plan: PlanId,
    version: PlanVersionId,
    from: NaiveDate,
    after: SubscriptionId,
    limit: usize,
) -> Result<Vec<SubscriptionId>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: SubscriptionId,
    }
    let sql = format!(
        "SELECT s.id FROM subscriptions s WHERE s.seller_id = $1 AND s.plan_id = $2 AND s.id > $5 AND (s.ended_on IS NULL OR s.ended_on > $4) \
         AND EXISTS (SELECT 1 FROM subscription_phases h JOIN plan_versions v ON v.seller_id = h.seller_id AND v.id = h.plan_version_id \
         AND v.amount_minor = h.unit_amount_minor WHERE h.seller_id = $1 AND h.subscription_id = s.id AND h.plan_id = $2 \
         AND h.plan_version_id <> $3 AND (h.ends_on IS NULL OR h.ends_on > $4)) ORDER BY s.id LIMIT {limit}"
    );
    let values = [tx.seller_id().0.into(), plan.0.into(), version.0.into(), from.into(), id(after)];
    let rows: Vec<Found> = tx.all(&sql, values).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
