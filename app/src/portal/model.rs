//! The customer's side as its pages know it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::invoices::Invoice;
use crate::invoices::model::InvoiceDetail;
use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::payments::{PaidBy, PaymentMethod, PaymentStatus};
use crate::plans::PlanId;
use crate::receipts::ReceiptStatus;
use crate::subscriptions::model::Service;
use crate::subscriptions::{Subscription, SubscriptionId};

/// What the first page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Who bills.
    pub seller: String,
    /// As the seller knows the customer.
    pub name: String,
    /// What is owed and what is to the good, by currency; those where there is any.
    pub balances: Vec<(Money, Money)>,
    /// Invoices that want something, the one that was due first before the others; at most ten.
    pub open: Vec<Invoice>,
    /// How many of all are past their day.
    pub overdue: u64,
    pub subscriptions: Vec<OwnSubscription>,
    pub methods: Vec<PaymentMethod>,
}

/// A subscription, and how much of its service is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSubscription {
    pub subscription: Subscription,
    pub service: Service,
    /// Why it is not given in full; `None`: it is.
    pub withheld: Option<String>,
}

/// An invoice with what was sent about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnInvoice {
    pub detail: InvoiceDetail,
    pub payments: Vec<OwnPayment>,
    pub receipts: Vec<OwnReceipt>,
    /// The method that it can be charged to now: `Card ***4242`.
    pub payable_by: Option<String>,
}

/// A payment, without who of the seller's people recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPayment {
    pub paid_on: NaiveDate,
    pub amount: Money,
    pub paid_by: PaidBy,
    pub status: PaymentStatus,
    /// Where the payer confirms it.
    pub action_url: Option<String>,
}

/// A receipt, without who looked at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnReceipt {
    pub file_name: String,
    pub status: ReceiptStatus,
    pub reject_reason: Option<String>,
    pub uploaded: Moment,
}

/// A plan to move to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub plan: PlanId,
    /// `Pro, $49.00 per month`.
    pub label: String,
    /// From when on it would count: today where it costs more by the day, the period's end where less.
    pub from: NaiveDate,
    pub now: bool,
}

/// What a subscription can be changed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    pub subscription: SubscriptionId,
    pub plan_name: String,
    pub offers: Vec<Offer>,
}
