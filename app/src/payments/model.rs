//! Payments as pages, machines and stores know them, and the rules of what a person fills in.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::Result;
use crate::kit::form::Check;
use crate::kit::moment::Moment;
use crate::kit::money::{Currency, Money};
use crate::payments::disputes::Dispute;
use crate::{id, text_enum};

id!(
    /// Money that came in, or is to come.
    PaymentId,
    "pay"
);
id!(
    /// Money that goes back.
    RefundId,
    "rfd"
);

text_enum!(
    /// Where a payment stands.
    pub enum PaymentStatus {
        /// On its way: a debit order that is not answered yet.
        Pending = "pending" => "Pending",
        /// The customer has to confirm it.
        NeedsAction = "needs_action" => "Needs action",
        Succeeded = "succeeded" => "Succeeded",
        Failed = "failed" => "Failed",
        Cancelled = "cancelled" => "Cancelled",
        /// Recorded by mistake, or bounced.
        Reversed = "reversed" => "Reversed",
        /// It came, and its payer wants it back; kept of its dispute, not of the payment.
        Disputed = "disputed" => "Disputed",
    }
);

text_enum!(
    /// How money came.
    pub enum PaidBy {
        BankTransfer = "bank_transfer" => "Bank transfer",
        Cash = "cash" => "Cash",
        Card = "card" => "Card",
        DebitOrder = "debit_order" => "Debit order",
        MobileMoney = "mobile_money" => "Mobile money",
        Cheque = "cheque" => "Cheque",
        Other = "other" => "Other",
    }
);

text_enum!(
    /// Where a refund goes.
    pub enum Destination {
        /// Out of the house, the way it came.
        Method = "method" => "Paid back",
        /// To the customer's credit.
        Credit = "credit" => "To the customer's credit",
    }
);

/// A payment: a row of the list and the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub status: PaymentStatus,
    pub paid_by: PaidBy,
    pub amount: Money,
    /// Kept by the gateway.
    pub fee: Money,
    /// Paid back of it.
    pub refunded: Money,
    /// What pays invoices now.
    pub allocated: Money,
    pub paid_on: NaiveDate,
    pub reference: Option<String>,
    pub recorded_by: String,
    pub created: Moment,
}

/// A part of a payment that pays an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    pub invoice: InvoiceId,
    pub number: String,
    pub issued_on: NaiveDate,
    pub amount: Money,
    /// What of it refunds took back.
    pub released: Money,
}

text_enum!(
    /// Where a refund stands.
    pub enum RefundStatus {
        /// The gateway has not answered yet.
        Pending = "pending" => "On its way",
        Succeeded = "succeeded" => "Done",
        Failed = "failed" => "Failed",
    }
);

/// Money that went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: RefundId,
    pub status: RefundStatus,
    pub destination: Destination,
    pub amount: Money,
    pub reason: String,
    pub created_by: String,
    pub created: Moment,
}

/// A payment with where it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDetail {
    pub payment: Payment,
    pub note: Option<String>,
    /// The masked label of the method that it came by, where it is known here.
    pub method_label: Option<String>,
    pub reverse_reason: Option<String>,
    pub failure: Option<String>,
    /// Whether a document is attached.
    pub attached: bool,
    pub failure_code: Option<String>,
    /// No use to try again with this method.
    pub hard_decline: bool,
    /// Where the customer confirms it.
    pub action_url: Option<String>,
    pub allocations: Vec<Allocation>,
    pub refunds: Vec<Refund>,
    pub disputes: Vec<Dispute>,
    /// What can still be paid back.
    pub refundable: Money,
}

/// A part of a payment to be; without an amount: as much as the invoice wants and the payment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAllocation {
    pub invoice: InvoiceId,
    pub amount: Option<Money>,
}

/// A payment to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    pub customer: CustomerId,
    pub amount: Money,
    pub paid_by: PaidBy,
    /// `None`: today.
    pub paid_on: Option<NaiveDate>,
    pub reference: Option<String>,
    pub note: Option<String>,
    /// `None`: what is due first; empty: all to the customer's credit.
    pub allocations: Option<Vec<NewAllocation>>,
}

/// A refund to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    /// `None`: all that can be.
    pub amount: Option<Money>,
    pub to: Destination,
    pub reason: String,
}

/// The figures above the list, in the seller's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentStats {
    /// In the last 30 days, today included.
    pub received: Money,
    pub count: u64,
    pub refunded: Money,
    /// Issued and not paid.
    pub outstanding: Money,
    /// What customers have with us.
    pub credit: Money,
}

/// An open invoice as the form offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvoice {
    pub id: InvoiceId,
    pub number: String,
    pub due_on: NaiveDate,
    pub due: Money,
}

/// What the form to record a payment needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentStart {
    pub customer: CustomerId,
    pub customer_name: String,
    pub currency: Currency,
    /// All that is due, or what the invoice chosen wants.
    pub due: Money,
    pub today: NaiveDate,
    pub invoices: Vec<OpenInvoice>,
    /// The invoice that the form was opened for.
    pub chosen: Option<InvoiceId>,
}

/// A payment as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentForm {
    pub customer: String,
    pub amount: String,
    pub currency: String,
    pub paid_by: String,
    pub paid_on: String,
    pub reference: String,
    pub note: String,
    /// An invoice's id; blank: what is due first; `credit`: none.
    pub invoice: String,
    /// Amounts by the ids of invoices; where any is filled in, they are what the payment pays.
    pub split: BTreeMap<String, String>,
}

impl PaymentForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<NewPayment> {
        let mut check = Check::default();
        let customer = check.parse("customer", &self.customer);
        let currency: Option<Currency> = check.parse("currency", &self.currency);
        let amount = currency.map(|currency| check.money("amount", &self.amount, currency));
        if amount.is_some_and(Money::is_zero) {
            check.refuse("amount", "must be more than nothing");
        }
        let paid_by = check.parse("paid_by", &self.paid_by);
        let paid_on = check.optional_day("paid_on", &self.paid_on);
        let reference = check.optional_text("reference", &self.reference, 100);
        let note = check.optional_text("note", &self.note, 1000);
        let split: Vec<NewAllocation> = currency.map(|currency| self.split(&mut check, currency)).unwrap_or_default();
        let allocations = match self.invoice.as_str() {
            _ if !split.is_empty() => Some(split),
            "" => None,
            "credit" => Some(Vec::new()),
            id => check.parse("invoice", id).map(|invoice| vec![NewAllocation { invoice, amount: None }]),
        };
        let found = (|| Some((customer?, amount?, paid_by?)))();
        check.done_with(found.map(|(customer, amount, paid_by)| NewPayment {
            customer,
            amount,
            paid_by,
            paid_on,
            reference,
            note,
            allocations,
        }))
    }

    /// The parts that are filled in.
    fn split(&self, check: &mut Check, currency: Currency) -> Vec<NewAllocation> {
        let mut parts = Vec::new();
        for (invoice, amount) in self.split.iter().filter(|(_, amount)| !amount.trim().is_empty()) {
            let field = format!("split[{invoice}]");
            let amount = check.money(&field, amount, currency);
            if let Some(invoice) = check.parse(&field, invoice) {
                parts.push(NewAllocation { invoice, amount: Some(amount) });
            }
        }
        parts
    }
}

/// Spreads a payment over invoices in their order: each gets what it wants while there is some.
pub fn oldest_first<T: Copy>(mut minor: i64, due: &[(T, i64)]) -> Vec<(T, i64)> {
    let mut parts = Vec::new();
    for (invoice, wants) in due {
        let part = minor.min(*wants);
        if part > 0 {
            parts.push((*invoice, part));
            minor -= part;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_paid_first_and_what_is_left_is_left() {
        assert_eq!(oldest_first(250, &[('a', 100), ('b', 0), ('c', 200)]), [('a', 100), ('c', 150)]);
        assert_eq!(oldest_first(500, &[('a', 100), ('c', 200)]), [('a', 100), ('c', 200)]);
        assert_eq!(oldest_first(0, &[('a', 100)]), []);
    }

    #[test]
    fn amounts_beside_invoices_are_the_split() {
        let id = InvoiceId(uuid::Uuid::from_u128(7));
        let split =
            BTreeMap::from([(id.to_string(), "1.50".to_owned()), (InvoiceId(uuid::Uuid::from_u128(8)).to_string(), " ".to_owned())]);
        let form = PaymentForm {
            customer: CustomerId(uuid::Uuid::from_u128(1)).to_string(),
            amount: "5".into(),
            currency: "USD".into(),
            paid_by: "cash".into(),
            split,
            ..Default::default()
        };
        let parts = form.parse().expect("a payment").allocations.expect("parts");
        assert_eq!(parts.iter().map(|p| (p.invoice, p.amount.map(Money::minor))).collect::<Vec<_>>(), [(id, Some(150))]);
        let wrong = PaymentForm { split: BTreeMap::from([(id.to_string(), "much".to_owned())]), ..form };
        assert!(wrong.parse().expect_err("refused").fields().0.contains_key(&format!("split[{id}]")));
    }

    #[test]
    fn a_form_names_what_is_wrong() {
        let form = PaymentForm { amount: "0".into(), currency: "USD".into(), paid_on: "yesterday".into(), ..Default::default() };
        let fields = form.parse().expect_err("refused").fields();
        assert_eq!(fields.0.keys().collect::<Vec<_>>(), ["amount", "customer", "paid_by", "paid_on"]);
    }
}
