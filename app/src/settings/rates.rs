//! `/settings/rates`: what other currencies are worth in the organization's own.

use chrono::NaiveDate;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::page::Frame;
use crate::kit::Result;
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::subscriptions::api::{SetExchangeRate, list_exchange_rates};
use crate::subscriptions::model::{ExchangeRate, rate_label};
use crate::ui::{
    Bone, Card, DateField, Empty, Form, Head, Loaded, Resource, ServerAction, SimpleTable, SubmitButton, TextField, icon, use_live,
    use_toasts,
};

type Rates = (NaiveDate, Vec<ExchangeRate>);

/// The page's data.
pub struct ExchangeRatesPage;

#[lazy_route]
impl LazyRoute for ExchangeRatesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let rates = Resource::new(|| (), |()| list_exchange_rates());
        use_live(&["exchange_rate"], move |_| rates.refetch());
        view! {
            <Frame title="Exchange rates">
                <Loaded of=rates skeleton=Bone::Table(4) let:found>
                    {body(found, rates)}
                </Loaded>
            </Frame>
        }
        .into_any()
    }
}

fn body((today, rates): Rates, resource: Resource<Result<Rates>>) -> AnyView {
    let viewer = use_viewer();
    let form = viewer.can(Permission::WriteSettings).then(|| form(today, viewer.currency.to_string(), resource));
    let row = |rate: ExchangeRate| {
        vec![rate.currency.to_string().into_any(), rate_label(rate.rate).into_any(), short_day(rate.starts_on).into_any()]
    };
    let list = if rates.is_empty() {
        view! {
            <Card>
                <Empty icon=icon::COINS title="No rates yet">
                    <p>"They are needed only for plans in another currency."</p>
                </Empty>
            </Card>
        }
        .into_any()
    } else {
        let rows = rates.into_iter().map(row).collect();
        let heads = vec![Head::text("Currency"), Head::number("Rate"), Head::text("From")];
        view! { <Card title="Rates" subtitle="A subscription keeps the rate of the day its terms began" flush=true><SimpleTable caption="Exchange rates" heads rows/></Card> }.into_any()
    };
    view! { <div class="split">{list} {form}</div> }.into_any()
}

fn form(today: NaiveDate, own: String, resource: Resource<Result<Rates>>) -> AnyView {
    let action = ServerAction::<SetExchangeRate>::new();
    let toasts = use_toasts();
    let done = move |(): ()| {
        toasts.say("Rate set");
        resource.refetch();
    };
    view! {
        <Card title="Set a rate">
            <Form action on_ok=done>
                <TextField name="currency" label="Currency" required=true hint="ISO 4217, such as EUR."/>
                <TextField name="rate" label="Rate" required=true hint=format!("What one unit of it is worth in {own}, such as 1.0834.")/>
                <DateField name="starts_on" label="From" value=today.to_string() required=true/>
                <div class="form-actions"><SubmitButton>"Set rate"</SubmitButton></div>
            </Form>
        </Card>
    }
    .into_any()
}
