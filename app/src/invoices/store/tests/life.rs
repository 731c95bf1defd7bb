//! A seller at work, in the words of the scenarios.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait as _, Value};

use crate::customers::{self, CustomerId, NewCustomer};
use crate::invoices::catalogue::{CouponDuration, NewCoupon};
use crate::invoices::model::{Invoice, InvoiceId, InvoiceLine};
use crate::invoices::store;
use crate::kit::db::Sql;
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::scope::Scope;
use crate::meters::model::NewMeter;
use crate::meters::{self, Aggregation};
use crate::plans::charges::NewCharge;
use crate::plans::{self, NewPlan, PlanId};
use crate::subscriptions::model::{NewSubscription, Proration, SubscriptionId, Verb, When};
use crate::subscriptions::store as subscriptions;
use crate::usage;
use crate::usage::model::{NewEvent, Taken};

pub fn d(text: &str) -> NaiveDate {
    crate::kit::period::day(text).expect("a day")
}

fn noon(day: &str) -> DateTime<Utc> {
    d(day).and_hms_opt(12, 0, 0).expect("noon").and_utc()
}

/// A seller whose day somebody sets.
pub struct Life {
    pub scope: Scope,
    currency: Currency,
}

impl Life {
    /// Begins on a day, selling in US dollars.
    pub fn on(scope: &Scope, day: &str) -> Self {
        Self { scope: scope.at(noon(day)), currency: Currency::USD }
    }

    /// The day comes.
    pub fn day(&mut self, day: &str) {
        self.scope = self.scope.at(noon(day));
    }

    /// Sells in another currency, whose rate is one.
    pub async fn in_currency(mut self, code: &str) -> Self {
        use crate::movements::Rate;
        use crate::subscriptions::model::ExchangeRate;
        self.currency = code.parse().expect("a currency");
        if self.currency != self.scope.currency() {
            let rate = ExchangeRate { currency: self.currency, starts_on: d("2020-01-01"), rate: Rate::ONE };
            subscriptions::rates::set(&self.scope, rate).await.expect("a rate");
        }
        self
    }

    pub async fn customer(&self, name: &str) -> CustomerId {
        customers::store::create(&self.scope, NewCustomer { name: name.into(), ..Default::default() }).await.expect("a customer")
    }

    /// A plan by its price in minor units.
    pub async fn plan(&self, name: &str, minor: i64, unit: IntervalUnit) -> PlanId {
        let price = Money::new(minor, self.currency);
        let new = NewPlan { name: name.into(), interval: Interval { unit, count: 1 }, price, trial_days: 0 };
        plans::store::create(&self.scope, new).await.expect("a plan")
    }

    pub async fn monthly(&self, name: &str, minor: i64) -> PlanId {
        self.plan(name, minor, IntervalUnit::Month).await
    }

    /// A plan with charges beside its price.
    pub async fn charging(&self, name: &str, minor: i64, unit: IntervalUnit, charges: Vec<NewCharge>) -> PlanId {
        let price = Money::new(minor, self.currency);
        let new = NewPlan { name: name.into(), interval: Interval { unit, count: 1 }, price, trial_days: 0 };
        plans::store::charges::create_with(&self.scope, new, charges).await.expect("a plan")
    }

    pub async fn meter(&self, key: &str, aggregation: Aggregation) {
        let new = NewMeter { key: key.into(), name: key.to_uppercase(), unit: "calls".into(), aggregation };
        meters::store::create(&self.scope, new).await.expect("a meter");
    }

    /// So much is used at noon.
    pub async fn uses(&self, id: SubscriptionId, meter: &str, quantity: i64, on: &str) {
        let (event_id, at) = (uuid::Uuid::now_v7().to_string(), format!("{on}T12:00:00Z"));
        let event = NewEvent { event_id, meter: meter.into(), subscription: id.to_string(), at, quantity, subject: String::new() };
        assert_eq!(usage::store::record(&self.scope, &[event]).await.expect("taken in"), [Taken::New]);
    }

    /// From now on starts, changes and ends are billed so.
    pub async fn prorates(&self, proration: Proration) {
        let before = store::settings::settings(&self.scope.read().await.expect("begins")).await.expect("settings");
        store::settings::update(&self.scope, store::settings::Settings { proration, ..before }).await.expect("changed");
    }

    /// Adds tax to what is billed, in parts per million.
    pub async fn taxes(&self, ppm: i32) {
        let starts_on = d("2020-01-01");
        let new = store::settings::NewTaxRate { name: "VAT".into(), ppm, inclusive: false, country: None, starts_on, ends_on: None };
        store::settings::add_tax_rate(&self.scope, new).await.expect("a rate");
    }

    /// Takes a part off all that a customer is billed, in parts per million.
    pub async fn takes_off(&self, who: CustomerId, ppm: i32) {
        let new = NewCoupon {
            name: "Less".into(),
            percent_ppm: Some(ppm),
            amount: None,
            duration: CouponDuration::Forever,
            times: None,
            max_redemptions: None,
            expires_on: None,
            plans: Vec::new(),
        };
        let coupon = store::coupons::create(&self.scope, new).await.expect("a coupon");
        store::coupons::redeem(&self.scope, who, store::coupons::Redeem::Coupon(coupon), None).await.expect("redeemed");
    }

    pub async fn subscribe(&self, customer_id: CustomerId, plan_id: PlanId, started_on: &str, anchor_day: Option<u32>) -> SubscriptionId {
        let new = NewSubscription {
            customer_id,
            plan_id,
            started_on: d(started_on),
            trial_ends_on: None,
            ends_on: None,
            quantity: 1,
            price: None,
            external_id: None,
            payment_method: None,
            anchor_day,
        };
        subscriptions::create(&self.scope, new).await.expect("a subscription")
    }

    pub async fn moves_to(&self, id: SubscriptionId, plan: PlanId, at: &str) {
        let verb = Verb::Change { plan_id: Some(plan), quantity: None, price: None, at: When::On(d(at)) };
        subscriptions::perform(&self.scope, id, verb).await.expect("changed");
    }

    pub async fn takes(&self, id: SubscriptionId, quantity: i64, at: &str) {
        let verb = Verb::Change { plan_id: None, quantity: Some(quantity), price: None, at: When::On(d(at)) };
        subscriptions::perform(&self.scope, id, verb).await.expect("changed");
    }

    pub async fn cancels(&self, id: SubscriptionId, at: &str, proration: Option<Proration>) {
        let verb = Verb::Cancel { at: When::On(d(at)), reason: None };
        subscriptions::perform_prorated(&self.scope, id, verb, proration).await.expect("cancelled");
    }

    pub async fn returns(&self, id: SubscriptionId, at: &str) {
        subscriptions::perform(&self.scope, id, Verb::Reactivate { at: When::On(d(at)) }).await.expect("back");
    }

    /// Does a verb, which comes to what was foreseen of it.
    pub async fn does(&self, who: CustomerId, id: SubscriptionId, verb: Verb, proration: Option<Proration>) {
        let sum = async || self.totals(who).await.iter().map(|(_, total)| total).sum::<i64>();
        self.bill(&self.scope.today().to_string()).await;
        let before = sum().await;
        let preview = store::preview(&self.scope, id, Some((verb.clone(), proration)), None).await.expect("a preview");
        subscriptions::perform_prorated(&self.scope, id, verb.clone(), proration).await.expect("what could be previewed can be done");
        self.bill(&self.scope.today().to_string()).await;
        let foreseen = preview.invoices.iter().map(|invoice| invoice.total.minor()).sum::<i64>();
        assert_eq!(
            sum().await - before,
            foreseen,
            "{verb:?} by {proration:?} on {}: {:?}",
            self.scope.today(),
            self.bills(who).await.last()
        );
    }

    /// Bills up to a day, and looks whether everything that must hold does.
    pub async fn bill(&self, until: &str) -> crate::invoices::model::RunCounts {
        let (_, counts) = store::run(&self.scope, d(until)).await.expect("billed");
        self.sound().await;
        counts
    }

    /// Whether the books add up.
    pub async fn sound(&self) {
        assert_eq!(store::checks::run(&self.scope).await.expect("checked"), vec![], "the books");
    }

    /// A customer's invoices with their lines, the earliest first.
    pub async fn invoices(&self, customer: CustomerId) -> Vec<(Invoice, Vec<InvoiceLine>)> {
        let query = ListQuery { limit: 200, sort: "issued".into(), ..ListQuery::default().toggled("customer", &customer.to_string()) };
        store::list_with_lines(&self.scope, &query).await.expect("a page").rows
    }

    /// The same in words: `2026-02-01 INV-2026-00001 open 115: 2026-02-01..2026-02-13 100`.
    pub async fn bills(&self, customer: CustomerId) -> Vec<String> {
        let word = |(invoice, lines): (Invoice, Vec<InvoiceLine>)| {
            let number = invoice.number.as_deref().unwrap_or("no number");
            let line = |l: &InvoiceLine| match l.period {
                Some(p) => format!("{}..{} {}", p.start, p.end, l.amount.minor()),
                None => format!("{} {}", l.description, l.amount.minor()),
            };
            let lines: Vec<String> = lines.iter().map(line).collect();
            format!("{} {number} {} {}: {}", invoice.issued_on, invoice.status, invoice.total.minor(), lines.join(", "))
        };
        self.invoices(customer).await.into_iter().map(word).collect()
    }

    /// Day and total of every invoice.
    pub async fn totals(&self, customer: CustomerId) -> Vec<(String, i64)> {
        self.invoices(customer).await.into_iter().map(|(i, _)| (i.issued_on.to_string(), i.total.minor())).collect()
    }

    /// What a customer owes and has.
    pub async fn balance(&self, customer: CustomerId) -> (i64, i64) {
        let balances = store::money::balances(&self.scope, customer).await.expect("balances");
        balances.first().map_or((0, 0), |b| (b.receivable.minor(), b.credit.minor()))
    }

    pub async fn last(&self, customer: CustomerId) -> InvoiceId {
        self.invoices(customer).await.last().expect("an invoice").0.id
    }

    /// What no verb makes yet.
    pub async fn sql(&self, sql: &str, values: Vec<Value>) {
        let tx = self.scope.write().await.expect("begins");
        let values = std::iter::once(Value::from(tx.seller_id().0)).chain(values).collect::<Vec<_>>();
        tx.run(sql, values).await.expect("written");
        tx.commit_quietly().await.expect("committed");
    }

    /// Whether the database refuses a statement.
    pub async fn refuses(&self, sql: &str, values: Vec<Value>) -> bool {
        let tx = self.scope.write().await.expect("begins");
        let values = std::iter::once(Value::from(tx.seller_id().0)).chain(values).collect::<Vec<_>>();
        tx.execute_raw(sea_orm::Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await.is_err()
    }

    /// Money comes in for an invoice, as the ledger sees it.
    pub async fn pays(&self, customer: CustomerId, invoice: InvoiceId, minor: i64, more: i64) {
        use crate::invoices::ledger::{Entry, EntryKind};
        let tx = self.scope.write().await.expect("begins");
        let source = format!("pay_{}", uuid::Uuid::now_v7());
        let entry =
            Entry::new(EntryKind::Payment, customer, self.currency, source, "Payment").payment(minor + more, 0, &[(invoice, minor)]);
        store::money::settle(&tx, self.scope.today(), entry).await.expect("settled");
        tx.commit_quietly().await.expect("committed");
    }
}
