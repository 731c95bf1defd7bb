//! The menu of views in a filter bar.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::api::{ChangeView, DeleteView, SaveView, list_views};
use super::model::{List, ViewId, ViewRow};
use crate::kit::Result;
use crate::kit::paging::ListQuery;
use crate::ui::{
    Bone, CheckboxField, Form, HiddenField, Kind, Loaded, Resource, SavedView, ServerAction, SubmitButton, TextField, Toasts, ViewsList,
    ViewsMenu, ViewsSlot, icon, use_live, use_toasts,
};

/// The views of the list that the page shows.
#[derive(Clone, Copy)]
struct Views(Resource<Result<Vec<ViewRow>>>);

/// Puts the saved views of the page's list into its filter bar, whichever page it is. For the frame.
pub fn provide() {
    let path = use_location().pathname;
    let list = Memo::new(move |_| List::at(&path.read()));
    let views = Resource::new(
        move || list.get(),
        |list| async move {
            match list {
                Some(list) => list_views(list).await,
                None => Ok(Vec::new()),
            }
        },
    );
    use_live(&["view."], move |_| views.refetch());
    provide_context(Views(views));
    provide_context(ViewsSlot(menu));
}

fn menu(query: Signal<ListQuery>) -> AnyView {
    let list = List::at(&use_location().pathname.get_untracked());
    let Some((Views(views), list)) = use_context::<Views>().zip(list) else { return ().into_any() };
    let state = Signal::derive(move || query.with(|query| query.from_start().to_url_query()));
    let verbs = Verbs::new(views);
    view! {
        <ViewsMenu>
            <Loaded of=views skeleton=Bone::Lines(1) let:found>
                <ViewsList of=found.into_iter().filter(|view| view.list == list).map(|view| shown(view, state, verbs)).collect()/>
            </Loaded>
            {save_form(list, state, verbs)}
        </ViewsMenu>
    }
    .into_any()
}

fn shown(view: ViewRow, state: Signal<String>, verbs: Verbs) -> SavedView {
    let query = view.query.clone();
    SavedView {
        name: view.name.clone(),
        href: view.href(),
        note: if view.shared { "Shared" } else { "" },
        current: Signal::derive(move || state.read() == query),
        edit: view.may_change.then(|| verbs.forms(view)),
    }
}

fn save_form(list: List, state: Signal<String>, verbs: Verbs) -> AnyView {
    let action = ServerAction::<SaveView>::new();
    let done = move |_: ViewId| verbs.done("View saved");
    view! {
        <Form action on_ok=done>
            <HiddenField name="list" value=list.word().to_owned()/>
            <HiddenField name="query" value=state/>
            <TextField name="name" label="Name of this view" required=true/>
            <CheckboxField name="shared" label="For everyone here"/>
            <SubmitButton>"Save view"</SubmitButton>
        </Form>
    }
    .into_any()
}

/// What is done with views, and what follows from it.
#[derive(Clone, Copy)]
struct Verbs {
    views: Resource<Result<Vec<ViewRow>>>,
    toasts: Toasts,
    restore: ServerAction<SaveView>,
}

impl Verbs {
    fn new(views: Resource<Result<Vec<ViewRow>>>) -> Self {
        let restore = ServerAction::<SaveView>::new();
        Effect::new(move |_| {
            if restore.version().get() > 0 {
                views.refetch();
            }
        });
        Self { views, toasts: use_toasts(), restore }
    }

    fn done(self, what: &'static str) {
        self.toasts.say(what);
        self.views.refetch();
    }

    /// Deleted, with a way back.
    fn deleted(self, view: ViewRow) {
        self.views.refetch();
        let ViewRow { list, query, name, shared, .. } = view;
        self.toasts.undoable("View deleted", move || {
            self.restore.dispatch(SaveView { list, query: query.clone(), name: name.clone(), shared });
        });
    }

    fn forms(self, view: ViewRow) -> AnyView {
        let (change, delete) = (ServerAction::<ChangeView>::new(), ServerAction::<DeleteView>::new());
        let (id, name, shared) = (view.id, view.name.clone(), view.shared);
        view! {
            <Form action=change on_ok=move |(): ()| self.done("View changed")>
                <HiddenField name="id" value=id.to_string()/>
                <TextField name="name" label="Name" value=name required=true/>
                <CheckboxField name="shared" label="For everyone here" checked=shared/>
                <SubmitButton kind=Kind::Secondary>"Save changes"</SubmitButton>
            </Form>
            <Form action=delete class="inline-form" on_ok=move |(): ()| self.deleted(view.clone())>
                <HiddenField name="id" value=id.to_string()/>
                <SubmitButton kind=Kind::Ghost icon=icon::TRASH>"Delete view"</SubmitButton>
            </Form>
        }
        .into_any()
    }
}
