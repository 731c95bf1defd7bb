//! A subscription's course, read and written.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::id;
use crate::customers::CustomerId;
use crate::kit::db::{DbResult, Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements::Rate;
use crate::plans::{PlanId, PlanVersionId};
use crate::subscriptions::course::{Course, Phase, Priced, Terms};
use crate::subscriptions::model::{PhaseId, SubscriptionId};

/// What is kept of a subscription beside its phases.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Head {
    pub id: SubscriptionId,
    pub customer_id: CustomerId,
    pub customer_name: String,
    trial_ends_on: Option<NaiveDate>,
    anchor_day: Option<i32>,
    ended_on: Option<NaiveDate>,
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it is being cancelled, where it is.
    #[sea_orm(skip)]
    pub why: Option<String>,
}

/// The columns of a [`PhaseRow`].
pub(super) const COLUMNS: &str = "id, plan_id, plan_version_id, quantity, unit_amount_minor, currency, interval_unit, interval_count, \
     starts_on, ends_on, pays_from, mrr_minor, rate_nano, end_reason";

/// A phase with the subscription that it is of.
#[derive(FromQueryResult)]
pub(super) struct KeyedPhase {
    pub subscription_id: SubscriptionId,
    #[sea_orm(nested)]
    pub phase: PhaseRow,
}

#[derive(FromQueryResult)]
pub(super) struct PhaseRow {
    id: PhaseId,
    plan_id: PlanId,
    plan_version_id: Option<Uuid>,
    quantity: i64,
    unit_amount_minor: i64,
    currency: String,
    interval_unit: IntervalUnit,
    interval_count: i32,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    pays_from: NaiveDate,
    mrr_minor: i64,
    rate_nano: i64,
    end_reason: Option<String>,
}

impl PhaseRow {
    pub(super) fn phase(self) -> Result<Phase> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        let terms = Terms {
            plan: self.plan_id,
            version: self.plan_version_id.map(PlanVersionId),
            unit_amount: Money::new(self.unit_amount_minor, currency),
            interval: Interval { unit: self.interval_unit, count: u32::try_from(self.interval_count).map_err(bug)? },
            quantity: self.quantity,
        };
        let rate = Rate::from_nano(self.rate_nano).ok_or_else(|| bug("a rate of nought"))?;
        Ok(Phase {
            id: Some(self.id),
            priced: Priced { terms, rate, mrr_minor: self.mrr_minor },
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            pays_from: self.pays_from,
            end_reason: self.end_reason,
        })
    }
}

/// A subscription as the rules see it; another seller's is unknown.
pub async fn load(tx: &Tx, subscription: SubscriptionId) -> Result<(Head, Course)> {
    let sql = "SELECT s.id, s.customer_id, c.name AS customer_name, s.trial_ends_on, s.anchor_day, s.ended_on, s.cancelled_at FROM subscriptions s \
               JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id WHERE s.seller_id = $1 AND s.id = $2";
    let head: Option<Head> = tx.one(sql, [tx.seller_id().0.into(), id(subscription)]).await?;
    let head = head.ok_or(Error::NotFound)?;
    let sql = format!("SELECT {COLUMNS} FROM subscription_phases WHERE seller_id = $1 AND subscription_id = $2 ORDER BY starts_on");
    let rows: Vec<PhaseRow> = tx.all(&sql, [tx.seller_id().0.into(), id(subscription)]).await?;
    let phases = rows.into_iter().map(PhaseRow::phase).collect::<Result<Vec<_>>>()?;
    if phases.is_empty() {
        return Err(bug("a subscription without phases"));
    }
    let (trial_ends_on, anchor_day) = (head.trial_ends_on, head.anchor_day.and_then(|day| u32::try_from(day).ok()));
    let on_hold = on_hold(head.ended_on, &phases);
    Ok((head, Course { trial_ends_on, anchor_day, phases, on_hold }))
}

/// Whether a subscription waits for somebody to resume it: its last phase has an end, and it has none.
pub(super) fn on_hold(ended_on: Option<NaiveDate>, phases: &[Phase]) -> bool {
    ended_on.is_none() && phases.last().is_some_and(|last| last.ends_on.is_some())
}

/// Writes what differs between `before` and `after`, and the subscription's row. Whatever changed, billing looks at all
/// of it again.
pub async fn save(tx: &Tx, head: &Head, before: &Course, after: &Course) -> Result<()> {
    if !after.is_sound() {
        return Err(bug("phases that overlap"));
    }
    let kept: Vec<PhaseId> = after.phases.iter().filter_map(|phase| phase.id).collect();
    for gone in before.phases.iter().filter_map(|phase| phase.id).filter(|id| !kept.contains(id)) {
        tx.run("DELETE FROM subscription_phases WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), gone.0.into()]).await?;
    }
    for phase in &after.phases {
        match phase.id {
            Some(id) if before.phases.contains(phase) => debug_assert!(kept.contains(&id)),
            Some(id) => update(tx, id, phase).await?,
            None => insert(tx, head, phase).await?,
        }
    }
    let last = after.last();
    let ended_on = after.ended_on();
    let cancelled_at = ended_on.map(|_| head.cancelled_at.unwrap_or_else(|| tx.scope().now()));
    let sql = "UPDATE subscriptions SET plan_id = $3, started_on = $4, trial_ends_on = $5, ended_on = $6, cancel_reason = $7, \
               cancelled_at = $8, mrr_minor = $9, bills_on = $4 WHERE seller_id = $1 AND id = $2";
    let values = [
        tx.seller_id().0.into(),
        id(head.id),
        last.priced.terms.plan.0.into(),
        after.started_on().into(),
        after.trial_ends_on.into(),
        ended_on.into(),
        ended_on.and_then(|_| head.why.clone().or_else(|| last.end_reason.clone())).into(),
        cancelled_at.into(),
        last.priced.mrr_minor.into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

/// Writes the row of a new subscription, with the course that [`save`] writes next.
pub async fn insert_head(tx: &Tx, head: &Head, course: &Course, external_id: Option<String>, payment_method: Option<String>) -> Result<()> {
    let sql = "INSERT INTO subscriptions (seller_id, id, external_id, customer_id, plan_id, started_on, trial_ends_on, payment_method, \
               created_at, mrr_minor, anchor_day, bills_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $6)";
    let first = course.first();
    let values = [
        tx.seller_id().0.into(),
        id(head.id),
        external_id.into(),
        head.customer_id.0.into(),
        first.priced.terms.plan.0.into(),
        first.starts_on.into(),
        course.trial_ends_on.into(),
        payment_method.into(),
        tx.scope().now().into(),
        first.priced.mrr_minor.into(),
        course.anchor_day.map(|day| i32::try_from(day).unwrap_or(1)).into(),
    ];
    let statement = sea_orm::Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await.taken("external_id", "external_id", "is another subscription's already").map(|_| ())
}

impl Head {
    /// Of a subscription that is about to begin.
    pub fn new(customer_id: CustomerId, customer_name: String) -> Self {
        Self {
            id: SubscriptionId::new(),
            customer_id,
            customer_name,
            trial_ends_on: None,
            anchor_day: None,
            ended_on: None,
            cancelled_at: None,
            why: None,
        }
    }
}

async fn insert(tx: &Tx, head: &Head, phase: &Phase) -> Result<()> {
    let sql = "INSERT INTO subscription_phases (seller_id, id, subscription_id, customer_id, plan_id, plan_version_id, quantity, \
               unit_amount_minor, currency, interval_unit, interval_count, starts_on, ends_on, pays_from, mrr_minor, rate_nano, end_reason) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let mut values: Vec<Value> = vec![tx.seller_id().0.into(), PhaseId::new().0.into(), id(head.id), head.customer_id.0.into()];
    values.extend(columns(phase)?);
    tx.run(sql, values).await.map(|_| ())
}

async fn update(tx: &Tx, id: PhaseId, phase: &Phase) -> Result<()> {
    let sql = "UPDATE subscription_phases SET plan_id = $3, plan_version_id = $4, quantity = $5, unit_amount_minor = $6, currency = $7, \
               interval_unit = $8, interval_count = $9, starts_on = $10, ends_on = $11, pays_from = $12, mrr_minor = $13, rate_nano = $14, \
               end_reason = $15 WHERE seller_id = $1 AND id = $2";
    let mut values: Vec<Value> = vec![tx.seller_id().0.into(), id.0.into()];
    values.extend(columns(phase)?);
    tx.run(sql, values).await.map(|_| ())
}

/// The values of a phase from `plan_id` on, in the order of both statements.
pub(super) fn columns(phase: &Phase) -> Result<[Value; 13]> {
    let Terms { plan, version, unit_amount, interval, quantity } = phase.priced.terms;
    Ok([
        plan.0.into(),
        version.map(|v| v.0).into(),
        quantity.into(),
        unit_amount.minor().into(),
        unit_amount.currency().to_string().into(),
        interval.unit.into(),
        i32::try_from(interval.count).map_err(bug)?.into(),
        phase.starts_on.into(),
        phase.ends_on.into(),
        phase.pays_from.into(),
        phase.priced.mrr_minor.into(),
        phase.priced.rate.nano().into(),
        phase.end_reason.clone().into(),
    ])
}
