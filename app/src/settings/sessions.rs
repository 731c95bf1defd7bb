//! `/settings/sessions`: where one is signed in, and ending it.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{EndOtherSessions, EndSession, my_sessions};
use super::page::Frame;
use crate::auth::{SessionId, SessionRow};
use crate::ui::{
    Badge, Bone, Card, Exactly, Form, Head, HiddenField, Kind, Loaded, Resource, ServerAction, SimpleTable, SubmitButton, Tone, When,
    use_toasts,
};

/// See the module.
pub struct SettingsSessionsPage;

#[lazy_route]
impl LazyRoute for SettingsSessionsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let sessions = Resource::new(|| (), |()| my_sessions());
        let changed = Callback::new(move |()| sessions.refetch());
        view! {
            <Frame title="Sessions" actions=view! { <EndOthers changed/> }.into_any()>
                <Card
                    title="Where you are signed in"
                    subtitle="A session ends after 12 hours without use and after 30 days in any case."
                    flush=true
                >
                    <Loaded of=sessions skeleton=Bone::Table(3) let:sessions>
                        {table(sessions, changed)}
                    </Loaded>
                </Card>
            </Frame>
        }
        .into_any()
    }
}

fn table(sessions: Vec<SessionRow>, changed: Callback<()>) -> AnyView {
    let heads = vec!["Device", "Address", "Organization", "Signed in", "Last used", "Action"].into_iter().map(Head::text).collect();
    let rows = sessions.into_iter().map(move |row| {
        let action = if row.current {
            view! { <Badge tone=Tone::Info text="This session"/> }.into_any()
        } else {
            view! { <EndOne id=row.id device=row.device.clone() changed/> }.into_any()
        };
        vec![
            row.device.into_any(),
            row.address.unwrap_or_else(|| "\u{2013}".into()).into_any(),
            row.organization.into_any(),
            view! { <Exactly at=row.started/> }.into_any(),
            view! { <When at=row.last_seen/> }.into_any(),
            action,
        ]
    });
    let rows = rows.collect::<Vec<_>>();
    view! { <SimpleTable caption="Your sessions" heads rows/> }.into_any()
}

#[component]
fn EndOne(id: SessionId, device: String, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<EndSession>::new();
    view! {
        <Form action class="row" on_ok=move |()| changed.run(())>
            <HiddenField name="session" value=id.to_string()/>
            <SubmitButton kind=Kind::Secondary>
                "End session" <span class="visually-hidden">{format!(" on {device}")}</span>
            </SubmitButton>
        </Form>
    }
}

#[component]
fn EndOthers(changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<EndOtherSessions>::new();
    let toasts = use_toasts();
    let on_ok = move |ended: u64| {
        toasts.say(match ended {
            0 => "There was no other session".to_owned(),
            1 => "One session ended".to_owned(),
            n => format!("{n} sessions ended"),
        });
        changed.run(());
    };
    view! {
        <Form action class="row" on_ok>
            <SubmitButton kind=Kind::Secondary>"End all other sessions"</SubmitButton>
        </Form>
    }
}
