//! `/subscriptions/new`: first the customer, then the terms and a code for something off, with what they will do to MRR.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::CreateSubscription;
use crate::customers::choose::{ChooseCustomer, use_customer_choice};
use crate::subscriptions::api::{PreviewNewSubscription, start_subscription};
use crate::subscriptions::effect::{EffectView, wrong};
use crate::subscriptions::model::{SubscriptionForm, SubscriptionId, SubscriptionStart};
use crate::ui::{
    Bone, Card, Crumb, DateField, Empty, Form, FormValues, HiddenField, Input, LinkButton, Loaded, PageHeader, Resource, SelectField,
    ServerAction, SubmitButton, TextField, icon,
};

/// The page's data.
pub struct SubscriptionNewPage;

#[lazy_route]
impl LazyRoute for SubscriptionNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| map.read().get("customer").unwrap_or_default());
        let start = Resource::new_blocking(
            move || asked.get(),
            |customer| async move { if customer.is_empty() { Ok(None) } else { start_subscription(customer).await.map(Some) } },
        );
        let choice = use_customer_choice(move || !asked.get().is_empty());
        view! {
            <PageHeader title="New subscription" crumbs=vec![Crumb::new("Subscriptions", "/subscriptions")]/>
            <Loaded of=start skeleton=Bone::Card(360) let:start>
                {match start {
                    Some(start) => terms(start),
                    None => view! { <ChooseCustomer of=choice path="/subscriptions/new"/> }.into_any(),
                }}
            </Loaded>
        }
        .into_any()
    }
}

fn terms(start: SubscriptionStart) -> AnyView {
    let SubscriptionStart { customer, plans, today, anchor_days } = start;
    if plans.is_empty() {
        return view! {
            <Empty icon=icon::TAGS title="No plan on offer">
                <p>"A subscription takes a plan's interval and price."</p>
                <LinkButton href="/plans/new">"New plan"</LinkButton>
            </Empty>
        }
        .into_any();
    }
    let action = ServerAction::<CreateSubscription>::new();
    let preview = ServerAction::<PreviewNewSubscription>::new();
    let navigate = use_navigate();
    let on_change = move |values: FormValues| {
        preview.ask(PreviewNewSubscription { form: typed(&values) });
    };
    let back = format!("/customers/{}", customer.id);
    let plans = plans.into_iter().map(|plan| (plan.id.to_string(), plan.label)).collect();
    let effect = Signal::derive(move || preview.value().get());
    let anchors = anchors(&anchor_days);
    view! {
        <div class="split">
            <Card title="Terms" subtitle=customer.name.clone()>
                <Form action on_change meanwhile=wrong(effect) on_ok=move |id: SubscriptionId| navigate(&format!("/subscriptions/{id}"), Default::default())>
                    <HiddenField name="customer_id" value=customer.id.to_string()/>
                    <SelectField name="plan_id" label="Plan" options=plans required=true/>
                    <TextField name="quantity" label="Quantity" value="1" input=Input::Number/>
                    <TextField name="price" label="Own price" hint="Of one unit, in the plan's currency. Leave blank for the plan's price."/>
                    <DateField name="started_on" label="Starts on" value=today.to_string() required=true/>
                    <DateField name="trial_ends_on" label="Trial ends on" hint="The first day paid for. Leave blank for the plan's trial."/>
                    {anchors}
                    <TextField name="promotion_code" label="Promotion code" hint="Takes something off this subscription, from its first invoice on."/>
                    <div class="form-actions">
                        <LinkButton href=back>"Cancel"</LinkButton>
                        <SubmitButton>"Begin subscription"</SubmitButton>
                    </div>
                </Form>
            </Card>
            <EffectView effect/>
        </div>
    }
    .into_any()
}

/// The days that the seller offers; nothing where it offers the anniversary alone.
fn anchors(days: &[u32]) -> AnyView {
    if days.is_empty() {
        return ().into_any();
    }
    let anniversary = std::iter::once((String::new(), "The anniversary".to_owned()));
    let options: Vec<(String, String)> =
        anniversary.chain(days.iter().map(|day| (day.to_string(), format!("Day {day} of the month")))).collect();
    view! { <SelectField name="anchor_day" label="Periods begin on" options hint="The 29th to 31st are a shorter month's last day."/> }
        .into_any()
}

fn typed(values: &FormValues) -> SubscriptionForm {
    let value = |key: &str| values.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone()).unwrap_or_default();
    SubscriptionForm {
        customer_id: value("customer_id"),
        plan_id: value("plan_id"),
        started_on: value("started_on"),
        trial_ends_on: value("trial_ends_on"),
        quantity: value("quantity"),
        price: value("price"),
        anchor_day: value("anchor_day"),
    }
}
