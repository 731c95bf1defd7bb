//! `/settings/organization`: name, currency, time zone, fiscal details.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{OrganizationSettings, UpdateOrganization, my_organization};
use super::page::Frame;
use crate::auth;
use crate::organizations::Organization;
use crate::ui::{Bone, Card, Form, Loaded, Resource, SelectField, ServerAction, SubmitButton, TextField};

/// See the module.
pub struct SettingsOrganizationPage;

#[lazy_route]
impl LazyRoute for SettingsOrganizationPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let settings = Resource::new_blocking(|| (), |()| my_organization());
        view! {
            <Frame title="Organization">
                <Loaded of=settings skeleton=Bone::Card(420) let:settings>
                    <Settings of=settings/>
                </Loaded>
            </Frame>
        }
        .into_any()
    }
}

#[component]
fn Settings(of: OrganizationSettings) -> impl IntoView {
    let action = ServerAction::<UpdateOrganization>::new();
    let zones = of.time_zones.into_iter().map(|zone| (zone.clone(), zone)).collect::<Vec<_>>();
    let organization = of.organization;
    let (name, currency) = (organization.name.clone(), organization.currency.to_string());
    let (margin, time_zone) = (organization.gross_margin(), organization.time_zone.clone());
    view! {
        <Form action on_ok=move |()| auth::go("/settings/organization")>
            <div class="stack">
                <Card title="Books" subtitle="Currency and days that every figure is kept in">
                    <div class="form">
                        <TextField name="name" label="Name" value=name required=true/>
                        <div class="fields-2">
                            <TextField
                                name="currency"
                                label="Currency"
                                value=currency
                                hint="ISO 4217 code. It can change until the first revenue is booked."
                                required=true
                            />
                            <SelectField name="time_zone" label="Time zone" options=zones value=time_zone required=true/>
                        </div>
                        <TextField
                            name="gross_margin"
                            label="Gross margin"
                            value=margin
                            hint="Percent of revenue that stays after the cost of serving it; lifetime value is worked out with it"
                            required=true
                        />
                    </div>
                </Card>
                <Fiscal of=organization/>
                <div class="form-actions">
                    <SubmitButton>"Save settings"</SubmitButton>
                </div>
            </div>
        </Form>
    }
}

#[component]
fn Fiscal(of: Organization) -> impl IntoView {
    view! {
        <Card title="Fiscal details" subtitle="What documents to your customers carry">
            <div class="form">
                <div class="fields-2">
                    <TextField name="legal_name" label="Legal name" value=of.legal_name.unwrap_or_default()/>
                    <TextField name="tax_number" label="Tax number" value=of.tax_number.unwrap_or_default()/>
                </div>
                <TextField name="address" label="Address" value=of.address.unwrap_or_default()/>
                <TextField name="country" label="Country" value=of.country.unwrap_or_default() hint="Two letters, such as EG"/>
            </div>
        </Card>
    }
}
