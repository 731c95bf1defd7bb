//! `/reports/aging`: what open invoices want by how long they are past due; a cell leads to the customers behind it.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::read_aging;
use super::model::{Aging, AgingCustomer, AgingRow, Behind, Bucket};
use super::page::tabs;
use crate::kit::money::group;
use crate::kit::period::{long_day, short_day};
use crate::kit::readable::count;
use crate::ui::{Amount, Bone, Card, Empty, Head, LinkButton, Loaded, PageHeader, Resource, SimpleTable, icon, use_live};

/// See the module.
pub struct AgingPage;

#[lazy_route]
impl LazyRoute for AgingPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| (map.read().get("currency").unwrap_or_default(), map.read().get("bucket").unwrap_or_default()));
        let aging = Resource::new(move || asked.get(), |(currency, bucket)| read_aging(currency, bucket));
        use_live(&["invoice", "payment", "credit_note", "day"], move |_| aging.refetch());
        view! {
            <PageHeader title="Aging"/>
            {tabs()}
            <Loaded of=aging skeleton=Bone::Table(4) let:of>
                <div class="stack">{table(&of)} {of.behind.clone().map(|behind| behind_cell(behind, &of))}</div>
            </Loaded>
        }
        .into_any()
    }
}

fn table(of: &Aging) -> AnyView {
    if of.rows.is_empty() {
        return view! {
            <Empty icon=icon::CIRCLE_CHECK title="Nothing is outstanding">
                <p>"Every issued invoice is paid."</p>
                <LinkButton href="/invoices">"Show invoices"</LinkButton>
            </Empty>
        }
        .into_any();
    }
    let mut heads = vec![Head::text("Currency")];
    heads.extend(Bucket::ALL.iter().map(|bucket| Head::number(bucket.label())));
    heads.push(Head::number("Total"));
    let rows = of.rows.iter().map(row).collect();
    let files = |kind: &str| format!("/reports/export.{kind}?report=aging");
    let actions = view! {
        <LinkButton href=files("csv") icon=icon::DOWNLOAD download=true>"CSV"</LinkButton>
        <LinkButton href=files("xlsx") icon=icon::FILE_SPREADSHEET download=true>"Excel"</LinkButton>
    };
    view! {
        <Card
            title="What is outstanding, by days past due"
            subtitle=format!("Open invoices as of {}; choose an amount to see whose it is", long_day(of.today))
            flush=true
            actions=actions.into_any()
        >
            <SimpleTable caption="Aging" heads rows/>
        </Card>
    }
    .into_any()
}

fn row(of: &AgingRow) -> Vec<AnyView> {
    let mut cells = vec![of.currency.to_string().into_any()];
    for (bucket, (amount, invoices)) in Bucket::ALL.iter().zip(&of.buckets) {
        let (amount, href) = (*amount, format!("/reports/aging?currency={}&bucket={bucket}", of.currency));
        let label = format!("{}, {}: {amount} on {}", of.currency, bucket.label(), count(invoices.unsigned_abs(), "invoice"));
        cells.push(if *invoices == 0 {
            view! { <Amount of=amount/> }.into_any()
        } else {
            view! { <a class="link" href=href aria-label=label><Amount of=amount/></a> }.into_any()
        });
    }
    cells.push(view! { <strong><Amount of=of.total/></strong> }.into_any());
    cells
}

fn behind_cell(of: Behind, aging: &Aging) -> AnyView {
    let title = format!("{}, {}", of.bucket.label(), of.currency);
    let invoices = of.bucket.href(of.currency, aging.today);
    let heads = vec![Head::text("Customer"), Head::number("Invoices"), Head::text("Due since"), Head::number("Amount due")];
    let own = invoices.clone();
    let row = |customer: AgingCustomer| {
        let (page, list) = (format!("/customers/{}/invoices", customer.id), format!("{own}&customer={}", customer.id));
        vec![
            view! { <a class="link" href=page>{customer.name}</a> }.into_any(),
            view! { <a class="link" href=list>{group(&customer.invoices.to_string())}</a> }.into_any(),
            short_day(customer.oldest).into_any(),
            view! { <Amount of=customer.amount/> }.into_any(),
        ]
    };
    let cut = of.cut.then(|| view! { <p class="muted pad">"The first 200; the files have them all."</p> });
    let rows = of.customers.into_iter().map(row).collect();
    view! {
        <Card
            title
            subtitle="The customers behind it, the largest first"
            flush=true
            actions=view! { <LinkButton href=invoices icon=icon::FILE_TEXT>"Show the invoices"</LinkButton> }.into_any()
        >
            <SimpleTable caption="Customers behind the cell" heads rows/>
            {cut}
        </Card>
    }
    .into_any()
}
