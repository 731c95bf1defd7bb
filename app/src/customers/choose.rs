//! Where a page is about a customer and none was named: a search, whose finds lead back to the page with the customer.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::list_customers;
use super::model::Customer;
use super::table::CustomerBadge;
use crate::kit::Result;
use crate::kit::paging::ListQuery;
use crate::shell::use_viewer;
use crate::ui::{Bone, Card, Empty, GetForm, Head, Input, Loaded, Resource, SimpleTable, SubmitButton, TextField, icon};

/// The customers to choose from.
pub type Choice = Resource<Result<Vec<Customer>>>;

/// Finds by the `q` of the address, else the latest; nobody while `named`. For the page itself: a resource that is made
/// within what another one shows is not the same on the server and in the browser.
pub fn use_customer_choice(named: impl Fn() -> bool + Send + Sync + 'static) -> Choice {
    let map = use_query_map();
    Resource::new(
        move || (named(), map.read().get("q").unwrap_or_default()),
        |(named, q)| async move {
            if named {
                return Ok(Vec::new());
            }
            list_customers(ListQuery { q, limit: 20, ..ListQuery::default() }).await.map(|page| page.rows)
        },
    )
}

/// The card of it; the page at `path` is asked again with `?customer=`.
#[component]
pub fn ChooseCustomer(of: Choice, path: &'static str) -> impl IntoView {
    let noun = use_viewer().customer_noun();
    let q = use_query_map().read_untracked().get("q").unwrap_or_default();
    view! {
        <Card title=format!("Which {noun}?")>
            <div class="stack">
                <GetForm label=format!("Find a {noun}")>
                    <TextField name="q" label="Search" value=q input=Input::Search hint="Name, e-mail or external id"/>
                    <div class="form-actions"><SubmitButton>"Search"</SubmitButton></div>
                </GetForm>
                <Loaded of skeleton=Bone::Lines(6) let:found>
                    {choices(found, path)}
                </Loaded>
            </div>
        </Card>
    }
}

fn choices(found: Vec<Customer>, path: &'static str) -> AnyView {
    if found.is_empty() {
        return view! { <Empty icon=icon::SEARCH title="Nobody found">"Search by the beginnings of words."</Empty> }.into_any();
    }
    let row = |customer: Customer| {
        let href = format!("{path}?customer={}", customer.id);
        vec![
            view! { <a class="link" href=href>{customer.name}</a> }.into_any(),
            customer.email.unwrap_or_default().into_any(),
            view! { <CustomerBadge of=customer.status/> }.into_any(),
        ]
    };
    let rows = found.into_iter().map(row).collect();
    view! { <SimpleTable caption="Found" heads=vec![Head::text("Name"), Head::text("E-mail"), Head::text("Status")] rows/> }.into_any()
}
