//! Events of gateways as pages, machines and stores know them.

use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;
use crate::payments::gateway::GatewayKind;
use crate::{id, text_enum};

id!(
    /// Something that a gateway told us.
    GatewayEventId,
    "gev"
);

text_enum!(
    /// What became of an event.
    pub enum EventStatus {
        /// Kept, and not looked at yet.
        Waiting = "waiting" => "Waiting",
        Applied = "applied" => "Applied",
        /// Of a kind that means nothing here, or about what is not ours.
        Ignored = "ignored" => "Ignored",
        Failed = "failed" => "Failed",
    }
);

/// An event in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEvent {
    pub id: GatewayEventId,
    pub gateway: GatewayKind,
    /// The gateway's own id of it.
    pub event_id: String,
    /// `payment_intent.succeeded`.
    pub kind: String,
    pub status: EventStatus,
    pub happened: Moment,
    pub received: Moment,
    pub replays: i32,
    pub error: Option<String>,
}

/// An event with all that it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEventDetail {
    pub event: GatewayEvent,
    pub processed: Option<Moment>,
    /// JSON, indented.
    pub payload: String,
}
