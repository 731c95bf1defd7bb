//! `/settings/members`: who belongs to the organization, in which role.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::page::Frame;
use crate::auth;
use crate::kit::permission::Role;
use crate::members::api::{AddMember, ChangeMemberRole, RemoveMember, list_members};
use crate::members::{Added, Member, Members};
use crate::ui::{
    Ask, Badge, Bone, CancelButton, Card, Dialog, DialogActions, DialogButton, Exactly, Form, FormDialog, Head, HiddenField, Identity,
    Input, Kind, Loaded, Resource, SelectField, ServerAction, SimpleTable, SubmitButton, TextField, Tone, When, icon, use_dialog,
    use_toasts,
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
        view! {
            <Frame title="Members">
                <Loaded of=members skeleton=Bone::Table(4) let:of>
                    {
                        let (roles, password) = (of.roles.clone(), of.first_password.clone());
                        view! {
                            <div class="row">
                                <AddOne roles password changed/>
                            </div>
                            <Card flush=true>{table(of, changed)}</Card>
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

fn table(of: Members, changed: Callback<()>) -> AnyView {
    let heads = ["Member", "Role", "Second factor", "Since", "Last seen", "Action"].into_iter().map(Head::text).collect();
    let roles = of.roles;
    let rows = of.members.into_iter().map(move |member| {
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

/// Adds a member; the first password is made by the server and stands in the form, to be told to the person.
#[component]
fn AddOne(roles: Vec<Role>, password: String, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<AddMember>::new();
    let toasts = use_toasts();
    let done = move |added: Added| {
        toasts.say(if added.new_account {
            format!("{} added. Tell them the first password", added.email)
        } else {
            format!("{} added. They keep the password that they have", added.email)
        });
        changed.run(());
    };
    let value = roles.last().map(|role| role.word()).unwrap_or_default();
    let ask = Ask::new("Add member", "Add member", "Add member").button(Kind::Primary).icon(icon::USER_PLUS);
    view! {
        <FormDialog of=ask action on_ok=done>
            <TextField name="name" label="Name" required=true/>
            <TextField name="email" label="E-mail" input=Input::Email required=true/>
            <SelectField name="role" label="Role" options=options(&roles) value required=true/>
            <TextField
                name="password"
                label="First password"
                value=password
                hint="Pass it on to the person, who should change it. Who has an account already keeps their own."
                required=true
            />
        </FormDialog>
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
