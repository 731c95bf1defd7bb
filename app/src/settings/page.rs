//! What the settings pages share, and the first two: profile and password.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ChangePassword, RenameMe};
use crate::auth;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{Card, Crumb, Fact, Facts, Form, PageHeader, PasswordField, ServerAction, SubmitButton, Tab, Tabs, TextField, use_toasts};

/// Head and tabs around a settings page. Tabs that the role does not include are not there.
#[component]
pub fn Frame(title: &'static str, #[prop(optional)] actions: Option<AnyView>, children: Children) -> impl IntoView {
    let viewer = use_viewer();
    let mut tabs = vec![
        Tab::new("Profile", "/settings/profile"),
        Tab::new("Password", "/settings/password"),
        Tab::new("Second factor", "/settings/second-factor"),
        Tab::new("Sessions", "/settings/sessions"),
    ];
    if viewer.can(Permission::WriteSettings) {
        tabs.push(Tab::new("Organization", "/settings/organization"));
    }
    if viewer.can(Permission::ReadInvoices) {
        tabs.extend([Tab::new("Billing", "/settings/billing"), Tab::new("Taxes", "/settings/taxes")]);
    }
    if viewer.can(Permission::ReadSubscriptions) {
        tabs.push(Tab::new("Exchange rates", "/settings/rates"));
    }
    if viewer.can(Permission::WriteMembers) {
        tabs.push(Tab::new("Members", "/settings/members"));
    }
    if viewer.can(Permission::WriteSettings) {
        tabs.push(Tab::new("Gateways", "/settings/gateways"));
    }
    let actions = actions.unwrap_or_else(|| ().into_any());
    view! {
        <PageHeader title crumbs=vec![Crumb::new("Settings", "/settings/profile")] actions/>
        <Tabs label="Settings" tabs/>
        <div class="stack settings">{children()}</div>
    }
}

/// `/settings/profile`
pub struct SettingsProfilePage;

#[lazy_route]
impl LazyRoute for SettingsProfilePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let viewer = use_viewer();
        let action = ServerAction::<RenameMe>::new();
        let facts = vec![
            Fact::new("E-mail", viewer.email),
            Fact::new("Organization", viewer.organization),
            Fact::new("Role", viewer.role.label()),
            Fact::new("Time zone", viewer.time_zone),
        ];
        view! {
            <Frame title="Profile">
                <Card title="You">
                    <Form action on_ok=move |()| auth::go("/settings/profile")>
                        <TextField name="name" label="Name" value=viewer.name required=true/>
                        <div class="form-actions">
                            <SubmitButton>"Save name"</SubmitButton>
                        </div>
                    </Form>
                </Card>
                <Card title="Account">
                    <Facts of=facts/>
                </Card>
            </Frame>
        }
        .into_any()
    }
}

/// `/settings/password`
pub struct SettingsPasswordPage;

#[lazy_route]
impl LazyRoute for SettingsPasswordPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let action = ServerAction::<ChangePassword>::new();
        let toasts = use_toasts();
        // A form without the passwords that were typed takes the place of the one that was sent.
        let saved = RwSignal::new(0);
        let on_ok = move |ended: u64| {
            saved.update(|n| *n += 1);
            toasts.say(match ended {
                0 => "Password changed".to_owned(),
                1 => "Password changed; one other session has ended".to_owned(),
                n => format!("Password changed; {n} other sessions have ended"),
            });
        };
        let form = move || {
            saved.track();
            view! {
                <Form action on_ok>
                    <PasswordField name="current_password" label="Present password"/>
                    <PasswordField
                        name="new_password"
                        label="New password"
                        hint="At least 10 characters; a few words are better than one with signs"
                        new=true
                    />
                    <div class="form-actions">
                        <SubmitButton>"Change password"</SubmitButton>
                    </div>
                </Form>
            }
        };
        view! {
            <Frame title="Password">
                <Card title="Change your password" subtitle="All your other sessions end.">
                    {form}
                </Card>
            </Frame>
        }
        .into_any()
    }
}
