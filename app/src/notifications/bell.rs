//! The bell in the top bar.

use leptos::prelude::*;

use super::api::{ReadAllNotifications, read_bell};
use super::model::{Bell as State, NotificationRow};
use super::page::priority;
use crate::ui::{Form, Icon, Peek, Resource, ServerAction, SubmitButton, When, icon, use_live};

/// How many are unread, the newest on a click; live. Its accessible name is `Notifications, 3 unread`.
#[component]
pub fn Bell() -> impl IntoView {
    let bell = Resource::new(|| (), |()| read_bell());
    use_live(&["notification"], move |_| bell.refetch());
    let trigger = view! {
        <Icon of=icon::BELL/>
        <Transition fallback=|| view! { <span class="visually-hidden">"Notifications"</span> }>
            {move || Suspend::new(async move { figure(&bell.await.unwrap_or_default()) })}
        </Transition>
    };
    view! {
        <Peek label="Notifications" trigger=trigger.into_any()>
            <Transition>
                {move || Suspend::new(async move {
                    match bell.await {
                        Ok(state) => newest(state, bell),
                        Err(error) => view! { <p>{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
            <a class="link" href="/notifications">"All notifications"</a>
        </Peek>
    }
}

fn figure(state: &State) -> AnyView {
    let badge = state.badge().map(|figure| view! { <span class="bell-count" aria-hidden="true">{figure}</span> });
    view! {
        {badge}
        <span class="visually-hidden">{state.label()}</span>
    }
    .into_any()
}

fn newest(state: State, bell: Resource<crate::kit::Result<State>>) -> AnyView {
    if state.newest.is_empty() {
        return view! { <p>"Nothing yet. You will hear here what needs you."</p> }.into_any();
    }
    let action = ServerAction::<ReadAllNotifications>::new();
    let all = (state.unread > 0).then(|| {
        view! {
            <Form action class="bell-form" on_ok=move |_: u64| bell.refetch()>
                <SubmitButton kind=crate::ui::Kind::Ghost icon=icon::CHECK>"Mark all as read"</SubmitButton>
            </Form>
        }
    });
    let items = state.newest.into_iter().map(item).collect::<Vec<_>>();
    view! {
        {all}
        <ul class="bell-list">{items}</ul>
    }
    .into_any()
}

fn item(row: NotificationRow) -> AnyView {
    let href = row.href();
    let unread = (!row.read).then(|| view! { <span class="visually-hidden">"Unread: "</span> });
    view! {
        <li data-read=if row.read { "true" } else { "false" }>
            <a href=href>
                <span class="bell-title">{unread} {row.title}</span>
                <span class="muted">{row.body}</span>
                <span class="bell-foot">{priority(row.priority)} <When at=row.at/></span>
            </a>
        </li>
    }
    .into_any()
}
