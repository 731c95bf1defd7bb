//! Derives the whole log anew and makes the stored one the same.

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::super::model::{PaidStretch, derive};
use super::log::{self, Derivation, PlanRow, TotalRow};
use super::sums::Sums;
use crate::kit::Result;
use crate::kit::db::bug;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// Parts that wait to be written: each holds some ten thousand rows.
const PARTS_AHEAD: usize = 2;

/// What a rebuild counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rebuilt {
    pub customers: u64,
    /// Rows that the log has to have, in total and by plan.
    pub movements: u64,
    pub plan_movements: u64,
    /// Rows of the log that were missing, wrong or too many before; 0 where it was true.
    pub differing_movements: u64,
    /// The same of its sums by day.
    pub differing_days: u64,
}

impl std::fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (customers, movements) = (self.customers, self.movements);
        write!(
            f,
            "{movements} movements of {customers} customers, {} rows and {} days were different",
            self.differing_movements, self.differing_days
        )
    }
}

/// Where the stretches come from: some customers after that id (`None`: from the first) with everything each ever paid
/// for, in the order of their ids; nothing after the last.
pub type PageOfCustomers = for<'a> fn(&'a Tx, Option<Uuid>) -> BoxFuture<'a, Result<Vec<(Uuid, Vec<PaidStretch>)>>>;

/// What was derived for some customers.
struct Part {
    /// The customers after that id, up to and with the last (`None`: there are no more).
    after: Option<Uuid>,
    through: Option<Uuid>,
    customers: u64,
    total: Derivation<TotalRow>,
    plans: Derivation<PlanRow>,
}

/// Derives all movements of the seller from what `page` gives, and writes what differs from the stored log.
///
/// One task reads and derives, a few pages ahead of the one that compares and writes. It reads by a transaction of its own,
/// which sees what was there before: `tx` has the log to itself, and nothing was written by it yet.
pub async fn rebuild(tx: &Tx, page: PageOfCustomers) -> Result<Rebuilt> {
    super::hold(tx).await?;
    let (sender, mut parts) = mpsc::channel(PARTS_AHEAD);
    let deriving = tokio::spawn(derive_all(tx.scope().clone(), page, sender));
    let (mut rebuilt, mut sums) = (Rebuilt::default(), Sums::default());
    while let Some(Part { after, through, customers, total, plans }) = parts.recv().await {
        rebuilt.customers += customers;
        total.rows().iter().for_each(|row| sums.add_total(row, 1));
        plans.rows().iter().for_each(|row| sums.add_plan(row, 1));
        rebuilt.movements += total.rows().len() as u64;
        rebuilt.plan_movements += plans.rows().len() as u64;
        let total = log::compare(tx, after, through, total).await?;
        let plans = log::compare(tx, after, through, plans).await?;
        rebuilt.differing_movements += total.len() + plans.len();
        total.write(tx).await?;
        plans.write(tx).await?;
    }
    deriving.await.map_err(bug)??;
    rebuilt.differing_days = sums.replace(tx).await?;
    Ok(rebuilt)
}

/// Sends all parts, and in the end one without customers, which stands for whatever is stored beyond the last of them.
async fn derive_all(scope: Scope, page: PageOfCustomers, parts: mpsc::Sender<Part>) -> Result<()> {
    let tx = scope.read().await?;
    let sqlite = tx.db().is_sqlite();
    let mut after = None;
    loop {
        let customers = page(&tx, after).await?;
        let through = customers.last().map(|(id, _)| *id);
        let count = customers.len() as u64;
        let (total, plans) = log::rows(customers.into_iter().map(|(id, stretches)| (id, derive(&stretches))));
        let (total, plans) = (Derivation::of(total, sqlite), Derivation::of(plans, sqlite));
        let sent = parts.send(Part { after, through, customers: count, total, plans }).await;
        // Where nobody listens any more, whoever listened says why.
        if sent.is_err() || through.is_none() {
            return Ok(());
        }
        after = through;
    }
}
