//! `/invitation`: accepting one. Whoever has the link sees it; whether the address has an account is not said.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{JoinAnew, JoinAsMe, read_invitation};
use super::model::{Invitation, Reader};
use crate::auth::api::SignOut;
use crate::auth::{Alone, go};
use crate::kit::case;
use crate::kit::paging::escape;
use crate::ui::{
    Bone, Callout, Form, HiddenField, Kind, LinkButton, Loaded, PasswordField, Resource, ServerAction, SubmitButton, TextField, Tone,
};

/// See the module.
pub struct InvitationPage;

#[lazy_route]
impl LazyRoute for InvitationPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_query_map();
        let token = Memo::new(move |_| query.read().get("token").unwrap_or_default());
        let invitation = Resource::new_blocking(move || token.get(), read_invitation);
        view! {
            <Alone title="Invitation">
                <Loaded of=invitation skeleton=Bone::Lines(4) let:found>
                    {match found {
                        Some(of) => shown(of, token.get_untracked()),
                        None => nothing(),
                    }}
                </Loaded>
            </Alone>
        }
        .into_any()
    }
}

fn nothing() -> AnyView {
    view! {
        <Callout tone=Tone::Warn title="This invitation does not hold any more">
            <p>"It was used or withdrawn, or is older than a week. Ask who invited you for another."</p>
        </Callout>
    }
    .into_any()
}

fn shown(of: Invitation, token: String) -> AnyView {
    let text = format!("{} invites {} to {}, as {}.", of.by, of.email, of.organization, case::lower(of.role.label()));
    let way = match of.reader {
        Reader::Nobody => nobody(of.name, token),
        Reader::Another(who) => another(who),
        Reader::Invited { needs_password } => invited(of.organization, needs_password, token),
    };
    view! {
        <p>{text}</p>
        {way}
    }
    .into_any()
}

/// With a new account, or signing in first.
fn nobody(name: String, token: String) -> AnyView {
    let action = ServerAction::<JoinAnew>::new();
    let sign_in = format!("/sign-in?next={}", escape(&format!("/invitation?token={token}")));
    view! {
        <Form action on_ok=move |url: String| go(&url)>
            <TextField name="name" label="Name" value=name required=true/>
            <PasswordField
                name="password"
                label="Password"
                hint="At least 10 characters; a few words are better than one with signs"
                new=true
            />
            <HiddenField name="token" value=token/>
            <div class="form-actions">
                <SubmitButton>"Join"</SubmitButton>
            </div>
        </Form>
        <p class="other-way">
            "You have an account already? " <a href=sign_in rel="external">
                "Sign in with it"
            </a>
        </p>
    }
    .into_any()
}

fn another(who: String) -> AnyView {
    let leave = ServerAction::<SignOut>::new();
    view! {
        <Callout tone=Tone::Warn title="You are signed in as somebody else">
            <p>{format!("This is the session of {who}. Sign out, and open the link again.")}</p>
        </Callout>
        <Form action=leave on_ok=move |url: String| go(&url)>
            <div class="form-actions">
                <LinkButton href="/">"Leave it"</LinkButton>
                <SubmitButton kind=Kind::Secondary>"Sign out"</SubmitButton>
            </div>
        </Form>
    }
    .into_any()
}

fn invited(organization: String, needs_password: bool, token: String) -> AnyView {
    let action = ServerAction::<JoinAsMe>::new();
    let passwords = needs_password.then(|| {
        view! {
            <p class="muted">
                "Choose a new password for it: who made your account may know the present one. Your other sessions end."
            </p>
            <PasswordField name="current_password" label="Present password"/>
            <PasswordField name="new_password" label="New password" hint="At least 10 characters" new=true/>
        }
    });
    view! {
        <Form action on_ok=move |url: String| go(&url)>
            {passwords}
            <HiddenField name="token" value=token/>
            <div class="form-actions">
                <SubmitButton>{format!("Join {organization}")}</SubmitButton>
            </div>
        </Form>
    }
    .into_any()
}
