//! What a member is, and what becomes one.

use serde::{Deserialize, Serialize};

use crate::kit::form::Check;
use crate::kit::moment::Moment;
use crate::kit::permission::Role;
use crate::kit::{Result, UserId};

crate::id!(
    /// An invitation to become a member.
    InvitationId,
    "ivt"
);

/// A member in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub has_second_factor: bool,
    pub joined: Moment,
    /// The last request in this organization; `None`: no session in it.
    pub last_seen: Option<Moment>,
    /// The one who looks.
    pub is_self: bool,
    /// Whether the one who looks may change the role or remove the member.
    pub may_change: bool,
}

/// The list, with the roles that the one who looks may give, and who was invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub members: Vec<Member>,
    pub roles: Vec<Role>,
    pub invited: Vec<Invited>,
}

/// Somebody who was invited and has not joined yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    pub id: InvitationId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub by: String,
    pub expires: Moment,
    /// Whether the one who looks may withdraw it.
    pub may_change: bool,
}

/// A member to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    pub name: String,
    pub email: String,
    pub role: Role,
}

impl NewMember {
    /// From the raw texts of the form.
    pub fn parse(name: &str, email: &str, role: &str) -> Result<Self> {
        let mut check = Check::default();
        let (name, email, role) = (check.text("name", name, 120), check.email("email", email), check.parse::<Role>("role", role));
        check.done_with(role.map(|role| Self { name, email, role }))
    }
}

/// An invitation just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvitation {
    pub id: InvitationId,
    pub email: String,
    /// The page that accepts it, with the token, which is seen here only: whoever has it may accept.
    pub path: String,
}

/// An invitation as whoever holds its link sees it. Whether the address has an account is not said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub organization: String,
    pub role: Role,
    pub by: String,
    pub name: String,
    pub email: String,
    pub reader: Reader,
}

/// Who looks at an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reader {
    Nobody,
    /// Somebody else is signed in, with that address.
    Another(String),
    /// The one invited is signed in.
    Invited {
        /// Only tenants vouch for the account, and they may know its password: it does not go any further.
        needs_password: bool,
    },
}
