//! What each figure means, in the words of METRICS: shown beside the number and repeated in the API's documentation.

/// A figure's name, its meaning and its formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    pub text: &'static str,
    pub formula: &'static str,
}

pub const MRR: Figure = Figure {
    name: "MRR",
    text: "What customers pay in a month for what recurs, after recurring discounts and before tax. Trials, pauses, one-off charges and metered usage are not in it.",
    formula: "sum over paying customers, at the end of the day",
};
pub const ARR: Figure = Figure { name: "ARR", text: "MRR carried over a year.", formula: "12 \u{d7} MRR" };
pub const COMMITTED: Figure = Figure {
    name: "Committed MRR",
    text: "MRR without what is already set to end.",
    formula: "MRR \u{2212} MRR of subscriptions with an end date",
};
pub const NET_NEW: Figure = Figure {
    name: "Net new MRR",
    text: "By how much MRR changed in the period.",
    formula: "new + expansion + reactivation \u{2212} contraction \u{2212} churn",
};
pub const CUSTOMERS: Figure =
    Figure { name: "Paying customers", text: "Customers whose MRR is above zero.", formula: "count at the end of the day" };
pub const CUSTOMER_CHURN: Figure = Figure {
    name: "Customer churn",
    text: "The share of the customers paying at the start of the period that stopped paying in it.",
    formula: "customers churned who were paying at the start / customers paying at the start",
};
pub const GROSS_CHURN: Figure =
    Figure { name: "Gross MRR churn", text: "The share of MRR lost, before anything won.", formula: "(churn + contraction) / MRR start" };
pub const NET_CHURN: Figure = Figure {
    name: "Net MRR churn",
    text: "The share of MRR lost, less what customers added. Below zero, they added more than was lost.",
    formula: "(churn + contraction \u{2212} expansion \u{2212} reactivation) / MRR start",
};
pub const NRR: Figure = Figure {
    name: "NRR",
    text: "Net revenue retention: what the customers paying at the start pay at the end, as a share of what they paid.",
    formula: "(MRR start + expansion \u{2212} contraction \u{2212} churn) / MRR start, of the customers paying at the start",
};
pub const GRR: Figure = Figure {
    name: "GRR",
    text: "Gross revenue retention: the same without expansion, so never above 100%.",
    formula: "(MRR start \u{2212} contraction \u{2212} churn) / MRR start, losses capped at each customer\u{2019}s start amount",
};
pub const QUICK_RATIO: Figure = Figure {
    name: "Quick ratio",
    text: "MRR won for each unit of MRR lost.",
    formula: "(new + expansion + reactivation) / (churn + contraction)",
};
pub const ARPA: Figure = Figure { name: "ARPA", text: "Average MRR of a paying customer.", formula: "MRR / paying customers" };
pub const LTV: Figure = Figure {
    name: "LTV",
    text: "What a customer brings in before it leaves, at this period\u{2019}s churn. Without churn there is none to work out.",
    formula: "ARPA \u{d7} gross margin / customer churn",
};
pub const GROWTH: Figure =
    Figure { name: "Growth", text: "MRR at the end against MRR at the start of the period.", formula: "MRR end / MRR start \u{2212} 1" };
pub const YEAR_ON_YEAR: Figure =
    Figure { name: "Year on year", text: "MRR at the end against MRR a year before.", formula: "MRR end / MRR a year before \u{2212} 1" };
pub const TRIALS: Figure = Figure {
    name: "Trials",
    text: "Subscriptions that have started and do not pay yet. They are not in MRR.",
    formula: "count at the end of the day",
};
pub const MOVEMENTS: Figure = Figure {
    name: "Movements",
    text: "For each customer and day, MRR at the end of the day against the end of the day before. Several changes on a day net out.",
    formula: "MRR end = MRR start + new + expansion + reactivation \u{2212} contraction \u{2212} churn",
};
pub const RETENTION: Figure = Figure {
    name: "Retention",
    text: "Of the customers that first paid in a month, the share that pays at the end of each later month, in customers or in MRR.",
    formula: "of the cohort at the end of the month / of the cohort when it first paid",
};
