//! The billing run: customers with something to bill, some at a time, each batch one transaction. A run that was killed
//! is followed by another, which finds what is left; two at once share the work, because a customer is held by one. What
//! no run should guess about is left for a person.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::accounts;
use super::book::{self, Opened, SellerBook};
use super::write::{Buyer, Origin, write};
use crate::customers::{self, CustomerId};
use crate::invoices::billing::{AlertReason, RunStatus};
use crate::invoices::make::{Draft, build};
use crate::invoices::model::{BillingAlertId, BillingRunId, InvoiceId, RunCounts};
use crate::kit::bulk::Ids;
use crate::kit::clock;
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::money::Currency;
use crate::kit::readable;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::store::billing;
use crate::usage;

/// The job that runs billing: `{}` up to the days that drafts are made ahead, or `{"until": "YYYY-MM-DD"}`.
pub const RUN_JOB: &str = "billing.run";

/// A run that is still under way after so long is none.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::hours(6);
/// Customers of one transaction.
const BATCH: usize = 200;
/// Customers that one look for what is due finds; 16 bytes each.
const FOUND_AT_ONCE: usize = 50_000;
/// Batches under way at once on PostgreSQL. The counter of invoice numbers is held from the first number of a batch to its
/// commit, so one batch writes while the others read; SQLite has one writer.
const LANES: usize = 3;

/// Bills everything up to `until`: what is due by today is issued, what comes later is drafted.
pub async fn run(scope: &Scope, until: NaiveDate) -> Result<(BillingRunId, RunCounts)> {
    let (id, begun) = (begin(scope, until).await?, clock::now());
    let (mut counts, mut due) = (RunCounts::default(), Due::from(until));
    let lanes = if scope.db().is_sqlite() { 1 } else { LANES };
    // Dropped where a batch fails for good: what the others have not committed is left to the next run.
    let mut batches = JoinSet::new();
    loop {
        while batches.len() < lanes {
            let Some(batch) = due.batch(scope).await? else { break };
            let scope = scope.clone();
            batches.spawn(async move { bill(&scope, &batch, until, id).await }.in_current_span());
        }
        let Some(billed) = batches.join_next().await else { break };
        add(&mut counts, billed.map_err(bug)??);
    }
    end(scope, id, begun, counts).await?;
    Ok((id, counts))
}

/// Who is to be billed, in the order of their ids.
struct Due {
    until: NaiveDate,
    /// Found, and not yet given.
    found: VecDeque<CustomerId>,
    /// Where to look on; `None`: there are no more.
    after: Option<CustomerId>,
}

impl Due {
    fn from(until: NaiveDate) -> Self {
        Self { until, found: VecDeque::new(), after: Some(CustomerId(uuid::Uuid::nil())) }
    }

    /// The next customers of one transaction. They are found many at once: each look reads all that is due.
    async fn batch(&mut self, scope: &Scope) -> Result<Option<Vec<CustomerId>>> {
        if let Some(after) = self.after.filter(|_| self.found.is_empty()) {
            self.found = billing::due_customers(&scope.read().await?, self.until, after, FOUND_AT_ONCE).await?.into();
            self.after = self.found.back().copied();
        }
        let batch: Vec<CustomerId> = self.found.drain(..self.found.len().min(BATCH)).collect();
        Ok(Some(batch).filter(|batch| !batch.is_empty()))
    }
}

/// Bills one customer up to today.
///
/// # Errors
/// `Conflict` where something waits for a person instead.
pub async fn bill_now(scope: &Scope, customer: CustomerId) -> Result<Vec<InvoiceId>> {
    let (invoices, parked) = bill_one(scope, customer).await?;
    if parked {
        return Err(Error::Conflict(why_parked(scope, customer).await?));
    }
    Ok(invoices)
}

/// As [`bill_now`]; says whether something waits for a person.
pub(super) async fn bill_one(scope: &Scope, customer: CustomerId) -> Result<(Vec<InvoiceId>, bool)> {
    customers::store::get(scope, customer).await?;
    let (id, begun) = (begin(scope, scope.today()).await?, clock::now());
    let (counts, invoices) = bill_batch(scope, &[customer], scope.today(), id).await?;
    end(scope, id, begun, counts).await?;
    Ok((invoices, counts.parked > 0))
}

/// What the customer's alert says.
async fn why_parked(scope: &Scope, customer: CustomerId) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Why {
        reason: AlertReason,
        details: Json,
    }
    let tx = scope.read().await?;
    let sql = "SELECT reason, details FROM billing_alerts WHERE seller_id = $1 AND customer_id = $2 AND resolved_at IS NULL \
               ORDER BY created_at DESC, id DESC LIMIT 1";
    let why: Option<Why> = tx.one(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    let why = why.map(|why| {
        let details: Vec<String> = readable::pairs(&why.details).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{} ({})", why.reason.label(), details.join("; "))
    });
    Ok(format!("{}. Nothing was billed; an alert waits for a person.", why.unwrap_or_else(|| "The run would not guess".into())))
}

/// A batch; where it fails, its customers one by one, and who fails then is parked.
async fn bill(scope: &Scope, batch: &[CustomerId], until: NaiveDate, run: BillingRunId) -> Result<RunCounts> {
    match bill_batch(scope, batch, until, run).await {
        Ok((counts, _)) => return Ok(counts),
        Err(Error::Unavailable) => return Err(Error::Unavailable),
        Err(error) => tracing::warn!(%error, "a batch of billing failed; its customers are billed one by one"),
    }
    let mut counts = RunCounts::default();
    for customer in batch {
        match bill_batch(scope, &[*customer], until, run).await {
            Ok((one, _)) => add(&mut counts, one),
            Err(Error::Unavailable) => return Err(Error::Unavailable),
            Err(error) => {
                let tx = scope.write().await?;
                let event = park(&tx, *customer, AlertReason::Failed, json!({ "error": error.to_string() })).await?;
                tx.commit(event).await?;
                add(&mut counts, RunCounts { customers: 1, parked: 1, ..RunCounts::default() });
            }
        }
    }
    Ok(counts)
}

async fn bill_batch(scope: &Scope, batch: &[CustomerId], until: NaiveDate, run: BillingRunId) -> Result<(RunCounts, Vec<InvoiceId>)> {
    let (tx, today) = (scope.write().await?, scope.today());
    customers::store::hold(&tx, batch).await?;
    let seller = book::seller(&tx).await?;
    let mut books = book::open(&tx, &seller, batch, until, true).await?;
    let (mut drafts, mut events, mut next, mut closed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut counts = RunCounts { customers: batch.len() as u64, ..RunCounts::default() };
    for opened in &mut books {
        let made = made(opened, &seller, until, today)?;
        if let Some((reason, details)) = beyond_bounds(&seller, &made.drafts) {
            events.push(park(&tx, opened.customer.id, reason, details).await?);
            counts.parked += 1;
            continue;
        }
        drafts.extend(made.drafts);
        next.extend(made.next);
        closed.extend(made.closed);
    }
    replace_drafts(&tx, batch, &mut drafts).await?;
    let moved: Vec<_> = next.into_iter().filter(|(_, was, day)| was != day).map(|(id, _, day)| (id, day)).collect();
    billing::set_bills_on(&tx, &moved).await?;
    usage::store::close(&tx, &closed).await?;
    // From here on the counters of numbers are held, and other batches wait: what needs no number is done.
    let ids: Vec<CustomerId> = books.iter().map(|b| b.customer.id).collect();
    let billed: Vec<CustomerId> = ids.into_iter().filter(|id| drafts.iter().any(|d| d.customer == *id)).collect();
    let accounts = if billed.is_empty() { BTreeMap::new() } else { accounts::ensure(&tx, &billed, &seller.settings).await? };
    let buyer = |b| -> Option<(CustomerId, Buyer<'_>)> {
        let opened: &Opened = b;
        accounts.get(&opened.customer.id).map(|account| (opened.customer.id, Buyer { customer: &opened.customer, account }))
    };
    let buyers = books.iter().filter_map(buyer).collect();
    let written = write(&tx, &seller, &buyers, &drafts, (Origin::Run(run), today)).await?;
    let issued: Vec<InvoiceId> = written.iter().filter(|w| w.event.is_some()).map(|w| w.id).collect();
    counts.finalized = issued.len() as u64;
    counts.drafted = written.len() as u64 - counts.finalized;
    events.extend(written.into_iter().filter_map(|w| w.event));
    if events.is_empty() {
        tx.commit_quietly().await?
    } else {
        tx.commit_all(events).await?
    };
    Ok((counts, issued))
}

/// What a customer's book comes to.
struct Made {
    drafts: Vec<Draft>,
    /// When to look at each subscription again: was, is.
    next: Vec<(SubscriptionId, Option<NaiveDate>, Option<NaiveDate>)>,
    /// Until when the usage of each is invoiced.
    closed: Vec<(SubscriptionId, NaiveDate)>,
}

/// What is to be issued, then what is to be drafted; the next look is that after what is issued.
fn made(opened: &mut Opened, seller: &SellerBook, until: NaiveDate, today: NaiveDate) -> Result<Made> {
    let before: Vec<Option<NaiveDate>> = opened.book.subscriptions.iter().map(|s| s.next).collect();
    let closed = opened.book.subscriptions.iter().filter_map(|s| s.usage_billed_until(until.min(today)).map(|day| (s.id, day))).collect();
    let mut drafts = build(&mut opened.book, &seller.rates, until.min(today)).map_err(bug)?;
    let next = opened.book.subscriptions.iter().zip(before).map(|(s, was)| (s.id, was, s.next)).collect();
    drafts.extend(build(&mut opened.book, &seller.rates, until).map_err(bug)?);
    Ok(Made { drafts, next, closed })
}

/// Why a person should look first, if so.
fn beyond_bounds(seller: &SellerBook, drafts: &[Draft]) -> Option<(AlertReason, Json)> {
    let bounds = &seller.settings;
    if drafts.len() > usize::try_from(bounds.bound_invoices).unwrap_or(0) {
        return Some((AlertReason::TooManyInvoices, json!({ "invoices": drafts.len(), "bound": bounds.bound_invoices })));
    }
    for draft in drafts {
        if draft.lines.len() > usize::try_from(bounds.bound_lines).unwrap_or(0) {
            return Some((
                AlertReason::TooManyLines,
                json!({ "lines": draft.lines.len(), "bound": bounds.bound_lines, "on": draft.issued_on }),
            ));
        }
        let bound = i128::from(bounds.bound_major) * i128::from(draft.currency.minor_per_major());
        if i128::from(draft.figures.total).abs() > bound {
            let total = crate::kit::money::Money::new(draft.figures.total, draft.currency);
            return Some((AlertReason::TooMuch, json!({ "total": total, "bound_major": bounds.bound_major, "on": draft.issued_on })));
        }
    }
    None
}

/// Leaves a customer for a person to look at; gives the event that says so.
async fn park(tx: &Tx, customer: CustomerId, reason: AlertReason, details: Json) -> Result<Event> {
    let sql = "INSERT INTO billing_alerts (seller_id, id, customer_id, reason, details, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT DO NOTHING";
    let id = BillingAlertId::new();
    let values = [tx.seller_id().0.into(), id.0.into(), customer.0.into(), reason.into(), details.clone().into(), tx.scope().now().into()];
    tx.run(sql, values).await?;
    let name = customers::store::read(tx, customer).await?.name;
    let event = Event::new("billing.parked", "billing", id, name.clone()).level(Level::Warning);
    let details = json!({ "customer": customer, "reason": reason, "details": details });
    let body = "The run stopped at something it would not guess about. Look at it, then bill again.";
    let link = format!("/customers/{customer}");
    Ok(event.details(details).notify(Level::Warning, format!("{name} was not billed"), body, link))
}

/// The drafts of earlier runs give way to the present ones, which take over their ids; those that would be just so stay.
async fn replace_drafts(tx: &Tx, batch: &[CustomerId], drafts: &mut Vec<Draft>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: InvoiceId,
        customer_id: CustomerId,
        currency: String,
        issued_on: NaiveDate,
        due_on: NaiveDate,
        subtotal_minor: i64,
        total_minor: i64,
        lines: i64,
    }
    let keys = Ids::of(batch.iter().map(|c| c.0));
    let sql = format!(
        "SELECT i.id, i.customer_id, i.currency, i.issued_on, i.due_on, i.subtotal_minor, i.total_minor, \
         (SELECT COUNT(*) FROM invoice_lines l WHERE l.seller_id = i.seller_id AND l.invoice_id = i.id) AS lines \
         FROM invoices i WHERE i.seller_id = $1 AND {} AND i.status = 'draft' AND i.origin = 'run'",
        keys.among(tx, "i.customer_id", 2)
    );
    let today = tx.scope().today();
    for row in tx.all::<Row>(&sql, keys.keyed(tx)).await? {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        let same = |d: &Draft| d.id.is_none() && d.customer == row.customer_id && d.currency == currency && d.issued_on == row.issued_on;
        let at = drafts.iter().position(same);
        let kept = at.filter(|at| {
            let draft = &drafts[*at];
            let figures = (draft.figures.subtotal, draft.figures.total, draft.lines.len() as i64, draft.due_on);
            draft.issued_on > today && figures == (row.subtotal_minor, row.total_minor, row.lines, row.due_on)
        });
        if let Some(at) = kept {
            drafts.remove(at);
            continue;
        }
        if let Some(at) = at {
            drafts[at].id = Some(row.id);
        }
        tx.run("DELETE FROM invoices WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), row.id.0.into()]).await?;
    }
    Ok(())
}

fn add(counts: &mut RunCounts, more: RunCounts) {
    counts.customers += more.customers;
    counts.finalized += more.finalized;
    counts.drafted += more.drafted;
    counts.parked += more.parked;
}

async fn begin(scope: &Scope, until: NaiveDate) -> Result<BillingRunId> {
    let (tx, id) = (scope.write().await?, BillingRunId::new());
    // What has not come to its end after so long was killed; this run finds what it left.
    let sql = "UPDATE billing_runs SET status = 'stopped' WHERE seller_id = $1 AND status = 'running' AND started_at < $2";
    tx.run(sql, [tx.seller_id().0.into(), (scope.now() - GIVEN_UP_AFTER).into()]).await?;
    let sql = "INSERT INTO billing_runs (seller_id, id, until, status, started_by, started_at) VALUES ($1, $2, $3, 'running', $4, $5)";
    let values = [tx.seller_id().0.into(), id.0.into(), until.into(), scope.actor().name().into(), scope.now().into()];
    tx.run(sql, values).await?;
    tx.commit_quietly().await?;
    Ok(id)
}

/// What the run took is added to its own now, which in a sandbox is not the clock's.
async fn end(scope: &Scope, id: BillingRunId, begun: DateTime<Utc>, counts: RunCounts) -> Result<()> {
    let tx = scope.write().await?;
    let sql = "UPDATE billing_runs SET status = 'done', customers = $3, finalized = $4, drafted = $5, parked = $6, finished_at = $7 \
               WHERE seller_id = $1 AND id = $2";
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        count(counts.customers).into(),
        count(counts.finalized).into(),
        count(counts.drafted).into(),
        count(counts.parked).into(),
        (scope.now() + clock::now().signed_duration_since(begun)).into(),
    ];
    tx.run(sql, values).await?;
    // A run that found nothing to bill, as most of the hourly ones, is no news.
    if counts == RunCounts::default() {
        return tx.commit_quietly().await;
    }
    let seller = scope.seller();
    tx.commit(Event::new("billing.ran", "billing", id, seller.name.clone()).details(json!({ "counts": counts }))).await
}

/// A run, for the list of runs.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RunRow {
    pub id: BillingRunId,
    pub until: NaiveDate,
    pub status: RunStatus,
    pub customers: i64,
    pub finalized: i64,
    pub drafted: i64,
    pub parked: i64,
    pub started_by: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// The latest runs, the latest first.
pub async fn runs(scope: &Scope) -> Result<Vec<RunRow>> {
    let tx = scope.read().await?;
    let sql = "SELECT id, until, status, customers, finalized, drafted, parked, started_by, started_at, finished_at FROM billing_runs \
               WHERE seller_id = $1 ORDER BY started_at DESC, id DESC LIMIT 100";
    tx.all(sql, [tx.seller_id().0.into()]).await
}

/// Something that a run would not guess about.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AlertRow {
    pub id: BillingAlertId,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub reason: AlertReason,
    pub details: Json,
    pub created_at: DateTime<Utc>,
}

/// Alerts that wait for a person, the latest first.
pub async fn alerts(scope: &Scope) -> Result<Vec<AlertRow>> {
    let tx = scope.read().await?;
    let sql = "SELECT a.id, a.customer_id, c.name AS customer_name, a.reason, a.details, a.created_at FROM billing_alerts a \
               JOIN customers c ON c.seller_id = a.seller_id AND c.id = a.customer_id \
               WHERE a.seller_id = $1 AND a.resolved_at IS NULL ORDER BY a.created_at DESC, a.id DESC LIMIT 200";
    tx.all(sql, [tx.seller_id().0.into()]).await
}

/// The customer is billed again from the next run on.
pub async fn resolve_alert(scope: &Scope, id: BillingAlertId) -> Result<()> {
    let tx = scope.write().await?;
    let sql = "UPDATE billing_alerts SET resolved_at = $3, resolved_by = $4 WHERE seller_id = $1 AND id = $2 AND resolved_at IS NULL";
    let values = [tx.seller_id().0.into(), id.0.into(), scope.now().into(), scope.actor().name().into()];
    if tx.run(sql, values).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.commit(Event::new("billing.alert_resolved", "billing", id, "Billing alert")).await
}
