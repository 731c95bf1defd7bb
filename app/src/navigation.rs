//! The console's navigation: groups of pages by what people do there, mirrored from permissions; the organization
//! switcher, the account menu, the finder.

use leptos::prelude::*;

use crate::kit::case;
use crate::kit::paging::ListQuery;
use crate::kit::permission::Permission;
use crate::kit::viewer::Viewer;
use crate::ui::icon::{self, Glyph};
use crate::ui::{
    Avatar, Form, HiddenField, Menu, MenuHeading, MenuLink, MenuSeparator, MenuSubmit, NavGroup, NavItem, Palette, PaletteEntry,
    PaletteSearch, ServerAction, Shortcut, Shortcuts,
};

type Place = (&'static str, &'static str, Glyph, Permission);

const REVENUE: &[Place] = &[
    ("Revenue", "/revenue", icon::CHART_AREA, Permission::ReadRevenue),
    ("Subscriptions", "/subscriptions", icon::REFRESH_CW, Permission::ReadSubscriptions),
    ("Invoices", "/invoices", icon::FILE_TEXT, Permission::ReadInvoices),
    ("Payments", "/payments", icon::HAND_COINS, Permission::ReadPayments),
    ("Dunning", "/dunning", icon::HOURGLASS, Permission::ReadInvoices),
    ("Plans", "/plans", icon::TAGS, Permission::ReadPlans),
    ("Letters", "/mails", icon::MAIL, Permission::ReadInvoices),
    ("Coupons", "/coupons", icon::PERCENT, Permission::ReadPlans),
    ("Usage", "/usage", icon::GAUGE, Permission::ReadSubscriptions),
    ("Reports", "/reports", icon::TABLE_2, Permission::ReadInvoices),
];

const WORK: &[Place] = &[
    ("Imports", "/imports", icon::UPLOAD, Permission::ReadImports),
    ("Jobs", "/jobs", icon::TIMER, Permission::ReadJobs),
    ("Audit log", "/audit", icon::SCROLL_TEXT, Permission::ReadAudit),
    ("API keys", "/api-keys", icon::KEY, Permission::WriteApiKeys),
    ("Settings", "/settings/profile", icon::SETTINGS, Permission::UseConsole),
];

/// What the platform bills the organization.
const ACCOUNT: &[Place] = &[("Our account", "/account", icon::WALLET, Permission::ReadAccount)];

/// The platform bills nobody but others.
fn account_of(viewer: &Viewer) -> &'static [Place] {
    if viewer.is_platform { &[] } else { ACCOUNT }
}

fn first(viewer: &Viewer) -> Vec<Place> {
    vec![
        ("Overview", "/dashboard", icon::LAYOUT_DASHBOARD, Permission::UseConsole),
        (viewer.customers_title(), "/customers", if viewer.is_platform { icon::BUILDING } else { icon::USERS }, Permission::ReadCustomers),
        ("Notifications", "/notifications", icon::BELL, Permission::UseConsole),
    ]
}

/// What the viewer's role may open, in groups.
pub fn groups(viewer: &Viewer) -> Vec<NavGroup> {
    let group = |label: &str, places: &[Place]| {
        let items = places.iter().filter(|p| viewer.can(p.3)).map(|p| NavItem::new(p.0, p.1, p.2));
        NavGroup::new(label, items.collect())
    };
    let work = if viewer.is_platform { "Platform" } else { "Organization" };
    let groups = vec![group("", &first(viewer)), group("Revenue", REVENUE), group(work, WORK), group("Our account", account_of(viewer))];
    groups.into_iter().filter(|g| !g.items.is_empty()).collect()
}

/// The organization whose console this is; a menu where the person has others.
pub fn organization(viewer: &Viewer) -> AnyView {
    let name = viewer.organization.clone();
    let tile = view! {
        <span class="organization">
            <Avatar name=name.clone()/>
            <span class="nav-label">{name.clone()}</span>
        </span>
    };
    if viewer.others.is_empty() {
        return tile.into_any();
    }
    let items = viewer.others.iter().map(|(slug, name)| switch(slug.clone(), name.clone())).collect_view();
    view! {
        <Menu label=format!("Organization: {name}") trigger=tile.into_any()>
            <MenuHeading text="Switch to"/>
            {items}
        </Menu>
    }
    .into_any()
}

/// A form of one button, so that it works without JavaScript.
fn switch(slug: String, name: String) -> AnyView {
    let action = ServerAction::<crate::auth::api::SwitchOrganization>::new();
    view! {
        <Form action on_ok=|to: String| crate::auth::go(&to) class="menu-form">
            <HiddenField name="slug" value=slug/>
            <MenuSubmit icon=icon::BUILDING>{name}</MenuSubmit>
        </Form>
    }
    .into_any()
}

/// The account menu: who is signed in, the own settings, the way out.
pub fn account(viewer: &Viewer) -> AnyView {
    let action = ServerAction::<crate::auth::api::SignOut>::new();
    let tile = view! { <Avatar name=viewer.name.clone() round=true/> }.into_any();
    let heading = format!("{} \u{b7} {}", viewer.email, viewer.role.label());
    view! {
        <Menu label=format!("Account of {}", viewer.name) trigger=tile>
            <MenuHeading text=heading/>
            <MenuLink href="/settings/profile" icon=icon::USER>"Profile"</MenuLink>
            <MenuLink href="/settings/sessions" icon=icon::MONITOR>"Sessions"</MenuLink>
            <MenuSeparator/>
            <Form action on_ok=|to: String| crate::auth::go(&to) class="menu-form">
                <MenuSubmit icon=icon::LOG_OUT>"Sign out"</MenuSubmit>
            </Form>
        </Menu>
    }
    .into_any()
}

/// Ctrl K: pages, actions and customers found by name; `?` shows the keys.
#[component]
pub fn Finder(viewer: Viewer) -> impl IntoView {
    let entries = entries(&viewer);
    let keys = keys(&viewer);
    let noun = if viewer.is_platform { "Tenant" } else { "Customer" };
    let may = viewer.can(Permission::ReadCustomers);
    let search = PaletteSearch::new(move |text: String| async move {
        if !may {
            return Vec::new();
        }
        customers_named(text, noun).await
    });
    view! {
        <Palette entries search/>
        <Shortcuts of=keys/>
    }
}

/// Customers by their name. A chunk of its own, since few visits ask.
#[lazy]
async fn customers_named(text: String, noun: &'static str) -> Vec<PaletteEntry> {
    let query = ListQuery { q: text, limit: 8, ..Default::default() };
    let found = crate::customers::api::list_customers(query).await.map(|page| page.rows).unwrap_or_default();
    found.into_iter().map(|c| PaletteEntry::new(c.name, noun, format!("/customers/{}", c.id), icon::BUILDING)).collect()
}

fn entries(viewer: &Viewer) -> Vec<PaletteEntry> {
    let pages = first(viewer).into_iter().chain(REVENUE.iter().copied()).chain(WORK.iter().copied());
    let pages = pages.chain(account_of(viewer).iter().copied());
    let actions = [
        (format!("New {}", viewer.customer_noun()), "/customers/new", icon::PLUS, Permission::WriteCustomers),
        ("New subscription".to_owned(), "/subscriptions/new", icon::PLUS, Permission::WriteSubscriptions),
        ("New invoice".to_owned(), "/invoices/new", icon::PLUS, Permission::WriteInvoices),
        ("Billing runs".to_owned(), "/billing", icon::TIMER, Permission::ReadInvoices),
        ("Credit notes".to_owned(), "/credit-notes", icon::UNDO_2, Permission::ReadInvoices),
        ("Record payment".to_owned(), "/payments/new", icon::PLUS, Permission::WritePayments),
        ("New plan".to_owned(), "/plans/new", icon::PLUS, Permission::WritePlans),
        ("Import subscriptions".to_owned(), "/imports/new", icon::UPLOAD, Permission::WriteImports),
    ];
    let pages = pages.filter(|p| viewer.can(p.3)).map(|p| PaletteEntry::new(p.0, "Page", p.1, p.2));
    let actions = actions.into_iter().filter(|a| viewer.can(a.3)).map(|a| PaletteEntry::new(a.0, "Action", a.1, a.2));
    pages.chain(actions).collect()
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
