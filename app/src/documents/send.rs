//! What a page of an invoice shows of this feature: the PDF, and the button that sends it.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::api::SendInvoice as Send;
use crate::invoices::InvoiceId;
use crate::kit::permission::Permission;
use crate::mail::MailId;
use crate::shell::use_viewer;
use crate::ui::{Form, HiddenField, Kind, LinkButton, ServerAction, SubmitButton, icon};

/// Links to an invoice's PDF and sends it. `issued`: a draft is not sent.
#[component]
pub fn SendInvoice(id: InvoiceId, issued: bool) -> impl IntoView {
    let action = ServerAction::<Send>::new();
    let navigate = use_navigate();
    let done = Callback::new(move |(mail,): (MailId,)| navigate(&format!("/mails/{mail}"), Default::default()));
    let may = issued && use_viewer().can(Permission::WriteInvoices);
    let send = may.then(|| {
        view! {
            <Form action on_ok=done class="inline">
                <HiddenField name="id" value=id.to_string()/>
                <SubmitButton kind=Kind::Secondary icon=icon::MAIL>"Send invoice"</SubmitButton>
            </Form>
        }
    });
    view! {
        <LinkButton href=format!("/invoices/{id}/pdf") icon=icon::DOWNLOAD download=true>"PDF"</LinkButton>
        {send}
    }
}
