//! Cases, found and read.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use super::{cases, deeds, policies};
use crate::customers::{self, CustomerId};
use crate::dunning::calendar;
use crate::dunning::model::{Case, CaseDetail, CaseId, CaseStatus, Deed, Entry, PlannedStep, Stage, Step, StepAction, StepOutcome};
use crate::invoices::InvoiceId;
use crate::kit::clock::day_of;
use crate::kit::db::{Sql, bug};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

const LIST: Keyset = Keyset {
    columns: &[
        Column::time("opened", "k.opened_at"),
        Column::day("next", "k.next_on").or_null(),
        Column::day("overdue", "i.due_on"),
        Column::integer("due", "i.due_minor"),
    ],
    default: "-opened",
    id: "k.id",
};
const COLUMNS: &str = "k.id, k.customer_id, c.name AS customer_name, k.invoice_id, i.number, k.status, k.stage, i.due_minor, k.currency, \
     k.at_risk_minor, k.recovered_minor, i.due_on, k.next_on, s.action AS next_action, k.promised_on, k.hard_decline, k.close_reason, \
     k.opened_at, k.closed_at";
const TABLES: &str = "dunning_cases k JOIN invoices i ON i.seller_id = k.seller_id AND i.id = k.invoice_id \
     JOIN customers c ON c.seller_id = k.seller_id AND c.id = k.customer_id \
     LEFT JOIN dunning_steps s ON s.seller_id = k.seller_id AND s.policy_id = k.policy_id AND s.position = k.steps_done";

#[derive(FromQueryResult)]
struct Row {
    id: CaseId,
    customer_id: CustomerId,
    customer_name: String,
    invoice_id: InvoiceId,
    number: Option<String>,
    status: CaseStatus,
    stage: Stage,
    due_minor: i64,
    currency: String,
    at_risk_minor: i64,
    recovered_minor: i64,
    due_on: NaiveDate,
    next_on: Option<NaiveDate>,
    next_action: Option<String>,
    promised_on: Option<NaiveDate>,
    hard_decline: bool,
    close_reason: Option<String>,
    opened_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
}

impl Row {
    fn case(self, scope: &Scope) -> Result<Case> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        let money = |minor| Money::new(minor, currency);
        let next = self.next_action.filter(|_| self.status.is_live()).map(|word| word.parse::<StepAction>().map_err(bug)).transpose()?;
        Ok(Case {
            id: self.id,
            customer: self.customer_id,
            customer_name: self.customer_name,
            invoice: self.invoice_id,
            number: self.number.unwrap_or_else(|| "Draft".into()),
            status: self.status,
            stage: self.stage,
            due: money(self.due_minor),
            at_risk: money(self.at_risk_minor),
            recovered: money(self.recovered_minor),
            due_on: self.due_on,
            days_overdue: (scope.today() - self.due_on).num_days().max(0),
            next_on: self.next_on,
            next,
            promised_on: self.promised_on,
            hard_decline: self.hard_decline,
            close_reason: self.close_reason,
            opened: scope.moment(self.opened_at),
            closed: self.closed_at.map(|at| scope.moment(at)),
        })
    }
}

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "k");
    let statuses = query.filter("status");
    if statuses.is_empty() {
        // What is over is looked for on purpose.
        filter.and("k.closed_at IS NULL", []);
    } else if !statuses.iter().any(|word| word == "all") {
        filter.any("k.status", statuses);
    }
    filter.any("k.stage", query.filter("stage"));
    filter.any("k.currency", query.filter("currency"));
    let customers: Vec<uuid::Uuid> =
        query.filter("customer").iter().map(|id| id.parse::<CustomerId>().map_or(uuid::Uuid::nil(), |id| id.0)).collect();
    filter.any("k.customer_id", &customers);
    let invoices: Vec<uuid::Uuid> =
        query.filter("invoice").iter().map(|id| id.parse::<InvoiceId>().map_or(uuid::Uuid::nil(), |id| id.0)).collect();
    filter.any("k.invoice_id", &invoices);
    let waits: Vec<&str> = query
        .filter("waits")
        .iter()
        .map(|word| match word.as_str() {
            "promise" => "k.promised_on IS NOT NULL",
            "method" => "k.hard_decline",
            "nothing" => "k.next_on IS NULL",
            _ => "1 = 0",
        })
        .collect();
    if !waits.is_empty() {
        filter.and(&waits.join(" OR "), []);
    }
    let text = query.q.trim();
    if !text.is_empty() {
        filter.contains(&["c.name", "i.number"], text);
    }
    Ok(filter)
}

/// A page of cases: search by customer or invoice number; filters `status` (live ones unless given; `all`), `stage`,
/// `currency`, `customer`, `invoice`, `waits`; sort `opened`, `next`, `overdue`, `due`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Case>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    let rows = page.rows.into_iter().map(|row| row.case(scope)).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` cases of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Case>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.case(scope)).collect::<Result<_>>()?, next))
}

pub async fn get(scope: &Scope, id: CaseId) -> Result<Case> {
    one(&scope.read().await?, id).await
}

async fn one(tx: &Tx, id: CaseId) -> Result<Case> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE k.seller_id = $1 AND k.id = $2");
    let row: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    row.ok_or(Error::NotFound)?.case(tx.scope())
}

/// The cases of a customer, live ones first, then the latest; at most 100.
pub(super) async fn of_customer(tx: &Tx, customer: CustomerId) -> Result<Vec<Case>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE k.seller_id = $1 AND k.customer_id = $2 \
         ORDER BY CASE WHEN k.closed_at IS NULL THEN 0 ELSE 1 END, k.opened_at DESC, k.id LIMIT 100"
    );
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    rows.into_iter().map(|row| row.case(tx.scope())).collect()
}

/// A case with its plan and its log.
pub async fn detail(scope: &Scope, id: CaseId) -> Result<CaseDetail> {
    let tx = scope.read().await?;
    let case = one(&tx, id).await?;
    let held = cases::read(&tx, id).await?;
    let policy = policies::read(&tx, held.policy_id).await?;
    customers::store::read(&tx, held.customer_id).await?;
    let log = log(&tx, id).await?;
    Ok(CaseDetail {
        steps: plan(&tx, &held, &policy.steps, &log).await?,
        policy: policy.id,
        policy_name: policy.name,
        today: scope.today(),
        paused_on: held.paused_on,
        suspended: deeds::withheld(&tx, id).await?,
        log: log.into_iter().map(|row| row.entry(scope)).collect(),
        case,
    })
}

#[derive(FromQueryResult)]
struct LogRow {
    position: Option<i32>,
    action: Deed,
    at: DateTime<Utc>,
    outcome: StepOutcome,
    details: Json,
    actor: String,
}

impl LogRow {
    fn entry(self, scope: &Scope) -> Entry {
        let note = self.details["note"].as_str().unwrap_or_default().to_owned();
        Entry { deed: self.action, outcome: self.outcome, note, by: self.actor, at: scope.moment(self.at) }
    }
}

async fn log(tx: &Tx, id: CaseId) -> Result<Vec<LogRow>> {
    let sql = "SELECT position, action, at, outcome, details, actor FROM dunning_actions WHERE seller_id = $1 AND case_id = $2 \
               ORDER BY at DESC, id DESC LIMIT 500";
    tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await
}

/// The steps with the days they were taken on or are planned for: each that is still to come as if those before it were
/// taken on theirs.
async fn plan(tx: &Tx, case: &cases::Held, steps: &[Step], log: &[LogRow]) -> Result<Vec<PlannedStep>> {
    let (zone, today) = (tx.scope().seller().time_zone, tx.scope().today());
    let mut noticed = cases::noticed(tx, case.id, steps).await?;
    let mut planned = Vec::with_capacity(steps.len());
    for (position, step) in steps.iter().enumerate() {
        let taken = log.iter().find(|row| row.position.and_then(|p| usize::try_from(p).ok()) == Some(position));
        if let Some(row) = taken {
            planned.push(PlannedStep { step: *step, on: Some(day_of(row.at, zone)), outcome: Some(row.outcome) });
            continue;
        }
        let on = calendar::day_of(steps, position, case.start(), &noticed).filter(|_| case.status.is_live());
        let on = if position == case.position() { case.next_on.or(on) } else { on }.map(|day| day.max(today));
        if let Some(on) = on.filter(|_| step.action.is_notice()) {
            noticed.push(calendar::Noticed { position, on });
        }
        planned.push(PlannedStep { step: *step, on: on.filter(|_| case.status == CaseStatus::Open), outcome: None });
    }
    Ok(planned)
}
