//! A seller's till, in the words of the tests.

use sea_orm::FromQueryResult;

use crate::customers::{self, CustomerId, NewCustomer};
use crate::invoices::model::{Invoice, InvoiceId, NewCreditNote, NewInvoice, NewLine, Settlement};
use crate::invoices::store as invoices;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::payments::model::{Destination, NewAllocation, NewPayment, NewRefund, PaidBy, PaymentId};
use crate::payments::store;

pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// A seller and one customer.
pub struct Till {
    pub scope: Scope,
    pub who: CustomerId,
}

impl Till {
    pub async fn new(scope: &Scope) -> Self {
        let who = customers::store::create(scope, NewCustomer { name: "Nile Wave".into(), ..Default::default() }).await;
        Self { scope: scope.clone(), who: who.expect("a customer") }
    }

    /// An invoice is issued.
    pub async fn bill(&self, minor: i64) -> InvoiceId {
        let line = NewLine { description: "Work".into(), quantity: 1, unit: usd(minor) };
        let new = NewInvoice { customer: self.who, lines: vec![line], issued_on: None, due_on: None, note: None };
        let id = invoices::create(&self.scope, new).await.expect("drafted");
        invoices::finalize(&self.scope, id).await.expect("issued");
        id
    }

    pub fn payment(&self, minor: i64, over: Option<&[(InvoiceId, Option<i64>)]>) -> NewPayment {
        let part = |(invoice, minor): &(InvoiceId, Option<i64>)| NewAllocation { invoice: *invoice, amount: minor.map(usd) };
        NewPayment {
            customer: self.who,
            amount: usd(minor),
            paid_by: PaidBy::BankTransfer,
            paid_on: None,
            reference: Some("EFT 7".into()),
            note: None,
            allocations: over.map(|parts| parts.iter().map(part).collect()),
        }
    }

    pub async fn pays(&self, minor: i64) -> PaymentId {
        store::record(&self.scope, self.payment(minor, None)).await.expect("recorded")
    }

    pub async fn refunds(&self, id: PaymentId, minor: i64, to: Destination) -> Result<()> {
        let new = NewRefund { amount: Some(usd(minor)), to, reason: "Asked for".into() };
        store::refund(&self.scope, id, new).await.map(|_| ())
    }

    pub async fn credits(&self, id: InvoiceId, settlement: Settlement) -> Result<()> {
        let note = NewCreditNote { lines: vec![], settlement, reason: "A mistake".into() };
        invoices::credit_note(&self.scope, id, note).await.map(|_| ())
    }

    pub async fn invoice(&self, id: InvoiceId) -> Invoice {
        invoices::get(&self.scope, id).await.expect("the invoice")
    }

    /// What an invoice wants.
    pub async fn due(&self, id: InvoiceId) -> i64 {
        self.invoice(id).await.due.minor()
    }

    /// What the customer owes and has.
    pub async fn balance(&self) -> (i64, i64) {
        let balances = invoices::money::balances(&self.scope, self.who).await.expect("balances");
        balances.first().map_or((0, 0), |b| (b.receivable.minor(), b.credit.minor()))
    }

    /// Whether everything that must hold does.
    pub async fn sound(&self, after: &str) {
        #[derive(FromQueryResult)]
        struct Count {
            broken: i64,
        }
        assert_eq!(invoices::checks::run(&self.scope).await.expect("checked"), vec![], "{after}");
        let tx = self.scope.read().await.expect("begins");
        for (holds, sql) in store::checks::CHECKS {
            let count: Option<Count> = tx.one(sql, [tx.seller_id().0.into()]).await.expect("counted");
            assert_eq!(count.map(|c| c.broken), Some(0), "{holds}, after {after}");
        }
    }
}
