//! `/api-keys`

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{CreateApiKey, RevokeApiKey, list_api_keys};
use super::model::{ApiKeyRow, ApiScope, NewApiKey};
use crate::ui::{
    Ask, Badge, Bone, Callout, CancelButton, Card, Choice, CopyButton, Dialog, DialogActions, DialogButton, Empty, Exactly, Form,
    FormDialog, Head, HiddenField, Kind, LinkButton, Loaded, PageHeader, RadioField, Resource, ServerAction, SimpleTable, SubmitButton,
    TextField, Tone, When, icon, use_dialog,
};

/// See the module.
pub struct ApiKeysPage;

#[lazy_route]
impl LazyRoute for ApiKeysPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let keys = Resource::new_blocking(|| (), |()| list_api_keys());
        let made = RwSignal::new(None::<NewApiKey>);
        let on_made = Callback::new(move |key: NewApiKey| {
            made.set(Some(key));
            keys.refetch();
        });
        let changed = Callback::new(move |()| keys.refetch());
        let actions = view! {
            <LinkButton href="/api/docs" icon=icon::EXTERNAL_LINK download=false>"API documentation"</LinkButton>
            <NewKey on_made/>
        };
        view! {
            <PageHeader title="API keys" subtitle="What programs sign in with, in this organization" actions=actions.into_any()/>
            <div class="stack">
                {move || made.get().map(|key| view! { <Once key/> })}
                <Loaded of=keys skeleton=Bone::Table(4) let:keys>
                    {table(keys, changed)}
                </Loaded>
            </div>
        }
        .into_any()
    }
}

fn table(keys: Vec<ApiKeyRow>, changed: Callback<()>) -> AnyView {
    if keys.is_empty() {
        return view! {
            <Empty icon=icon::KEY title="No API keys yet">
                <p>"Make one for each program that reads or writes here, so that each can be revoked alone."</p>
            </Empty>
        }
        .into_any();
    }
    let heads = ["Name", "Key", "Scope", "Made", "Last used", "State"].into_iter().map(Head::text).collect();
    let rows = keys.into_iter().map(move |key| {
        let last_used = match key.last_used.clone() {
            Some(at) => view! { <When at/> }.into_any(),
            None => view! { <span class="muted">"Never"</span> }.into_any(),
        };
        let state = match key.revoked.clone() {
            Some(at) => view! { <Badge text="Revoked"/> " " <When at/> }.into_any(),
            None => view! { <Revoke key=key.clone() changed/> }.into_any(),
        };
        vec![
            key.name.clone().into_any(),
            view! { <code>{format!("{}\u{2026}", key.hint)}</code> }.into_any(),
            key.scope.label().into_any(),
            view! { <Exactly at=key.created/> <span class="muted">{format!(" by {}", key.created_by)}</span> }.into_any(),
            last_used,
            state,
        ]
    });
    let rows = rows.collect::<Vec<_>>();
    view! {
        <Card flush=true>
            <SimpleTable caption="API keys" heads rows/>
        </Card>
    }
    .into_any()
}

/// The key itself, this once.
#[component]
fn Once(key: NewApiKey) -> impl IntoView {
    view! {
        <Callout tone=Tone::Good title=format!("{} is ready", key.row.name)>
            <p>"Copy the key now. It is not kept and cannot be shown again."</p>
            <p class="row">
                <code class="api-key">{key.key.clone()}</code>
                <CopyButton label="Copy key" value=key.key/>
            </p>
        </Callout>
    }
}

/// Needs JavaScript: the key is shown in the answer alone, and a page that is left behind could not show it.
#[component]
fn NewKey(on_made: Callback<NewApiKey>) -> impl IntoView {
    let action = ServerAction::<CreateApiKey>::new();
    let dialog = use_dialog();
    let on_ok = move |key: NewApiKey| {
        dialog.close();
        on_made.run(key);
    };
    let choices = vec![
        Choice::new(ApiScope::Read.word(), "Read", "Lists and figures, nothing else"),
        Choice::new(ApiScope::Write.word(), "Read and write", "Also makes and changes customers, plans, subscriptions and imports"),
    ];
    view! {
        <noscript>
            <p class="muted">"Without JavaScript: tenantry api-key create"</p>
        </noscript>
        <div class="needs-script">
            <DialogButton of=dialog kind=Kind::Primary icon=icon::PLUS>"New API key"</DialogButton>
        </div>
        <Dialog of=dialog title="New API key">
            <Form action on_ok>
                <TextField name="name" label="Name" hint="The program that will use it" required=true/>
                <RadioField name="scope" label="Scope" choices value=ApiScope::Read.word()/>
                <DialogActions>
                    <CancelButton/>
                    <SubmitButton>"Create API key"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
}

#[component]
fn Revoke(key: ApiKeyRow, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<RevokeApiKey>::new();
    let done = move |()| changed.run(());
    let title = format!("Revoke {}?", key.name);
    let ask = Ask::new("Revoke", title, "Revoke API key").whose(&key.name).danger().said(format!("{} was revoked", key.name));
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="key" value=key.id.to_string()/>
            <p>"Programs that use this key are refused from now on. This cannot be undone."</p>
        </FormDialog>
    }
}
