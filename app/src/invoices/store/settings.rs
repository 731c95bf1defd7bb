//! How a seller bills, and the numbers on its documents.

use chrono::{Datelike, NaiveDate};
use sea_orm::FromQueryResult;

use crate::invoices::figures::TaxRate;
use crate::invoices::make::DatedRate;
use crate::invoices::model::TaxRateId;
use crate::invoices::numbers::{Series, number};
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::subscriptions::Proration;

/// How a seller bills.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Settings {
    pub invoice_prefix: String,
    pub credit_note_prefix: String,
    pub account_prefix: String,
    pub terms_days: i32,
    pub proration: Proration,
    pub draft_days: i32,
    pub bound_major: i64,
    pub bound_lines: i32,
    pub bound_invoices: i32,
    pub language: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            invoice_prefix: "INV".into(),
            credit_note_prefix: "CN".into(),
            account_prefix: "CT".into(),
            terms_days: 14,
            proration: Proration::Prorate,
            draft_days: 7,
            bound_major: 1_000_000,
            bound_lines: 500,
            bound_invoices: 1_200,
            language: "en".into(),
        }
    }
}

/// The seller's settings; the usual ones where it has none.
pub async fn settings(tx: &Tx) -> Result<Settings> {
    let sql = "SELECT invoice_prefix, credit_note_prefix, account_prefix, terms_days, proration, draft_days, bound_major, bound_lines, \
               bound_invoices, language FROM billing_settings WHERE seller_id = $1";
    Ok(tx.one(sql, [tx.seller_id().0.into()]).await?.unwrap_or_default())
}

/// Takes the next number of a series. The counter's row is held until the transaction ends, so that numbers have no gaps:
/// call it late.
pub async fn take_number(tx: &Tx, series: Series, prefix: &str, on: NaiveDate) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Taken {
        value: i64,
    }
    let sql = "INSERT INTO number_counters (seller_id, series, year, value) VALUES ($1, $2, $3, 1) \
               ON CONFLICT (seller_id, series, year) DO UPDATE SET value = number_counters.value + 1 RETURNING value";
    let values = [tx.seller_id().0.into(), series.into(), series.counted_in(on.year()).into()];
    let taken: Taken = tx.one(sql, values).await?.ok_or_else(|| bug("no number"))?;
    Ok(number(prefix, on.year(), taken.value))
}

/// Every rate of tax that the seller has or had.
pub async fn rates(tx: &Tx) -> Result<Vec<DatedRate>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: TaxRateId,
        name: String,
        rate_ppm: i32,
        inclusive: bool,
        country: Option<String>,
        starts_on: NaiveDate,
        ends_on: Option<NaiveDate>,
    }
    let sql =
        "SELECT id, name, rate_ppm, inclusive, country, starts_on, ends_on FROM tax_rates WHERE seller_id = $1 ORDER BY starts_on, id";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    let dated = rows.into_iter().map(|row| DatedRate {
        rate: TaxRate { id: row.id, name: row.name, ppm: i64::from(row.rate_ppm), inclusive: row.inclusive },
        country: row.country,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
    });
    Ok(dated.collect())
}

/// A rate of tax to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTaxRate {
    pub name: String,
    /// Parts per million.
    pub ppm: i32,
    pub inclusive: bool,
    /// Of customers there; `None`: of all for whom there is none of their country.
    pub country: Option<String>,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

/// Adds a rate of tax. Invoices that are issued keep theirs.
pub async fn add_tax_rate(scope: &Scope, new: NewTaxRate) -> Result<TaxRateId> {
    if !(0..=1_000_000).contains(&new.ppm) {
        return Err(Error::field("rate", "must be from 0 to 100 percent"));
    }
    if new.ends_on.is_some_and(|end| end <= new.starts_on) {
        return Err(Error::field("ends_on", "must lie after the start"));
    }
    let (tx, id) = (scope.write().await?, TaxRateId::new());
    let sql = "INSERT INTO tax_rates (seller_id, id, name, rate_ppm, inclusive, country, starts_on, ends_on, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        new.name.clone().into(),
        new.ppm.into(),
        new.inclusive.into(),
        new.country.clone().into(),
        new.starts_on.into(),
        new.ends_on.into(),
        scope.now().into(),
    ];
    tx.run(sql, values).await?;
    let details = serde_json::json!({
        "rate_ppm": new.ppm, "inclusive": new.inclusive, "country": new.country, "starts_on": new.starts_on, "ends_on": new.ends_on,
    });
    tx.commit(Event::new("tax_rate.added", "tax_rate", id, new.name).details(details)).await?;
    Ok(id)
}
