//! The dialog that writes a credit note: whole, or an amount of each line, with what it comes to.

use leptos::prelude::*;

use super::api::{CreditInvoice, preview_credit_note};
use super::detail::Found;
use super::model::{CreditNoteId, InvoiceStatus, Settlement};
use super::sheet::{CreditEffect, CreditForm, InvoiceSheet, LineLeft};
use crate::kit::money::Currency;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Bone, CancelButton, Choice, Dialog, DialogActions, DialogButton, DialogRef, Fact, Facts, Form, FormValues, HiddenField, Loaded,
    MoneyField, RadioField, Resource, ServerAction, SubmitButton, TextField, icon, use_dialog, use_toasts,
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
    let (id, fields) = (invoice.id.to_string(), fields(&of.left, invoice.total.currency()));
    let effect = effect(dialog, of.detail.invoice.id, typed);
    view! {
        <DialogButton of=dialog icon=icon::UNDO_2>"Credit note"</DialogButton>
        <Dialog of=dialog title="Write credit note" wide=true>
            <Form action on_ok=done on_change=typing>
                <HiddenField name="id" value=id/>
                <RadioField name="settlement" label="Where the money goes" choices=places() value=first.word()/>
                <TextField name="reason" label="Reason" required=true hint="Printed on the credit note."/>
                {fields}
                {effect}
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

/// What it comes to, while the dialog is open.
fn effect(dialog: DialogRef, id: super::InvoiceId, typed: RwSignal<CreditForm>) -> AnyView {
    let effect = Resource::new(
        move || dialog.is_open().get().then(|| typed.get()),
        move |form| async move {
            match form {
                Some(form) => preview_credit_note(id, form).await.map(Some),
                None => Ok(None),
            }
        },
    );
    view! {
        <Loaded of=effect skeleton=Bone::Lines(3) let:effect>
            {effect.map(shown)}
        </Loaded>
    }
    .into_any()
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
