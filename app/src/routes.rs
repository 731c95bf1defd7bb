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
use crate::documents::page::SendInvoicePage;
use crate::dunning::customer::CustomerDunningPage;
use crate::dunning::detail::DunningCasePage;
use crate::dunning::page::DunningPage;
use crate::dunning::policies::DunningPoliciesPage;
use crate::dunning::policy_form::{DunningPolicyNewPage, DunningPolicyPage};
use crate::imports::{ImportNewPage, ImportPage, ImportsPage};
use crate::invoices::billing::BillingPage;
use crate::invoices::credit_notes::{CreditNotePage, CreditNotesPage};
use crate::invoices::detail::InvoicePage;
use crate::invoices::form::{InvoiceEditPage, InvoiceNewPage};
use crate::invoices::page::{CustomerInvoicesPage, InvoicesPage};
use crate::invoices::preview::InvoicePreviewPage;
use crate::jobs::{JobPage, JobsPage};
use crate::kit::Error;
use crate::mail::detail::MailPage;
use crate::mail::page::MailsPage;
use crate::mail::templates::{MailTemplatePage, MailTemplatesPage};
use crate::meters::form::MeterNewPage;
use crate::meters::page::{MeterPage, MetersPage};
use crate::notifications::{NotificationsPage, OpenNotificationPage};
use crate::payments::customer::CustomerPaymentsPage;
use crate::payments::detail::PaymentPage;
use crate::payments::form::PaymentNewPage;
use crate::payments::page::PaymentsPage;
use crate::payments::pay::{PayDemoPage, PayThanksPage};
use crate::payments::statement::CustomerStatementPage;
use crate::payments::webhooks::detail::GatewayEventPage;
use crate::payments::webhooks::page::GatewayEventsPage;
use crate::plans::detail::PlanPage;
use crate::plans::form::PlanNewPage;
use crate::plans::page::PlansPage;
use crate::portal::invoice::AccountInvoicePage;
use crate::portal::invoices::AccountInvoicesPage;
use crate::portal::methods::AccountMethodsPage;
use crate::portal::page::AccountPage;
use crate::portal::subscriptions::AccountSubscriptionsPage;
use crate::receipts::detail::ReceiptPage;
use crate::receipts::page::ReceiptsPage;
use crate::reports::{AgingPage, ForecastPage, ReportsPage};
use crate::revenue::{CohortsPage, RevenueMovementsPage, RevenuePage};
use crate::sandbox::page::SandboxPage;
use crate::settings::gateways::SettingsGatewaysPage;
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

/// Where payers are sent, who have no account.
#[component(transparent)]
pub fn PayRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("pay") view=Outlet>
            <Route path=path!("demo") view={Chunk::<PayDemoPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("thanks") view={Chunk::<PayThanksPage>::new()}/>
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
            <Route path=path!("revenue/forecast") view={Chunk::<ForecastPage>::new()}/>
            <Route path=path!("reports") view={Chunk::<ReportsPage>::new()}/>
            <Route path=path!("reports/aging") view={Chunk::<AgingPage>::new()}/>
            <Route path=path!("api-keys") view={Chunk::<ApiKeysPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/profile") view={Chunk::<SettingsProfilePage>::new()}/>
            <Route path=path!("settings/password") view={Chunk::<SettingsPasswordPage>::new()}/>
            <Route path=path!("settings/second-factor") view={Chunk::<SettingsSecondFactorPage>::new()}/>
            <Route path=path!("settings/sessions") view={Chunk::<SettingsSessionsPage>::new()}/>
            <Route path=path!("settings/organization") view={Chunk::<SettingsOrganizationPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/billing") view={Chunk::<BillingSettingsPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/taxes") view={Chunk::<TaxesPage>::new()}/>
            <Route path=path!("settings/members") view={Chunk::<SettingsMembersPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/gateways") view={Chunk::<SettingsGatewaysPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("customers") view={Chunk::<CustomersPage>::new()}/>
            <Route path=path!("customers/new") view={Chunk::<CustomerNewPage>::new()}/>
            <Route path=path!("customers/:id/edit") view={Chunk::<CustomerEditPage>::new()} ssr=SsrMode::Async/>
            <CustomerRoutes/>
            <Route path=path!("invoices") view={Chunk::<InvoicesPage>::new()}/>
            <Route path=path!("invoices/:id/send") view={Chunk::<SendInvoicePage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("invoices/new") view={Chunk::<InvoiceNewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("invoices/preview") view={Chunk::<InvoicePreviewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("invoices/:id/edit") view={Chunk::<InvoiceEditPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("invoices/:id") view={Chunk::<InvoicePage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("credit-notes") view={Chunk::<CreditNotesPage>::new()}/>
            <Route path=path!("credit-notes/:id") view={Chunk::<CreditNotePage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("billing") view={Chunk::<BillingPage>::new()}/>
            <Route path=path!("payments") view={Chunk::<PaymentsPage>::new()}/>
            <Route path=path!("payments/new") view={Chunk::<PaymentNewPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("payments/:id") view={Chunk::<PaymentPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("mails") view={Chunk::<MailsPage>::new()}/>
            <Route path=path!("mails/:id") view={Chunk::<MailPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/sandbox") view={Chunk::<SandboxPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/mail-templates") view={Chunk::<MailTemplatesPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("settings/mail-templates/:template/:language") view={Chunk::<MailTemplatePage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("webhook-events") view={Chunk::<GatewayEventsPage>::new()}/>
            <Route path=path!("webhook-events/:id") view={Chunk::<GatewayEventPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("receipts") view={Chunk::<ReceiptsPage>::new()}/>
            <Route path=path!("receipts/:id") view={Chunk::<ReceiptPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("dunning") view={Chunk::<DunningPage>::new()}/>
            <Route path=path!("dunning/policies") view={Chunk::<DunningPoliciesPage>::new()}/>
            <Route path=path!("dunning/policies/new") view={Chunk::<DunningPolicyNewPage>::new()}/>
            <Route path=path!("dunning/policies/:id") view={Chunk::<DunningPolicyPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("dunning/:id") view={Chunk::<DunningCasePage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("account") view={Chunk::<AccountPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("account/invoices") view={Chunk::<AccountInvoicesPage>::new()}/>
            <Route path=path!("account/invoices/:id") view={Chunk::<AccountInvoicePage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("account/subscriptions") view={Chunk::<AccountSubscriptionsPage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("account/payment-methods") view={Chunk::<AccountMethodsPage>::new()} ssr=SsrMode::Async/>
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

/// The pages of one customer.
#[component(transparent)]
fn CustomerRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("customers/:id") view={Chunk::<CustomerPage>::new()} ssr=SsrMode::Async>
            <Route path=path!("activity") view={Chunk::<CustomerActivityPage>::new()}/>
            <Route path=path!("") view={Chunk::<CustomerOverviewPage>::new()}/>
            <Route path=path!("subscriptions") view={Chunk::<CustomerSubscriptionsPage>::new()}/>
            <Route path=path!("mrr") view={Chunk::<CustomerMrrPage>::new()}/>
            <Route path=path!("invoices") view={Chunk::<CustomerInvoicesPage>::new()}/>
            <Route path=path!("payments") view={Chunk::<CustomerPaymentsPage>::new()}/>
            <Route path=path!("billing") view={Chunk::<CustomerBillingPage>::new()}/>
            <Route path=path!("statement") view={Chunk::<CustomerStatementPage>::new()}/>
            <Route path=path!("dunning") view={Chunk::<CustomerDunningPage>::new()}/>
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
