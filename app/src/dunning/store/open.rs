//! Opening cases: each overdue invoice has one, unless it is to be left alone.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::cases::{self, NewEntry, log, replan, save};
use super::{AT_ONCE, policies};
use crate::customers::{self, CustomerId};
use crate::dunning::calendar;
use crate::dunning::model::{CaseId, CaseStatus, Deed};
use crate::invoices::InvoiceId;
use crate::kit::Result;
use crate::kit::clock::day_of;
use crate::kit::db::Sql;
use crate::kit::period::short_day;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// Invoices of one run; what is left is found by the next.
const MOST: usize = 20_000;

/// An invoice that wants a case.
#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Overdue {
    id: InvoiceId,
    customer_id: CustomerId,
    due_on: NaiveDate,
}

/// Overdue, without a case that is not over, and nobody said to leave it alone.
const OVERDUE: &str = "SELECT i.id, i.customer_id, i.due_on FROM invoices i WHERE i.seller_id = $1 AND i.status = 'open' \
     AND i.due_on < $2 AND i.due_minor > 0 \
     AND NOT EXISTS (SELECT 1 FROM dunning_cases k WHERE k.seller_id = i.seller_id AND k.invoice_id = i.id AND k.closed_at IS NULL) \
     AND NOT EXISTS (SELECT 1 FROM dunning_exclusions x WHERE x.seller_id = i.seller_id AND x.invoice_id = i.id) \
     AND NOT EXISTS (SELECT 1 FROM dunning_exclusions x WHERE x.seller_id = i.seller_id AND x.customer_id = i.customer_id \
     AND x.invoice_id IS NULL)";

/// Opens what is to be opened today, each in a transaction of its own; gives how many.
pub async fn open_all(scope: &Scope) -> Result<u64> {
    policies::ensure(scope).await?;
    let (mut opened, mut seen) = (0, 0);
    let mut after = (NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default(), InvoiceId(uuid::Uuid::nil()));
    while seen < MOST {
        let found = overdue(scope, after).await?;
        let Some(last) = found.last() else { break };
        after = (last.due_on, last.id);
        seen += found.len();
        for invoice in &found {
            opened += u64::from(open(scope, *invoice).await?);
        }
        if found.len() < AT_ONCE {
            break;
        }
    }
    Ok(opened)
}

async fn overdue(scope: &Scope, after: (NaiveDate, InvoiceId)) -> Result<Vec<Overdue>> {
    let tx = scope.read().await?;
    let sql = format!("{OVERDUE} AND (i.due_on, i.id) > ($3, $4) ORDER BY i.due_on, i.id LIMIT {AT_ONCE}");
    tx.all(&sql, [tx.seller_id().0.into(), scope.today().into(), after.0.into(), after.1.0.into()]).await
}

async fn open(scope: &Scope, invoice: Overdue) -> Result<bool> {
    let tx = scope.write().await?;
    customers::store::hold(&tx, &[invoice.customer_id]).await?;
    // As it is now that nobody else can open it.
    let sql = format!("{OVERDUE} AND i.id = $3");
    let still: Option<Overdue> = tx.one(&sql, [tx.seller_id().0.into(), scope.today().into(), invoice.id.0.into()]).await?;
    if still.is_none() {
        return Ok(false);
    }
    match before(&tx, invoice.id).await? {
        Some(case) => reopen(&tx, case).await?,
        None => begin(&tx, invoice).await?,
    };
    let id = before(&tx, invoice.id).await?;
    let Some(id) = id else { return Ok(false) };
    let case = cases::read(&tx, id).await?;
    let event = case.event("dunning.opened");
    let details =
        json!({ "invoice": case.invoice_id, "number": case.number, "customer": case.customer_id, "due": case.money(case.due_minor)? });
    tx.commit(event.details(details)).await?;
    Ok(true)
}

/// The latest case of an invoice.
async fn before(tx: &Tx, invoice: InvoiceId) -> Result<Option<CaseId>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: CaseId,
    }
    let sql = "SELECT id FROM dunning_cases WHERE seller_id = $1 AND invoice_id = $2 ORDER BY opened_at DESC, id DESC LIMIT 1";
    let found: Option<Found> = tx.one(sql, [tx.seller_id().0.into(), invoice.0.into()]).await?;
    Ok(found.map(|f| f.id))
}

async fn begin(tx: &Tx, invoice: Overdue) -> Result<()> {
    let (id, policy) = (CaseId::new(), policies::of_customer(tx, invoice.customer_id).await?);
    let sql = "INSERT INTO dunning_cases (seller_id, id, invoice_id, customer_id, policy_id, status, opened_at, currency, at_risk_minor) \
               SELECT i.seller_id, $3, i.id, i.customer_id, $4, 'open', $5, i.currency, i.due_minor FROM invoices i \
               WHERE i.seller_id = $1 AND i.id = $2";
    let values = [tx.seller_id().0.into(), invoice.id.0.into(), id.0.into(), policy.0.into(), tx.scope().now().into()];
    tx.run(sql, values).await?;
    let mut case = cases::read(tx, id).await?;
    let note = format!("{} was due on {}", case.money(case.due_minor)?, short_day(case.due_on));
    log(tx, id, NewEntry::of(Deed::Opened, note)).await?;
    super::retry::know_decline(tx, &mut case).await?;
    replan(tx, &mut case).await?;
    save(tx, &case).await
}

/// What had been paid is owed again, or is not left alone any more: the case goes on where it stood.
async fn reopen(tx: &Tx, id: CaseId) -> Result<()> {
    let mut case = cases::read(tx, id).await?;
    let (zone, today) = (tx.scope().seller().time_zone, tx.scope().today());
    let closed = case.closed_at.map_or(today, |at| day_of(at, zone));
    case.shift_days = case.shift_days.saturating_add(calendar::shift(Some(closed), today));
    case.at_risk_minor = case.at_risk_minor.max(case.due_minor);
    (case.status, case.closed_at, case.close_reason, case.promised_on) = (CaseStatus::Open, None, None, None);
    super::react::sync(tx, &mut case).await?;
    log(tx, id, NewEntry::of(Deed::Reopened, format!("{} is owed", case.money(case.due_minor)?))).await?;
    replan(tx, &mut case).await?;
    save(tx, &case).await
}
