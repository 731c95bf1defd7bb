//! The demo's bills: 15 percent of tax, and every month billed and paid as it went by.

use chrono::Days;

use super::book::{MONTHS, at, first_month};
use super::{extras, payments};
use crate::invoices::store::{self, settings};
use crate::kit::error::Result;
use crate::kit::scope::Scope;

/// Months ago that coupons were given out for the first time.
const COUPONS_SINCE: i32 = 4;

/// Bills the past month by month, then what is near.
pub async fn months(scope: &Scope) -> Result<()> {
    let first = first_month(scope);
    let starts_on = first.first_day();
    let vat = settings::NewTaxRate { name: "VAT".into(), ppm: 150_000, inclusive: false, country: None, starts_on, ends_on: None };
    settings::add_tax_rate(&scope.at(at(scope, starts_on)), vat).await?;
    for month in 0..MONTHS {
        let last = first.plus(month).period().end.pred_opt().unwrap_or(starts_on);
        let then = scope.at(at(scope, last.min(scope.today())));
        if month == MONTHS - 1 - COUPONS_SINCE {
            extras::coupons(&then).await?;
        }
        if month >= MONTHS - extras::MONTHS_METERED {
            extras::month(&then, first.plus(month)).await?;
        }
        store::run(&then, then.today()).await?;
        payments::month(&then).await?;
    }
    let soon = scope.today().checked_add_days(Days::new(7)).unwrap_or(scope.today());
    store::run(scope, soon).await?;
    payments::accounts(scope).await?;
    payments::cards(scope).await?;
    follow_up(scope).await
}

/// Days over which unpaid invoices have been followed up: reminded and suspended, none cancelled yet.
const FOLLOWED_UP: u64 = 20;

async fn follow_up(scope: &Scope) -> Result<()> {
    for ago in (0..FOLLOWED_UP).rev() {
        let day = scope.today().checked_sub_days(Days::new(ago)).unwrap_or(scope.today());
        let then = scope.at(at(scope, day).min(scope.now()));
        crate::dunning::jobs::day(&then).await?;
    }
    Ok(())
}
