//! `/pay/…`: where payers are sent, who have no account here. The demo gateway's page, and the thanks after it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::gateway::api::{AnswerPayPage, read_pay_page};
use super::gateway::model::{PayPage, TestCard};
use crate::ui::{Bone, Callout, Card, Choice, Form, HiddenField, Kind, Loaded, RadioField, Resource, ServerAction, SubmitButton, Tone};

/// `/pay/demo?seller=…&page=…`
pub struct PayDemoPage;

#[lazy_route]
impl LazyRoute for PayDemoPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| {
            let map = map.read();
            (map.get("seller").unwrap_or_default(), map.get("page").unwrap_or_default())
        });
        let page = Resource::new_blocking(move || asked.get(), |(seller, page)| read_pay_page(seller, page));
        view! {
            <Alone title="Demo gateway">
                <Loaded of=page skeleton=Bone::Card(240) whole=true let:page>
                    {choices(page, asked.get_untracked())}
                </Loaded>
            </Alone>
        }
        .into_any()
    }
}

fn choices(page: PayPage, (seller, id): (String, String)) -> AnyView {
    if !page.open {
        return view! { <Callout tone=Tone::Good title="Done">"This page was answered. You can close it."</Callout> }.into_any();
    }
    let action = ServerAction::<AnswerPayPage>::new();
    let navigate = use_navigate();
    let on_ok = move |url: String| navigate(&url, Default::default());
    let what = match &page.amount {
        Some(amount) => format!("{} asks you to confirm a payment of {amount}.", page.seller),
        None => format!("{} asks you for a card. Choose one by what it shall do.", page.seller),
    };
    let fields = match page.amount {
        Some(_) => view! {
            <div class="form-actions">
                <SubmitButton kind=Kind::Secondary name="choice" value="refuse">"Refuse"</SubmitButton>
                <SubmitButton name="choice" value="confirm">"Confirm payment"</SubmitButton>
            </div>
        }
        .into_any(),
        None => {
            let cards = TestCard::ALL.iter().map(|card| Choice::new(card.word(), card.label(), card.number())).collect::<Vec<_>>();
            view! {
                <RadioField name="choice" label="Card" choices=cards value=TestCard::Succeeds.word()/>
                <div class="form-actions">
                    <SubmitButton>"Save card"</SubmitButton>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <Form action on_ok>
            <p>{what}</p>
            <p class="muted">"This is the built-in demo gateway: no money moves."</p>
            <HiddenField name="seller" value=seller/>
            <HiddenField name="page" value=id/>
            {fields}
        </Form>
    }
    .into_any()
}

/// `/pay/thanks`
pub struct PayThanksPage;

#[lazy_route]
impl LazyRoute for PayThanksPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Alone title="Thank you">
                <p>"That is all. You can close this page."</p>
            </Alone>
        }
        .into_any()
    }
}

/// A page without the console around it.
#[component]
fn Alone(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="alone" id="content">
            <Card>
                <h1>{title}</h1>
                {children()}
            </Card>
        </main>
    }
}
