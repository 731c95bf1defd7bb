//! The pages before there is anybody: sign-in, and the second factor.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{GiveSecondFactor, SignIn, SignOut, go};
use crate::ui::{Card, CodeField, Form, HiddenField, Input, Kind, PasswordField, ServerAction, SubmitButton, TextField};

/// `/sign-in`
pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let action = ServerAction::<SignIn>::new();
        view! {
            <Alone title="Sign in">
                <Form action on_ok=move |url: String| go(&url)>
                    <TextField name="email" label="E-mail" input=Input::Username required=true/>
                    <PasswordField name="password" label="Password"/>
                    <HiddenField name="next" value=next()/>
                    <div class="form-actions">
                        <SubmitButton>"Sign in"</SubmitButton>
                    </div>
                </Form>
            </Alone>
        }
        .into_any()
    }
}

/// `/sign-in/second-factor`
pub struct SecondFactorPage;

#[lazy_route]
impl LazyRoute for SecondFactorPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (code, recovery) = (ServerAction::<GiveSecondFactor>::new(), ServerAction::<GiveSecondFactor>::new());
        let leave = ServerAction::<SignOut>::new();
        view! {
            <Alone title="Second factor">
                <Form action=code on_ok=move |url: String| go(&url)>
                    <CodeField name="code" label="Code" hint="The six digits that your authenticator app shows"/>
                    <HiddenField name="next" value=next()/>
                    <div class="form-actions">
                        <SubmitButton>"Continue"</SubmitButton>
                    </div>
                </Form>
                <details class="other-way">
                    <summary>"Use a recovery code"</summary>
                    <Form action=recovery on_ok=move |url: String| go(&url)>
                        <TextField name="code" label="Recovery code" hint="Each counts once" required=true/>
                        <HiddenField name="next" value=next()/>
                        <div class="form-actions">
                            <SubmitButton kind=Kind::Secondary>"Continue"</SubmitButton>
                        </div>
                    </Form>
                </details>
                <Form action=leave class="other-way" on_ok=move |url: String| go(&url)>
                    <SubmitButton kind=Kind::Ghost>"Sign in as somebody else"</SubmitButton>
                </Form>
            </Alone>
        }
        .into_any()
    }
}

/// A page without the console around it.
#[component]
pub fn Alone(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="alone" id="content">
            <p class="brand">"Tenantry"</p>
            <Card>
                <h1>{title}</h1>
                {children()}
            </Card>
        </main>
    }
}

/// Where the way leads afterwards.
fn next() -> Signal<String> {
    let query = use_query_map();
    Signal::derive(move || query.read().get("next").unwrap_or_default())
}
