//! The finder: pages, actions and things by their name or number, all by keyboard.

use leptos::prelude::*;

use crate::auth;
use crate::dashboard::api::find;
use crate::kit::case;
use crate::kit::permission::Permission;
use crate::kit::viewer::Viewer;
use crate::navigation::{Place, REVENUE, WORK, account_of, first};
use crate::ui::{Palette, PaletteEntry, PaletteSearch, Shortcut, Shortcuts, icon, theme_entries};

/// Ctrl K; `?` shows the keys.
#[component]
pub fn Finder(viewer: Viewer) -> impl IntoView {
    let entries = entries(&viewer);
    let keys = keys(&viewer);
    let search = PaletteSearch::new(found);
    view! {
        <Palette entries search/>
        <Shortcuts of=keys/>
    }
}

/// What the server finds. A chunk of its own, since few visits ask.
#[lazy]
async fn found(text: String) -> Vec<PaletteEntry> {
    let found = find(text).await.unwrap_or_default();
    let icon = |href: &str| match href.split('/').nth(1) {
        Some("customers") => icon::BUILDING,
        Some("invoices") => icon::FILE_TEXT,
        Some("plans") => icon::TAGS,
        _ => icon::REFRESH_CW,
    };
    found.into_iter().map(|of| PaletteEntry::new(of.label, of.kind, of.href.clone(), icon(&of.href))).collect()
}

/// Pages that the sidebar does not name.
const MORE: &[Place] = &[
    ("Cohorts", "/revenue/cohorts", icon::LAYERS, Permission::ReadRevenue),
    ("Movements", "/revenue/movements", icon::CHART_COLUMN, Permission::ReadRevenue),
    ("Forecast", "/revenue/forecast", icon::CHART_LINE, Permission::ReadRevenue),
    ("Aging", "/reports/aging", icon::TABLE_2, Permission::ReadInvoices),
    ("Billing runs", "/billing", icon::TIMER, Permission::ReadInvoices),
    ("Credit notes", "/credit-notes", icon::UNDO_2, Permission::ReadInvoices),
    ("Receipts", "/receipts", icon::RECEIPT, Permission::ReadPayments),
    ("Webhook events", "/webhook-events", icon::ACTIVITY, Permission::ReadPayments),
    ("Dunning policies", "/dunning/policies", icon::HOURGLASS, Permission::ReadInvoices),
    ("Meters", "/meters", icon::GAUGE, Permission::ReadPlans),
    ("Usage events", "/usage/events", icon::GAUGE, Permission::ReadSubscriptions),
];

const SETTINGS: &[Place] = &[
    ("Password", "/settings/password", icon::LOCK, Permission::UseConsole),
    ("Second factor", "/settings/second-factor", icon::SHIELD, Permission::UseConsole),
    ("Sessions", "/settings/sessions", icon::MONITOR, Permission::UseConsole),
    ("Organization", "/settings/organization", icon::BUILDING, Permission::WriteSettings),
    ("Billing", "/settings/billing", icon::FILE_TEXT, Permission::ReadInvoices),
    ("Taxes", "/settings/taxes", icon::PERCENT, Permission::ReadInvoices),
    ("Exchange rates", "/settings/rates", icon::COINS, Permission::ReadSubscriptions),
    ("Members", "/settings/members", icon::USERS, Permission::WriteMembers),
    ("Gateways", "/settings/gateways", icon::CREDIT_CARD, Permission::WriteSettings),
    ("Texts of letters", "/settings/mail-templates", icon::MAIL, Permission::WriteSettings),
];

fn sign_out() {
    leptos::task::spawn_local(async {
        if let Ok(to) = auth::api::sign_out().await {
            auth::go(&to);
        }
    });
}

fn entries(viewer: &Viewer) -> Vec<PaletteEntry> {
    let pages = first(viewer).into_iter().chain(REVENUE.iter().copied()).chain(WORK.iter().copied());
    let pages = pages.chain(MORE.iter().copied()).chain(account_of(viewer).iter().copied());
    let actions = [
        (format!("New {}", viewer.customer_noun()), "/customers/new", icon::PLUS, Permission::WriteCustomers),
        ("New subscription".to_owned(), "/subscriptions/new", icon::PLUS, Permission::WriteSubscriptions),
        ("New invoice".to_owned(), "/invoices/new", icon::PLUS, Permission::WriteInvoices),
        ("Record payment".to_owned(), "/payments/new", icon::PLUS, Permission::WritePayments),
        ("New plan".to_owned(), "/plans/new", icon::PLUS, Permission::WritePlans),
        ("New coupon".to_owned(), "/coupons/new", icon::PLUS, Permission::WritePlans),
        ("New meter".to_owned(), "/meters/new", icon::PLUS, Permission::WritePlans),
        ("Import subscriptions".to_owned(), "/imports/new", icon::UPLOAD, Permission::WriteImports),
    ];
    let pages = pages.filter(|p| viewer.can(p.3)).map(|p| PaletteEntry::new(p.0, "Page", p.1, p.2));
    let actions = actions.into_iter().filter(|a| viewer.can(a.3)).map(|a| PaletteEntry::new(a.0, "Action", a.1, a.2));
    let settings = SETTINGS.iter().filter(|p| viewer.can(p.3)).map(|p| PaletteEntry::new(p.0, "Settings", p.1, p.2));
    let verbs = theme_entries().into_iter().chain([PaletteEntry::doing("Sign out", icon::LOG_OUT, sign_out)]);
    pages.chain(actions).chain(settings).chain(verbs).collect()
}

/// g and a letter go to a page.
fn keys(viewer: &Viewer) -> Vec<Shortcut> {
    let go = |keys: &'static str, label: &str, href: &str| Shortcut::go(keys, format!("Go to {}", case::lower(label)), href);
    vec![
        go("g o", "Overview", "/dashboard"),
        go(if viewer.is_platform { "g t" } else { "g c" }, viewer.customers_title(), "/customers"),
        go("g s", "Subscriptions", "/subscriptions"),
        go("g p", "Plans", "/plans"),
        go("g i", "Invoices", "/invoices"),
        go("g r", "Revenue", "/revenue"),
        go("g n", "Notifications", "/notifications"),
    ]
}
