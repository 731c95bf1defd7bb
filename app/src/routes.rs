//! Every page, one line each. Pages are lazy: each is a chunk of its own, loaded when first visited or hovered.
//! Lists and reports stream in order, so that they can be read without JavaScript; a page about one thing is sent
//! whole, so that "not found" is a real 404.

use std::cell::OnceCell;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::{Outlet, ParentRoute, Route};
use leptos_router::{ChooseView, LazyRoute, MatchInterface, PossibleRouteMatch, RouteDefs, SsrMode, path};

use crate::api_keys::page::ApiKeysPage;
use crate::audit::AuditPage;
use crate::auth::page::{SecondFactorPage, SignInPage};
use crate::billing::coupon::CouponPage;
use crate::billing::coupons::{CouponNewPage, CouponsPage};
use crate::billing::customer::CustomerBillingPage;
use crate::billing::settings::BillingSettingsPage;
use crate::billing::subscribe::SubscriptionNewPage;
use crate::billing::taxes::TaxesPage;
use crate::customers::detail::{CustomerMrrPage, CustomerOverviewPage, CustomerPage};
use crate::customers::form::{CustomerEditPage, CustomerNewPage};
use crate::customers::page::CustomersPage;
use crate::dashboard::DashboardPage;
use crate::documents::page::SendInvoicePage;
use crate::dunning::customer::CustomerDunningPage;
use crate::dunning::detail::DunningCasePage;
use crate::dunning::invoice::InvoiceFollowUpPage;
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
use crate::kit::permission::Permission::{self, *};
use crate::mail::detail::MailPage;
use crate::mail::page::MailsPage;
use crate::mail::templates::{MailTemplatePage, MailTemplatesPage};
use crate::members::invitation::InvitationPage;
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
use crate::settings::rates::ExchangeRatesPage;
use crate::settings::second_factor::SettingsSecondFactorPage;
use crate::settings::sessions::SettingsSessionsPage;
use crate::shell::{ConsoleFrame, SigningIn, may};
use crate::subscriptions::activity::CustomerActivityPage;
use crate::subscriptions::detail::SubscriptionPage;
use crate::subscriptions::page::{CustomerSubscriptionsPage, SubscriptionsPage};
use crate::ui::{ErrorPage, on_link_intent};
use crate::usage::page::{UsageEventsPage, UsagePage};
use crate::usage::subscription::SubscriptionUsagePage;
use crate::usage::uploaded::UsageUploadPage;

/// A path whose type does not tell its segments apart, so that the router's machinery is in the bundle once and not once
/// for each kind of path.
macro_rules! at {
    ($path:tt) => {
        Arc::new(path!($path)) as Arc<dyn PossibleRouteMatch + Send + Sync>
    };
}

/// Where nothing is.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <ErrorPage error=Error::NotFound/> }
}

/// What can be seen without signing in.
#[component(transparent)]
pub fn SignedOutRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("sign-in") view=SigningIn>
            <Route path=at!("") view={Chunk::of::<SignInPage>()}/>
            <Route path=at!("second-factor") view={Chunk::of::<SecondFactorPage>()}/>
        </ParentRoute>
    }
    .into_inner()
}

/// Where payers are sent, who have no account.
#[component(transparent)]
pub fn PayRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("pay") view=Outlet>
            <Route path=at!("demo") view={Chunk::of::<PayDemoPage>()} ssr=SsrMode::Async/>
            <Route path=at!("thanks") view={Chunk::of::<PayThanksPage>()}/>
        </ParentRoute>
    }
    .into_inner()
}

/// Where who was invited joins, with an account or without one.
#[component(transparent)]
pub fn InvitationRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("invitation") view=Outlet>
            <Route path=at!("") view={Chunk::of::<InvitationPage>()} ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
}

/// The console.
#[component(transparent)]
pub fn ConsoleRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("") view={Chunk::of::<ConsoleFrame>()} ssr=SsrMode::InOrder>
            <Route path=at!("dashboard") view={Chunk::of::<DashboardPage>()}/>
            <Route path=at!("audit") view={Chunk::of::<AuditPage>().needs(ReadAudit)}/>
            <Route path=at!("jobs") view={Chunk::of::<JobsPage>().needs(ReadJobs)}/>
            <Route path=at!("jobs/:id") view={Chunk::of::<JobPage>().needs(ReadJobs)} ssr=SsrMode::Async/>
            <Route path=at!("notifications") view={Chunk::of::<NotificationsPage>()}/>
            <Route path=at!("notifications/:id/open") view={Chunk::of::<OpenNotificationPage>()} ssr=SsrMode::Async/>
            <Route path=at!("revenue") view={Chunk::of::<RevenuePage>().needs(ReadRevenue)}/>
            <Route path=at!("revenue/cohorts") view={Chunk::of::<CohortsPage>().needs(ReadRevenue)}/>
            <Route path=at!("revenue/movements") view={Chunk::of::<RevenueMovementsPage>().needs(ReadRevenue)}/>
            <Route path=at!("revenue/forecast") view={Chunk::of::<ForecastPage>().needs(ReadRevenue)}/>
            <Route path=at!("reports") view={Chunk::of::<ReportsPage>().needs(ReadInvoices)}/>
            <Route path=at!("reports/aging") view={Chunk::of::<AgingPage>().needs(ReadInvoices)}/>
            <Route path=at!("api-keys") view={Chunk::of::<ApiKeysPage>().needs(WriteApiKeys)} ssr=SsrMode::Async/>
            <SettingsRoutes/>
            <Route path=at!("customers") view={Chunk::of::<CustomersPage>().needs(ReadCustomers)}/>
            <Route path=at!("customers/new") view={Chunk::of::<CustomerNewPage>().needs(WriteCustomers)}/>
            <Route path=at!("customers/:id/edit") view={Chunk::of::<CustomerEditPage>().needs(WriteCustomers)} ssr=SsrMode::Async/>
            <CustomerRoutes/>
            <InvoiceRoutes/>
            <Route path=at!("credit-notes") view={Chunk::of::<CreditNotesPage>().needs(ReadInvoices)}/>
            <Route path=at!("credit-notes/:id") view={Chunk::of::<CreditNotePage>().needs(ReadInvoices)} ssr=SsrMode::Async/>
            <Route path=at!("billing") view={Chunk::of::<BillingPage>().needs(ReadInvoices)}/>
            <Route path=at!("payments") view={Chunk::of::<PaymentsPage>().needs(ReadPayments)}/>
            <Route path=at!("payments/new") view={Chunk::of::<PaymentNewPage>().needs(WritePayments)} ssr=SsrMode::Async/>
            <Route path=at!("payments/:id") view={Chunk::of::<PaymentPage>().needs(ReadPayments)} ssr=SsrMode::Async/>
            <Route path=at!("mails") view={Chunk::of::<MailsPage>().needs(ReadInvoices)}/>
            <Route path=at!("mails/:id") view={Chunk::of::<MailPage>().needs(ReadInvoices)} ssr=SsrMode::Async/>
            <Route path=at!("webhook-events") view={Chunk::of::<GatewayEventsPage>().needs(ReadPayments)}/>
            <Route path=at!("webhook-events/:id") view={Chunk::of::<GatewayEventPage>().needs(ReadPayments)} ssr=SsrMode::Async/>
            <Route path=at!("receipts") view={Chunk::of::<ReceiptsPage>().needs(ReadPayments)}/>
            <Route path=at!("receipts/:id") view={Chunk::of::<ReceiptPage>().needs(ReadPayments)} ssr=SsrMode::Async/>
            <DunningRoutes/>
            <AccountRoutes/>
            <Route path=at!("plans") view={Chunk::of::<PlansPage>().needs(ReadPlans)}/>
            <Route path=at!("plans/new") view={Chunk::of::<PlanNewPage>().needs(WritePlans)}/>
            <Route path=at!("plans/:id") view={Chunk::of::<PlanPage>().needs(ReadPlans)} ssr=SsrMode::Async/>
            <Route path=at!("subscriptions") view={Chunk::of::<SubscriptionsPage>().needs(ReadSubscriptions)}/>
            <Route path=at!("subscriptions/new") view={Chunk::of::<SubscriptionNewPage>().needs(WriteSubscriptions)} ssr=SsrMode::Async/>
            <Route path=at!("subscriptions/:id") view={Chunk::of::<SubscriptionPage>().needs(ReadSubscriptions)} ssr=SsrMode::Async/>
            <Route path=at!("coupons") view={Chunk::of::<CouponsPage>().needs(ReadPlans)}/>
            <Route path=at!("coupons/new") view={Chunk::of::<CouponNewPage>().needs(WritePlans)} ssr=SsrMode::Async/>
            <Route path=at!("coupons/:id") view={Chunk::of::<CouponPage>().needs(ReadPlans)} ssr=SsrMode::Async/>
            <Route path=at!("meters") view={Chunk::of::<MetersPage>().needs(ReadPlans)}/>
            <Route path=at!("meters/new") view={Chunk::of::<MeterNewPage>().needs(WritePlans)}/>
            <Route path=at!("meters/:id") view={Chunk::of::<MeterPage>().needs(ReadPlans)} ssr=SsrMode::Async/>
            <UsageRoutes/>
            <Route path=at!("usage-uploads/:id") view={Chunk::of::<UsageUploadPage>().needs(ReadSubscriptions)} ssr=SsrMode::Async/>
            <Route path=at!("imports") view={Chunk::of::<ImportsPage>().needs(WriteImports)}/>
            <Route path=at!("imports/new") view={Chunk::of::<ImportNewPage>().needs(WriteImports)}/>
            <Route path=at!("imports/:id") view={Chunk::of::<ImportPage>().needs(WriteImports)} ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
}

/// The pages of one customer.
#[component(transparent)]
fn CustomerRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("customers/:id") view={Chunk::of::<CustomerPage>().needs(ReadCustomers)} ssr=SsrMode::Async>
            <Route path=at!("activity") view={Chunk::of::<CustomerActivityPage>().needs(ReadAudit)}/>
            <Route path=at!("") view={Chunk::of::<CustomerOverviewPage>().needs(ReadCustomers)}/>
            <Route path=at!("subscriptions") view={Chunk::of::<CustomerSubscriptionsPage>().needs(ReadSubscriptions)}/>
            <Route path=at!("mrr") view={Chunk::of::<CustomerMrrPage>().needs(ReadRevenue)}/>
            <Route path=at!("invoices") view={Chunk::of::<CustomerInvoicesPage>().needs(ReadInvoices)}/>
            <Route path=at!("payments") view={Chunk::of::<CustomerPaymentsPage>().needs(ReadPayments)}/>
            <Route path=at!("billing") view={Chunk::of::<CustomerBillingPage>().needs(ReadInvoices)}/>
            <Route path=at!("statement") view={Chunk::of::<CustomerStatementPage>().needs(ReadPayments)}/>
            <Route path=at!("dunning") view={Chunk::of::<CustomerDunningPage>().needs(ReadInvoices)}/>
        </ParentRoute>
    }
    .into_inner()
}

/// What a person and an organization set up.
#[component(transparent)]
fn SettingsRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("settings") view=Outlet>
            <Route path=at!("profile") view={Chunk::of::<SettingsProfilePage>()}/>
            <Route path=at!("password") view={Chunk::of::<SettingsPasswordPage>()}/>
            <Route path=at!("second-factor") view={Chunk::of::<SettingsSecondFactorPage>()}/>
            <Route path=at!("sessions") view={Chunk::of::<SettingsSessionsPage>()}/>
            <Route path=at!("organization") view={Chunk::of::<SettingsOrganizationPage>().needs(WriteSettings)} ssr=SsrMode::Async/>
            <Route path=at!("billing") view={Chunk::of::<BillingSettingsPage>().needs(ReadInvoices)} ssr=SsrMode::Async/>
            <Route path=at!("taxes") view={Chunk::of::<TaxesPage>().needs(ReadInvoices)}/>
            <Route path=at!("members") view={Chunk::of::<SettingsMembersPage>().needs(WriteMembers)} ssr=SsrMode::Async/>
            <Route path=at!("gateways") view={Chunk::of::<SettingsGatewaysPage>().needs(WriteSettings)} ssr=SsrMode::Async/>
            <Route path=at!("sandbox") view={Chunk::of::<SandboxPage>()} ssr=SsrMode::Async/>
            <Route path=at!("mail-templates") view={Chunk::of::<MailTemplatesPage>().needs(WriteSettings)} ssr=SsrMode::Async/>
            <Route path=at!("mail-templates/:template/:language") view={Chunk::of::<MailTemplatePage>().needs(WriteSettings)} ssr=SsrMode::Async/>
            <Route path=at!("rates") view={Chunk::of::<ExchangeRatesPage>().needs(ReadSubscriptions)}/>
        </ParentRoute>
    }
    .into_inner()
}

/// What a tenant's staff see of their own account with the platform.
#[component(transparent)]
fn AccountRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("account") view=Outlet>
            <Route path=at!("") view={Chunk::of::<AccountPage>().needs(ReadAccount)} ssr=SsrMode::Async/>
            <Route path=at!("invoices") view={Chunk::of::<AccountInvoicesPage>().needs(ReadAccount)}/>
            <Route path=at!("invoices/:id") view={Chunk::of::<AccountInvoicePage>().needs(ReadAccount)} ssr=SsrMode::Async/>
            <Route path=at!("subscriptions") view={Chunk::of::<AccountSubscriptionsPage>().needs(ReadAccount)} ssr=SsrMode::Async/>
            <Route path=at!("payment-methods") view={Chunk::of::<AccountMethodsPage>().needs(ReadAccount)} ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
}

/// What is not paid in time.
#[component(transparent)]
fn DunningRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("dunning") view=Outlet>
            <Route path=at!("") view={Chunk::of::<DunningPage>().needs(ReadInvoices)}/>
            <Route path=at!("policies") view={Chunk::of::<DunningPoliciesPage>().needs(ReadInvoices)}/>
            <Route path=at!("policies/new") view={Chunk::of::<DunningPolicyNewPage>().needs(WriteInvoices)}/>
            <Route path=at!("policies/:id") view={Chunk::of::<DunningPolicyPage>().needs(ReadInvoices)} ssr=SsrMode::Async/>
            <Route path=at!(":id") view={Chunk::of::<DunningCasePage>().needs(ReadInvoices)} ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
}

/// What customers are asked to pay.
#[component(transparent)]
fn InvoiceRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("invoices") view=Outlet>
            <Route path=at!("") view={Chunk::of::<InvoicesPage>().needs(ReadInvoices)}/>
            <Route path=at!(":id/send") view={Chunk::of::<SendInvoicePage>().needs(WriteInvoices)} ssr=SsrMode::Async/>
            <Route path=at!("new") view={Chunk::of::<InvoiceNewPage>().needs(WriteInvoices)} ssr=SsrMode::Async/>
            <Route path=at!("preview") view={Chunk::of::<InvoicePreviewPage>().needs(ReadInvoices)} ssr=SsrMode::Async/>
            <Route path=at!(":id/edit") view={Chunk::of::<InvoiceEditPage>().needs(WriteInvoices)} ssr=SsrMode::Async/>
            // What is above invoices adds its part.
            <ParentRoute path=at!(":id") view={Chunk::of::<InvoicePage>().needs(ReadInvoices)} ssr=SsrMode::Async>
                <Route path=at!("") view={Chunk::of::<InvoiceFollowUpPage>().needs(ReadInvoices)}/>
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}

/// What customers used.
#[component(transparent)]
fn UsageRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=at!("usage") view=Outlet>
            <Route path=at!("") view={Chunk::of::<UsagePage>().needs(ReadSubscriptions)}/>
            <Route path=at!("events") view={Chunk::of::<UsageEventsPage>().needs(ReadSubscriptions)}/>
            <Route path=at!(":id") view={Chunk::of::<SubscriptionUsagePage>().needs(ReadSubscriptions)} ssr=SsrMode::Async/>
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
        chunks.into_iter().for_each(leptos::task::spawn_local);
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

/// A page in a chunk of its own, and what it takes to see it. It names no type, so that the router's machinery is in the bundle once and not once for
/// each page. A page makes its resources in `view()`: to load it ahead is to fetch its code, and nothing else happens.
#[derive(Clone, Copy)]
struct Chunk {
    view: fn() -> Pin<Box<dyn Future<Output = AnyView>>>,
    load: fn() -> Pin<Box<dyn Future<Output = ()>>>,
    needs: Permission,
}

impl Chunk {
    /// For everybody.
    fn of<T: LazyRoute>() -> Self {
        Self { view: || Box::pin(T::view(T::data())), load: || Box::pin(T::preload()), needs: UseConsole }
    }

    /// For those whose role includes that; the others are told so in its place.
    fn needs(self, needs: Permission) -> Self {
        Self { needs, ..self }
    }
}

impl ChooseView for Chunk {
    fn choose(self) -> impl Future<Output = AnyView> {
        let page = may(self.needs).then(|| (self.view)());
        async move {
            match page {
                Some(page) => page.await,
                None => view! { <ErrorPage error=Error::Forbidden(self.needs.label().to_owned())/> }.into_any(),
            }
        }
    }

    fn preload(&self) -> impl Future<Output = ()> {
        (self.load)()
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
        for chunk in chunks {
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
