//! `/invoices`: figures and the list; and the part of a customer's pages that lists its own.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_customer_invoices, list_invoices, read_invoice_stats};
use super::model::InvoiceStatus;
use super::preview::bill_now;
use super::sheet::{InvoiceStats, tenths};
use super::table::listing;
use crate::customers::CustomerId;
use crate::kit::Error;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::permission::Permission;
use crate::kit::readable::count;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, DataTable, Definition, Empty, Filter, FilterBar, Kind, Kpi, KpiCard, LinkButton, Loaded, PageHeader, Resource, icon,
    use_list_query, use_live, use_param, use_selection,
};

/// What changes an invoice.
pub const LIVE: &[&str] = &["invoice", "payment", "credit_note", "billing", "receipt"];

/// See the module.
pub struct InvoicesPage;

#[lazy_route]
impl LazyRoute for InvoicesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_invoices);
        let stats = Resource::new(|| (), |()| read_invoice_stats());
        let refetch = move || {
            page.refetch();
            stats.refetch();
        };
        use_live(LIVE, move |_| refetch());
        let picked = use_selection();
        view! {
            <PageHeader title="Invoices" actions=actions()/>
            <Loaded of=stats skeleton=Bone::Kpis(5) let:stats>
                <div class="kpis">{cards(stats)}</div>
            </Loaded>
            <FilterBar
                query
                search="Number, customer"
                columns=listing(true).choices()
                export="/invoices/export.csv"
                filters=chips()
            />
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing(true) page query=query.get_untracked() selection=picked>
                    {nothing(&query.get_untracked())}
                </DataTable>
            </Loaded>
            {super::picked::bar(picked, refetch)}
        }
        .into_any()
    }
}

fn actions() -> AnyView {
    let new = use_viewer().can(Permission::WriteInvoices).then(|| {
        view! { <LinkButton href="/invoices/new" kind=Kind::Primary icon=icon::PLUS>"New invoice"</LinkButton> }
    });
    view! {
        <LinkButton href="/credit-notes" icon=icon::UNDO_2>"Credit notes"</LinkButton>
        <LinkButton href="/billing" icon=icon::TIMER>"Billing runs"</LinkButton>
        {new}
    }
    .into_any()
}

fn nothing(query: &ListQuery) -> AnyView {
    if query.q.is_empty() && query.filters.is_empty() {
        return view! {
            <Empty icon=icon::FILE_TEXT title="No invoices yet">
                <p>"They are made by the billing run from what customers subscribe to."</p>
                <LinkButton href="/subscriptions">"Show subscriptions"</LinkButton>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty icon=icon::SEARCH title="No invoices match">
            <p>"Search by a whole number or by the beginnings of a customer's name, or take a filter away."</p>
            <LinkButton href="/invoices">"Clear all filters"</LinkButton>
        </Empty>
    }
    .into_any()
}

fn cards(of: InvoiceStats) -> AnyView {
    let rate = of.collected.map_or("n/a".to_owned(), |rate| tenths(rate) + "%");
    let dso = of.dso.map_or("n/a".to_owned(), |days| tenths(days) + " days");
    let open = "/invoices?status=open,partially_paid,overdue";
    let cards = [
        Kpi::new("Invoiced in 30 days", of.invoiced.to_short())
            .note(count(of.count, "invoice"))
            .definition(Definition::new("Invoices issued in the last 30 days, today included, that were not voided.", "Σ total")),
        Kpi::new("Outstanding", of.outstanding.to_short())
            .definition(Definition::new("What issued invoices still want, due or not.", "Σ amount due").link("Show them", open)),
        Kpi::new("Overdue", of.overdue.to_short()).note(count(of.overdue_count, "invoice")).definition(
            Definition::new("What invoices past their due day still want.", "Σ amount due (due day < today)")
                .link("Show them", "/invoices?status=overdue&sort=due"),
        ),
        Kpi::new("Collection rate", rate).note("fell due in 30 days").definition(Definition::new(
            "Of what fell due in the 30 days before today, the part that was paid in whole by its due day, by amount.",
            "paid within terms / invoiced",
        )),
        Kpi::new("DSO", dso).definition(Definition::new(
            "Days of sales outstanding: how many days of invoicing are not paid yet, at the pace of the last 30 days.",
            "outstanding / invoiced in 30 days × 30",
        )),
    ];
    cards.into_iter().map(|of| view! { <KpiCard of/> }).collect_view().into_any()
}

fn chips() -> Vec<Filter> {
    vec![
        Filter::choice("status", "Status", InvoiceStatus::ALL.iter().map(|s| (s.word(), s.label()))),
        Filter::days("issued", "Issued"),
        Filter::days("due", "Due"),
        Filter::text("currency", "Currency"),
    ]
}

/// `/customers/ID/invoices`.
pub struct CustomerInvoicesPage;

#[lazy_route]
impl LazyRoute for CustomerInvoicesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let rows = Resource::new(
            move || id.get(),
            |id| async move {
                let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
                list_customer_invoices(id).await
            },
        );
        use_live(LIVE, move |_| rows.refetch());
        let verbs = customer_verbs(id);
        view! {
            <div class="stack">
                <div class="page-actions">{verbs}</div>
                <Loaded of=rows skeleton=Bone::Table(4) part=true let:rows>
                    {
                        let total = rows.len() as u64;
                        let page = Page { rows, next: None, previous: None, total };
                        view! {
                            <DataTable of=listing(false) page query=ListQuery::default()>
                                <Empty icon=icon::FILE_TEXT title="No invoices yet">
                                    <p>"What the customer is billed appears here."</p>
                                </Empty>
                            </DataTable>
                        }
                    }
                </Loaded>
            </div>
        }
        .into_any()
    }
}

/// What can be billed to the customer.
fn customer_verbs(id: Memo<String>) -> AnyView {
    let may = use_viewer().can(Permission::WriteInvoices);
    let (preview, new) =
        (format!("/invoices/preview?customer={}", id.get_untracked()), format!("/invoices/new?customer={}", id.get_untracked()));
    let bill = id.get_untracked().parse().ok().filter(|_| may).map(bill_now);
    view! {
        <LinkButton href=preview icon=icon::EYE>"Preview next invoice"</LinkButton>
        {may.then(|| view! { <LinkButton href=new icon=icon::PLUS>"New invoice"</LinkButton> })}
        {bill}
    }
    .into_any()
}
