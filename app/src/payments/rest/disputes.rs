//! Disputes, as a payment has them.

use serde::Serialize;

use crate::kit::money::Money;
use crate::payments::disputes::{Dispute, DisputeId, DisputeStatus};

/// A payer who wants the money back. It is fought at the gateway.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Dispute)]
pub struct DisputeJson {
    pub id: DisputeId,
    /// `inquiry`: the bank asks, no money has moved; `dropped`: and asks no more.
    pub status: DisputeStatus,
    pub amount: Money,
    /// What the gateway took for it.
    pub fee: Money,
    pub reason: String,
    /// RFC 3339.
    pub opened_at: String,
    /// Until then the gateway takes evidence.
    pub answer_by: Option<String>,
    pub closed_at: Option<String>,
}

impl From<Dispute> for DisputeJson {
    fn from(dispute: Dispute) -> Self {
        let Dispute { id, status, amount, fee, reason, opened, answer_by, closed } = dispute;
        let (answer_by, closed_at) = (answer_by.map(|at| at.iso), closed.map(|at| at.iso));
        Self { id, status, amount, fee, reason, opened_at: opened.iso, answer_by, closed_at }
    }
}
