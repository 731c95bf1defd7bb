//! `/settings/second-factor`: setting up an authenticator app, and switching it off.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{BeginSecondFactor, CancelSecondFactor, ConfirmSecondFactor, DisableSecondFactor, my_second_factor};
use super::page::Frame;
use crate::auth::SecondFactor;
use crate::kit::moment::Moment;
use crate::ui::{
    Badge, Bone, Callout, CancelButton, Card, CodeField, CopyButton, Dialog, DialogActions, DialogButton, Exactly, Fact, Facts, Form, Kind,
    Loaded, PasswordField, Resource, ServerAction, SubmitButton, Tone, use_dialog, use_toasts,
};

/// See the module.
pub struct SettingsSecondFactorPage;

#[lazy_route]
impl LazyRoute for SettingsSecondFactorPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let status = Resource::new(|| (), |()| my_second_factor());
        let changed = Callback::new(move |()| status.refetch());
        view! {
            <Frame title="Second factor">
                <Loaded of=status skeleton=Bone::Card(220) let:status>
                    {match status {
                        SecondFactor::Off => view! { <Off changed/> }.into_any(),
                        SecondFactor::Pending { secret, qr_side, qr_path, recovery_codes } => {
                            view! { <Pending secret qr=(qr_side, qr_path) recovery_codes changed/> }.into_any()
                        }
                        SecondFactor::On { since, recovery_codes_left } => view! { <On since left=recovery_codes_left changed/> }.into_any(),
                    }}
                </Loaded>
            </Frame>
        }
        .into_any()
    }
}

#[component]
fn Off(changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<BeginSecondFactor>::new();
    view! {
        <Card title="Authenticator app" actions=view! { <Badge text="Off"/> }.into_any()>
            <div class="stack">
                <p>
                    "A code from an app on your phone, asked for after your password. Whoever learns your password still cannot sign in."
                </p>
                <Form action on_ok=move |()| changed.run(())>
                    <div class="form-actions">
                        <SubmitButton>"Set up second factor"</SubmitButton>
                    </div>
                </Form>
            </div>
        </Card>
    }
}

#[component]
fn Pending(secret: String, qr: (usize, String), recovery_codes: Vec<String>, changed: Callback<()>) -> impl IntoView {
    let confirm = ServerAction::<ConfirmSecondFactor>::new();
    let cancel = ServerAction::<CancelSecondFactor>::new();
    let toasts = use_toasts();
    let on_ok = move |()| {
        toasts.say("Second factor switched on");
        changed.run(());
    };
    view! {
        <Card title="1. Scan the code with your authenticator app">
            <div class="second-factor">
                <Qr side=qr.0 path=qr.1/>
                <div class="stack">
                    <p class="muted">"Or type this key into the app:"</p>
                    <p class="row">
                        <code>{secret.clone()}</code>
                        <CopyButton label="Copy key" value=secret.replace(' ', "")/>
                    </p>
                </div>
            </div>
        </Card>
        <RecoveryCodes codes=recovery_codes/>
        <Card title="3. Type the code that the app shows">
            <Form action=confirm on_ok>
                <CodeField name="code" label="Code"/>
                <div class="form-actions">
                    <SubmitButton>"Switch on"</SubmitButton>
                </div>
            </Form>
        </Card>
        <Form action=cancel on_ok=move |()| changed.run(())>
            <div class="form-actions">
                <SubmitButton kind=Kind::Ghost>"Cancel"</SubmitButton>
            </div>
        </Form>
    }
}

/// The codes for the day the phone is lost; this is the only time they are shown.
#[component]
fn RecoveryCodes(codes: Vec<String>) -> impl IntoView {
    let all = codes.join("\n");
    let items = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect::<Vec<_>>();
    view! {
        <Card
            title="2. Keep these recovery codes"
            subtitle="Each signs you in once without the app. They are shown only now."
            actions=view! { <CopyButton label="Copy recovery codes" value=all/> }.into_any()
        >
            <ul class="recovery-codes" aria-label="Recovery codes">{items}</ul>
        </Card>
    }
}

/// Dark on white in both themes: that is what cameras read.
#[component]
fn Qr(side: usize, path: String) -> impl IntoView {
    let size = side + 8;
    view! {
        <svg class="qr" role="img" aria-label="QR code of the key" viewBox=format!("-4 -4 {size} {size}") shape-rendering="crispEdges">
            <rect x="-4" y="-4" width=size.to_string() height=size.to_string() fill="#fff"></rect>
            <path d=path fill="#000"></path>
        </svg>
    }
}

#[component]
fn On(since: Moment, left: u64, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<DisableSecondFactor>::new();
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let on_ok = move |()| {
        dialog.close();
        toasts.say("Second factor switched off");
        changed.run(());
    };
    let facts = vec![Fact::new("Since", view! { <Exactly at=since/> }), Fact::new("Recovery codes left", left.to_string())];
    view! {
        <Card title="Authenticator app" actions=view! { <Badge tone=Tone::Good text="On"/> }.into_any()>
            <div class="stack">
                <Facts of=facts/>
                {(left < 3).then(|| view! {
                    <Callout tone=Tone::Warn title="Few recovery codes left">
                        "Switch the second factor off and set it up again to get ten new ones."
                    </Callout>
                })}
                <div class="form-actions">
                    <DialogButton of=dialog kind=Kind::Danger>"Switch off"</DialogButton>
                </div>
            </div>
        </Card>
        <Dialog of=dialog title="Switch off the second factor?">
            <Form action on_ok>
                <p>"From then on your password alone signs you in."</p>
                <PasswordField name="password" label="Password"/>
                <DialogActions>
                    <CancelButton/>
                    <SubmitButton kind=Kind::Danger>"Switch off"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
}
