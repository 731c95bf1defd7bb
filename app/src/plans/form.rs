//! `/plans/new`.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::{LazyRoute, lazy_route};

use super::api::CreatePlan;
use super::model::PlanId;
use crate::kit::period::IntervalUnit;
use crate::kit::readable::capitalized;
use crate::shell::use_viewer;
use crate::ui::{Card, Crumb, Form, Input, LinkButton, PageHeader, SelectField, ServerAction, SubmitButton, TextField};

/// The form of a new plan.
pub struct PlanNewPage;

#[lazy_route]
impl LazyRoute for PlanNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let action = ServerAction::<CreatePlan>::new();
        let navigate = use_navigate();
        let currency = use_viewer().currency.to_string();
        let units = IntervalUnit::ALL.iter().map(|unit| (unit.word().to_owned(), capitalized(unit.label()))).collect();
        view! {
            <PageHeader title="New plan" crumbs=vec![Crumb::new("Plans", "/plans")]/>
            <Card>
                <Form action on_ok=move |id: PlanId| navigate(&format!("/plans/{id}"), Default::default())>
                    <TextField name="name" label="Name" required=true/>
                    <TextField name="price" label="Price" required=true hint="Of one unit for one interval, such as 49.00."/>
                    <TextField name="currency" label="Currency" value=currency required=true hint="ISO 4217, such as USD or EUR."/>
                    <SelectField name="interval" label="Interval" options=units value="month"/>
                    <TextField name="interval_count" label="Intervals at a time" value="1" input=Input::Number hint="2 and Week: every two weeks."/>
                    <TextField name="trial_days" label="Trial days" value="0" input=Input::Number hint="Before a new subscription pays."/>
                    <div class="form-actions">
                        <LinkButton href="/plans">"Cancel"</LinkButton>
                        <SubmitButton>"Create plan"</SubmitButton>
                    </div>
                </Form>
            </Card>
        }
        .into_any()
    }
}
