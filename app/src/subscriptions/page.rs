//! `/subscriptions`, and the part of a customer's pages that lists its own.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_customer_subscriptions, list_subscriptions, read_subscription_filters};
use super::model::{SubscriptionFilters, SubscriptionStatus};
use super::table::listing;
use crate::customers::CustomerId;
use crate::kit::Error;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::period::IntervalUnit;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, DataTable, Empty, Filter, FilterBar, Kind, LinkButton, Loaded, PageHeader, Resource, icon, use_list_query, use_live, use_param,
    use_selection,
};

/// The page's data.
pub struct SubscriptionsPage;

#[lazy_route]
impl LazyRoute for SubscriptionsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_subscriptions);
        let filters = Resource::new(|| (), |()| read_subscription_filters());
        use_live(&["subscription", "import", "plan.subscriptions_moved"], move |_| page.refetch());
        let picked = use_selection();
        let may = use_viewer().can(Permission::WriteSubscriptions);
        let new = move || {
            may.then(|| {
                view! { <LinkButton href="/subscriptions/new" kind=Kind::Primary icon=icon::PLUS>"New subscription"</LinkButton> }
            })
        };
        view! {
            <PageHeader title="Subscriptions" actions=new().into_any()/>
            <Loaded of=filters skeleton=Bone::Lines(1) let:filters>
                <FilterBar
                    query
                    search="Customer"
                    columns=listing(true).choices()
                    export="/subscriptions/export.csv"
                    filters=chips(filters)
                />
            </Loaded>
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing(true) page query=query.get_untracked() selection=picked>
                    <Empty icon=icon::REFRESH_CW title="No subscriptions here">
                        <p>"Begin one for a customer, import a book, or take a filter away."</p>
                        {new()}
                        <LinkButton href="/subscriptions">"Clear all filters"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
            {super::picked::bar(picked, move || page.refetch())}
        }
        .into_any()
    }
}

fn chips(of: SubscriptionFilters) -> Vec<Filter> {
    let statuses = SubscriptionStatus::ALL.iter().map(|s| (s.word(), s.label()));
    let mut chips = vec![Filter::choice("status", "Status", statuses)];
    if !of.plans.is_empty() {
        chips.push(Filter::choice("plan", "Plan", of.plans));
    }
    if of.currencies.len() > 1 {
        chips.push(Filter::choice("currency", "Currency", of.currencies.into_iter().map(|c| (c.clone(), c))));
    }
    chips.push(Filter::choice("interval", "Interval", IntervalUnit::ALL.iter().map(|u| (u.word(), u.label()))));
    chips
}

/// `/customers/ID/subscriptions`.
pub struct CustomerSubscriptionsPage;

#[lazy_route]
impl LazyRoute for CustomerSubscriptionsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let rows = Resource::new(
            move || id.get(),
            |id| async move {
                let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
                list_customer_subscriptions(id).await
            },
        );
        use_live(&["subscription"], move |_| rows.refetch());
        let may = use_viewer().can(Permission::WriteSubscriptions);
        view! {
            <Loaded of=rows skeleton=Bone::Table(4) part=true let:rows>
                {
                    let new = format!("/subscriptions/new?customer={}", id.get_untracked());
                    let total = rows.len() as u64;
                    let page = Page { rows, next: None, previous: None, total };
                    view! {
                        <DataTable of=listing(false) page query=ListQuery::default()>
                            <Empty icon=icon::REFRESH_CW title="No subscriptions yet">
                                {may.then(|| view! { <LinkButton href=new kind=Kind::Primary icon=icon::PLUS>"New subscription"</LinkButton> })}
                            </Empty>
                        </DataTable>
                    }
                }
            </Loaded>
        }
        .into_any()
    }
}
