//! Who acts for a customer. It narrows the scope of a session or of an API key to one customer of the platform, and there
//! is no other way to have one. A key belongs to one organization, as a session is in one, and so names one customer.

use crate::customers::{self, CustomerId};
use crate::kit::permission::{Can, Permission, Permissions};
use crate::kit::scope::{self, Actor, Scope};
use crate::kit::{Error, Result, seller};

/// A person or a machine of an organization, towards the platform that bills it.
pub struct CustomerScope {
    scope: Scope,
    customer: CustomerId,
    name: String,
}

impl CustomerScope {
    /// The person or machine of `own`, for the customer that its organization is; not found where it is none.
    pub async fn of(own: &Scope) -> Result<Self> {
        if matches!(own.actor(), Actor::System(_)) {
            return Err(Error::Forbidden("Act for a customer".into()));
        }
        if own.seller().is_platform {
            return Err(Error::NotFound);
        }
        let platform = seller::platform(own.db()).await?.ok_or(Error::NotFound)?;
        // Nothing of the seller's is allowed by itself: what a customer may do is what the store of this feature does.
        let scope = own.towards(platform, Permissions::of(&[Permission::UseConsole]));
        let customer = customers::store::of_organization(&scope, own.seller().id).await?.ok_or(Error::NotFound)?;
        Ok(Self { scope, customer: customer.id, name: customer.name })
    }

    /// The scope towards the seller: for stores that take care of the customer themselves.
    pub(super) fn seller(&self) -> &Scope {
        &self.scope
    }

    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// As the seller knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What belongs to another customer is not there.
    pub(super) fn own(&self, customer: CustomerId) -> Result<()> {
        if customer == self.customer { Ok(()) } else { Err(Error::NotFound) }
    }
}

/// In a server function: the person, who may do `P`, for the customer that their organization is.
pub async fn scope<P: Can>() -> Result<CustomerScope> {
    scope::answer_with_status(CustomerScope::of(&scope::scope::<P>()?).await)
}
