//! `/account/invoices/ID`: what it is for, what was paid, and a receipt to send.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{PayOwnInvoice, get_own_invoice};
use super::model::{OwnInvoice, OwnPayment, OwnReceipt};
use crate::invoices::model::InvoiceLine;
use crate::invoices::{InvoiceBadge, InvoiceId};
use crate::kit::money::group;
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::payments::{PaymentBadge, PaymentStatus};
use crate::receipts::page::ReceiptBadge;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Ask, Bone, Callout, Card, Crumb, Fact, Facts, FileField, FormDialog, Head, HiddenField, Kind, LinkButton, Loaded, PageHeader,
    Resource, ServerAction, SimpleTable, SubmitButton, Tone, UploadForm, When, icon, use_live, use_param, use_toasts,
};

type Found = Resource<Result<OwnInvoice>>;

/// See the module.
pub struct AccountInvoicePage;

#[lazy_route]
impl LazyRoute for AccountInvoicePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let found = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: InvoiceId = id.parse().map_err(|_| Error::NotFound)?;
                get_own_invoice(id).await
            },
        );
        use_live(&["invoice", "payment", "receipt"], move |_| found.refetch());
        view! {
            <Loaded of=found skeleton=Bone::Detail whole=true let:of>
                {body(of, found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: OwnInvoice, resource: Found) -> AnyView {
    let invoice = of.detail.invoice.clone();
    let crumbs = vec![Crumb::new("Our account", "/account"), Crumb::new("Invoices", "/account/invoices")];
    let facts = facts(&of);
    let refused = use_query_map().read_untracked().get("refused");
    let may = use_viewer().can(Permission::WriteAccount);
    let pdf = format!("/account/invoices/{}/pdf", invoice.id);
    let pay = (may && !invoice.due.is_zero()).then(|| pay(&of, resource));
    let actions = view! { <LinkButton href=pdf icon=icon::DOWNLOAD download=true>"PDF"</LinkButton> {pay} }.into_any();
    let upload = (may && !invoice.due.is_zero()).then(|| upload(invoice.id, resource));
    view! {
        <PageHeader
            title=invoice.number.clone().unwrap_or_default()
            subtitle=format!("From {}", of.detail.seller.name)
            crumbs
            badge=view! { <InvoiceBadge of=invoice.status/> }.into_any()
            actions
        />
        <div class="stack">
            {refused.map(|why| view! { <Callout tone=Tone::Bad title="The file was refused">{why}</Callout> })}
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            <Card title="Lines" flush=true>
                {lines(of.detail.lines)}
            </Card>
            {payments(of.payments)}
            {receipts(of.receipts)}
            {upload}
        </div>
    }
    .into_any()
}

/// Charges the primary method, or leads to where there can be one.
fn pay(of: &OwnInvoice, resource: Found) -> AnyView {
    let under_way = of.payments.iter().any(|p| matches!(p.status, PaymentStatus::Pending | PaymentStatus::NeedsAction));
    let Some(method) = of.payable_by.clone() else {
        let add = view! { <LinkButton href="/account/payment-methods" kind=Kind::Primary icon=icon::CREDIT_CARD>"Add a card to pay"</LinkButton> };
        return (!under_way).then_some(add).into_any();
    };
    let action = ServerAction::<PayOwnInvoice>::new();
    let done = move |(): ()| resource.refetch();
    let (id, due) = (of.detail.invoice.id.to_string(), of.detail.invoice.due);
    let ask = Ask::new("Pay", "Pay invoice?", format!("Pay {due}"))
        .button(Kind::Primary)
        .icon(icon::CREDIT_CARD)
        .cancel("Not now")
        .said("The payment is on its way");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{format!("{due} are charged to {method}.")}</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}

fn facts(of: &OwnInvoice) -> Vec<Fact> {
    let invoice = &of.detail.invoice;
    let mut facts = vec![
        Fact::new("Issued", long_day(invoice.issued_on)),
        Fact::new("Due", long_day(invoice.due_on)),
        Fact::new("Subtotal", view! { <Amount of=invoice.subtotal/> }),
        Fact::new("Tax", view! { <Amount of=invoice.tax/> }),
        Fact::new("Total", view! { <Amount of=invoice.total/> }),
        Fact::new("To pay", view! { <Amount of=invoice.due/> }),
    ];
    if !invoice.discount.is_zero() {
        facts.insert(3, Fact::new("Discount", view! { <Amount of=invoice.discount/> }));
    }
    facts.extend(of.detail.tax_note.clone().map(|note| Fact::new("Why no tax", note)));
    facts.extend(of.detail.note.clone().map(|note| Fact::new("Note", note)));
    facts
}

fn lines(of: Vec<InvoiceLine>) -> AnyView {
    let heads = vec![Head::text("What"), Head::text("Period"), Head::number("Quantity"), Head::number("Amount")];
    let row = |line: InvoiceLine| {
        let period = line.period.map(|p| format!("{} \u{2013} {}", short_day(p.start), short_day(p.end.pred_opt().unwrap_or(p.end))));
        vec![
            line.description.into_any(),
            period.unwrap_or_default().into_any(),
            group(&line.quantity.to_string()).into_any(),
            view! { <Amount of=line.amount/> }.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! { <SimpleTable caption="Lines of the invoice" heads rows/> }.into_any()
}

fn payments(of: Vec<OwnPayment>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("Paid"), Head::number("Amount"), Head::text("Method"), Head::text("Status")];
    let row = |p: OwnPayment| {
        vec![
            short_day(p.paid_on).into_any(),
            view! { <Amount of=p.amount/> }.into_any(),
            p.paid_by.label().into_any(),
            view! {
                <PaymentBadge of=p.status/>
                " "
                {p.action_url.map(|url| view! { <a class="link" href=url rel="external">"Confirm it"</a> })}
            }
            .into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Payments" flush=true>
            <SimpleTable caption="Payments of this invoice" heads rows/>
        </Card>
    }
    .into_any()
}

fn receipts(of: Vec<OwnReceipt>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("File"), Head::text("Status"), Head::text("Sent"), Head::text("Answer")];
    let row = |r: OwnReceipt| {
        vec![
            r.file_name.into_any(),
            view! { <ReceiptBadge of=r.status/> }.into_any(),
            view! { <When at=r.uploaded/> }.into_any(),
            r.reject_reason.unwrap_or_default().into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Receipts sent" flush=true>
            <SimpleTable caption="Receipts of this invoice" heads rows/>
        </Card>
    }
    .into_any()
}

fn upload(id: InvoiceId, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let done = Callback::new(move |(_,): (String,)| {
        toasts.say("Receipt sent");
        resource.refetch();
    });
    view! {
        <Card title="Paid already?" subtitle="Send the receipt; it is looked at, and you see here what became of it">
            <UploadForm action=format!("/account/invoices/{id}/receipt") on_done=done>
                <FileField name="file" label="Receipt" accept=".pdf,.png,.jpg,.jpeg" hint="PDF, PNG or JPG, up to 5 MB."/>
                <div class="form-actions">
                    <SubmitButton icon=icon::UPLOAD>"Send receipt"</SubmitButton>
                </div>
            </UploadForm>
        </Card>
    }
    .into_any()
}
