//! `/receipts`: the queue, and the form to add to it.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::list_receipts;
use super::model::{Receipt, ReceiptStatus};
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Badge, Bone, Callout, Card, Column, Crumb, DataTable, Empty, FileField, Filter, FilterBar, HiddenField, Listing, Loaded,
    PageHeader, Resource, Row, SubmitButton, Tone, UploadForm, When, icon, use_list_query, use_live,
};

/// See the module.
pub struct ReceiptsPage;

/// The status in a word and a colour.
#[component]
pub fn ReceiptBadge(of: ReceiptStatus) -> impl IntoView {
    let tone = match of {
        ReceiptStatus::Waiting => Tone::Warn,
        ReceiptStatus::Approved => Tone::Good,
        ReceiptStatus::Rejected => Tone::Bad,
    };
    view! { <Badge tone text=of.label()/> }
}

fn listing() -> Listing<Receipt> {
    let invoice = |r: &Receipt| r.invoice.as_ref().map(|i| i.number.clone()).unwrap_or_else(|| "\u{2013}".into());
    let due = |r: &Receipt| r.invoice.as_ref().map(|i| view! { <Amount of=i.due/> });
    Listing::new("Receipts", |r: &Receipt| Row::new(r.id, &r.file_name).href(format!("/receipts/{}", r.id)))
        .column(Column::new("file", "File", |r: &Receipt| r.file_name.clone()).sortable())
        .column(Column::new("status", "Status", |r: &Receipt| view! { <ReceiptBadge of=r.status/> }))
        .column(Column::new("customer", "Customer", |r: &Receipt| r.customer.as_ref().map(|c| c.1.clone()).unwrap_or_default()))
        .column(Column::new("invoice", "Invoice", invoice))
        .column(Column::new("due", "Still to pay", due).numeric())
        .column(Column::new("by", "Uploaded by", |r: &Receipt| r.uploaded_by.clone()))
        .column(Column::new("uploaded", "Uploaded", |r: &Receipt| view! { <When at=r.uploaded.clone()/> }).sortable())
}

#[lazy_route]
impl LazyRoute for ReceiptsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        // What was refused and what it was for stand in the URL beside the list's own words.
        let asked = move || {
            let mut query = query.get();
            query.filters.retain(|key, _| !["refused", "invoice"].contains(&key.as_str()));
            query
        };
        let page = Resource::new(asked, list_receipts);
        use_live(&["receipt"], move |_| page.refetch());
        let may = use_viewer().can(Permission::WritePayments);
        let filters = vec![Filter::choice("status", "Status", ReceiptStatus::ALL.iter().map(|s| (s.word(), s.label())))];
        view! {
            <PageHeader
                title="Receipts"
                subtitle="Proofs of payment: look, then approve or reject"
                crumbs=vec![Crumb::new("Payments", "/payments")]
            />
            {may.then(upload)}
            <FilterBar query search="File, customer, invoice" columns=listing().choices() filters export="/receipts/export.csv"/>
            <Loaded of=page skeleton=Bone::Table(6) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::RECEIPT title="No receipts here">
                        <p>"What is uploaded waits here for somebody to look at it."</p>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

fn upload() -> AnyView {
    let navigate = use_navigate();
    let go = Callback::new(move |(place,): (String,)| navigate(&place, Default::default()));
    let map = use_query_map();
    let (refused, invoice) = {
        let map = map.read_untracked();
        (map.get("refused"), map.get("invoice").unwrap_or_default())
    };
    view! {
        {refused.map(|why| view! { <Callout tone=Tone::Bad title="The file was refused">{why}</Callout> })}
        <Card title="Upload a receipt">
            <UploadForm action="/receipts/upload" on_done=go>
                <HiddenField name="invoice" value=invoice/>
                <FileField
                    name="file"
                    label="File"
                    accept=".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"
                    hint="PDF, PNG or JPG up to 5 MB. An invoice number in its name, such as INV-2026-00012.pdf, links it."
                />
                <div class="form-actions">
                    <SubmitButton icon=icon::UPLOAD>"Upload receipt"</SubmitButton>
                </div>
            </UploadForm>
        </Card>
    }
    .into_any()
}
