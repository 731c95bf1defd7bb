//! What can be done with the rows picked in the list.

use leptos::prelude::*;

use super::api::FinalizeInvoices;
use crate::kit::permission::Permission;
use crate::kit::readable::count;
use crate::shell::use_viewer;
use crate::ui::{
    BulkBar, CancelButton, Dialog, DialogActions, DialogButton, DialogRef, Form, HiddenField, LinkButton, Selection, ServerAction,
    SubmitButton, icon, use_dialog, use_toasts,
};

/// The bar of the picked invoices; `refetch` brings the list up to date.
pub fn bar(picked: Selection, refetch: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let dialog = use_dialog();
    let may = use_viewer().can(Permission::WriteInvoices);
    view! {
        <BulkBar of=picked>
            <LinkButton href=picked.link("/invoices/export.csv") icon=icon::DOWNLOAD download=true>"Export"</LinkButton>
            {may.then(|| view! { <DialogButton of=dialog icon=icon::CHECK>"Finalize drafts"</DialogButton> })}
        </BulkBar>
        {may.then(|| finalize(dialog, picked, refetch))}
    }
    .into_any()
}

fn finalize(dialog: DialogRef, picked: Selection, refetch: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let toasts = use_toasts();
    let done = move |issued: u64| {
        dialog.close();
        toasts.say(count(issued, "invoice") + " issued");
        picked.clear();
        refetch();
    };
    view! {
        <Dialog of=dialog title="Finalize the picked drafts?">
            <Form action={ServerAction::<FinalizeInvoices>::new()} on_ok=done>
                <p>
                    "Each draft among the picked rows gets its number, is issued today and never changes again. \
                     Rows that are no drafts stay as they are."
                </p>
                <HiddenField name="ids" value=picked.joined()/>
                <DialogActions>
                    <CancelButton label="Keep as drafts"/>
                    <SubmitButton>"Finalize drafts"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
    .into_any()
}
