//! Derives the whole log anew and makes the stored one the same.

use futures::future::BoxFuture;
use uuid::Uuid;

use super::super::model::{PaidStretch, derive};
use super::log;
use super::sums::Sums;
use crate::kit::Result;
use crate::kit::tx::Tx;

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

/// Derives all movements of the seller from what `page` gives, and writes what differs from the stored log.
pub async fn rebuild(tx: &Tx, page: PageOfCustomers) -> Result<Rebuilt> {
    super::hold(tx).await?;
    let (mut rebuilt, mut sums, mut after) = (Rebuilt::default(), Sums::default(), None);
    loop {
        let customers = page(tx, after).await?;
        let through = customers.last().map(|(id, _)| *id);
        rebuilt.customers += customers.len() as u64;
        let (total, plans) = log::rows(customers.into_iter().map(|(id, stretches)| (id, derive(&stretches))));
        total.iter().for_each(|row| sums.add_total(row, 1));
        plans.iter().for_each(|row| sums.add_plan(row, 1));
        rebuilt.movements += total.len() as u64;
        rebuilt.plan_movements += plans.len() as u64;
        let total = log::compare(tx, after, through, total).await?;
        let plans = log::compare(tx, after, through, plans).await?;
        rebuilt.differing_movements += total.len() + plans.len();
        total.write(tx).await?;
        plans.write(tx).await?;
        // Nothing more derived: what was stored beyond the last customer is gone by now.
        let Some(last) = through else { break };
        after = Some(last);
    }
    rebuilt.differing_days = sums.replace(tx).await?;
    Ok(rebuilt)
}
