//! How a seller bills, and the numbers on its documents.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use sea_orm::FromQueryResult;
use serde::Serialize;
use serde_json::{Value as Json, json};

pub use crate::invoices::catalogue::NewTaxRate;
use crate::invoices::catalogue::TaxRateView;
use crate::invoices::figures::TaxRate;
use crate::invoices::make::DatedRate;
use crate::invoices::model::TaxRateId;
use crate::invoices::numbers::{Series, number};
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::form::Check;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::subscriptions::Proration;
use crate::subscriptions::store::billing;

/// How a seller bills.
#[derive(Clone, Debug, PartialEq, Serialize, FromQueryResult)]
pub struct Settings {
    pub invoice_prefix: String,
    pub credit_note_prefix: String,
    pub account_prefix: String,
    pub terms_days: i32,
    /// Days of the month that a new subscription may be anchored at, as a list of numbers; none: the anniversary alone.
    pub anchor_days: Json,
    pub proration: Proration,
    pub draft_days: i32,
    /// What new tax rates start from.
    pub tax_inclusive: bool,
    /// Safety: an invoice of more than so many major units, or lines, parks the customer; so do more invoices in a run.
    pub bound_major: i64,
    pub bound_lines: i32,
    pub bound_invoices: i32,
    /// The colour of documents.
    pub accent: Option<String>,
    /// What documents end with.
    pub footer: Option<String>,
    pub language: String,
}

impl Settings {
    /// The days of the month that are offered.
    pub fn anchors(&self) -> Vec<u32> {
        serde_json::from_value(self.anchor_days.clone()).unwrap_or_default()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            invoice_prefix: "INV".into(),
            credit_note_prefix: "CN".into(),
            account_prefix: "CT".into(),
            terms_days: 14,
            anchor_days: json!([]),
            proration: Proration::Prorate,
            draft_days: 7,
            tax_inclusive: false,
            bound_major: 1_000_000,
            bound_lines: 500,
            bound_invoices: 1_200,
            accent: None,
            footer: None,
            language: "en".into(),
        }
    }
}

/// The seller's settings; the usual ones where it has none.
pub async fn settings(tx: &Tx) -> Result<Settings> {
    let sql = "SELECT invoice_prefix, credit_note_prefix, account_prefix, terms_days, anchor_days, proration, draft_days, tax_inclusive, \
               bound_major, bound_lines, bound_invoices, accent, footer, language FROM billing_settings WHERE seller_id = $1";
    Ok(tx.one(sql, [tx.seller_id().0.into()]).await?.unwrap_or_default())
}

/// The settings, or what is wrong with which.
fn checked(new: Settings) -> Result<Settings> {
    let mut check = Check::default();
    for (field, prefix) in
        [("invoice_prefix", &new.invoice_prefix), ("credit_note_prefix", &new.credit_note_prefix), ("account_prefix", &new.account_prefix)]
    {
        let right = (1..=12).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !right {
            check.refuse(field, "must be 1 to 12 capital letters or digits, such as INV");
        }
    }
    if new.invoice_prefix == new.credit_note_prefix {
        check.refuse("credit_note_prefix", "must be another than that of invoices");
    }
    for (field, value, most) in [("terms_days", new.terms_days, 365), ("draft_days", new.draft_days, 60)] {
        if !(0..=most).contains(&value) {
            check.refuse(field, format!("must be from 0 to {most}"));
        }
    }
    let anchors = new.anchors();
    if anchors.iter().any(|day| !(1..=31).contains(day)) {
        check.refuse("anchor_days", "must be days from 1 to 31");
    }
    // Text of anybody's would end up in a style sheet.
    let is_colour = |c: &str| c.len() == 7 && c.starts_with('#') && c.bytes().skip(1).all(|b| b.is_ascii_hexdigit());
    if new.accent.as_deref().is_some_and(|c| !is_colour(c)) {
        check.refuse("accent", "must be a colour such as #1f6feb");
    }
    if new.footer.as_ref().is_some_and(|text| text.chars().count() > 1_000) {
        check.refuse("footer", "must have at most 1000 characters");
    }
    if new.language.is_empty() || new.language.len() > 10 || !new.language.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') {
        check.refuse("language", "must be a code such as en or ar");
    }
    if new.bound_major < 1 || new.bound_lines < 1 || new.bound_invoices < 1 {
        check.refuse("bound_major", "must be above zero, and so must be the other bounds");
    }
    check.done(|| new)
}

/// Changes the settings, for what is billed from now on.
pub async fn update(scope: &Scope, new: Settings) -> Result<()> {
    let new = checked(new)?;
    let tx = scope.write().await?;
    let before = settings(&tx).await?;
    if before.proration != new.proration {
        billing::keep_prorations(&tx, before.proration).await?;
    }
    let before = serde_json::to_value(before).map_err(bug)?;
    let sql = "INSERT INTO billing_settings (seller_id, invoice_prefix, credit_note_prefix, account_prefix, terms_days, anchor_days, \
               proration, draft_days, tax_inclusive, bound_major, bound_lines, bound_invoices, accent, footer, language, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
               ON CONFLICT (seller_id) DO UPDATE SET invoice_prefix = excluded.invoice_prefix, \
               credit_note_prefix = excluded.credit_note_prefix, account_prefix = excluded.account_prefix, \
               terms_days = excluded.terms_days, anchor_days = excluded.anchor_days, proration = excluded.proration, \
               draft_days = excluded.draft_days, tax_inclusive = excluded.tax_inclusive, bound_major = excluded.bound_major, \
               bound_lines = excluded.bound_lines, bound_invoices = excluded.bound_invoices, accent = excluded.accent, \
               footer = excluded.footer, language = excluded.language, updated_at = excluded.updated_at";
    let values = [
        tx.seller_id().0.into(),
        new.invoice_prefix.clone().into(),
        new.credit_note_prefix.clone().into(),
        new.account_prefix.clone().into(),
        new.terms_days.into(),
        new.anchor_days.clone().into(),
        new.proration.into(),
        new.draft_days.into(),
        new.tax_inclusive.into(),
        new.bound_major.into(),
        new.bound_lines.into(),
        new.bound_invoices.into(),
        new.accent.clone().into(),
        new.footer.clone().into(),
        new.language.clone().into(),
        scope.now().into(),
    ];
    tx.run(sql, values).await?;
    let seller = scope.seller();
    let details = json!({ "before": before, "after": new });
    tx.commit(Event::new("billing.settings_changed", "billing", seller.id, seller.name.clone()).details(details)).await
}

/// Takes the next number of a series. The counter's row is held until the transaction ends, so that numbers have no gaps:
/// call it late.
pub async fn take_number(tx: &Tx, series: Series, prefix: &str, on: NaiveDate) -> Result<String> {
    take_numbers(tx, series, prefix, &[on]).await?.pop().ok_or_else(|| bug("no number"))
}

/// As [`take_number`], one for each day, in their order.
pub async fn take_numbers(tx: &Tx, series: Series, prefix: &str, days: &[NaiveDate]) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Taken {
        value: i64,
    }
    let mut wanted: BTreeMap<i32, i64> = BTreeMap::new();
    for day in days {
        *wanted.entry(series.counted_in(day.year())).or_default() += 1;
    }
    // The next to give of each year; the years in order, so that two transactions do not wait for each other.
    let mut next: BTreeMap<i32, i64> = BTreeMap::new();
    for (year, count) in wanted {
        let sql = "INSERT INTO number_counters (seller_id, series, year, value) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (seller_id, series, year) DO UPDATE SET value = number_counters.value + excluded.value RETURNING value";
        let taken: Option<Taken> = tx.one(sql, [tx.seller_id().0.into(), series.into(), year.into(), count.into()]).await?;
        next.insert(year, taken.ok_or_else(|| bug("no number"))?.value - count + 1);
    }
    let mut give = |day: &NaiveDate| {
        let value = next.entry(series.counted_in(day.year())).or_default();
        *value += 1;
        number(prefix, day.year(), *value - 1)
    };
    Ok(days.iter().map(&mut give).collect())
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
    let details = json!({
        "rate_ppm": new.ppm, "inclusive": new.inclusive, "country": new.country, "starts_on": new.starts_on, "ends_on": new.ends_on,
    });
    tx.commit(Event::new("tax_rate.added", "tax_rate", id, new.name).details(details)).await?;
    Ok(id)
}

/// Every rate of tax that the seller has or had, for its page: what counts first, first.
pub async fn rates_for_page(scope: &Scope) -> Result<Vec<TaxRateView>> {
    let mut rates: Vec<TaxRateView> = rates(&scope.read().await?).await?.into_iter().map(view).collect();
    rates.sort_by_key(|r| (r.ends_on.is_some_and(|end| end <= scope.today()), r.country.clone(), std::cmp::Reverse(r.starts_on)));
    Ok(rates)
}

fn view(dated: DatedRate) -> TaxRateView {
    TaxRateView {
        id: dated.rate.id,
        name: dated.rate.name,
        ppm: i32::try_from(dated.rate.ppm).unwrap_or(0),
        inclusive: dated.rate.inclusive,
        country: dated.country,
        starts_on: dated.starts_on,
        ends_on: dated.ends_on,
    }
}

/// Ends a rate of tax: that day is the first without it. What it was charged at stays, so it is never changed otherwise.
pub async fn end_tax_rate(scope: &Scope, id: TaxRateId, ends_on: NaiveDate) -> Result<()> {
    let tx = scope.write().await?;
    let rate = rates(&tx).await?.into_iter().find(|r| r.rate.id == id).ok_or(Error::NotFound)?;
    if ends_on < scope.today() {
        return Err(Error::field("ends_on", "must be today or later: invoices bear it up to now"));
    }
    if ends_on <= rate.starts_on {
        return Err(Error::field("ends_on", "must lie after the start"));
    }
    let sql = "UPDATE tax_rates SET ends_on = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), ends_on.into()]).await?;
    let details = json!({ "before": rate.ends_on, "after": ends_on });
    tx.commit(Event::new("tax_rate.ended", "tax_rate", id, rate.rate.name).details(details)).await
}

/// Where the seller's logo lies among the files.
pub async fn logo_key(tx: &Tx) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        logo_key: Option<String>,
    }
    let row: Option<Row> = tx.one("SELECT logo_key FROM billing_settings WHERE seller_id = $1", [tx.seller_id().0.into()]).await?;
    Ok(row.and_then(|row| row.logo_key))
}

/// Keeps where the logo lies, or that there is none; gives where the one before lay.
pub async fn set_logo(scope: &Scope, key: Option<String>) -> Result<Option<String>> {
    let tx = scope.write().await?;
    let before = logo_key(&tx).await?;
    let sql = "INSERT INTO billing_settings (seller_id, logo_key, updated_at) VALUES ($1, $2, $3) \
               ON CONFLICT (seller_id) DO UPDATE SET logo_key = excluded.logo_key, updated_at = excluded.updated_at";
    tx.run(sql, [tx.seller_id().0.into(), key.clone().into(), scope.now().into()]).await?;
    let seller = scope.seller();
    let name = if key.is_some() { "billing.logo_changed" } else { "billing.logo_removed" };
    tx.commit(Event::new(name, "billing", seller.id, seller.name.clone())).await?;
    Ok(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_a_colour_whoever_names_it() {
        let accent = |text: &str| checked(Settings { accent: Some(text.to_owned()), ..Settings::default() });
        assert!(accent("#1F6feb").is_ok() && checked(Settings::default()).is_ok());
        for bad in ["red", "#12345", "#12345g", "#1f6feb;", "é12345", "url(//x)"] {
            assert!(accent(bad).expect_err("refused").fields().first("accent").is_some(), "{bad}");
        }
    }
}
