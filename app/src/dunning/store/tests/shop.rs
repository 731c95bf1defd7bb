//! A seller with a customer that does not pay, in the words of the tests.

use chrono::{Days, NaiveDate};
use sea_orm::FromQueryResult;

use crate::customers::{self, CustomerId, NewCustomer};
use crate::dunning::jobs;
use crate::dunning::model::{Case, CaseDetail, CaseStatus};
use crate::dunning::store;
use crate::invoices::model::{NewInvoice, NewLine};
use crate::invoices::{self, Invoice, InvoiceId};
use crate::kit::db::Sql;
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::scope::Scope;
use crate::payments::PaymentId;
use crate::payments::model::{NewAllocation, NewPayment, PaidBy};
use crate::plans::{self, NewPlan};
use crate::subscriptions::model::{NewSubscription, Service, SubscriptionId};
use crate::subscriptions::store as subscriptions;

pub struct Shop {
    pub scope: Scope,
    pub customer: CustomerId,
    pub subscription: SubscriptionId,
    /// The first invoice.
    pub invoice: Invoice,
}

impl Shop {
    /// A customer with a subscription, and an invoice of 100 dollars.
    pub async fn open(scope: Scope) -> Self {
        let new = NewCustomer { name: "Nile Wave".into(), email: Some("pay@nile.example".into()), ..Default::default() };
        let customer = customers::store::create(&scope, new).await.expect("a customer");
        let plan = NewPlan {
            name: "Line".into(),
            interval: Interval { unit: IntervalUnit::Month, count: 1 },
            price: Money::new(4_900, Currency::USD),
            trial_days: 0,
        };
        let plan_id = plans::store::create(&scope, plan).await.expect("a plan");
        let new = NewSubscription {
            customer_id: customer,
            plan_id,
            started_on: scope.today(),
            trial_ends_on: None,
            ends_on: None,
            quantity: 1,
            price: None,
            external_id: None,
            payment_method: None,
            anchor_day: None,
        };
        let subscription = subscriptions::create(&scope, new).await.expect("a subscription");
        let invoice = bill(&scope, customer, 10_000).await;
        Self { scope, customer, subscription, invoice }
    }

    /// The scope of the n-th day after the first invoice was due.
    pub fn day(&self, n: u64) -> Scope {
        let day = self.invoice.due_on + Days::new(n);
        self.scope.at(day.and_hms_opt(12, 0, 0).expect("noon").and_utc())
    }

    /// The work of the days from one to another, each done twice.
    pub async fn run(&self, days: impl IntoIterator<Item = u64>) {
        for n in days {
            let scope = self.day(n);
            jobs::day(&scope).await.expect("done");
            let again = jobs::day(&scope).await.expect("done again");
            assert_eq!((again["opened"].as_u64(), again["steps"].as_u64()), (Some(0), Some(0)), "day {n}: {again}");
        }
    }

    pub async fn cases(&self) -> Vec<Case> {
        let query = ListQuery { sort: "overdue".into(), ..ListQuery::default() }.toggled("status", "all");
        store::list(&self.scope, &query).await.expect("cases").rows
    }

    /// The only case.
    pub async fn case(&self) -> CaseDetail {
        let cases = self.cases().await;
        assert_eq!(cases.len(), 1, "{cases:?}");
        store::detail(&self.scope, cases[0].id).await.expect("a case")
    }

    /// Days after due on which each step was taken, and how it went.
    pub async fn steps(&self) -> Vec<(i64, &'static str)> {
        let due = self.invoice.due_on;
        let taken = self.case().await.steps.into_iter().filter_map(|s| s.outcome.map(|o| (s.on, o)));
        taken.map(|(on, outcome)| ((on.expect("a day") - due).num_days(), outcome.word())).collect()
    }

    pub async fn pays(&self, scope: &Scope, invoice: InvoiceId, minor: i64) -> PaymentId {
        let new = NewPayment {
            customer: self.customer,
            amount: Money::new(minor, Currency::USD),
            paid_by: PaidBy::BankTransfer,
            paid_on: None,
            reference: None,
            note: None,
            allocations: Some(vec![NewAllocation { invoice, amount: None }]),
        };
        crate::payments::store::record(scope, new).await.expect("recorded")
    }

    /// The events that wait are told, and what was heard is looked at.
    pub async fn listens(&self, scope: &Scope) {
        #[derive(FromQueryResult)]
        struct Job {
            payload: serde_json::Value,
        }
        while crate::kit::event::deliver_batch(scope.db(), &[jobs::sink]).await.expect("delivered") > 0 {}
        let tx = scope.write().await.expect("begins");
        let sql = "UPDATE jobs SET status = 'done' WHERE kind = 'dunning.hear' AND status = 'queued' RETURNING payload";
        let heard: Vec<Job> = tx.all(sql, []).await.expect("jobs");
        tx.commit_quietly().await.expect("commits");
        for job in heard {
            store::hear(scope, &serde_json::from_value(job.payload).expect("heard")).await.expect("looked at");
        }
    }

    pub async fn service(&self) -> Service {
        subscriptions::switches::get(&self.scope, self.subscription).await.expect("switches").service
    }

    pub async fn suspended(&self) -> bool {
        self.service().await == Service::Suspended
    }

    /// How often an event was told.
    pub async fn announced(&self, name: &str) -> i64 {
        #[derive(FromQueryResult)]
        struct Count {
            n: i64,
        }
        let tx = self.scope.read().await.expect("reads");
        let sql = "SELECT COUNT(*) AS n FROM audit_entries WHERE seller_id = $1 AND action = $2";
        tx.one::<Count>(sql, [tx.seller_id().0.into(), name.into()]).await.expect("counted").map_or(0, |c| c.n)
    }

    /// The templates of the letters written, in order.
    pub async fn letters(&self) -> Vec<String> {
        #[derive(FromQueryResult)]
        struct Letter {
            template: String,
        }
        let tx = self.scope.read().await.expect("reads");
        let rows: Vec<Letter> = tx
            .all("SELECT template FROM mails WHERE seller_id = $1 ORDER BY created_at, id", [tx.seller_id().0.into()])
            .await
            .expect("letters");
        rows.into_iter().map(|row| row.template).collect()
    }

    /// Everything that must hold of money does.
    pub async fn sound(&self) {
        assert_eq!(invoices::store::checks::run(&self.scope).await.expect("checked"), vec![], "the books");
    }
}

/// An invoice over that amount, issued today.
pub async fn bill(scope: &Scope, customer: CustomerId, minor: i64) -> Invoice {
    let line = NewLine { description: "Work".into(), quantity: 1, unit: Money::new(minor, Currency::USD) };
    let new = NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None };
    let id = invoices::store::create(scope, new).await.expect("drafted");
    invoices::store::finalize(scope, id).await.expect("issued");
    invoices::store::get(scope, id).await.expect("an invoice")
}

pub fn is(case: &Case, status: CaseStatus) {
    assert_eq!(case.status, status, "{case:?}");
}

pub fn after(due: NaiveDate, days: u64) -> NaiveDate {
    due + Days::new(days)
}
