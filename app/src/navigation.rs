//! The console's navigation: groups of pages by what people do there, mirrored from permissions, with how much waits; the
//! organization switcher, the account menu.

use leptos::prelude::*;

use crate::dashboard::Waiting;
use crate::dashboard::api::read_waiting;
use crate::kit::permission::Permission;
use crate::kit::viewer::Viewer;
use crate::ui::icon::{self, Glyph};
use crate::ui::{
    Avatar, Form, HiddenField, Menu, MenuHeading, MenuLink, MenuSeparator, MenuSubmit, NavGroup, NavItem, ServerAction, use_live,
};

pub(crate) type Place = (&'static str, &'static str, Glyph, Permission);

pub(crate) const REVENUE: &[Place] = &[
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

pub(crate) const WORK: &[Place] = &[
    ("Imports", "/imports", icon::UPLOAD, Permission::ReadImports),
    ("Jobs", "/jobs", icon::TIMER, Permission::ReadJobs),
    ("Audit log", "/audit", icon::SCROLL_TEXT, Permission::ReadAudit),
    ("API keys", "/api-keys", icon::KEY, Permission::WriteApiKeys),
    ("Settings", "/settings/profile", icon::SETTINGS, Permission::UseConsole),
];

/// What the platform bills the organization.
const ACCOUNT: &[Place] = &[("Our account", "/account", icon::WALLET, Permission::ReadAccount)];

/// The platform bills nobody but others.
pub(crate) fn account_of(viewer: &Viewer) -> &'static [Place] {
    if viewer.is_platform { &[] } else { ACCOUNT }
}

pub(crate) fn first(viewer: &Viewer) -> Vec<Place> {
    vec![
        ("Overview", "/dashboard", icon::LAYOUT_DASHBOARD, Permission::UseConsole),
        (viewer.customers_title(), "/customers", if viewer.is_platform { icon::BUILDING } else { icon::USERS }, Permission::ReadCustomers),
        ("Notifications", "/notifications", icon::BELL, Permission::UseConsole),
    ]
}

/// What the viewer's role may open, in groups.
pub fn groups(viewer: &Viewer) -> Vec<NavGroup> {
    let waiting = waiting();
    let item = |p: &Place| match figure(p.1) {
        Some(of) => NavItem::new(p.0, p.1, p.2).waiting(Signal::derive(move || of(&waiting.read()))),
        None => NavItem::new(p.0, p.1, p.2),
    };
    let group = |label: &str, places: &[Place]| {
        let items = places.iter().filter(|p| viewer.can(p.3)).map(item);
        NavGroup::new(label, items.collect())
    };
    let work = if viewer.is_platform { "Platform" } else { "Organization" };
    let groups = vec![group("", &first(viewer)), group("Revenue", REVENUE), group(work, WORK), group("Our account", account_of(viewer))];
    groups.into_iter().filter(|g| !g.items.is_empty()).collect()
}

/// What waits at a page.
fn figure(href: &str) -> Option<fn(&Waiting) -> u64> {
    match href {
        "/notifications" => Some(|of| of.unread),
        "/payments" => Some(|of| of.receipts),
        "/dunning" => Some(|of| of.dunning),
        "/jobs" => Some(|of| of.jobs),
        _ => None,
    }
}

/// Asked for by the browser when the page is there, and again as things happen.
fn waiting() -> RwSignal<Waiting> {
    let waiting = RwSignal::new(Waiting::default());
    let ask = move || {
        leptos::task::spawn_local(async move {
            if let Ok(now) = read_waiting().await {
                waiting.try_set(now);
            }
        });
    };
    Effect::new(move |_| ask());
    use_live(&["notification", "receipt", "dunning", "job."], move |_| ask());
    waiting
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
