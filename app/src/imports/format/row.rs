//! One row: its fields read, or what is wrong with each.

use chrono::NaiveDate;

use super::layout::Layout;
use super::records::Record;
use crate::imports::model::{Column, RowError};
use crate::kit::form::{self, Check};
use crate::kit::money::{self, Money};
use crate::kit::period::{self, Interval, IntervalUnit};
use crate::movements::{Rate, monthly_minor};
use crate::subscriptions::store::bulk::RateTable;

/// The most units of one subscription.
const QUANTITY_MAX: i64 = crate::subscriptions::model::QUANTITY_MAX;

/// A row that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub customer_id: String,
    pub customer_name: String,
    pub customer_email: Option<String>,
    pub country: Option<String>,
    pub subscription_id: String,
    pub plan: String,
    pub interval: Interval,
    /// Of one unit.
    pub amount: Money,
    pub quantity: i64,
    pub started_on: NaiveDate,
    pub trial_ends_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub cancel_reason: Option<String>,
    pub payment_method: Option<String>,
    /// Into the seller's currency.
    pub rate: Rate,
    /// A month, in the seller's currency.
    pub mrr_minor: i64,
}

/// Reads fields and collects what is wrong.
struct Reader<'a> {
    record: &'a Record,
    layout: &'a Layout,
    errors: Vec<RowError>,
}

/// Reads a row, or says what is wrong with it.
pub fn parse(record: &Record, layout: &Layout, rates: &RateTable) -> Result<Row, Vec<RowError>> {
    let mut reader = Reader { record, layout, errors: Vec::new() };
    if record.fields() != layout.width() {
        let message = format!("has {} fields where the header has {}", record.fields(), layout.width());
        return Err(vec![RowError { line: record.line, column: String::new(), message }]);
    }
    let row = reader.row(rates);
    match row {
        Some(row) if reader.errors.is_empty() => Ok(row),
        _ => Err(reader.errors),
    }
}

impl Reader<'_> {
    fn row(&mut self, rates: &RateTable) -> Option<Row> {
        use Column::*;
        let customer_id = self.text(CustomerId, 100);
        let customer_name = self.text(CustomerName, 200);
        let customer_email = self.email();
        let country = self.country();
        let subscription_id = self.text(SubscriptionId, 100);
        let plan = self.text(Plan, 200);
        let interval = self.interval();
        let currency = self.parsed::<money::Currency>(Currency);
        let amount = currency.and_then(|currency| self.amount(currency));
        let quantity = self.whole(Quantity, QUANTITY_MAX);
        let started_on = self.required_day(StartedOn);
        let trial_ends_on = self.day(TrialEndsOn);
        let ended_on = self.day(EndedOn);
        let cancel_reason = self.optional_text(CancelReason, 500);
        let payment_method = self.optional_text(PaymentMethod, 100);
        if let (Some(start), Some(end)) = (started_on, ended_on)
            && end < start
        {
            self.refuse(EndedOn, format!("lies before started_on ({start})"));
        }
        let (interval, amount, quantity, started_on) = (interval?, amount?, quantity?, started_on?);
        let rate = self.rate(rates, amount, started_on)?;
        let mrr_minor = self.monthly(amount, quantity, interval, rate, rates.into)?;
        Some(Row {
            line: self.record.line,
            customer_id: customer_id?,
            customer_name: customer_name?,
            customer_email,
            country,
            subscription_id: subscription_id?,
            plan: plan?,
            interval,
            amount,
            quantity,
            started_on,
            trial_ends_on,
            ended_on,
            cancel_reason,
            payment_method,
            rate,
            mrr_minor,
        })
    }

    fn raw(&self, column: Column) -> &str {
        self.layout.place(column).map_or("", |place| self.record.get(place)).trim()
    }

    fn refuse(&mut self, column: Column, message: impl Into<String>) {
        let column = self.layout.name(column).to_owned();
        self.errors.push(RowError { line: self.record.line, column, message: message.into() });
    }

    fn text(&mut self, column: Column, max: usize) -> Option<String> {
        if self.raw(column).is_empty() {
            self.refuse(column, "is required");
            return None;
        }
        self.optional_text(column, max)
    }

    fn optional_text(&mut self, column: Column, max: usize) -> Option<String> {
        let text = self.raw(column);
        if text.is_empty() {
            return None;
        }
        let wrong = if text.starts_with(['=', '+', '-', '@']) {
            Some("looks like a formula: it must not begin with = + - or @".to_owned())
        } else if text.len() > max && text.chars().count() > max {
            Some(format!("must have at most {max} characters"))
        } else if text.chars().any(char::is_control) {
            Some("must not contain line breaks or control characters".to_owned())
        } else if !form::is_readable(text) {
            Some(form::UNREADABLE.to_owned())
        } else {
            None
        };
        let text = text.to_owned();
        if let Some(message) = wrong {
            self.refuse(column, message);
        }
        Some(text)
    }

    fn country(&mut self) -> Option<String> {
        let mut check = Check::default();
        let text = self.optional_text(Column::Country, 60)?;
        let country = check.optional_country("", &text);
        if let Err(error) = check.done(|| ()) {
            self.refuse(Column::Country, error.fields().first("").unwrap_or_default());
        }
        country
    }

    fn email(&mut self) -> Option<String> {
        let errors = self.errors.len();
        let text = self.optional_text(Column::CustomerEmail, 254)?;
        let mut check = Check::default();
        let email = check.optional_email("", &text);
        if let (Err(error), true) = (check.done(|| ()), self.errors.len() == errors) {
            self.refuse(Column::CustomerEmail, error.fields().first("").unwrap_or_default());
        }
        email
    }

    fn parsed<T: std::str::FromStr>(&mut self, column: Column) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        if self.raw(column).is_empty() {
            self.refuse(column, "is required");
            return None;
        }
        let parsed = self.raw(column).parse::<T>().map_err(|e| e.to_string());
        parsed.map_err(|message| self.refuse(column, message)).ok()
    }

    fn interval(&mut self) -> Option<Interval> {
        let unit = self.parsed::<IntervalUnit>(Column::Interval);
        let count = self.whole(Column::IntervalCount, i64::from(Interval::MAX_COUNT));
        Some(Interval { unit: unit?, count: u32::try_from(count?).ok()? })
    }

    fn amount(&mut self, currency: money::Currency) -> Option<Money> {
        let raw = self.raw(Column::Amount);
        let message = match Money::parse_major(raw, currency) {
            Ok(money) => return Some(money),
            Err(_) if raw.is_empty() => "is required".to_owned(),
            Err(_) if raw.starts_with('=') || raw.starts_with('@') => "looks like a formula".to_owned(),
            Err(_) if raw.starts_with('-') => "must not be below zero".to_owned(),
            Err(error) => error.to_string(),
        };
        self.refuse(Column::Amount, message);
        None
    }

    /// A whole number from 1; 1 where blank.
    fn whole(&mut self, column: Column, max: i64) -> Option<i64> {
        let raw = self.raw(column);
        if raw.is_empty() {
            return Some(1);
        }
        let digits = raw.bytes().all(|b| b.is_ascii_digit());
        let number = raw.parse::<i64>().ok().filter(|n| digits && (1..=max).contains(n));
        if number.is_none() {
            self.refuse(column, format!("must be a whole number from 1 to {max}"));
        }
        number
    }

    fn day(&mut self, column: Column) -> Option<NaiveDate> {
        let raw = self.raw(column);
        if raw.is_empty() {
            return None;
        }
        let day = period::day(raw);
        day.map_err(|message| self.refuse(column, message)).ok()
    }

    fn required_day(&mut self, column: Column) -> Option<NaiveDate> {
        if self.raw(column).is_empty() {
            self.refuse(column, "is required");
        }
        self.day(column)
    }

    fn rate(&mut self, rates: &RateTable, amount: Money, day: NaiveDate) -> Option<Rate> {
        let rate = rates.on(amount.currency(), day);
        if rate.is_none() {
            let (from, into) = (amount.currency(), rates.into);
            self.refuse(Column::Currency, format!("there is no exchange rate from {from} to {into} on {day}; enter one first"));
        }
        rate
    }

    fn monthly(&mut self, amount: Money, quantity: i64, interval: Interval, rate: Rate, into: money::Currency) -> Option<i64> {
        let monthly = monthly_minor(amount, quantity, interval, rate, into);
        monthly.map_err(|_| self.refuse(Column::Amount, "is too large")).ok()
    }
}
