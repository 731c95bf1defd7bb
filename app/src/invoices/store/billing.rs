//! The page about runs and parked customers.

use chrono::NaiveDate;
use serde_json::json;

use super::run::{self, RUN_JOB};
use crate::invoices::billing::{Billing, BillingAlert, BillingRun};
use crate::invoices::jobs;
use crate::kit::event::Event;
use crate::kit::form::Check;
use crate::kit::id::JobId;
use crate::kit::job::{self, NewJob};
use crate::kit::readable;
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};

/// How far ahead a run may look.
const DAYS_AHEAD_MAX: i64 = 366;

/// Runs and alerts, the latest first.
pub async fn billing(scope: &Scope) -> Result<Billing> {
    let run = |row: run::RunRow| BillingRun {
        id: row.id,
        until: row.until,
        status: row.status,
        customers: row.customers,
        finalized: row.finalized,
        drafted: row.drafted,
        parked: row.parked,
        started_by: row.started_by,
        started: scope.moment(row.started_at),
        seconds: row.finished_at.map(|end| (end - row.started_at).num_seconds()),
    };
    let alert = |row: run::AlertRow| BillingAlert {
        id: row.id,
        customer: row.customer_id,
        customer_name: row.customer_name,
        reason: row.reason,
        details: readable::pairs(&row.details),
        created: scope.moment(row.created_at),
    };
    Ok(Billing {
        today: scope.today(),
        horizon: jobs::horizon(scope).await?,
        runs: run::runs(scope).await?.into_iter().map(run).collect(),
        alerts: run::alerts(scope).await?.into_iter().map(alert).collect(),
    })
}

/// As [`start_run`], from what a person typed; blank: as far ahead as the settings say.
pub async fn start_run_typed(scope: &Scope, until: &str) -> Result<JobId> {
    let mut check = Check::default();
    let until = check.optional_day("until", until);
    let until = check.done(|| until)?;
    let until = match until {
        Some(day) => {
            check_until(scope, day)?;
            day
        }
        None => jobs::horizon(scope).await?,
    };
    start_run(scope, until).await
}

/// An error where a run would look further ahead than it may.
pub fn check_until(scope: &Scope, until: NaiveDate) -> Result<()> {
    if (until - scope.today()).num_days() > DAYS_AHEAD_MAX {
        return Err(Error::field("until", "must be at most a year ahead"));
    }
    Ok(())
}

/// Starts a run in the background.
pub async fn start_run(scope: &Scope, until: NaiveDate) -> Result<JobId> {
    let tx = scope.write().await?;
    let id = job::enqueue(&tx, NewJob::new(RUN_JOB, json!({ "until": until }))).await?;
    let seller = scope.seller();
    let event = Event::new("billing.run_started", "billing", seller.id, seller.name.clone()).details(json!({ "until": until, "job": id }));
    tx.commit(event).await?;
    Ok(id)
}
