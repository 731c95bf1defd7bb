//! `/settings/members`: who belongs to the organization, in which role.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::page::Frame;
use crate::auth;
use crate::kit::permission::Role;
use crate::members::api::{ChangeMemberRole, InviteMember, RemoveMember, WithdrawInvitation, list_members};
use crate::members::{Invited, Member, NewInvitation};
use crate::ui::{
    Ask, Badge, Bone, Callout, CancelButton, Card, CopyButton, Dialog, DialogActions, DialogButton, Exactly, Form, FormDialog, Head,
    HiddenField, Identity, Input, Kind, Loaded, Resource, SelectField, ServerAction, SimpleTable, SubmitButton, TextField, Tone, When,
    icon, use_dialog, use_live, use_toasts,
};

/// See the module.
pub struct SettingsMembersPage;

#[lazy_route]
impl LazyRoute for SettingsMembersPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let members = Resource::new_blocking(|| (), |()| list_members());
        let changed = Callback::new(move |()| members.refetch());
        let made = RwSignal::new(None::<NewInvitation>);
        let on_made = Callback::new(move |new: NewInvitation| {
            made.set(Some(new));
            members.refetch();
        });
        use_live(&["member.", "invitation."], move |_| members.refetch());
        view! {
            <Frame title="Members">
                {move || made.get().map(|new| view! { <Once new/> })}
                <Loaded of=members skeleton=Bone::Table(4) let:of>
                    {
                        let roles = of.roles.clone();
                        view! {
                            <div class="row">
                                <InviteOne roles on_made/>
                            </div>
                            <Card flush=true>{table(of.members, of.roles, changed)}</Card>
                            {invitations(of.invited, changed)}
                        }
                    }
                </Loaded>
            </Frame>
        }
        .into_any()
    }
}

fn options(roles: &[Role]) -> Vec<(String, String)> {
    roles.iter().map(|role| (role.word().to_owned(), role.label().to_owned())).collect()
}

fn table(members: Vec<Member>, roles: Vec<Role>, changed: Callback<()>) -> AnyView {
    let heads = ["Member", "Role", "Second factor", "Since", "Last seen", "Action"].into_iter().map(Head::text).collect();
    let rows = members.into_iter().map(move |member| {
        let factor = if member.has_second_factor {
            view! { <Badge tone=Tone::Good text="On"/> }.into_any()
        } else {
            view! { <span class="muted">"Off"</span> }.into_any()
        };
        let last_seen = member.last_seen.clone().map(|at| view! { <When at/> });
        vec![
            view! { <Identity name=member.name.clone() detail=member.email.clone()/> }.into_any(),
            member.role.label().into_any(),
            factor,
            view! { <Exactly at=member.joined.clone()/> }.into_any(),
            last_seen.into_any(),
            if member.may_change { view! { <Change member roles=roles.clone() changed/> }.into_any() } else { ().into_any() },
        ]
    });
    let rows = rows.collect::<Vec<_>>();
    view! { <SimpleTable caption="Members" heads rows/> }.into_any()
}

fn invitations(invited: Vec<Invited>, changed: Callback<()>) -> Option<AnyView> {
    if invited.is_empty() {
        return None;
    }
    let heads = ["Invited", "Role", "By", "Holds until", "Action"].into_iter().map(Head::text).collect();
    let rows = invited.into_iter().map(move |of| {
        vec![
            view! { <Identity name=of.name.clone() detail=of.email.clone()/> }.into_any(),
            of.role.label().into_any(),
            of.by.clone().into_any(),
            view! { <Exactly at=of.expires.clone()/> }.into_any(),
            if of.may_change { view! { <Withdraw of changed/> }.into_any() } else { ().into_any() },
        ]
    });
    let rows = rows.collect::<Vec<_>>();
    let table = view! {
        <Card title="Invitations" flush=true>
            <SimpleTable caption="Invitations" heads rows/>
        </Card>
    };
    Some(table.into_any())
}

#[component]
fn Withdraw(of: Invited, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<WithdrawInvitation>::new();
    let name = of.name;
    view! {
        <Form action class="row" on_ok=move |()| changed.run(())>
            <HiddenField name="invitation" value=of.id.to_string()/>
            <SubmitButton kind=Kind::Secondary>
                "Withdraw" <span class="visually-hidden">{format!(" the invitation of {name}")}</span>
            </SubmitButton>
        </Form>
    }
}

/// The link itself, this once.
#[component]
fn Once(new: NewInvitation) -> impl IntoView {
    // Made after a click, in the browser, which knows by which address this server is reached.
    let link = window().location().origin().unwrap_or_default() + &new.path;
    view! {
        <Callout tone=Tone::Good title=format!("{} is invited", new.email)>
            <p>"Pass this link on to nobody but them: whoever has it can join. It holds for a week and cannot be shown again."</p>
            <p class="row">
                <code class="api-key">{link.clone()}</code>
                <CopyButton label="Copy link" value=link/>
            </p>
        </Callout>
    }
}

/// Needs JavaScript: the link is shown in the answer alone, and a page that is left behind could not show it.
#[component]
fn InviteOne(roles: Vec<Role>, on_made: Callback<NewInvitation>) -> impl IntoView {
    let action = ServerAction::<InviteMember>::new();
    let value = roles.last().map(|role| role.word()).unwrap_or_default();
    let ask = Ask::new("Invite member", "Invite member", "Make invitation").button(Kind::Primary).icon(icon::USER_PLUS);
    view! {
        <noscript>
            <p class="muted">"Without JavaScript: tenantry user create"</p>
        </noscript>
        <div class="needs-script">
            <FormDialog of=ask action on_ok=move |new: NewInvitation| on_made.run(new)>
                <TextField name="name" label="Name" required=true/>
                <TextField name="email" label="E-mail" input=Input::Email required=true/>
                <SelectField name="role" label="Role" options=options(&roles) value required=true/>
                <p class="muted">"You get a link to pass on to them. They choose their own password, or sign in and accept."</p>
            </FormDialog>
        </div>
    }
}

/// The dialog of one member: another role, or out.
#[component]
fn Change(member: Member, roles: Vec<Role>, changed: Callback<()>) -> impl IntoView {
    let (role, remove) = (ServerAction::<ChangeMemberRole>::new(), ServerAction::<RemoveMember>::new());
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let (id, is_self, name) = (member.id.to_string(), member.is_self, member.name.clone());
    let (of, removed_id) = (format!(" {name}"), id.clone());
    // Whoever changes themselves sees another console afterwards.
    let done = move |news: String| {
        dialog.close();
        if is_self {
            return auth::go("/settings/members");
        }
        toasts.say(news);
        changed.run(());
    };
    let (renamed, removed) = (format!("{name} has another role"), format!("{name} was removed"));
    view! {
        <DialogButton of=dialog>"Change" <span class="visually-hidden">{of}</span></DialogButton>
        <Dialog of=dialog title=name>
            <Form action=role on_ok=move |()| done(renamed.clone())>
                <HiddenField name="member" value=id/>
                <SelectField name="role" label="Role" options=options(&roles) value=member.role.word() required=true/>
                <DialogActions>
                    <CancelButton/>
                    <SubmitButton>"Save role"</SubmitButton>
                </DialogActions>
            </Form>
            <Form action=remove on_ok=move |()| done(removed.clone())>
                <HiddenField name="member" value=removed_id/>
                <p class="muted">"Removing ends their sessions here at once. Their account stays."</p>
                <div class="form-actions">
                    <SubmitButton kind=Kind::Danger>"Remove from organization"</SubmitButton>
                </div>
            </Form>
        </Dialog>
    }
}
