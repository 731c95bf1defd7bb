//! Every page, one line each. Pages are lazy: each is a chunk of its own, loaded when first visited or hovered.
//! Lists and reports stream in order, so that they can be read without JavaScript; a page about one thing is sent
//! whole, so that "not found" is a real 404.

use leptos::prelude::*;
use leptos_router::components::{Outlet, ParentRoute, Route};
use leptos_router::{Lazy, SsrMode, path};

use crate::api_keys::page::ApiKeysPage;
use crate::audit::AuditPage;
use crate::auth::page::{SecondFactorPage, SignInPage};
use crate::customers::detail::{CustomerMrrPage, CustomerOverviewPage, CustomerPage};
use crate::customers::form::{CustomerEditPage, CustomerNewPage};
use crate::customers::page::CustomersPage;
use crate::dashboard::DashboardPage;
use crate::imports::{ImportNewPage, ImportPage, ImportsPage};
use crate::jobs::{JobPage, JobsPage};
use crate::kit::Error;
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
use crate::subscriptions::detail::SubscriptionPage;
use crate::subscriptions::form::SubscriptionNewPage;
use crate::subscriptions::page::{CustomerSubscriptionsPage, SubscriptionsPage};
use crate::subscriptions::rates_page::ExchangeRatesPage;
use crate::ui::ErrorPage;

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
            <Route path=path!("") view={Lazy::<SignInPage>::new()}/>
            <Route path=path!("second-factor") view={Lazy::<SecondFactorPage>::new()}/>
        </ParentRoute>
    }
    .into_inner()
}

/// The console.
#[component(transparent)]
pub fn ConsoleRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=Console ssr=SsrMode::InOrder>
            <Route path=path!("dashboard") view={Lazy::<DashboardPage>::new()}/>
            <Route path=path!("audit") view={Lazy::<AuditPage>::new()}/>
            <Route path=path!("jobs") view={Lazy::<JobsPage>::new()}/>
            <Route path=path!("jobs/:id") view={Lazy::<JobPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("notifications") view={Lazy::<NotificationsPage>::new()}/>
            <Route path=path!("notifications/:id/open") view={Lazy::<OpenNotificationPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("revenue") view={Lazy::<RevenuePage>::new()}/>
            <Route path=path!("revenue/cohorts") view={Lazy::<CohortsPage>::new()}/>
            <Route path=path!("revenue/movements") view={Lazy::<RevenueMovementsPage>::new()}/>
            <Route path=path!("api-keys") view={Lazy::<ApiKeysPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/profile") view={Lazy::<SettingsProfilePage>::new()}/>
            <Route path=path!("settings/password") view={Lazy::<SettingsPasswordPage>::new()}/>
            <Route path=path!("settings/second-factor") view={Lazy::<SettingsSecondFactorPage>::new()}/>
            <Route path=path!("settings/sessions") view={Lazy::<SettingsSessionsPage>::new()}/>
            <Route path=path!("settings/organization") view={Lazy::<SettingsOrganizationPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/members") view={Lazy::<SettingsMembersPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("customers") view={Lazy::<CustomersPage>::new()}/>
            <Route path=path!("customers/new") view={Lazy::<CustomerNewPage>::new()}/>
            <Route path=path!("customers/:id/edit") view={Lazy::<CustomerEditPage>::new()} ssr=SsrMode::Async/>
            <ParentRoute path=path!("customers/:id") view={Lazy::<CustomerPage>::new()} ssr=SsrMode::Async>
                <Route path=path!("") view={Lazy::<CustomerOverviewPage>::new()}/>
                <Route path=path!("subscriptions") view={Lazy::<CustomerSubscriptionsPage>::new()}/>
                <Route path=path!("mrr") view={Lazy::<CustomerMrrPage>::new()}/>
                <Route path=path!("payments") view={Lazy::<CustomerPaymentsPage>::new()}/>
                <Route path=path!("statement") view={Lazy::<CustomerStatementPage>::new()}/>
            </ParentRoute>
            <Route path=path!("payments") view={Lazy::<PaymentsPage>::new()}/>
            <Route path=path!("payments/new") view={Lazy::<PaymentNewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("payments/:id") view={Lazy::<PaymentPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("receipts") view={Lazy::<ReceiptsPage>::new()}/>
            <Route path=path!("receipts/:id") view={Lazy::<ReceiptPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("plans") view={Lazy::<PlansPage>::new()}/>
            <Route path=path!("plans/new") view={Lazy::<PlanNewPage>::new()}/>
            <Route path=path!("plans/:id") view={Lazy::<PlanPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("subscriptions") view={Lazy::<SubscriptionsPage>::new()}/>
            <Route path=path!("subscriptions/new") view={Lazy::<SubscriptionNewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("subscriptions/:id") view={Lazy::<SubscriptionPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("imports") view={Lazy::<ImportsPage>::new()}/>
            <Route path=path!("imports/new") view={Lazy::<ImportNewPage>::new()}/>
            <Route path=path!("imports/:id") view={Lazy::<ImportPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/rates") view={Lazy::<ExchangeRatesPage>::new()}/>
        </ParentRoute>
    }
    .into_inner()
}
