//! Server functions of the members page.

use leptos::prelude::*;

use super::model::{Added, Members};
use crate::kit::Result;

/// The members, and the roles that may be given.
#[server]
pub async fn list_members() -> Result<Members> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteMembers>()?;
    crate::kit::scope::answer_with_status(crate::members::store::list(&scope).await)
}

/// Adds a member.
#[server]
pub async fn add_member(name: String, email: String, role: String, password: String) -> Result<Added> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteMembers>()?;
    let new = crate::kit::scope::answer_with_status(crate::members::NewMember::parse(&name, &email, &role, &password))?;
    crate::kit::scope::answer_with_status(crate::members::store::add(&scope, &new).await)
}

/// Gives a member another role.
#[server]
pub async fn change_member_role(member: crate::kit::UserId, role: crate::kit::permission::Role) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteMembers>()?;
    crate::kit::scope::answer_with_status(crate::members::store::change_role(&scope, member, role).await)
}

/// Removes a member.
#[server]
pub async fn remove_member(member: crate::kit::UserId) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteMembers>()?;
    crate::kit::scope::answer_with_status(crate::members::store::remove(&scope, member).await)
}
