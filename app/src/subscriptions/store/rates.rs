//! Exchange rates of a seller: what one unit of a currency is worth in its own, from a day on.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::money::Currency;
use crate::kit::period::short_day;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements::Rate;
use crate::subscriptions::model::{ExchangeRate, rate_label};

#[derive(FromQueryResult)]
struct RateRow {
    currency: String,
    starts_on: NaiveDate,
    rate_nano: i64,
}

impl RateRow {
    fn rate(self) -> Result<ExchangeRate> {
        let rate = Rate::from_nano(self.rate_nano).ok_or_else(|| bug("a rate of nought"))?;
        Ok(ExchangeRate { currency: self.currency.parse().map_err(bug)?, starts_on: self.starts_on, rate })
    }
}

/// The rate of `currency` on `day`; an error of the field `currency` where the seller has none.
pub async fn at(tx: &Tx, currency: Currency, day: NaiveDate) -> Result<Rate> {
    let own = tx.scope().currency();
    if currency == own {
        return Ok(Rate::ONE);
    }
    let sql = "SELECT currency, starts_on, rate_nano FROM exchange_rates WHERE seller_id = $1 AND currency = $2 AND starts_on <= $3 \
               ORDER BY starts_on DESC LIMIT 1";
    let row: Option<RateRow> = tx.one(sql, [tx.seller_id().0.into(), currency.to_string().into(), day.into()]).await?;
    let missing = || {
        let message = format!("{currency} has no exchange rate to {own} on {}. Set one in Settings, Exchange rates.", short_day(day));
        Error::field("currency", message)
    };
    Ok(row.ok_or_else(missing)?.rate()?.rate)
}

/// All rates: by currency, the latest first.
pub async fn all(scope: &Scope) -> Result<Vec<ExchangeRate>> {
    let tx = scope.read().await?;
    let sql = "SELECT currency, starts_on, rate_nano FROM exchange_rates WHERE seller_id = $1 ORDER BY currency, starts_on DESC LIMIT 2000";
    let rows: Vec<RateRow> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    rows.into_iter().map(RateRow::rate).collect()
}

/// Sets the rate of a currency from a day on. What has been sold keeps the rate it was sold at.
pub async fn set(scope: &Scope, new: ExchangeRate) -> Result<()> {
    if new.currency == scope.currency() {
        return Err(Error::field("currency", "is the organization's own: it needs no rate"));
    }
    let tx = scope.write().await?;
    let sql = "INSERT INTO exchange_rates (seller_id, currency, starts_on, rate_nano) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (seller_id, currency, starts_on) DO UPDATE SET rate_nano = excluded.rate_nano";
    let values = [tx.seller_id().0.into(), new.currency.to_string().into(), new.starts_on.into(), new.rate.nano().into()];
    tx.run(sql, values).await?;
    let details = json!({ "rate": rate_label(new.rate), "from": new.starts_on });
    tx.commit(Event::new("exchange_rate.set", "exchange_rate", new.currency, new.currency.to_string()).details(details)).await
}
