//! `/credit-notes` and `/credit-notes/ID`: corrections of what was issued.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use serde::{Deserialize, Serialize};

use super::api::{get_credit_note, list_credit_notes};
use super::model::{CreditNote, CreditNoteId, Settlement};
use crate::kit::Error;
use crate::kit::money::Money;
use crate::kit::period::{long_day, short_day};
use crate::ui::{
    Amount, Bone, Card, Column, Crumb, DataTable, Empty, Exactly, Fact, Facts, Filter, FilterBar, Head, LinkButton, Listing, Loaded,
    PageHeader, Resource, Row, SimpleTable, icon, use_list_query, use_live, use_param,
};

/// What of a line was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNoteLine {
    pub description: String,
    /// As the line has it: before tax, or with it where prices include it.
    pub amount: Money,
    pub tax: Money,
}

/// A credit note with all that it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNoteDetail {
    pub note: CreditNote,
    pub lines: Vec<CreditNoteLine>,
    pub created_by: String,
}

fn listing() -> Listing<CreditNote> {
    Listing::new("Credit notes", |n: &CreditNote| {
        Row::new(n.id, format!("{} of {}", n.number, n.customer_name)).href(format!("/credit-notes/{}", n.id))
    })
    .column(Column::new("number", "Number", |n: &CreditNote| n.number.clone()).sortable())
    .column(Column::new("customer", "Customer", |n: &CreditNote| n.customer_name.clone()))
    .column(Column::new("total", "Total", |n: &CreditNote| view! { <Amount of=n.total/> }).numeric().sortable())
    .column(Column::new("issued", "Issued", |n: &CreditNote| short_day(n.issued_on)).sortable())
    .column(Column::new("invoice", "Invoice", |n: &CreditNote| n.invoice_number.clone()))
    .column(Column::new("settlement", "Where to", |n: &CreditNote| n.settlement.label()))
    .column(Column::new("reason", "Reason", |n: &CreditNote| n.reason.clone()))
    .column(Column::new("tax", "Tax", |n: &CreditNote| view! { <Amount of=n.tax/> }).numeric().optional())
}

/// See the module.
pub struct CreditNotesPage;

#[lazy_route]
impl LazyRoute for CreditNotesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_credit_notes);
        use_live(&["credit_note"], move |_| page.refetch());
        let filters = vec![
            Filter::choice("settlement", "Where to", Settlement::ALL.iter().map(|s| (s.word(), s.label()))),
            Filter::days("issued", "Issued"),
        ];
        view! {
            <PageHeader title="Credit notes" crumbs=vec![Crumb::new("Invoices", "/invoices")]/>
            <FilterBar query search="Number, customer" columns=listing().choices() export="/credit-notes/export.csv" filters/>
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::UNDO_2 title="No credit notes here">
                        <p>"Write one on the page of an issued invoice, or take a filter away."</p>
                        <LinkButton href="/invoices">"Show invoices"</LinkButton>
                        <LinkButton href="/credit-notes">"Clear all filters"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

/// `/credit-notes/ID`.
pub struct CreditNotePage;

#[lazy_route]
impl LazyRoute for CreditNotePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let detail = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: CreditNoteId = id.parse().map_err(|_| Error::NotFound)?;
                get_credit_note(id).await
            },
        );
        view! {
            <Loaded of=detail skeleton=Bone::Detail whole=true let:found>
                {body(found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: CreditNoteDetail) -> AnyView {
    let CreditNoteDetail { note, lines, created_by } = of;
    let crumbs = vec![Crumb::new("Invoices", "/invoices"), Crumb::new("Credit notes", "/credit-notes")];
    let subtitle = format!("{} for {}", note.total, note.customer_name);
    let (customer, invoice) = (format!("/customers/{}", note.customer), format!("/invoices/{}", note.invoice));
    let facts = vec![
        Fact::new("Customer", view! { <a class="link" href=customer>{note.customer_name}</a> }),
        Fact::new("Corrects", view! { <a class="link" href=invoice>{note.invoice_number}</a> }),
        Fact::new("Issued", long_day(note.issued_on)),
        Fact::new("Where to", note.settlement.label()),
        Fact::new("Reason", note.reason),
        Fact::new("Written by", created_by),
        Fact::new("Created", view! { <Exactly at=note.created/> }),
        Fact::new("Id", note.id.to_string()),
    ];
    let heads = vec![Head::text("What"), Head::number("Amount"), Head::number("Tax")];
    let row = |line: CreditNoteLine| {
        vec![line.description.into_any(), view! { <Amount of=line.amount/> }.into_any(), view! { <Amount of=line.tax/> }.into_any()]
    };
    let rows = lines.into_iter().map(row).collect();
    let sum = |name: &'static str, amount: Money| vec![name.into_any(), view! { <Amount of=amount/> }.into_any()];
    let sums = vec![sum("Without tax", note.subtotal), sum("Tax", note.tax)];
    let footer = sum("Total", note.total);
    view! {
        <PageHeader title=note.number subtitle crumbs/>
        <div class="stack">
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            <Card title="Lines" flush=true>
                <SimpleTable caption="Lines of the credit note" heads rows/>
                <div class="sums">
                    <SimpleTable
                        caption="Sums of the credit note"
                        heads=vec![Head::text("Sum"), Head::number("Amount")]
                        rows=sums
                        footer
                    />
                </div>
            </Card>
        </div>
    }
    .into_any()
}
