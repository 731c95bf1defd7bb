//! What a member is.

use serde::{Deserialize, Serialize};

use crate::kit::form::Check;
use crate::kit::moment::Moment;
use crate::kit::permission::Role;
use crate::kit::{Result, UserId};

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

/// The list, with the roles that the one who looks may give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub members: Vec<Member>,
    pub roles: Vec<Role>,
    /// A password made up for the next new member, for the form to offer.
    pub first_password: String,
}

/// A member to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    pub name: String,
    pub email: String,
    pub role: Role,
    /// For a person who has no account yet.
    pub first_password: String,
}

impl NewMember {
    /// From the raw texts of the form.
    pub fn parse(name: &str, email: &str, role: &str, first_password: &str) -> Result<Self> {
        let mut check = Check::default();
        let (name, email, role) = (check.text("name", name, 120), check.email("email", email), check.parse::<Role>("role", role));
        check.done_with(role.map(|role| Self { name, email, role, first_password: first_password.to_owned() }))
    }
}

/// What came of adding a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    pub id: UserId,
    pub email: String,
    /// Whether the person had no account before, so that the first password is theirs.
    pub new_account: bool,
}
