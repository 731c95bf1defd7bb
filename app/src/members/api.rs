//! Server functions of the members page, and of the page that accepts an invitation.

use super::model::{Invitation, InvitationId, Members, NewInvitation};
use crate::kit::{Result, server};

/// The members, the roles that may be given, and who was invited.
#[server]
pub async fn list_members() -> Result<Members> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteMembers>()?;
    crate::kit::scope::answer_with_status(crate::members::store::list(&scope).await)
}

/// Invites somebody; the answer has the link to pass on.
#[server]
pub async fn invite_member(name: String, email: String, role: String) -> Result<NewInvitation> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteMembers>()?;
    let new = crate::kit::scope::answer_with_status(crate::members::NewMember::parse(&name, &email, &role))?;
    crate::kit::scope::answer_with_status(crate::members::store::invitations::invite(&scope, &new).await)
}

/// Takes an invitation back.
#[server]
pub async fn withdraw_invitation(invitation: InvitationId) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteMembers>()?;
    crate::kit::scope::answer_with_status(crate::members::store::invitations::withdraw(&scope, invitation).await)
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

/// The invitation of a link; `None` where it does not hold any more.
#[server]
pub async fn read_invitation(token: String) -> Result<Option<Invitation>> {
    let here = crate::auth::here()?;
    let read = crate::members::store::invitations::read(here.state.db(), &token, crate::kit::scope::caller()).await;
    crate::kit::scope::answer_with_status(read)
}

/// Joins with a new account, and signs in; gives where to go on.
#[server]
pub async fn join_anew(token: String, name: String, password: String) -> Result<String> {
    let here = crate::auth::here()?;
    let joined = crate::members::store::invitations::join_anew(here.state.db(), &here.visit, &token, &name, &password).await;
    let begun = crate::kit::scope::answer_with_status(joined)?;
    here.set_cookie(Some(&begun.token))?;
    crate::auth::lead_to("/".into())
}

/// Joins with the account that is signed in; gives where to go on.
#[server]
pub async fn join_as_me(
    token: String,
    #[server(default)] current_password: String,
    #[server(default)] new_password: String,
) -> Result<String> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    let passwords = (current_password.as_str(), new_password.as_str());
    let joined = crate::members::store::invitations::join(&scope, here.session()?, &token, passwords).await;
    crate::kit::scope::answer_with_status(joined)?;
    crate::auth::lead_to("/".into())
}
