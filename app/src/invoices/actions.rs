//! What can be done with an invoice, each in a dialog that says what will happen.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::api::{DiscardInvoice, FinalizeInvoice, MarkInvoiceUncollectible, ReplaceInvoice, VoidInvoice};
use super::detail::Found;
use super::model::{InvoiceId, InvoiceStatus};
use super::sheet::InvoiceSheet;
use super::table::number_of;
use crate::kit::period::long_day;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{Ask, FormDialog, HiddenField, Kind, LinkButton, ServerAction, TextField, icon};

/// The verbs that fit its state and the viewer's role.
pub fn bar(of: &InvoiceSheet, resource: Found) -> AnyView {
    let viewer = use_viewer();
    let i = &of.detail.invoice;
    let open = matches!(i.status, InvoiceStatus::Open | InvoiceStatus::PartiallyPaid | InvoiceStatus::Overdue);
    let pays = (open || i.status == InvoiceStatus::Uncollectible) && viewer.can(Permission::WritePayments);
    let pay = pays.then(|| {
        let href = format!("/payments/new?invoice={}", i.id);
        view! { <LinkButton href kind=Kind::Primary icon=icon::HAND_COINS>"Record payment"</LinkButton> }
    });
    let pdf = format!("/invoices/{}/pdf", i.id);
    let pdf = view! { <LinkButton href=pdf icon=icon::DOWNLOAD download=true>"PDF"</LinkButton> };
    if !viewer.can(Permission::WriteInvoices) {
        return view! { {pdf} {pay} }.into_any();
    }
    let issued = !matches!(i.status, InvoiceStatus::Draft | InvoiceStatus::Void);
    let send = issued.then(|| {
        let href = format!("/invoices/{}/send", i.id);
        view! { <LinkButton href icon=icon::MAIL>"Send"</LinkButton> }
    });
    // A credit note or a payment on it must stay: then there is nothing to take back as a whole.
    let whole = of.detail.credit_notes.is_empty() && of.moves.iter().all(|m| m.link.is_none());
    let voidable = whole && (open || i.status == InvoiceStatus::Paid);
    let draft = i.status == InvoiceStatus::Draft;
    let edit = (draft && i.manual).then(|| {
        let href = format!("/invoices/{}/edit", i.id);
        view! { <LinkButton href icon=icon::PENCIL>"Edit"</LinkButton> }
    });
    let (discard, finalize) = ((draft && i.manual).then(|| discard(of)), draft.then(|| finalize(of, resource)));
    let (give_up, void, replace) =
        (open.then(|| give_up(of, resource)), voidable.then(|| void(of, resource)), voidable.then(|| replace(of, resource)));
    view! { {pdf} {send} {edit} {discard} {give_up} {replace} {void} {pay} {finalize} }.into_any()
}

fn finalize(of: &InvoiceSheet, resource: Found) -> AnyView {
    let action = ServerAction::<FinalizeInvoice>::new();
    let done = move |(): ()| resource.refetch();
    let i = &of.detail.invoice;
    let id = i.id.to_string();
    let text = format!(
        "{} gets an invoice over {}: issued today, due on {}. It takes the next number and never changes again; \
         corrections are credit notes. Credit that the customer has is used for it.",
        i.customer_name,
        i.total,
        long_day(of.would_be_due)
    );
    let ask = Ask::new("Finalize", "Finalize invoice?", "Finalize invoice")
        .button(Kind::Primary)
        .icon(icon::CHECK)
        .cancel("Keep as draft")
        .said("Invoice issued");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}

fn discard(of: &InvoiceSheet) -> AnyView {
    let navigate = use_navigate();
    let action = ServerAction::<DiscardInvoice>::new();
    let done = move |(): ()| navigate("/invoices", Default::default());
    let (id, text) = (of.detail.invoice.id.to_string(), format!("The draft for {} is gone then.", of.detail.invoice.customer_name));
    let ask = Ask::new("Discard", "Discard draft?", "Discard draft").icon(icon::TRASH).cancel("Keep it").danger().said("Draft discarded");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}

fn void(of: &InvoiceSheet, resource: Found) -> AnyView {
    let action = ServerAction::<VoidInvoice>::new();
    let done = move |(): ()| resource.refetch();
    let i = &of.detail.invoice;
    let id = i.id.to_string();
    let text = format!(
        "{} over {} is taken back as if it had never been: its revenue and tax are posted back, and nothing of it is owed. \
         What it billed is not billed again. Credit that paid a part of it is the customer's again.",
        number_of(i),
        i.total
    );
    let ask = Ask::new("Void", "Void invoice?", "Void invoice").icon(icon::BAN).cancel("Keep it").danger().said("Invoice voided");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
            <TextField name="reason" label="Reason" required=true hint="Such as: billed by mistake."/>
        </FormDialog>
    }
    .into_any()
}

fn replace(of: &InvoiceSheet, resource: Found) -> AnyView {
    let navigate = use_navigate();
    let action = ServerAction::<ReplaceInvoice>::new();
    let done = move |next: InvoiceId| {
        resource.refetch();
        navigate(&format!("/invoices/{next}"), Default::default());
    };
    let i = &of.detail.invoice;
    let id = i.id.to_string();
    let text = format!(
        "{} is voided, and the same is billed anew: what subscriptions want today is issued at once with a number of its own, \
         lines that a person wrote become a draft to correct.",
        number_of(i)
    );
    let ask = Ask::new("Void and replace", "Void and replace invoice?", "Void and replace")
        .icon(icon::REPEAT)
        .cancel("Keep it")
        .danger()
        .said("Invoice voided and billed anew");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
            <TextField name="reason" label="Reason" required=true hint="Such as: wrong address."/>
        </FormDialog>
    }
    .into_any()
}

fn give_up(of: &InvoiceSheet, resource: Found) -> AnyView {
    let action = ServerAction::<MarkInvoiceUncollectible>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.detail.invoice.id.to_string();
    let text = format!(
        "The {} that it still wants are written off. The invoice stays, and a payment can still be recorded.",
        of.detail.invoice.due
    );
    let ask = Ask::new("Mark uncollectible", "Mark invoice uncollectible?", "Mark uncollectible")
        .icon(icon::CIRCLE_X)
        .cancel("Keep asking")
        .danger()
        .said("Invoice marked uncollectible");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}
