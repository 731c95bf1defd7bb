//! The list, and the way through a notification to what it is about.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::{LazyRoute, NavigateOptions, lazy_route};

use super::api::{
    DismissNotification, MarkNotifications, ReadAllNotifications, RestoreNotification, RestoreNotifications, list_notifications,
    open_notification,
};
use super::model::{NotificationId, NotificationRow, Priority};
use crate::kit::paging::Page;
use crate::kit::{Error, Result};
use crate::ui::*;
use crate::ui::{Resource, ServerAction, use_param};

/// `/notifications`.
pub struct NotificationsPage;

#[lazy_route]
impl LazyRoute for NotificationsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_notifications);
        use_live(&["notification"], move |_| page.refetch());
        let read_all = ServerAction::<ReadAllNotifications>::new();
        let actions = view! {
            <Form action=read_all class="inline" on_ok=move |_: u64| page.refetch()>
                <SubmitButton kind=Kind::Secondary icon=icon::CHECK>"Mark all as read"</SubmitButton>
            </Form>
        };
        let take = Taker::new(page);
        let picked = use_selection();
        view! {
            <PageHeader title="Notifications" actions=actions.into_any()/>
            <FilterBar query search="Title, text" filters=filters() export="/notifications/export.csv"/>
            <Loaded of=page skeleton=Bone::Table(8) let:rows>
                <DataTable of=listing(take) page=rows query=query.get_untracked() selection=picked>
                    <Empty icon=icon::BELL title="Nothing here">
                        <p>"What needs you appears here, and on the bell at the top."</p>
                    </Empty>
                </DataTable>
            </Loaded>
            {mark_picked(picked, page)}
        }
        .into_any()
    }
}

/// Reads or dismisses the picked ones; the second has a way back.
fn mark_picked(picked: Selection, page: Resource<Result<Page<NotificationRow>>>) -> AnyView {
    let toasts = use_toasts();
    let restore = ServerAction::<RestoreNotifications>::new();
    Effect::new(move |_| {
        if restore.version().get() > 0 {
            page.refetch();
        }
    });
    let after = move || {
        picked.clear();
        page.refetch();
    };
    let dismissed = move |(): ()| {
        let (ids, count) = (picked.joined().get_untracked(), picked.count() as u64);
        after();
        toasts.undoable(crate::kit::readable::count(count, "notification") + " dismissed", move || {
            restore.dispatch(RestoreNotifications { ids: ids.clone() });
        });
    };
    view! {
        <BulkBar of=picked>
            <Form action={ServerAction::<MarkNotifications>::new()} class="inline" on_ok=move |(): ()| after()>
                <HiddenField name="ids" value=picked.joined()/>
                <SubmitButton kind=Kind::Secondary icon=icon::CHECK>"Mark as read"</SubmitButton>
            </Form>
            <Form action={ServerAction::<MarkNotifications>::new()} class="inline" on_ok=dismissed>
                <HiddenField name="ids" value=picked.joined()/>
                <HiddenField name="dismiss" value="true".to_owned()/>
                <SubmitButton kind=Kind::Secondary icon=icon::X>"Dismiss"</SubmitButton>
            </Form>
        </BulkBar>
    }
    .into_any()
}

fn filters() -> Vec<Filter> {
    vec![
        Filter::choice("priority", "Priority", Priority::ALL.iter().map(|p| (p.word(), p.label()))),
        Filter::choice("state", "State", [("unread", "Unread"), ("read", "Read")]),
        Filter::days("created", "Date"),
    ]
}

fn listing(take: Taker) -> Listing<NotificationRow> {
    Listing::new("Notifications", |n: &NotificationRow| Row::new(n.id, &n.title).href(n.href()))
        .column(Column::new("title", "Notification", |n: &NotificationRow| {
            let unread = (!n.read).then(|| view! { <span class="unread-dot" role="img" aria-label="Unread"></span> });
            view! {
                <span class="notification" data-read=if n.read { "true" } else { "false" }>
                    {unread}
                    <span>
                        <span class="notification-title">{n.title.clone()}</span>
                        <span class="muted">{n.body.clone()}</span>
                    </span>
                </span>
            }
        }))
        .column(Column::new("priority", "Priority", |n: &NotificationRow| priority(n.priority)))
        .column(Column::new("created", "When", |n: &NotificationRow| view! { <When at=n.at.clone()/> }).sortable())
        .column(Column::new("actions", "Actions", move |n: &NotificationRow| take.form(n)).phone(Phone::TopRight))
}

/// The badge of a priority; the usual one needs none.
pub fn priority(of: Priority) -> Option<AnyView> {
    let tone = match of {
        Priority::Info => return None,
        Priority::Warning => Tone::Warn,
        Priority::Critical => Tone::Bad,
    };
    Some(view! { <Badge tone text=of.label()/> }.into_any())
}

/// Dismisses, with a way back.
#[derive(Clone, Copy)]
struct Taker {
    dismiss: ServerAction<DismissNotification>,
    done: Callback<NotificationId>,
}

impl Taker {
    fn new(page: Resource<Result<Page<NotificationRow>>>) -> Self {
        let toasts = use_toasts();
        let restore = ServerAction::<RestoreNotification>::new();
        Effect::new(move |_| {
            if restore.version().get() > 0 {
                page.refetch();
            }
        });
        let done = Callback::new(move |id: NotificationId| {
            page.refetch();
            toasts.undoable("Notification dismissed", move || restore.dispatch(RestoreNotification { id }));
        });
        Self { dismiss: ServerAction::new(), done }
    }

    fn form(self, row: &NotificationRow) -> AnyView {
        let (id, done) = (row.id, self.done);
        let name = format!("Dismiss {}", row.title);
        view! {
            <Form action=self.dismiss class="inline" on_ok=move |()| done.run(id)>
                <HiddenField name="id" value=id.to_string()/>
                <SubmitButton kind=Kind::Ghost icon=icon::X>
                    <span class="visually-hidden">{name}</span>
                </SubmitButton>
            </Form>
        }
        .into_any()
    }
}

/// `/notifications/{id}/open`: marks it as read and leads on. The server redirects; in the browser the page does, leaving
/// no step behind in its history.
pub struct OpenNotificationPage;

#[lazy_route]
impl LazyRoute for OpenNotificationPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let open = |id: String| async move {
            match id.parse::<NotificationId>() {
                Ok(id) => open_notification(id).await,
                Err(_) => Err(Error::NotFound),
            }
        };
        let link = Resource::new_blocking(move || id.get(), open);
        let navigate = use_navigate();
        Effect::new(move |_| {
            if let Some(Ok(link)) = link.get() {
                navigate(&link, NavigateOptions { replace: true, ..Default::default() });
            }
        });
        view! {
            <PageHeader title="Notification"/>
            <Loaded of=link skeleton=Bone::Lines(2) let:link>
                <p><a class="link" href=link>"Go to what it is about"</a></p>
            </Loaded>
        }
        .into_any()
    }
}
