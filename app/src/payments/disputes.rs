//! Disputes: payers who ask their bank for the money back. They are fought at the gateway; here they are booked and shown.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::ui::{Amount, Badge, Callout, Card, Head, SimpleTable, Tone, When};
use crate::{id, text_enum};

id!(
    /// A payer who wants the money back.
    DisputeId,
    "dsp"
);

text_enum!(
    /// Where a dispute stands.
    pub enum DisputeStatus {
        /// The bank asks; no money has moved.
        Inquiry = "inquiry" => "Inquiry",
        /// The money is gone until it is decided.
        Open = "open" => "Open",
        /// The money is back.
        Won = "won" => "Won",
        /// The money stays gone.
        Lost = "lost" => "Lost",
        /// The bank asks no more; no money had moved.
        Dropped = "dropped" => "Dropped",
    }
);

impl DisputeStatus {
    /// Nothing comes after it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Dropped)
    }
}

/// A dispute, as its payment's page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    pub id: DisputeId,
    pub status: DisputeStatus,
    pub amount: Money,
    /// What the gateway took for it.
    pub fee: Money,
    pub reason: String,
    pub opened: Moment,
    /// Until then the gateway takes evidence.
    pub answer_by: Option<Moment>,
    pub closed: Option<Moment>,
}

/// What has to be done about one that is not decided.
pub fn notice(of: &[Dispute]) -> AnyView {
    let Some(open) = of.iter().find(|dispute| !dispute.status.is_final()) else { return ().into_any() };
    let by = open.answer_by.as_ref().map(|by| format!(" Send evidence by {}.", by.absolute)).unwrap_or_default();
    let (title, money) = match open.status {
        DisputeStatus::Open => ("The payer disputes it", "The money is gone until it is decided."),
        _ => ("The payer\u{2019}s bank asks about it", "No money has moved."),
    };
    let text = format!("Reason: {}. {money} Answer at the gateway.{by}", open.reason);
    view! { <Callout tone=Tone::Bad title>{text}</Callout> }.into_any()
}

/// All there were; nothing where there were none.
pub fn card(of: Vec<Dispute>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![
        Head::text("Opened"),
        Head::text("Status"),
        Head::text("Reason"),
        Head::number("Amount"),
        Head::number("Fee"),
        Head::text("Decided"),
    ];
    let row = |dispute: Dispute| {
        let tone = match dispute.status {
            DisputeStatus::Won | DisputeStatus::Dropped => Tone::Good,
            DisputeStatus::Lost => Tone::Bad,
            DisputeStatus::Inquiry | DisputeStatus::Open => Tone::Warn,
        };
        vec![
            view! { <When at=dispute.opened/> }.into_any(),
            view! { <Badge tone text=dispute.status.label()/> }.into_any(),
            dispute.reason.into_any(),
            view! { <Amount of=dispute.amount/> }.into_any(),
            view! { <Amount of=dispute.fee/> }.into_any(),
            dispute.closed.map(|at| view! { <When at/> }).into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Disputes" flush=true>
            <SimpleTable caption="Disputes of this payment" heads rows/>
        </Card>
    }
    .into_any()
}
