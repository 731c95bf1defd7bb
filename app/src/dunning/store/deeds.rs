//! What steps do, and what undoes it when the invoice is paid.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use super::cases::{Held, NewEntry, log};
use super::letters;
use crate::customers::{self, CustomerId};
use crate::dunning::model::{CaseId, Deed, StepAction, StepOutcome};
use crate::invoices::InvoiceId;
use crate::invoices::store as invoices;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::readable::count;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements::INVOLUNTARY;
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::model::{Proration, Service, Verb, When};
use crate::subscriptions::store::{perform_in, switches};

/// What came of a step.
pub(super) struct Deeds {
    pub outcome: StepOutcome,
    pub details: Json,
    pub events: Vec<Event>,
}

impl Deeds {
    pub fn skipped(why: impl Into<String>) -> Self {
        Self { outcome: StepOutcome::Skipped, details: json!({ "note": why.into() }), events: Vec::new() }
    }

    fn done(note: impl Into<String>, events: Vec<Event>) -> Self {
        Self { outcome: StepOutcome::Done, details: json!({ "note": note.into() }), events }
    }
}

/// Does what a step says. The customer must be held, and for a cancellation the movements before.
pub(super) async fn perform(tx: &Tx, case: &mut Held, action: StepAction) -> Result<Deeds> {
    match action {
        StepAction::Email => letters::remind(tx, case).await,
        StepAction::Sms => Ok(Deeds::skipped("Text messages are not set up")),
        StepAction::Retry if case.hard_decline => Ok(Deeds::skipped("The payment method was declined for good")),
        StepAction::Retry => Ok(Deeds::done("The payment gateway is asked", Vec::new())),
        StepAction::Throttle => withhold(tx, case, Service::Throttled).await,
        StepAction::Suspend => withhold(tx, case, Service::Suspended).await,
        StepAction::Cancel => cancel(tx, case).await,
        StepAction::WriteOff => {
            let amount = case.money(case.due_minor)?;
            let event = invoices::give_up(tx, case.invoice_id).await?;
            Ok(Deeds::done(format!("{amount} given up"), vec![event]))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
struct Found {
    id: SubscriptionId,
}

/// The services that an unpaid invoice is for: those of its lines, or all of the customer's where it names none.
async fn services(tx: &Tx, invoice: InvoiceId, customer: CustomerId) -> Result<Vec<SubscriptionId>> {
    let sql = "SELECT s.id FROM subscriptions s WHERE s.seller_id = $1 AND s.customer_id = $2 AND (s.ended_on IS NULL OR s.ended_on > $4) \
               AND (s.id IN (SELECT l.subscription_id FROM invoice_lines l WHERE l.seller_id = $1 AND l.invoice_id = $3) \
               OR NOT EXISTS (SELECT 1 FROM invoice_lines l WHERE l.seller_id = $1 AND l.invoice_id = $3 AND l.subscription_id IS NOT NULL)) \
               ORDER BY s.id";
    let values = [tx.seller_id().0.into(), customer.0.into(), invoice.0.into(), tx.scope().today().into()];
    let rows: Vec<Found> = tx.all(sql, values).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

async fn withhold(tx: &Tx, case: &Held, service: Service) -> Result<Deeds> {
    let services = services(tx, case.invoice_id, case.customer_id).await?;
    if services.is_empty() {
        return Ok(Deeds::skipped("There is no service to withhold"));
    }
    let mut events = Vec::new();
    for id in &services {
        events.extend(switches::withhold(tx, *id, service, format!("{} is not paid", case.number)).await?);
    }
    let note = match events.len() {
        0 => "It was withheld already".to_owned(),
        n => count(n as u64, "subscription"),
    };
    if !events.is_empty() {
        letters::withheld(tx, case, service).await?;
    }
    Ok(Deeds::done(note, events))
}

async fn cancel(tx: &Tx, case: &Held) -> Result<Deeds> {
    let mut events = Vec::new();
    for id in services(tx, case.invoice_id, case.customer_id).await? {
        let verb = Verb::Cancel { at: When::Now, reason: Some(INVOLUNTARY.into()) };
        // What was billed for the period stays billed: it is what is not paid.
        match perform_in(tx, id, &verb, Some(Proration::None)).await {
            Ok(event) => events.push(Event { notice: None, ..event }),
            Err(Error::Conflict(_) | Error::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if events.is_empty() {
        return Ok(Deeds::skipped("There is no subscription to cancel"));
    }
    Ok(Deeds::done(count(events.len() as u64, "subscription"), events))
}

/// Gives back what dunning withheld of a customer and nothing in dunning keeps withheld any more.
pub(super) async fn lift(tx: &Tx, customer: CustomerId, because: Option<&Held>) -> Result<Vec<Event>> {
    let sql = "SELECT s.id FROM subscription_billing b JOIN subscriptions s ON s.seller_id = b.seller_id AND s.id = b.subscription_id \
               WHERE b.seller_id = $1 AND s.customer_id = $2 AND b.service_by_dunning AND b.service <> 'full' ORDER BY s.id";
    let withheld: Vec<Found> = tx.all(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    if withheld.is_empty() {
        return Ok(Vec::new());
    }
    let mut kept: BTreeMap<SubscriptionId, Service> = BTreeMap::new();
    for (invoice, service) in keepers(tx, customer).await? {
        for id in services(tx, invoice, customer).await? {
            let is = kept.entry(id).or_insert(service);
            *is = service.max(*is);
        }
    }
    let (mut events, mut full) = (Vec::new(), 0);
    for found in withheld {
        let service = kept.get(&found.id).copied().unwrap_or(Service::Full);
        if let Some(event) = switches::give_back(tx, found.id, service).await? {
            full += u64::from(service == Service::Full);
            events.push(event);
        }
    }
    if let Some(case) = because {
        let in_part = events.len() as u64 - full;
        if in_part > 0 {
            log(tx, case.id, NewEntry::of(Deed::Throttle, count(in_part, "subscription"))).await?;
        }
        if full > 0 {
            log(tx, case.id, NewEntry::of(Deed::Restore, count(full, "subscription"))).await?;
            letters::restored(tx, case).await?;
        }
    }
    Ok(events)
}

/// Invoices whose cases withheld something and are not over, or lost it; and how far they went.
async fn keepers(tx: &Tx, customer: CustomerId) -> Result<Vec<(InvoiceId, Service)>> {
    #[derive(FromQueryResult)]
    struct Keeper {
        invoice_id: InvoiceId,
        action: StepAction,
    }
    let sql = "SELECT DISTINCT k.invoice_id, a.action FROM dunning_cases k JOIN dunning_actions a ON a.seller_id = k.seller_id \
               AND a.case_id = k.id AND a.action IN ('throttle', 'suspend') AND a.outcome = 'done' WHERE k.seller_id = $1 \
               AND k.customer_id = $2 AND k.status IN ('open', 'paused', 'lost')";
    let rows: Vec<Keeper> = tx.all(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    let service = |action| if action == StepAction::Suspend { Service::Suspended } else { Service::Throttled };
    Ok(rows.into_iter().map(|row| (row.invoice_id, service(row.action))).collect())
}

/// Gives back what is withheld of customers without any case that could keep it: after a crash, or an event that never
/// came.
pub async fn lift_forgotten(scope: &Scope) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Forgotten {
        customer_id: CustomerId,
    }
    let sql = "SELECT DISTINCT s.customer_id FROM subscription_billing b \
               JOIN subscriptions s ON s.seller_id = b.seller_id AND s.id = b.subscription_id \
               WHERE b.seller_id = $1 AND b.service_by_dunning AND b.service <> 'full' AND NOT EXISTS (SELECT 1 FROM dunning_cases k \
               WHERE k.seller_id = s.seller_id AND k.customer_id = s.customer_id AND k.status IN ('open', 'paused', 'lost')) LIMIT 1000";
    let forgotten: Vec<Forgotten> = {
        let tx = scope.read().await?;
        tx.all(sql, [tx.seller_id().0.into()]).await?
    };
    let mut lifted = 0;
    for row in forgotten {
        let tx = scope.write().await?;
        customers::store::hold(&tx, &[row.customer_id]).await?;
        let events = lift(&tx, row.customer_id, None).await?;
        if !events.is_empty() {
            lifted += events.len() as u64;
            tx.commit_all(events).await?;
        }
    }
    Ok(lifted)
}

/// How many of a customer's services dunning withholds.
pub(super) async fn withheld(tx: &Tx, case: CaseId) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM dunning_cases k JOIN subscriptions s ON s.seller_id = k.seller_id AND s.customer_id = k.customer_id \
               JOIN subscription_billing b ON b.seller_id = s.seller_id AND b.subscription_id = s.id \
               WHERE k.seller_id = $1 AND k.id = $2 AND b.service_by_dunning AND b.service <> 'full'";
    let found: Option<Count> = tx.one(sql, [tx.seller_id().0.into(), case.0.into()]).await?;
    Ok(found.map_or(0, |c| u64::try_from(c.n).unwrap_or(0)))
}
