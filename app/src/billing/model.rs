//! What the pages of billing show and send.

use serde::{Deserialize, Serialize};

use crate::invoices::catalogue::{AccountView, CouponView, Redeemed};
use crate::subscriptions::SubscriptionId;

/// How a seller bills, as typed and as shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingForm {
    pub invoice_prefix: String,
    pub credit_note_prefix: String,
    pub account_prefix: String,
    pub terms_days: String,
    /// `1, 15, 30`; blank: the anniversary alone.
    pub anchor_days: String,
    pub proration: String,
    pub draft_days: String,
    pub tax_inclusive: bool,
    pub bound_major: String,
    pub bound_lines: String,
    pub bound_invoices: String,
    pub accent: String,
    pub footer: String,
    pub language: String,
}

/// What of billing is a customer's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerBilling {
    pub account: AccountView,
    pub coupons: Vec<Redeemed>,
    /// Coupons that can be given out.
    pub offered: Vec<CouponView>,
    /// The subscriptions that one can be for.
    pub subscriptions: Vec<(SubscriptionId, String)>,
}
