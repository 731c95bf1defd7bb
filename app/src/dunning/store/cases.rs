//! A case as the rules need it: its row with that of its invoice, held while it changes.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use crate::customers::{self, CustomerId};
use crate::dunning::calendar::{self, Noticed};
use crate::dunning::model::{CaseId, CaseStatus, Deed, PolicyId, Stage, Step, StepAction, StepOutcome};
use crate::invoices::InvoiceId;
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::money::{Currency, Money};
use crate::kit::period::next_day;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result, clock};

/// A case and what its invoice says now.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Held {
    pub id: CaseId,
    pub invoice_id: InvoiceId,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub policy_id: PolicyId,
    pub status: CaseStatus,
    pub steps_done: i32,
    pub next_on: Option<NaiveDate>,
    pub promised_on: Option<NaiveDate>,
    pub hard_decline: bool,
    pub currency: String,
    pub at_risk_minor: i64,
    pub recovered_minor: i64,
    pub shift_days: i32,
    pub paused_on: Option<NaiveDate>,
    pub stage: Stage,
    pub tried_method_id: Option<uuid::Uuid>,
    pub close_reason: Option<String>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub number: String,
    pub due_on: NaiveDate,
    pub due_minor: i64,
    pub invoice_status: String,
}

const SELECT: &str = "SELECT k.id, k.invoice_id, k.customer_id, c.name AS customer_name, k.policy_id, k.status, k.steps_done, k.next_on, \
     k.promised_on, k.hard_decline, k.currency, k.at_risk_minor, k.recovered_minor, k.shift_days, k.paused_on, k.stage, \
     k.tried_method_id, k.close_reason, k.opened_at, k.closed_at, i.number, i.due_on, i.due_minor, i.status AS invoice_status \
     FROM dunning_cases k JOIN invoices i ON i.seller_id = k.seller_id AND i.id = k.invoice_id \
     JOIN customers c ON c.seller_id = k.seller_id AND c.id = k.customer_id WHERE k.seller_id = $1 AND k.id = $2";

/// A case as it is.
pub(super) async fn read(tx: &Tx, id: CaseId) -> Result<Held> {
    let row: Option<Held> = tx.one(SELECT, [tx.seller_id().0.into(), id.0.into()]).await?;
    row.ok_or(Error::NotFound)
}

/// A case as it is once nobody else moves its customer's money or cases.
pub(super) async fn hold(tx: &Tx, id: CaseId) -> Result<Held> {
    customers::store::hold(tx, &[read(tx, id).await?.customer_id]).await?;
    read(tx, id).await
}

impl Held {
    pub fn money(&self, minor: i64) -> Result<Money> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        Ok(Money::new(minor, currency))
    }

    /// The day that the calendar counts from.
    pub fn start(&self) -> NaiveDate {
        let days = u64::try_from(self.shift_days).unwrap_or(0);
        self.due_on.checked_add_days(chrono::Days::new(days)).unwrap_or(self.due_on)
    }

    /// The first step that was not taken yet.
    pub fn position(&self) -> usize {
        usize::try_from(self.steps_done).unwrap_or(0)
    }

    /// What happened, about this case.
    pub fn event(&self, name: &'static str) -> Event {
        let details = json!({ "invoice": self.invoice_id, "number": self.number, "customer": self.customer_id });
        Event::new(name, "dunning_case", self.id, format!("{}, {}", self.customer_name, self.number)).details(details)
    }

    /// Where people look at it.
    pub fn link(&self) -> String {
        format!("/dunning/{}", self.id)
    }
}

/// Writes what changed of a case.
pub(super) async fn save(tx: &Tx, case: &Held) -> Result<()> {
    let sql = "UPDATE dunning_cases SET status = $3, steps_done = $4, next_on = $5, promised_on = $6, hard_decline = $7, at_risk_minor = $8, \
               recovered_minor = $9, shift_days = $10, paused_on = $11, stage = $12, tried_method_id = $13, close_reason = $14, \
               closed_at = $15 WHERE seller_id = $1 AND id = $2";
    let values = [
        tx.seller_id().0.into(),
        case.id.0.into(),
        case.status.into(),
        case.steps_done.into(),
        case.next_on.into(),
        case.promised_on.into(),
        case.hard_decline.into(),
        case.at_risk_minor.into(),
        case.recovered_minor.into(),
        case.shift_days.into(),
        case.paused_on.into(),
        case.stage.into(),
        case.tried_method_id.into(),
        case.close_reason.clone().into(),
        case.closed_at.into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

/// An entry of the log.
pub(super) struct NewEntry {
    /// `None`: a new one.
    pub id: Option<uuid::Uuid>,
    /// The step that it is of.
    pub position: Option<usize>,
    pub deed: Deed,
    pub outcome: StepOutcome,
    pub details: Json,
}

impl NewEntry {
    /// Something that was done, in words.
    pub fn of(deed: Deed, note: impl Into<String>) -> Self {
        Self { id: None, position: None, deed, outcome: StepOutcome::Done, details: json!({ "note": note.into() }) }
    }
}

/// Writes into the log; an entry whose id is there already is left as it is. Gives its id, and whether it is new.
pub(super) async fn log(tx: &Tx, case: CaseId, entry: NewEntry) -> Result<(uuid::Uuid, bool)> {
    let id = entry.id.unwrap_or_else(uuid::Uuid::now_v7);
    let sql = "INSERT INTO dunning_actions (seller_id, id, case_id, position, action, at, outcome, details, actor) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (seller_id, id) DO NOTHING";
    let values = [
        tx.seller_id().0.into(),
        id.into(),
        case.0.into(),
        entry.position.and_then(|p| i32::try_from(p).ok()).into(),
        entry.deed.into(),
        tx.scope().now().into(),
        entry.outcome.into(),
        entry.details.into(),
        tx.scope().actor().name().into(),
    ];
    Ok((id, tx.run(sql, values).await? > 0))
}

/// The steps of a policy, in order.
pub(super) async fn steps(tx: &Tx, policy: PolicyId) -> Result<Vec<Step>> {
    #[derive(FromQueryResult)]
    struct Row {
        day: i32,
        action: StepAction,
    }
    let sql = "SELECT day, action FROM dunning_steps WHERE seller_id = $1 AND policy_id = $2 ORDER BY position";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), policy.0.into()]).await?;
    Ok(rows.into_iter().map(|row| Step { day: row.day, action: row.action }).collect())
}

/// The steps of a case that were done and that the customer noticed.
pub(super) async fn noticed(tx: &Tx, case: CaseId, steps: &[Step]) -> Result<Vec<Noticed>> {
    #[derive(FromQueryResult)]
    struct Row {
        position: i32,
        at: DateTime<Utc>,
    }
    let sql = "SELECT position, at FROM dunning_actions WHERE seller_id = $1 AND case_id = $2 AND position IS NOT NULL AND outcome = 'done' \
               ORDER BY position";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), case.0.into()]).await?;
    let zone = tx.scope().seller().time_zone;
    let noticed = rows.into_iter().filter_map(|row| {
        let position = usize::try_from(row.position).ok()?;
        steps.get(position).filter(|s| s.action.is_notice())?;
        Some(Noticed { position, on: clock::day_of(row.at, zone) })
    });
    Ok(noticed.collect())
}

/// The day on which the next step is taken, or on which a promise will have been broken.
pub(super) fn next_on(case: &Held, steps: &[Step], noticed: &[Noticed]) -> Option<NaiveDate> {
    let planned = calendar::day_of(steps, case.position(), case.start(), noticed);
    match (planned, case.promised_on.map(next_day)) {
        (Some(planned), Some(broken)) => Some(planned.max(broken)),
        (planned, broken) => planned.or(broken),
    }
}

/// Plans the next step anew.
pub(super) async fn replan(tx: &Tx, case: &mut Held) -> Result<()> {
    let steps = steps(tx, case.policy_id).await?;
    let noticed = noticed(tx, case.id, &steps).await?;
    case.next_on = next_on(case, &steps, &noticed).filter(|_| case.status.is_live());
    Ok(())
}
