//! `/account/invoices`.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::list_own_invoices;
use super::page::tabs;
use crate::invoices::{Invoice, InvoiceBadge, InvoiceStatus};
use crate::kit::period::short_day;
use crate::ui::{
    Amount, Bone, Column, DataTable, Empty, Filter, FilterBar, LinkButton, Listing, Loaded, PageHeader, Resource, Row, icon,
    use_list_query, use_live,
};

/// The columns of the customer's invoices.
pub fn listing(name: &'static str) -> Listing<Invoice> {
    let number = |i: &Invoice| i.number.clone().unwrap_or_default();
    Listing::new(name, move |i: &Invoice| Row::new(i.id, number(i)).href(format!("/account/invoices/{}", i.id)))
        .column(Column::new("number", "Number", number).sortable())
        .column(Column::new("total", "Total", |i: &Invoice| view! { <Amount of=i.total/> }).numeric().sortable())
        .column(Column::new("amount_due", "To pay", |i: &Invoice| view! { <Amount of=i.due/> }).numeric())
        .column(Column::new("status", "Status", |i: &Invoice| view! { <InvoiceBadge of=i.status/> }))
        .column(Column::new("issued", "Issued", |i: &Invoice| short_day(i.issued_on)).sortable())
        .column(Column::new("due", "Due", |i: &Invoice| short_day(i.due_on)).sortable())
}

/// See the module.
pub struct AccountInvoicesPage;

#[lazy_route]
impl LazyRoute for AccountInvoicesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_own_invoices);
        use_live(&["invoice", "payment"], move |_| page.refetch());
        let shown = InvoiceStatus::ALL.iter().filter(|s| **s != InvoiceStatus::Draft).map(|s| (s.word(), s.label()));
        let filters = vec![Filter::choice("status", "Status", shown)];
        view! {
            <PageHeader title="Our invoices" crumbs=vec![crate::ui::Crumb::new("Our account", "/account")]/>
            {tabs()}
            <FilterBar query filters/>
            <Loaded of=page skeleton=Bone::Table(8) let:page>
                <DataTable of=listing("Our invoices") page query=query.get_untracked()>
                    <Empty icon=icon::FILE_TEXT title="No invoices here">
                        <LinkButton href="/account/invoices">"Clear all filters"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}
