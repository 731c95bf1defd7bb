//! Dunning as pages, machines and stores know it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::moment::Moment;
use crate::kit::money::{Currency, Money};
use crate::{id, text_enum};

id!(
    /// An invoice that is not paid in time, from the first reminder to the end.
    CaseId,
    "dun"
);
id!(
    /// Steps on days after due.
    PolicyId,
    "dpo"
);
id!(
    /// What dunning leaves alone.
    ExclusionId,
    "dex"
);

text_enum!(
    /// Where a case stands.
    pub enum CaseStatus {
        Open = "open" => "Open",
        /// Nothing happens until a person resumes it.
        Paused = "paused" => "Paused",
        /// Paid.
        Recovered = "recovered" => "Recovered",
        /// Written off.
        Lost = "lost" => "Lost",
        /// Ended without either: taken back, credited, or left alone.
        Closed = "closed" => "Closed",
    }
);

impl CaseStatus {
    /// It is not over.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Paused)
    }
}

text_enum!(
    /// What a step does.
    pub enum StepAction {
        Email = "email" => "Send a reminder",
        Sms = "sms" => "Send a text message",
        Retry = "retry" => "Collect again",
        Throttle = "throttle" => "Slow the service down",
        Suspend = "suspend" => "Suspend the service",
        Cancel = "cancel" => "Cancel the subscription",
        WriteOff = "write_off" => "Write off",
    }
);

impl StepAction {
    /// What a policy can be made of today: nothing here sends text messages.
    pub const OFFERED: &'static [Self] = &[Self::Email, Self::Retry, Self::Throttle, Self::Suspend, Self::Cancel, Self::WriteOff];

    /// It takes something away from the customer, so a warning has to come first.
    pub fn is_harsh(self) -> bool {
        matches!(self, Self::Throttle | Self::Suspend | Self::Cancel | Self::WriteOff)
    }

    /// The customer notices it.
    pub fn is_notice(self) -> bool {
        self != Self::Retry
    }
}

text_enum!(
    /// Where a case is: the last step that was taken.
    pub enum Stage {
        New = "new" => "Nothing done yet",
        Email = "email" => "Reminded",
        Sms = "sms" => "Texted",
        Retry = "retry" => "Collected again",
        Throttle = "throttle" => "Slowed down",
        Suspend = "suspend" => "Suspended",
        Cancel = "cancel" => "Cancelled",
        WriteOff = "write_off" => "Written off",
    }
);

impl From<StepAction> for Stage {
    fn from(action: StepAction) -> Self {
        match action {
            StepAction::Email => Self::Email,
            StepAction::Sms => Self::Sms,
            StepAction::Retry => Self::Retry,
            StepAction::Throttle => Self::Throttle,
            StepAction::Suspend => Self::Suspend,
            StepAction::Cancel => Self::Cancel,
            StepAction::WriteOff => Self::WriteOff,
        }
    }
}

text_enum!(
    /// What the log of a case says was done.
    pub enum Deed {
        Opened = "opened" => "Case opened",
        Reopened = "reopened" => "Owed again",
        Email = "email" => "Reminder",
        Sms = "sms" => "Text message",
        Retry = "retry" => "Collection",
        Throttle = "throttle" => "Service slowed down",
        Suspend = "suspend" => "Service suspended",
        Restore = "restore" => "Service restored",
        Cancel = "cancel" => "Subscription cancelled",
        WriteOff = "write_off" => "Written off",
        Declined = "declined" => "Collection declined",
        MethodReplaced = "method_replaced" => "Payment method replaced",
        Promised = "promised" => "Promise to pay",
        PromiseBroken = "promise_broken" => "Promise broken",
        Paused = "paused" => "Paused",
        Resumed = "resumed" => "Resumed",
        PartlyPaid = "partly_paid" => "Partly paid",
        Recovered = "recovered" => "Paid",
        Lost = "lost" => "Given up",
        Closed = "closed" => "Closed",
    }
);

impl From<StepAction> for Deed {
    fn from(action: StepAction) -> Self {
        match action {
            StepAction::Email => Self::Email,
            StepAction::Sms => Self::Sms,
            StepAction::Retry => Self::Retry,
            StepAction::Throttle => Self::Throttle,
            StepAction::Suspend => Self::Suspend,
            StepAction::Cancel => Self::Cancel,
            StepAction::WriteOff => Self::WriteOff,
        }
    }
}

text_enum!(
    /// How it went.
    pub enum StepOutcome {
        Done = "done" => "Done",
        Skipped = "skipped" => "Skipped",
        Failed = "failed" => "Failed",
    }
);

/// A step of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Days after the invoice was due.
    pub day: i32,
    pub action: StepAction,
}

/// The policy that every seller begins with.
pub const SHIPPED: &[Step] = &[
    Step { day: 1, action: StepAction::Email },
    Step { day: 3, action: StepAction::Retry },
    Step { day: 7, action: StepAction::Email },
    Step { day: 10, action: StepAction::Retry },
    Step { day: 14, action: StepAction::Suspend },
    Step { day: 30, action: StepAction::Cancel },
    Step { day: 60, action: StepAction::WriteOff },
];
/// Its name.
pub const SHIPPED_NAME: &str = "Standard";

/// A policy with its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub id: PolicyId,
    pub name: String,
    /// For customers without one of their own.
    pub default: bool,
    pub archived: bool,
    pub steps: Vec<Step>,
    /// Cases that run on it.
    pub cases: u64,
    /// Customers whose own it is.
    pub customers: u64,
}

/// A policy to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPolicy {
    pub name: String,
    pub default: bool,
    pub steps: Vec<Step>,
}

/// A case: a row of the list and the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: CaseId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub invoice: InvoiceId,
    pub number: String,
    pub status: CaseStatus,
    pub stage: Stage,
    /// What the invoice still wants.
    pub due: Money,
    /// What it wanted when the case was opened.
    pub at_risk: Money,
    /// What of that has come.
    pub recovered: Money,
    pub due_on: NaiveDate,
    /// Days after due, today.
    pub days_overdue: i64,
    pub next_on: Option<NaiveDate>,
    pub next: Option<StepAction>,
    pub promised_on: Option<NaiveDate>,
    /// The present payment method was declined for good.
    pub hard_decline: bool,
    pub close_reason: Option<String>,
    pub opened: Moment,
    pub closed: Option<Moment>,
}

/// Where a step of a case stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    pub step: Step,
    /// The day it is planned for, or was taken on.
    pub on: Option<NaiveDate>,
    /// `None`: still to come.
    pub outcome: Option<StepOutcome>,
}

/// An entry of a case's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub deed: Deed,
    pub outcome: StepOutcome,
    /// What there is to know about it.
    pub note: String,
    pub by: String,
    pub at: Moment,
}

/// A case with its plan and its log, the latest entry first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDetail {
    pub case: Case,
    pub policy: PolicyId,
    pub policy_name: String,
    pub today: NaiveDate,
    pub paused_on: Option<NaiveDate>,
    pub steps: Vec<PlannedStep>,
    pub log: Vec<Entry>,
    /// Subscriptions of the customer that dunning withholds.
    pub suspended: u64,
}

/// What is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    pub id: ExclusionId,
    pub customer: CustomerId,
    /// `None`: everything of the customer's.
    pub invoice: Option<(InvoiceId, String)>,
    pub reason: String,
    pub by: String,
    pub at: Moment,
}

/// How dunning treats a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerDunning {
    pub customer: CustomerId,
    /// Its own policy.
    pub policy: Option<PolicyId>,
    /// Those it can have; the default one first.
    pub policies: Vec<(PolicyId, String)>,
    pub exclusions: Vec<Exclusion>,
    /// Live ones first, then the latest.
    pub cases: Vec<Case>,
}

/// Cases of one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageSum {
    pub stage: Stage,
    pub cases: u64,
    pub due: Money,
}

/// How dunning does in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub currency: Currency,
    /// Currencies that anything is in.
    pub currencies: Vec<Currency>,
    /// Cases that are not over, and what their invoices want.
    pub cases: u64,
    pub at_risk: Money,
    /// Of these, where a promise is kept waiting for.
    pub promised: Money,
    pub paused: u64,
    /// What came of cases that ended in the last 90 days, and of those under way.
    pub recovered: Money,
    /// What cases that ended in the last 90 days lost.
    pub lost: Money,
    /// Parts per million of recovered over recovered and lost, of the cases that ended; `None`: none did.
    pub recovery_ppm: Option<u32>,
    pub stages: Vec<StageSum>,
}
