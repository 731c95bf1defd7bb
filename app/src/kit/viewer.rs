//! Who looks at the page, as the page knows it: for mirroring permissions, never for enforcing them.

use serde::{Deserialize, Serialize};

use super::case;
use super::money::Currency;
use super::permission::{Permission, Permissions, Role};

/// The signed-in person in one organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub permissions: Permissions,
    /// The organization whose console this is.
    pub organization: String,
    pub organization_slug: String,
    /// The platform's console calls its customers tenants.
    pub is_platform: bool,
    /// Its clock is one that people advance.
    pub sandbox: bool,
    #[serde(with = "super::money::told")]
    pub currency: Currency,
    pub time_zone: String,
    /// Other organizations that the person may switch to: slug and name.
    pub others: Vec<(String, String)>,
}

impl Viewer {
    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.allows(permission)
    }

    /// `Tenants` on the platform, `Customers` elsewhere.
    pub fn customers_title(&self) -> &'static str {
        if self.is_platform { "Tenants" } else { "Customers" }
    }

    /// `tenant` on the platform, `customer` elsewhere.
    pub fn customer_noun(&self) -> &'static str {
        if self.is_platform { "tenant" } else { "customer" }
    }

    /// Nobody in particular, with no rights at all: what a page shows where it was built outside the console.
    pub fn nobody() -> Self {
        Self {
            name: String::new(),
            email: String::new(),
            role: Role::Staff,
            permissions: Permissions::default(),
            organization: String::new(),
            organization_slug: String::new(),
            is_platform: false,
            sandbox: false,
            currency: Currency::USD,
            time_zone: "UTC".into(),
            others: Vec::new(),
        }
    }

    /// Two letters for the avatar.
    pub fn initials(&self) -> String {
        case::upper(&self.name.split_whitespace().filter_map(|w| w.chars().next()).take(2).collect::<String>())
    }
}
