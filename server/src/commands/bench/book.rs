//! The book that is measured: written by plain SQL, which is the raw limit, and read back by it.

use std::time::{Duration, Instant};

use app::customers::CustomerId;
use app::kit::db::{DbResult, Sql};
use app::kit::error::{Error, Result};
use app::kit::money::Money;
use app::kit::period::Month;
use app::kit::scope::Scope;
use app::plans::PlanId;
use app::subscriptions::model::NewSubscription;
use chrono::{Days, NaiveDate};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

/// Rows of one INSERT: more parameters cost SQLite the square of their number.
const BATCH: usize = 100;

const PLANS: &[(&str, i64)] = &[("Starter", 4_900), ("Basic", 14_900), ("Premium", 49_900), ("Enterprise", 199_000)];

/// Writes the book; gives the rows and the time of the INSERTs alone.
pub async fn load(scope: &Scope, customers: u32, each: u32) -> Result<(u64, Duration)> {
    let first = Month::of(scope.today()).plus(-60).first_day();
    let seller: Value = scope.seller().id.0.into();
    let plans: Vec<Uuid> = PLANS.iter().map(|_| Uuid::now_v7()).collect();
    let mut table = Tables::default();
    for (i, (name, cents)) in PLANS.iter().enumerate() {
        table.plans.push(vec![seller.clone(), plans[i].into(), (*name).into(), "month".into(), 1.into(), "USD".into(), scope.now().into()]);
        table.versions.push(vec![seller.clone(), Uuid::now_v7().into(), plans[i].into(), 1.into(), (*cents).into(), scope.now().into()]);
    }
    let (mut rows, mut took) = (0, Duration::ZERO);
    for n in 0..customers {
        table.customer(scope, &seller, &plans, first, n, each);
        if table.phases.len() >= 30_000 || n + 1 == customers {
            let started = Instant::now();
            rows += table.flush(scope).await?;
            took += started.elapsed();
        }
    }
    Ok((rows, took))
}

#[derive(Default)]
struct Tables {
    plans: Vec<Vec<Value>>,
    versions: Vec<Vec<Value>>,
    customers: Vec<Vec<Value>>,
    subscriptions: Vec<Vec<Value>>,
    phases: Vec<Vec<Value>>,
}

impl Tables {
    /// A customer whose `each` subscriptions follow each other, with gaps; of two customers in three the last three are
    /// still open.
    fn customer(&mut self, scope: &Scope, seller: &Value, plans: &[Uuid], first: NaiveDate, n: u32, each: u32) {
        let customer = Uuid::now_v7();
        let (name, email) = (format!("Customer {n:07}"), format!("customer{n}@example.com"));
        let none: Option<String> = None;
        self.customers.push(vec![
            seller.clone(),
            customer.into(),
            format!("c{n}").into(),
            name.into(),
            email.into(),
            none.into(),
            scope.now().into(),
        ]);
        for k in 0..each {
            let subscription = Uuid::now_v7();
            let plan = (n as usize + k as usize) % PLANS.len();
            let cents = PLANS[plan].1 + i64::from(n % 7) * 100;
            let starts = first + Days::new(u64::from(n % 900) + u64::from(k) * 90);
            let ends: Option<NaiveDate> = (k + 3 < each || n.is_multiple_of(3)).then(|| starts + Days::new(60 + u64::from((n + k) % 30)));
            let head = vec![
                seller.clone(),
                subscription.into(),
                customer.into(),
                plans[plan].into(),
                starts.into(),
                ends.into(),
                scope.now().into(),
                cents.into(),
            ];
            self.subscriptions.push(head);
            let phase = vec![
                seller.clone(),
                Uuid::now_v7().into(),
                subscription.into(),
                customer.into(),
                plans[plan].into(),
                1i64.into(),
                cents.into(),
                "USD".into(),
                "month".into(),
                1.into(),
                starts.into(),
                ends.into(),
                starts.into(),
                cents.into(),
                1_000_000_000i64.into(),
            ];
            self.phases.push(phase);
        }
    }

    async fn flush(&mut self, scope: &Scope) -> Result<u64> {
        let tx = scope.write().await?;
        let mut rows = 0;
        let inserts = [
            ("plans (seller_id, id, name, interval_unit, interval_count, currency, created_at)", &mut self.plans),
            ("plan_versions (seller_id, id, plan_id, number, amount_minor, created_at)", &mut self.versions),
            ("customers (seller_id, id, external_id, name, email, country, created_at)", &mut self.customers),
            ("subscriptions (seller_id, id, customer_id, plan_id, started_on, ended_on, created_at, mrr_minor)", &mut self.subscriptions),
            (
                "subscription_phases (seller_id, id, subscription_id, customer_id, plan_id, quantity, unit_amount_minor, currency, interval_unit, \
                 interval_count, starts_on, ends_on, pays_from, mrr_minor, rate_nano)",
                &mut self.phases,
            ),
        ];
        for (into, table) in inserts {
            for batch in table.chunks(BATCH) {
                rows += tx.run(&format!("INSERT INTO {into} VALUES {}", places(batch.len(), batch[0].len())), batch.concat()).await?;
            }
            table.clear();
        }
        tx.commit_quietly().await?;
        Ok(rows)
    }
}

/// `($1, $2), ($3, $4)`.
fn places(rows: usize, columns: usize) -> String {
    let row = |r: usize| (1..=columns).map(|c| format!("${}", r * columns + c)).collect::<Vec<_>>().join(", ");
    (0..rows).map(|r| format!("({})", row(r))).collect::<Vec<_>>().join(", ")
}

/// How long the phases take to be read, and nothing done with them.
pub async fn read_all(scope: &Scope) -> Result<Duration> {
    let tx = scope.read().await?;
    let started = Instant::now();
    let sql =
        "SELECT customer_id, plan_id, pays_from, ends_on, mrr_minor FROM subscription_phases WHERE seller_id = $1 ORDER BY customer_id";
    let rows = tx.query_all_raw(scope.db().sql(sql, [scope.seller().id.0.into()])).await.db()?;
    let took = started.elapsed();
    if rows.is_empty() { Err(Error::NotFound) } else { Ok(took) }
}

#[derive(FromQueryResult)]
struct Movement {
    day: NaiveDate,
    customer_id: Uuid,
    kind: String,
    before_minor: i64,
    after_minor: i64,
}

/// Writes the movements again, by plain SQL into a table without policies: rows and time. Nothing of it stays.
pub async fn copy_movements(scope: &Scope) -> Result<(u64, Duration)> {
    let tx = scope.write().await?;
    let sql = "SELECT day, customer_id, kind, before_minor, after_minor FROM mrr_movements WHERE seller_id = $1";
    let rows: Vec<Movement> = tx.all(sql, [scope.seller().id.0.into()]).await?;
    let started = Instant::now();
    tx.run("CREATE TEMPORARY TABLE raw_movements (seller_id TEXT, day TEXT, customer_id TEXT, kind TEXT, before_minor BIGINT, after_minor BIGINT, PRIMARY KEY (day, customer_id))", []).await?;
    for batch in rows.chunks(BATCH) {
        let values = batch.iter().flat_map(|m| -> [Value; 6] {
            [
                "s".into(),
                m.day.to_string().into(),
                m.customer_id.to_string().into(),
                m.kind.clone().into(),
                m.before_minor.into(),
                m.after_minor.into(),
            ]
        });
        tx.run(&format!("INSERT INTO raw_movements VALUES {}", places(batch.len(), 6)), values.collect::<Vec<_>>()).await?;
    }
    Ok((rows.len() as u64, started.elapsed()))
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

pub async fn any_customer(scope: &Scope) -> Result<CustomerId> {
    first(scope, "customers").await.map(CustomerId)
}

pub async fn any_plan(scope: &Scope) -> Result<PlanId> {
    first(scope, "plans").await.map(PlanId)
}

async fn first(scope: &Scope, table: &str) -> Result<Uuid> {
    let tx = scope.read().await?;
    let found: Option<Id> = tx.one(&format!("SELECT id FROM {table} WHERE seller_id = $1 LIMIT 1"), [scope.seller().id.0.into()]).await?;
    found.map(|f| f.id).ok_or(Error::NotFound)
}

pub fn one_more(scope: &Scope, customer_id: CustomerId, plan_id: PlanId) -> NewSubscription {
    NewSubscription {
        customer_id,
        plan_id,
        started_on: scope.today(),
        trial_ends_on: None,
        ends_on: None,
        quantity: 1,
        price: Some(Money::new(9_900, scope.currency())),
        external_id: None,
        payment_method: None,
        anchor_day: None,
    }
}
