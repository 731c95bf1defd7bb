//! What happened: on a subscription's page, and the part `/customers/ID/activity` of a customer's pages, where it is
//! that of the customer and of its subscriptions.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_customer_activity, list_subscription_activity};
use super::model::SubscriptionId;
use crate::audit::{Activity, ActivityTimeline};
use crate::customers::CustomerId;
use crate::kit::paging::Page;
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{Bone, Loaded, Resource, use_list_query, use_live, use_param};

/// A page of entries, fetched by the page that shows them.
pub type Found = Resource<Result<Option<Page<Activity>>>>;

/// That of the subscription that the path names, for who may see it.
pub fn of_subscription() -> Found {
    let (id, query) = (use_param("id"), use_list_query());
    let may = use_viewer().can(Permission::ReadAudit);
    Resource::new(
        move || (id.get(), query.get()),
        move |(id, query)| async move {
            if !may {
                return Ok(None);
            }
            let id: SubscriptionId = id.parse().map_err(|_| Error::NotFound)?;
            list_subscription_activity(id, query).await.map(Some)
        },
    )
}

/// The card on the subscription's page.
pub fn card(of: Found) -> AnyView {
    let query = use_list_query();
    view! {
        <Loaded of=of skeleton=Bone::Card(160) part=true let:page>
            {page.map(|of| view! { <ActivityTimeline of query=query.get_untracked()/> })}
        </Loaded>
    }
    .into_any()
}

/// `/customers/ID/activity`.
pub struct CustomerActivityPage;

#[lazy_route]
impl LazyRoute for CustomerActivityPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (id, query) = (use_param("id"), use_list_query());
        let page = Resource::new(
            move || (id.get(), query.get()),
            |(id, query)| async move {
                let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
                list_customer_activity(id, query).await
            },
        );
        use_live(&["customer", "subscription"], move |_| page.refetch());
        view! {
            <Loaded of=page skeleton=Bone::Table(6) part=true let:of>
                <ActivityTimeline of query=query.get_untracked()/>
            </Loaded>
        }
        .into_any()
    }
}
