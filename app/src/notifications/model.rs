//! What a notification looks like to its reader.

use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;
use crate::text_enum;

crate::id!(
    /// A notification.
    NotificationId,
    "ntf"
);

/// Announced live when a person marks notifications; its subject is the person.
pub const READ: &str = "notification.read";

text_enum!(
    /// How much it presses.
    pub enum Priority {
        Info = "info" => "Normal",
        Warning = "warning" => "High",
        Critical = "critical" => "Urgent",
    }
);

/// One notification as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRow {
    pub id: NotificationId,
    /// The event behind it: `subscription.changed`.
    pub event: String,
    pub priority: Priority,
    pub title: String,
    pub body: String,
    pub at: Moment,
    pub read: bool,
}

impl NotificationRow {
    /// Marks it as read and leads to what it is about.
    pub fn href(&self) -> String {
        format!("/notifications/{}/open", self.id)
    }
}

/// What the bell shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bell {
    pub unread: u64,
    /// The newest, at most five.
    pub newest: Vec<NotificationRow>,
}

impl Bell {
    /// The accessible name of its button.
    pub fn label(&self) -> String {
        match self.unread {
            0 => "Notifications".to_owned(),
            n => format!("Notifications, {n} unread"),
        }
    }

    /// The figure on the bell: short, however many there are.
    pub fn badge(&self) -> Option<String> {
        match self.unread {
            0 => None,
            n @ 1..=99 => Some(n.to_string()),
            _ => Some("99+".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bell;

    #[test]
    fn the_bell_says_how_many() {
        let bell = |unread| Bell { unread, newest: Vec::new() };
        assert_eq!((bell(0).label().as_str(), bell(0).badge()), ("Notifications", None));
        assert_eq!((bell(3).label().as_str(), bell(3).badge().as_deref()), ("Notifications, 3 unread", Some("3")));
        assert_eq!(bell(1200).badge().as_deref(), Some("99+"));
    }
}
