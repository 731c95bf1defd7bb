//! Every page, one line each. Pages are lazy: each is a chunk of its own, loaded when first visited or hovered.
//! Lists and reports stream in order, so that they can be read without JavaScript; a page about one thing is sent
//! whole, so that "not found" is a real 404.

use std::cell::OnceCell;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::reactive::owner::Owner;
use leptos_router::components::{Outlet, ParentRoute, Route};
use leptos_router::{ChooseView, Lazy, LazyRoute, MatchInterface, RouteDefs, SsrMode, path};

use crate::api_keys::page::ApiKeysPage;
use crate::audit::AuditPage;
use crate::auth::page::{SecondFactorPage, SignInPage};
use crate::billing::coupon::CouponPage;
use crate::billing::coupons::{CouponNewPage, CouponsPage};
use crate::billing::customer::CustomerBillingPage;
use crate::billing::settings::BillingSettingsPage;
use crate::billing::taxes::TaxesPage;
use crate::customers::detail::{CustomerMrrPage, CustomerOverviewPage, CustomerPage};
use crate::customers::form::{CustomerEditPage, CustomerNewPage};
use crate::customers::page::CustomersPage;
use crate::dashboard::DashboardPage;
use crate::imports::{ImportNewPage, ImportPage, ImportsPage};
use crate::jobs::{JobPage, JobsPage};
use crate::kit::Error;
use crate::meters::form::MeterNewPage;
use crate::meters::page::{MeterPage, MetersPage};
use crate::notifications::{NotificationsPage, OpenNotificationPage};
use crate::payments::customer::CustomerPaymentsPage;
use crate::payments::detail::PaymentPage;
use crate::payments::form::PaymentNewPage;
use crate::payments::page::PaymentsPage;
use crate::payments::statement::CustomerStatementPage;
use crate::plans::detail::PlanPage;
use crate::plans::form::PlanNewPage;
use crate::plans::page::PlansPage;
use crate::receipts::detail::ReceiptPage;
use crate::receipts::page::ReceiptsPage;
use crate::revenue::{CohortsPage, RevenueMovementsPage, RevenuePage};
use crate::settings::members::SettingsMembersPage;
use crate::settings::organization::SettingsOrganizationPage;
use crate::settings::page::{SettingsPasswordPage, SettingsProfilePage};
use crate::settings::second_factor::SettingsSecondFactorPage;
use crate::settings::sessions::SettingsSessionsPage;
use crate::shell::Console;
use crate::subscriptions::activity::CustomerActivityPage;
use crate::subscriptions::detail::SubscriptionPage;
use crate::subscriptions::form::SubscriptionNewPage;
use crate::subscriptions::page::{CustomerSubscriptionsPage, SubscriptionsPage};
use crate::subscriptions::rates_page::ExchangeRatesPage;
use crate::ui::{ErrorPage, on_link_intent};
use crate::usage::page::{UsageEventsPage, UsagePage};
use crate::usage::subscription::SubscriptionUsagePage;
use crate::usage::uploaded::UsageUploadPage;

/// Where nothing is.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <ErrorPage error=Error::NotFound/> }
}

/// What can be seen without signing in.
#[component(transparent)]
pub fn SignedOutRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("sign-in") view=Outlet>
            <Route path=path!("") view={Chunk::<SignInPage>::new()}/>
            <Route path=path!("second-factor") view={Chunk::<SecondFactorPage>::new()}/>
        </ParentRoute>
    }
    .into_inner()
}

/// The console.
#[component(transparent)]
pub fn ConsoleRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=Console ssr=SsrMode::InOrder>
            <Route path=path!("dashboard") view={Chunk::<DashboardPage>::new()}/>
            <Route path=path!("audit") view={Chunk::<AuditPage>::new()}/>
            <Route path=path!("jobs") view={Chunk::<JobsPage>::new()}/>
            <Route path=path!("jobs/:id") view={Chunk::<JobPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("notifications") view={Chunk::<NotificationsPage>::new()}/>
            <Route path=path!("notifications/:id/open") view={Chunk::<OpenNotificationPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("revenue") view={Chunk::<RevenuePage>::new()}/>
            <Route path=path!("revenue/cohorts") view={Chunk::<CohortsPage>::new()}/>
            <Route path=path!("revenue/movements") view={Chunk::<RevenueMovementsPage>::new()}/>
            <Route path=path!("api-keys") view={Chunk::<ApiKeysPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/profile") view={Chunk::<SettingsProfilePage>::new()}/>
            <Route path=path!("settings/password") view={Chunk::<SettingsPasswordPage>::new()}/>
            <Route path=path!("settings/second-factor") view={Chunk::<SettingsSecondFactorPage>::new()}/>
            <Route path=path!("settings/sessions") view={Chunk::<SettingsSessionsPage>::new()}/>
            <Route path=path!("settings/organization") view={Chunk::<SettingsOrganizationPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/billing") view={Chunk::<BillingSettingsPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/taxes") view={Chunk::<TaxesPage>::new()}/>
            <Route path=path!("settings/members") view={Chunk::<SettingsMembersPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("customers") view={Chunk::<CustomersPage>::new()}/>
            <Route path=path!("customers/new") view={Chunk::<CustomerNewPage>::new()}/>
            <Route path=path!("customers/:id/edit") view={Chunk::<CustomerEditPage>::new()} ssr=SsrMode::Async/>
            <ParentRoute path=path!("customers/:id") view={Chunk::<CustomerPage>::new()} ssr=SsrMode::Async>
                <Route path=path!("activity") view={Chunk::<CustomerActivityPage>::new()}/>
                <Route path=path!("") view={Chunk::<CustomerOverviewPage>::new()}/>
                <Route path=path!("subscriptions") view={Chunk::<CustomerSubscriptionsPage>::new()}/>
                <Route path=path!("mrr") view={Chunk::<CustomerMrrPage>::new()}/>
                <Route path=path!("payments") view={Chunk::<CustomerPaymentsPage>::new()}/>
                <Route path=path!("billing") view={Chunk::<CustomerBillingPage>::new()}/>
                <Route path=path!("statement") view={Chunk::<CustomerStatementPage>::new()}/>
            </ParentRoute>
            <Route path=path!("payments") view={Chunk::<PaymentsPage>::new()}/>
            <Route path=path!("payments/new") view={Chunk::<PaymentNewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("payments/:id") view={Chunk::<PaymentPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("receipts") view={Chunk::<ReceiptsPage>::new()}/>
            <Route path=path!("receipts/:id") view={Chunk::<ReceiptPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("plans") view={Chunk::<PlansPage>::new()}/>
            <Route path=path!("plans/new") view={Chunk::<PlanNewPage>::new()}/>
            <Route path=path!("plans/:id") view={Chunk::<PlanPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("subscriptions") view={Chunk::<SubscriptionsPage>::new()}/>
            <Route path=path!("subscriptions/new") view={Chunk::<SubscriptionNewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("subscriptions/:id") view={Chunk::<SubscriptionPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("coupons") view={Chunk::<CouponsPage>::new()}/>
            <Route path=path!("coupons/new") view={Chunk::<CouponNewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("coupons/:id") view={Chunk::<CouponPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("meters") view={Chunk::<MetersPage>::new()}/>
            <Route path=path!("meters/new") view={Chunk::<MeterNewPage>::new()}/>
            <Route path=path!("meters/:id") view={Chunk::<MeterPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("usage") view={Chunk::<UsagePage>::new()}/>
            <Route path=path!("usage/events") view={Chunk::<UsageEventsPage>::new()}/>
            <Route path=path!("usage/:id") view={Chunk::<SubscriptionUsagePage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("usage-uploads/:id") view={Chunk::<UsageUploadPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("imports") view={Chunk::<ImportsPage>::new()}/>
            <Route path=path!("imports/new") view={Chunk::<ImportNewPage>::new()}/>
            <Route path=path!("imports/:id") view={Chunk::<ImportPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/rates") view={Chunk::<ExchangeRatesPage>::new()}/>
        </ParentRoute>
    }
    .into_inner()
}

/// Fetches the chunks of a page as soon as a link to it is pointed at or focused. For the frame of the console.
pub fn fetch_ahead() {
    let routes = OnceCell::new();
    on_link_intent(move |path| {
        let mut chunks = Vec::new();
        if let Some(found) = routes.get_or_init(|| RouteDefs::new(ConsoleRoutes())).match_route(path) {
            chunks_of(found, &mut chunks);
        }
        let owner = Owner::new();
        owner.with(|| {
            provide_context(Ahead);
            for chunk in chunks {
                leptos::task::spawn_local(ScopedFuture::new(chunk));
            }
        });
    });
}

/// What it takes to load the page of a match and those around it.
fn chunks_of<M: MatchInterface>(found: M, chunks: &mut Vec<Pin<Box<dyn Future<Output = ()>>>>) {
    let (view, child) = found.into_view_and_child();
    chunks.push(Box::pin(async move { view.preload().await }));
    if let Some(child) = child {
        chunks_of(child, chunks);
    }
}

/// In the context of what is loaded because it may be wanted soon.
#[derive(Clone, Copy)]
struct Ahead;

/// A page in a chunk of its own. The router fetches chunk and data at once when the page is visited; ahead of that only
/// the chunk is fetched, for fetching data may mean something: opening a notification marks it as read.
struct Chunk<T>(Lazy<T>);

impl<T> Chunk<T> {
    fn new() -> Self {
        Self(Lazy::new())
    }
}

impl<T> Clone for Chunk<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: LazyRoute + Send + Sync> ChooseView for Chunk<T> {
    fn choose(self) -> impl Future<Output = AnyView> {
        self.0.choose()
    }

    async fn preload(&self) {
        if use_context::<Ahead>().is_some() { T::preload().await } else { self.0.preload().await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chunks of the page at that path, loaded ahead.
    async fn ahead(path: &str) -> Option<usize> {
        let routes = RouteDefs::new(ConsoleRoutes());
        let mut chunks = Vec::new();
        chunks_of(routes.match_route(path)?, &mut chunks);
        let count = chunks.len();
        let owner = Owner::new();
        let all = owner.with(|| {
            provide_context(Ahead);
            chunks.into_iter().map(ScopedFuture::new).collect::<Vec<_>>()
        });
        for chunk in all {
            chunk.await;
        }
        Some(count)
    }

    #[tokio::test]
    async fn a_link_leads_to_its_pages_chunks() {
        // The frame, and the page; the head of a customer's pages, and the part.
        assert_eq!(ahead("/plans").await, Some(2));
        assert_eq!(ahead("/customers/cus_1/mrr").await, Some(3));
        assert_eq!(ahead("/nowhere").await, None);
    }

    /// Outside of a router and a request, a page that began to fetch its data would panic.
    #[tokio::test]
    async fn nothing_but_the_chunk_is_fetched_ahead() {
        assert_eq!(ahead("/notifications/ntf_1/open").await, Some(2));
    }
}
