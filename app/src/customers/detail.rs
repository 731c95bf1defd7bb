//! `/customers/ID`: its head and the tabs around its parts; and the parts that are this feature's own.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{get_customer, read_customer_mrr};
use super::model::{Customer, CustomerId, MrrStep};
use super::table::CustomerBadge;
use crate::kit::money::Money;
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::movements::MovementKind;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Badge, Bone, Card, Crumb, Empty, Exactly, Fact, Facts, Head, Kind, LinkButton, Loaded, PageHeader, Resource, SimpleTable,
    Sparkline, Tab, Tabs, Tone, icon, use_live, use_param,
};

/// The customer that the URL names, fetched again when it changes.
fn customer_of_path() -> Resource<Result<Customer>> {
    let id = id_of_path();
    Resource::new_blocking(
        move || id.get(),
        |id| async move {
            let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
            get_customer(id).await
        },
    )
}

fn id_of_path() -> Memo<String> {
    use_param("id")
}

fn history_of_path() -> Resource<Result<Vec<MrrStep>>> {
    let id = id_of_path();
    Resource::new(
        move || id.get(),
        |id| async move {
            let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
            read_customer_mrr(id).await
        },
    )
}

/// The head of a customer's pages.
pub struct CustomerPage;

#[lazy_route]
impl LazyRoute for CustomerPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let customer = customer_of_path();
        use_live(&["customer", "subscription"], move |_| customer.refetch());
        view! {
            <Loaded of=customer skeleton=Bone::Lines(3) whole=true let:customer>
                {head(customer)}
            </Loaded>
            <Outlet/>
        }
        .into_any()
    }
}

fn head(of: Customer) -> AnyView {
    let viewer = use_viewer();
    let base = format!("/customers/{}", of.id);
    let edit = viewer.can(Permission::WriteCustomers).then(|| {
        let href = format!("{base}/edit");
        view! { <LinkButton href icon=icon::PENCIL>"Edit"</LinkButton> }
    });
    let subscribe = viewer.can(Permission::WriteSubscriptions).then(|| {
        let href = format!("/subscriptions/new?customer={}", of.id);
        view! { <LinkButton href kind=Kind::Primary icon=icon::PLUS>"New subscription"</LinkButton> }
    });
    let audit = viewer.can(Permission::ReadAudit).then(|| Tab::new("Activity", format!("{base}/activity")));
    let mut tabs = vec![Tab::new("Overview", base.clone()), Tab::new("Subscriptions", format!("{base}/subscriptions"))];
    if viewer.can(Permission::ReadRevenue) {
        tabs.push(Tab::new("MRR history", format!("{base}/mrr")));
    }
    if viewer.can(Permission::ReadInvoices) {
        tabs.push(Tab::new("Invoices", format!("{base}/invoices")));
        tabs.push(Tab::new("Billing", format!("{base}/billing")));
    }
    if viewer.can(Permission::ReadPayments) {
        tabs.extend([Tab::new("Payments", format!("{base}/payments")), Tab::new("Statement", format!("{base}/statement"))]);
    }
    if viewer.can(Permission::ReadInvoices) {
        tabs.push(Tab::new("Dunning", format!("{base}/dunning")));
    }
    tabs.extend(audit);
    view! {
        <PageHeader
            title=of.name.clone()
            subtitle=of.email.clone().unwrap_or_default()
            crumbs=vec![Crumb::new(viewer.customers_title(), "/customers")]
            badge=view! { <CustomerBadge of=of.status/> }.into_any()
            actions=view! { {edit} {subscribe} }.into_any()
        />
        <Tabs label=of.name tabs/>
    }
    .into_any()
}

/// `/customers/ID`: what is known, and the course of its MRR.
pub struct CustomerOverviewPage;

#[lazy_route]
impl LazyRoute for CustomerOverviewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let customer = customer_of_path();
        let history = use_viewer().can(Permission::ReadRevenue).then(history_of_path);
        use_live(&["customer", "subscription"], move |_| {
            customer.refetch();
            if let Some(history) = history {
                history.refetch();
            }
        });
        let history = history.map(|history| {
            view! {
                <Loaded of=history skeleton=Bone::Card(240) part=true let:steps>
                    {course(steps)}
                </Loaded>
            }
        });
        view! {
            <div class="halves">
                <Loaded of=customer skeleton=Bone::Card(240) part=true let:customer>
                    <Card title="Details">
                        <Facts of=facts(customer)/>
                    </Card>
                </Loaded>
                {history}
            </div>
        }
        .into_any()
    }
}

fn facts(of: Customer) -> Vec<Fact> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "\u{2013}".into());
    let mut facts: Vec<Fact> = of.mrr.map(|of| Fact::new("MRR today", view! { <Amount of/> })).into_iter().collect();
    let since = if of.is_yet_to_pay() { "Pays from" } else { "Paying since" };
    facts.extend([
        Fact::new(since, text(of.first_paid_on.map(long_day))),
        Fact::new("E-mail", text(of.email)),
        Fact::new("Country", text(of.country)),
        Fact::new("External id", text(of.external_id)),
        Fact::new("Added", view! { <Exactly at=of.created/> }),
        Fact::new("Id", of.id.to_string()),
    ]);
    if let Some(organization) = of.organization {
        facts.push(Fact::new("Organization", format!("{} ({})", organization.name, organization.slug)));
    }
    facts
}

fn course(steps: Vec<MrrStep>) -> AnyView {
    let Some(last) = steps.last() else {
        return view! { <Card title="MRR"><p class="muted">"It has not paid for anything yet."</p></Card> }.into_any();
    };
    let subtitle = format!("{} after the step of {}", last.after, short_day(last.day));
    let values: Vec<i64> = std::iter::once(steps[0].before.minor()).chain(steps.iter().map(|s| s.after.minor())).collect();
    let rows = rows(steps.into_iter().rev().take(5));
    view! {
        <Card title="MRR" subtitle>
            <Sparkline values/>
            <SimpleTable caption="Latest steps of the MRR" heads=heads() rows/>
        </Card>
    }
    .into_any()
}

/// `/customers/ID/mrr`: every step.
pub struct CustomerMrrPage;

#[lazy_route]
impl LazyRoute for CustomerMrrPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let history = history_of_path();
        use_live(&["subscription"], move |_| history.refetch());
        view! {
            <Loaded of=history skeleton=Bone::Table(6) part=true let:steps>
                {all(steps)}
            </Loaded>
        }
        .into_any()
    }
}

fn all(steps: Vec<MrrStep>) -> AnyView {
    if steps.is_empty() {
        return view! {
            <Empty icon=icon::CHART_LINE title="No MRR yet">
                <p>"Steps appear when a subscription starts to pay."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = rows(steps.into_iter().rev());
    view! {
        <Card title="MRR history" subtitle="One row for each day on which it changed; days to come are set already" flush=true>
            <SimpleTable caption="MRR history" heads=heads() rows/>
        </Card>
    }
    .into_any()
}

fn heads() -> Vec<Head> {
    vec![Head::text("Day"), Head::text("Movement"), Head::number("Change"), Head::number("MRR after"), Head::text("Reason")]
}

fn rows(steps: impl Iterator<Item = MrrStep>) -> Vec<Vec<AnyView>> {
    let row = |step: MrrStep| {
        let change = Money::new(step.after.minor() - step.before.minor(), step.after.currency());
        vec![
            short_day(step.day).into_any(),
            view! { <Badge tone=tone(step.kind) text=step.kind.label()/> }.into_any(),
            view! { <Amount of=change signed=true/> }.into_any(),
            view! { <Amount of=step.after/> }.into_any(),
            step.reason.unwrap_or_default().into_any(),
        ]
    };
    steps.map(row).collect()
}

fn tone(kind: MovementKind) -> Tone {
    match kind {
        MovementKind::New | MovementKind::Expansion | MovementKind::Reactivation => Tone::Good,
        MovementKind::Contraction => Tone::Warn,
        MovementKind::Churn => Tone::Bad,
    }
}
