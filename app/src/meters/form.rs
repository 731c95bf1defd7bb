//! `/meters/new`.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::{LazyRoute, lazy_route};

use super::api::CreateMeter;
use super::model::{Aggregation, MeterId};
use crate::ui::{Card, Crumb, Form, LinkButton, PageHeader, SelectField, ServerAction, SubmitButton, TextField};

/// The form of a new meter.
pub struct MeterNewPage;

#[lazy_route]
impl LazyRoute for MeterNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let action = ServerAction::<CreateMeter>::new();
        let navigate = use_navigate();
        let ways = Aggregation::ALL.iter().map(|a| (a.word().to_owned(), a.label().to_owned())).collect::<Vec<_>>();
        view! {
            <PageHeader title="New meter" crumbs=vec![Crumb::new("Meters", "/meters")]/>
            <Card>
                <Form action on_ok=move |id: MeterId| navigate(&format!("/meters/{id}"), Default::default())>
                    <TextField name="name" label="Name" required=true hint="What people read, such as Traffic."/>
                    <TextField name="key" label="Key" required=true hint="What events name it by, such as traffic_gb. It never changes."/>
                    <TextField name="unit" label="Unit" required=true hint="Such as GB, calls or seats."/>
                    <SelectField name="aggregation" label="A period is" options=ways value="sum" hint="It never changes."/>
                    <div class="form-actions">
                        <LinkButton href="/meters">"Cancel"</LinkButton>
                        <SubmitButton>"Create meter"</SubmitButton>
                    </div>
                </Form>
            </Card>
        }
        .into_any()
    }
}
