//! The clock of a sandbox in the database.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::model::{Advance, DAYS_MAX, Sandbox};
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::event::Event;
use crate::kit::id::{JobId, OrganizationId};
use crate::kit::job::{self, Begun, NewJob};
use crate::kit::scope::{Scope, Seller};
use crate::kit::seller;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// The job that moves the clock.
pub const ADVANCE_JOB: &str = "sandbox.advance";
/// How long whoever moves a clock may show no sign of life.
const LEASE: TimeDelta = TimeDelta::seconds(30);

#[derive(FromQueryResult)]
struct Way {
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
}

async fn way(tx: &Tx) -> Result<Option<Way>> {
    tx.one("SELECT from_at, to_at FROM sandbox_advances WHERE seller_id = $1", [tx.seller_id().0.into()]).await
}

/// Where the sandbox is; `None` where the organization is none.
pub async fn state(scope: &Scope) -> Result<Option<Sandbox>> {
    // Read anew: within a long request the clock has moved on.
    let Some(now) = here(scope.db(), scope.seller().id).await?.sandbox_now else { return Ok(None) };
    let scope = scope.at(now);
    let way = way(&scope.read().await?).await?.filter(|way| way.to_at > now);
    let progress = way.as_ref().map_or(1_000, |way| {
        let (gone, whole) = ((now - way.from_at).num_seconds(), (way.to_at - way.from_at).num_seconds().max(1));
        u32::try_from(gone * 1_000 / whole).unwrap_or(0)
    });
    let going_to = way.map(|way| scope.moment(way.to_at));
    Ok(Some(Sandbox { now: scope.moment(now), today: scope.today(), going_to, progress }))
}

/// The seller as it is now.
pub async fn here(db: &Db, id: OrganizationId) -> Result<Seller> {
    seller::by_id(db, id).await?.ok_or(Error::NotFound)
}

/// Makes the organization a sandbox whose clock begins at noon of that day.
///
/// # Errors
/// `Conflict` where it is one already or has issued invoices.
pub async fn begin(scope: &Scope, day: NaiveDate) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let seller = scope.seller();
    let now = noon(day, seller);
    let tx = scope.write().await?;
    let issued = "SELECT COUNT(*) AS n FROM invoices WHERE seller_id = $1 AND number IS NOT NULL";
    let issued: Option<Count> = tx.one(issued, [tx.seller_id().0.into()]).await?;
    if issued.is_some_and(|c| c.n > 0) {
        return Err(Error::Conflict("It has issued invoices, so its clock must stay the real one.".into()));
    }
    let sql = "UPDATE organizations SET sandbox_now = $2 WHERE id = $1 AND sandbox_now IS NULL";
    if tx.run(sql, [tx.seller_id().0.into(), now.into()]).await? == 0 {
        return Err(Error::Conflict("It is a sandbox already.".into()));
    }
    let event = Event::new("sandbox.begun", "organization", seller.id, seller.name.clone());
    tx.commit(event.details(json!({ "now": now }))).await
}

/// Noon: the jobs of the early hours of the day have run by then.
fn noon(day: NaiveDate, seller: &Seller) -> DateTime<Utc> {
    let noon = day.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    seller.time_zone.from_local_datetime(&noon).earliest().map_or_else(|| noon.and_utc(), |at| at.with_timezone(&Utc))
}

/// When an advance ends.
///
/// # Errors
/// `Invalid` where it goes back, too far, or nowhere; `Conflict` where the organization is no sandbox.
pub fn target(seller: &Seller, by: &Advance) -> Result<DateTime<Utc>> {
    let Some(now) = seller.sandbox_now else { return Err(Error::Conflict("This organization is no sandbox.".into())) };
    let today = clock::day_of(now, seller.time_zone);
    let asked = (by.to.as_deref().filter(|t| !t.trim().is_empty()), by.hours, by.days, by.months);
    let to = match asked {
        (Some(text), None, None, None) => match crate::kit::period::day(text.trim()) {
            // A day whose noon is behind us is still today.
            Ok(day) if day == today => noon(day, seller).max(now),
            Ok(day) => noon(day, seller),
            Err(_) => DateTime::parse_from_rfc3339(text.trim())
                .map_err(|_| Error::field("to", "must be a day such as 2026-05-01, or a time such as 2026-05-01T12:00:00Z"))?
                .with_timezone(&Utc),
        },
        (None, Some(hours @ 1..=26_400), None, None) => now + TimeDelta::hours(hours),
        (None, None, Some(days @ 1..=DAYS_MAX), None) => {
            noon(today.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(today), seller).max(now)
        }
        (None, None, None, Some(months @ 1..=36)) => {
            let months = u32::try_from(months).unwrap_or(0);
            noon(today.checked_add_months(Months::new(months)).unwrap_or(today), seller).max(now)
        }
        _ => return Err(Error::field("to", "must be a day, or hours, days or months to go, and only one of them")),
    };
    if to < now {
        return Err(Error::field("to", format!("lies before the clock, which is at {}: it never goes back", now.to_rfc3339())));
    }
    if (to - now).num_days() > DAYS_MAX {
        return Err(Error::field("to", format!("lies more than {DAYS_MAX} days ahead: advance in steps")));
    }
    Ok(to)
}

/// Asks for the clock to be moved to `to`; a job does it.
pub async fn ask(scope: &Scope, to: DateTime<Utc>) -> Result<JobId> {
    let tx = scope.write().await?;
    let now = scope.now();
    // While it is on its way it can be sent further, and never less far.
    let sql = "INSERT INTO sandbox_advances (seller_id, from_at, to_at, asked_by) VALUES ($1, $2, $3, $4) ON CONFLICT (seller_id) DO UPDATE \
               SET from_at = CASE WHEN sandbox_advances.to_at > $2 THEN sandbox_advances.from_at ELSE excluded.from_at END, \
               to_at = CASE WHEN sandbox_advances.to_at > excluded.to_at THEN sandbox_advances.to_at ELSE excluded.to_at END, \
               asked_by = excluded.asked_by";
    tx.run(sql, [tx.seller_id().0.into(), now.into(), to.into(), scope.actor().name().into()]).await?;
    let job = job::enqueue(&tx, NewJob::new(ADVANCE_JOB, json!({ "to": to }))).await?;
    let seller = scope.seller();
    let event = Event::new("sandbox.advance_asked", "organization", seller.id, seller.name.clone());
    tx.commit(event.details(json!({ "from": now, "to": to }))).await?;
    Ok(job)
}

/// Takes the clock in hand, unless somebody has it; gives where it is to go.
pub(super) async fn take(scope: &Scope, holder: uuid::Uuid) -> Result<Option<DateTime<Utc>>> {
    let (tx, real) = (scope.write().await?, clock::now());
    let sql = "UPDATE sandbox_advances SET holder = $2, lease_until = $3 WHERE seller_id = $1 \
               AND (holder IS NULL OR holder = $2 OR lease_until < $4)";
    let taken = tx.run(sql, [tx.seller_id().0.into(), holder.into(), (real + LEASE).into(), real.into()]).await?;
    let to = way(&tx).await?.map(|way| way.to_at);
    tx.commit_quietly().await?;
    Ok(to.filter(|_| taken > 0))
}

/// The scope of the sandbox as it is now.
pub(super) async fn again(scope: &Scope) -> Result<Scope> {
    let seller = here(scope.db(), scope.seller().id).await?;
    Ok(Scope::system(scope.db().clone(), "sandbox", seller, clock::now()))
}

/// Lets go of the clock.
pub(super) async fn release(scope: &Scope, holder: uuid::Uuid) -> Result<()> {
    let tx = scope.write().await?;
    let sql = "UPDATE sandbox_advances SET holder = NULL, lease_until = NULL WHERE seller_id = $1 AND holder = $2";
    tx.run(sql, [tx.seller_id().0.into(), holder.into()]).await?;
    tx.commit_quietly().await
}

/// Sets the clock, forward only, and begins what recurs then; gives the scope of then.
pub(super) async fn set(scope: &Scope, at: DateTime<Utc>, recurring: Option<&'static str>) -> Result<(Scope, Option<Begun>)> {
    let tx = scope.write().await?;
    let sql = "UPDATE organizations SET sandbox_now = $2 WHERE id = $1 AND sandbox_now <= $2";
    if tx.run(sql, [tx.seller_id().0.into(), at.into()]).await? == 0 {
        return Err(bug("a sandbox's clock was to go back"));
    }
    let begun = match recurring {
        Some(kind) => job::begin(&tx, kind, at).await?,
        None => None,
    };
    tx.commit_quietly().await?;
    let seller = Seller { sandbox_now: Some(at), ..scope.seller().clone() };
    Ok((Scope::system(scope.db().clone(), "sandbox", seller, clock::now()), begun))
}
