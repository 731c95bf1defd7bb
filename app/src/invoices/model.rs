//! Invoices as pages, machines and stores know them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::kit::period::Period;
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;
use crate::{id, text_enum};

id!(
    /// What a customer is asked to pay.
    InvoiceId,
    "inv"
);
id!(
    /// A line of an invoice.
    InvoiceLineId,
    "ili"
);
id!(
    /// A correction of an invoice.
    CreditNoteId,
    "crn"
);
id!(
    /// An entry of the ledger.
    EntryId,
    "led"
);
id!(
    /// A run of billing.
    BillingRunId,
    "brn"
);
id!(
    /// Something that a run would not guess about.
    BillingAlertId,
    "alr"
);
id!(
    /// A rate of tax.
    TaxRateId,
    "txr"
);
id!(
    /// A coupon that a customer has.
    RedemptionId,
    "red"
);

text_enum!(
    /// Where an invoice stands today.
    pub enum InvoiceStatus {
        /// Not issued yet; may still change.
        Draft = "draft" => "Draft",
        /// Issued, nothing of it paid, not due yet.
        Open = "open" => "Open",
        PartiallyPaid = "partially_paid" => "Partially paid",
        /// Due and not wholly paid.
        Overdue = "overdue" => "Overdue",
        Paid = "paid" => "Paid",
        /// Taken back.
        Void = "void" => "Void",
        /// Given up.
        Uncollectible = "uncollectible" => "Uncollectible",
    }
);

impl InvoiceStatus {
    /// From what the row says: what somebody did, what was to be paid and still is, and when.
    pub fn of(stored: &str, total: i64, due: i64, due_on: NaiveDate, today: NaiveDate) -> Self {
        match stored {
            "draft" => Self::Draft,
            "paid" => Self::Paid,
            "void" => Self::Void,
            "uncollectible" => Self::Uncollectible,
            _ if due_on < today => Self::Overdue,
            _ if due < total => Self::PartiallyPaid,
            _ => Self::Open,
        }
    }
}

text_enum!(
    /// What a line is.
    pub enum LineKind {
        /// A period, or a part of one, in advance.
        Charge = "charge" => "Charge",
        /// Days charged before that are not wanted any more.
        Credit = "credit" => "Credit",
        /// What was used in a period, in arrears.
        Usage = "usage" => "Usage",
        OneOff = "one_off" => "One-off",
    }
);

text_enum!(
    /// Where the money of a credit note goes.
    pub enum Settlement {
        Credit = "credit" => "To the customer's credit",
        Refund = "refund" => "Paid back",
        Offset = "offset" => "Off what the invoice wants",
    }
);

/// A line of an invoice or of a preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// `None` in a preview.
    pub id: Option<InvoiceLineId>,
    pub kind: LineKind,
    pub description: String,
    pub subscription: Option<SubscriptionId>,
    pub plan: Option<PlanId>,
    /// The days it pays for.
    pub period: Option<Period>,
    /// The whole period that the price is for.
    pub whole: Option<Period>,
    pub quantity: i64,
    /// Of one unit for the whole period.
    pub unit: Money,
    /// Before discount and tax; below zero for a credit.
    pub amount: Money,
    pub discount: Money,
    /// Parts per million.
    pub tax_ppm: i32,
    pub tax: Money,
}

/// The sum of a tax rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceTax {
    pub rate: TaxRateId,
    pub name: String,
    /// Parts per million.
    pub ppm: i32,
    pub inclusive: bool,
    pub taxable: Money,
    pub tax: Money,
}

/// What a coupon took off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceDiscount {
    pub redemption: RedemptionId,
    pub name: String,
    pub amount: Money,
}

/// Who sells or buys, as an invoice prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub name: String,
    #[serde(default)]
    pub legal_name: Option<String>,
    #[serde(default)]
    pub tax_number: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    /// A customer's account number.
    #[serde(default)]
    pub account: Option<String>,
    #[serde(default)]
    pub language: Option<String>,
}

/// An invoice: a row of the list and the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub id: InvoiceId,
    /// `None` while a draft.
    pub number: Option<String>,
    pub customer: CustomerId,
    pub customer_name: String,
    pub status: InvoiceStatus,
    /// Made by a person, not by a run.
    pub manual: bool,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    pub period: Option<Period>,
    pub subtotal: Money,
    pub discount: Money,
    pub tax: Money,
    pub total: Money,
    /// Still to be paid.
    pub due: Money,
    pub paid_on: Option<NaiveDate>,
    pub created: Moment,
}

/// An invoice with all that it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceDetail {
    pub invoice: Invoice,
    pub lines: Vec<InvoiceLine>,
    pub taxes: Vec<InvoiceTax>,
    pub discounts: Vec<InvoiceDiscount>,
    /// As at the moment of issue.
    pub seller: Party,
    pub buyer: Party,
    /// Why no tax is charged.
    pub tax_note: Option<String>,
    pub note: Option<String>,
    /// The void invoice that it stands for.
    pub replaces: Option<InvoiceId>,
    pub replaced_by: Option<InvoiceId>,
    pub credit_notes: Vec<CreditNote>,
}

/// A credit note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNote {
    pub id: CreditNoteId,
    pub number: String,
    pub invoice: InvoiceId,
    pub invoice_number: String,
    pub customer: CustomerId,
    pub customer_name: String,
    pub settlement: Settlement,
    pub reason: String,
    pub issued_on: NaiveDate,
    pub subtotal: Money,
    pub tax: Money,
    pub total: Money,
    pub created: Moment,
}

/// An invoice that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub customer: CustomerId,
    /// When it would be issued.
    pub on: NaiveDate,
    pub lines: Vec<InvoiceLine>,
    pub taxes: Vec<InvoiceTax>,
    pub discounts: Vec<InvoiceDiscount>,
    pub tax_note: Option<String>,
    pub subtotal: Money,
    pub discount: Money,
    pub tax: Money,
    pub total: Money,
}

/// What is foreseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreseen {
    /// The invoice that was asked for; without lines where nothing is due. Of a change on a day before the latest invoice:
    /// what it adds to the period that it falls in, as if those after it were not billed yet.
    pub first: Preview,
    /// Everything that the run would issue for it, or on the day of the invoice: one for each currency.
    pub invoices: Vec<Preview>,
}

/// A line that a person writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLine {
    pub description: String,
    pub quantity: i64,
    pub unit: Money,
}

/// An invoice that a person writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvoice {
    pub customer: CustomerId,
    pub lines: Vec<NewLine>,
    /// `None`: today.
    pub issued_on: Option<NaiveDate>,
    /// `None`: by the terms, from the day of issue.
    pub due_on: Option<NaiveDate>,
    pub note: Option<String>,
}

/// A part of a line to take back; `amount` is before tax and above zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditLine {
    pub line: InvoiceLineId,
    pub amount: Money,
}

/// A credit note to write. Without lines: all that is left of the invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCreditNote {
    pub lines: Vec<CreditLine>,
    pub settlement: Settlement,
    pub reason: String,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCounts {
    /// Customers looked at.
    pub customers: u64,
    pub finalized: u64,
    pub drafted: u64,
    /// Customers left for a person to look at.
    pub parked: u64,
}

/// What a customer owes and has, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Owed on invoices.
    pub receivable: Money,
    /// Theirs, for invoices to come.
    pub credit: Money,
}
