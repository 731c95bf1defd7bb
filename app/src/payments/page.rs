//! `/payments`: figures and the list.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_payments, read_payment_stats};
use super::model::{PaidBy, PaymentStats, PaymentStatus};
use super::table::listing;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, DataTable, Definition, Empty, Filter, FilterBar, Kind, Kpi, KpiCard, LinkButton, Loaded, PageHeader, Resource, icon,
    use_list_query, use_live,
};

/// See the module.
pub struct PaymentsPage;

#[lazy_route]
impl LazyRoute for PaymentsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_payments);
        let stats = Resource::new(|| (), |()| read_payment_stats());
        use_live(&["payment", "invoice", "receipt"], move |_| {
            page.refetch();
            stats.refetch();
        });
        let may = use_viewer().can(Permission::WritePayments);
        let new = move || {
            may.then(|| view! { <LinkButton href="/payments/new" kind=Kind::Primary icon=icon::PLUS>"Record payment"</LinkButton> })
        };
        let receipts = view! {
            <LinkButton href="/webhook-events" icon=icon::WEBHOOK>"Webhook events"</LinkButton>
            <LinkButton href="/receipts" icon=icon::RECEIPT>"Receipts"</LinkButton>
        };
        view! {
            <PageHeader title="Payments" actions=view! { {receipts} {new()} }.into_any()/>
            <Loaded of=stats skeleton=Bone::Kpis(4) let:stats>
                <div class="kpis">{cards(stats)}</div>
            </Loaded>
            <FilterBar
                query
                search="Customer, reference"
                columns=listing(true).choices()
                export="/payments/export.csv"
                filters=chips()
            />
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing(true) page query=query.get_untracked()>
                    <Empty icon=icon::HAND_COINS title="No payments here">
                        <p>"Record one that has come, or take a filter away."</p>
                        {new()}
                        <LinkButton href="/payments">"Clear all filters"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

fn cards(of: PaymentStats) -> AnyView {
    let count = crate::kit::money::group(&of.count.to_string());
    let cards = [
        Kpi::new("Received in 30 days", of.received.to_short())
            .note(format!("{count} payments"))
            .definition(Definition::new("Payments of the last 30 days, today included, that came and were not reversed.", "Σ amount")),
        Kpi::new("Paid back in 30 days", of.refunded.to_short())
            .definition(Definition::new("Refunds of the last 30 days out of the house.", "Σ refunds")),
        Kpi::new("Outstanding", of.outstanding.to_short())
            .definition(Definition::new("What issued invoices still want, due or not.", "Σ amount due").link("Show invoices", "/invoices")),
        Kpi::new("Customer credit", of.credit.to_short())
            .definition(Definition::new("What customers paid too much or were credited, for invoices to come.", "Σ customer credit")),
    ];
    cards.into_iter().map(|of| view! { <KpiCard of/> }).collect_view().into_any()
}

fn chips() -> Vec<Filter> {
    vec![
        Filter::choice("status", "Status", PaymentStatus::ALL.iter().map(|s| (s.word(), s.label()))),
        Filter::choice("paid_by", "Method", PaidBy::ALL.iter().map(|m| (m.word(), m.label()))),
        Filter::days("paid", "Paid"),
    ]
}
