//! Making and changing a customer.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{CreateCustomer, UpdateCustomer, read_customer_form};
use super::model::{CustomerForm, CustomerId};
use crate::kit::Error;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, Card, Crumb, Form, HiddenField, Input, LinkButton, Loaded, PageHeader, Resource, ServerAction, SubmitButton, TextField, use_param,
};

/// `/customers/new`.
pub struct CustomerNewPage;

#[lazy_route]
impl LazyRoute for CustomerNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let viewer = use_viewer();
        let action = ServerAction::<CreateCustomer>::new();
        let navigate = use_navigate();
        let label = format!("Add {}", viewer.customer_noun());
        view! {
            <PageHeader title=format!("New {}", viewer.customer_noun()) crumbs=vec![Crumb::new(viewer.customers_title(), "/customers")]/>
            <Card>
                <Form action on_ok=move |id: CustomerId| navigate(&format!("/customers/{id}"), Default::default())>
                    {fields(CustomerForm::default(), viewer.is_platform)}
                    <div class="form-actions">
                        <LinkButton href="/customers">"Cancel"</LinkButton>
                        <SubmitButton>{label}</SubmitButton>
                    </div>
                </Form>
            </Card>
        }
        .into_any()
    }
}

/// `/customers/ID/edit`.
pub struct CustomerEditPage;

#[lazy_route]
impl LazyRoute for CustomerEditPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let form = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
                Ok((id, read_customer_form(id).await?))
            },
        );
        let viewer = use_viewer();
        let action = ServerAction::<UpdateCustomer>::new();
        let navigate = StoredValue::new(use_navigate());
        let (title, platform) = (viewer.customers_title(), viewer.is_platform);
        view! {
            <Loaded of=form skeleton=Bone::Card(320) let:found>
                {
                    let (id, form) = found;
                    let back = format!("/customers/{id}");
                    let crumbs = vec![Crumb::new(title, "/customers"), Crumb::new(form.name.clone(), back.clone())];
                    let (cancel, done) = (back.clone(), back);
                    view! {
                        <PageHeader title="Edit" crumbs/>
                        <Card>
                            <Form action on_ok=move |(): ()| navigate.with_value(|go| go(&done, Default::default()))>
                                <HiddenField name="id" value=id.to_string()/>
                                {fields(form, platform)}
                                <div class="form-actions">
                                    <LinkButton href=cancel>"Cancel"</LinkButton>
                                    <SubmitButton>"Save"</SubmitButton>
                                </div>
                            </Form>
                        </Card>
                    }
                }
            </Loaded>
        }
        .into_any()
    }
}

fn fields(of: CustomerForm, platform: bool) -> AnyView {
    let organization = platform.then(|| {
        view! {
            <TextField
                name="organization"
                label="Organization"
                value=of.organization
                hint="The short name of the tenant's own organization here, if it has one."
            />
        }
    });
    view! {
        <TextField name="name" label="Name" value=of.name required=true/>
        <TextField name="email" label="E-mail" value=of.email input=Input::Email/>
        <TextField name="country" label="Country" value=of.country hint="Two letters, such as EG"/>
        <TextField name="external_id" label="External id" value=of.external_id hint="Your own number; imports match by it."/>
        {organization}
    }
    .into_any()
}
