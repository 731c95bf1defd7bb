//! The dialog that writes a credit note: whole, or an amount of each line, with what it comes to.

use leptos::prelude::*;

use super::api::{CreditInvoice, PreviewCreditNote};
use super::detail::Found;
use super::model::{CreditNoteId, InvoiceStatus, Settlement};
use super::sheet::{CreditEffect, CreditForm, InvoiceSheet, LineLeft};
use crate::kit::Result;
use crate::kit::money::Currency;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, CancelButton, Choice, Dialog, DialogActions, DialogButton, ErrorPanel, Fact, Facts, Form, FormValues, HiddenField, MoneyField,
    RadioField, ServerAction, SubmitButton, TextField, icon, use_dialog, use_toasts,
};

/// The button and its dialog, where there is something to take back.
pub fn button(of: &InvoiceSheet, resource: Found) -> AnyView {
    // What was given up wants nothing that could be taken off, and nothing was paid that could go back.
    let given_up = of.detail.invoice.status == InvoiceStatus::Uncollectible;
    if of.left.is_empty() || given_up || !use_viewer().can(Permission::WriteInvoices) {
        return ().into_any();
    }
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let action = ServerAction::<CreditInvoice>::new();
    let done = move |_: CreditNoteId| {
        dialog.close();
        toasts.say("Credit note written");
        resource.refetch();
    };
    let invoice = &of.detail.invoice;
    let first = if invoice.due.is_zero() { Settlement::Credit } else { Settlement::Offset };
    let typed = RwSignal::new(CreditForm { settlement: first.word().to_owned(), ..CreditForm::default() });
    let typing = move |values: FormValues| typed.set(CreditForm::of(&values));
    // Not a resource: one that is made within what another one shows is not the same on the server and in the browser,
    // where the parts of the page have theirs after it.
    let (preview, of_invoice) = (ServerAction::<PreviewCreditNote>::new(), invoice.id);
    Effect::new(move |_| {
        if dialog.is_open().get() {
            preview.ask(PreviewCreditNote { id: of_invoice, form: typed.get() });
        }
    });
    let (id, fields) = (invoice.id.to_string(), fields(&of.left, invoice.total.currency()));
    let effect = move || preview.value().get().map(effect);
    view! {
        <DialogButton of=dialog icon=icon::UNDO_2>"Credit note"</DialogButton>
        <Dialog of=dialog title="Write credit note" wide=true>
            <Form action on_ok=done on_change=typing>
                <HiddenField name="id" value=id/>
                <RadioField name="settlement" label="Where the money goes" choices=places() value=first.word()/>
                <TextField name="reason" label="Reason" required=true hint="Printed on the credit note."/>
                {fields}
                <div aria-live="polite">{effect}</div>
                <DialogActions>
                    <CancelButton/>
                    <SubmitButton>"Write credit note"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
    .into_any()
}

fn places() -> Vec<Choice> {
    vec![
        Choice::new(Settlement::Offset.word(), "Off the invoice", "The invoice wants less; at most what it still wants."),
        Choice::new(Settlement::Credit.word(), "To the customer's credit", "For invoices to come; at most what was paid."),
        Choice::new(Settlement::Refund.word(), "Paid back", "Promised to the customer until a refund pays it out; at most what was paid."),
    ]
}

fn fields(of: &[LineLeft], currency: Currency) -> AnyView {
    let field = |left: &LineLeft| {
        let (name, label) = (format!("amounts[{}]", left.line), left.description.clone());
        view! { <MoneyField name label currency hint=format!("At most {}.", left.left)/> }
    };
    let fields = of.iter().map(field).collect::<Vec<_>>();
    view! {
        <p class="hint">"An amount for each line; leave all blank to take back everything that is left. Tax follows from the lines."</p>
        {fields}
    }
    .into_any()
}

/// What it comes to.
fn effect(of: Result<CreditEffect>) -> AnyView {
    match of {
        Ok(effect) => shown(effect),
        Err(error) => view! { <ErrorPanel error/> }.into_any(),
    }
}

fn shown(of: CreditEffect) -> AnyView {
    let facts = vec![
        Fact::new("Taken back", view! { <Amount of=of.subtotal/> }),
        Fact::new("Tax on it", view! { <Amount of=of.tax/> }),
        Fact::new("Credit note", view! { <Amount of=of.total/> }),
        Fact::new("The invoice wants", format!("{} \u{2192} {}", of.due, of.due_after)),
    ];
    view! { <Facts of=facts/> }.into_any()
}
