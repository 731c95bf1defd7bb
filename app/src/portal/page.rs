//! `/account`: what is owed, what is open, what is bought.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::read_account;
use super::invoices::listing;
use super::model::{Account, OwnSubscription};
use crate::kit::case;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::period::short_day;
use crate::kit::readable::count;
use crate::subscriptions::model::Service;
use crate::ui::{
    Badge, Bone, Callout, Card, DataTable, Empty, Head, Kpi, KpiCard, LinkButton, Loaded, PageHeader, Resource, SimpleTable, Tab, Tabs,
    Tone, icon, use_live,
};

/// The tabs of all pages here.
pub fn tabs() -> AnyView {
    let tabs = vec![
        Tab::new("Overview", "/account".to_owned()),
        Tab::new("Invoices", "/account/invoices".to_owned()),
        Tab::new("Subscriptions", "/account/subscriptions".to_owned()),
        Tab::new("Payment methods", "/account/payment-methods".to_owned()),
    ];
    view! { <Tabs label="Our account".to_owned() tabs/> }.into_any()
}

/// See the module.
pub struct AccountPage;

#[lazy_route]
impl LazyRoute for AccountPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let account = Resource::new_blocking(|| (), |()| read_account());
        use_live(&["invoice", "payment", "subscription", "receipt"], move |_| account.refetch());
        view! {
            <Loaded of=account skeleton=Bone::Detail whole=true let:of>
                {body(of)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: Account) -> AnyView {
    let subtitle = format!("What {} bills {}", of.seller, of.name);
    let overdue = (of.overdue > 0).then(|| {
        let text = format!(
            "{} past the day it was due. Pay it, or send a receipt if you have.",
            if of.overdue == 1 { "An invoice is".to_owned() } else { count(of.overdue, "invoice") + " are" }
        );
        view! { <Callout tone=Tone::Warn title="Overdue">{text}</Callout> }
    });
    let least = of.subscriptions.iter().map(|s| s.service).max().filter(|service| *service != Service::Full);
    let withheld = least.map(|service| {
        let title = format!("A service is {}", case::lower(service.label()));
        view! { <Callout tone=service.tone() title>"It is back as soon as what is overdue is paid."</Callout> }
    });
    let cards = cards(&of);
    let total = of.open.len() as u64;
    let page = Page { rows: of.open, next: None, previous: None, total };
    view! {
        <PageHeader title="Our account" subtitle/>
        {tabs()}
        <div class="stack">
            {withheld}
            {overdue}
            <div class="kpis">{cards}</div>
            <DataTable of=listing("Open invoices") page query=ListQuery::default()>
                <Empty icon=icon::CIRCLE_CHECK title="Nothing to pay">
                    <LinkButton href="/account/invoices">"All invoices"</LinkButton>
                </Empty>
            </DataTable>
            <Card title="Subscriptions" flush=true>
                {subscriptions(of.subscriptions)}
            </Card>
        </div>
    }
    .into_any()
}

fn cards(of: &Account) -> AnyView {
    let mut cards: Vec<Kpi> = of.balances.iter().map(|(owed, _)| Kpi::new("To pay", owed.to_string())).collect();
    cards.extend(of.balances.iter().filter(|(_, credit)| !credit.is_zero()).map(|(_, credit)| Kpi::new("Credit", credit.to_string())));
    if cards.is_empty() {
        cards.push(Kpi::new("To pay", "Nothing"));
    }
    let method = of.methods.iter().find(|m| m.primary).map_or_else(|| "None".to_owned(), |m| m.label.clone());
    cards.push(Kpi::new("Payment method", method));
    cards.into_iter().map(|of| view! { <KpiCard of/> }).collect_view().into_any()
}

/// The subscriptions in a table.
pub fn subscriptions(of: Vec<OwnSubscription>) -> AnyView {
    if of.is_empty() {
        return view! { <p class="muted pad">"None yet."</p> }.into_any();
    }
    let heads = vec![Head::text("Plan"), Head::text("Status"), Head::text("Since"), Head::text("Ends")];
    let rows = of.into_iter().map(|own| row(&own)).collect();
    view! { <SimpleTable caption="Our subscriptions" heads rows/> }.into_any()
}

fn row(of: &OwnSubscription) -> Vec<AnyView> {
    vec![of.subscription.plan_name.clone().into_any(), state(of), short_day(of.subscription.started_on).into_any(), ends(of)]
}

/// Its status, and how much of its service is withheld.
pub fn state(of: &OwnSubscription) -> AnyView {
    let withheld = (of.service != Service::Full).then(|| view! { " " <Badge tone=of.service.tone() text=of.service.label()/> });
    view! { <Badge tone=Tone::Neutral text=of.subscription.status.label()/> {withheld} }.into_any()
}

/// Its end, where it has one.
pub fn ends(of: &OwnSubscription) -> AnyView {
    of.subscription.ended_on.map(short_day).unwrap_or_default().into_any()
}
