//! `/invoices/ID/send`: the invoice's PDF, the letters that went out about it, and the button that sends it.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::read_unprintable;
use super::send::SendInvoice;
use crate::invoices::api::get_invoice;
use crate::invoices::{Invoice, InvoiceId, InvoiceStatus};
use crate::kit::Error;
use crate::kit::paging::{ListQuery, Page};
use crate::mail::Mail;
use crate::mail::api::list_mails;
use crate::mail::page::MailBadge;
use crate::ui::{Bone, Callout, Card, Crumb, Exactly, Head, Loaded, PageHeader, Resource, SimpleTable, Tone, use_live, use_param};

/// See the module.
pub struct SendInvoicePage;

#[lazy_route]
impl LazyRoute for SendInvoicePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let found = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: InvoiceId = id.parse().map_err(|_| Error::NotFound)?;
                let invoice = get_invoice(id).await?.detail.invoice;
                let unprintable = read_unprintable(id).await?;
                let mut query = ListQuery::default();
                query.filters.insert("about".into(), vec![id.to_string()]);
                Ok::<_, Error>((invoice, unprintable, list_mails(query).await?))
            },
        );
        use_live(&["mail", "invoice", "job"], move |_| found.refetch());
        view! {
            <Loaded of=found skeleton=Bone::Detail whole=true let:found>
                {body(found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body((invoice, unprintable, mails): (Invoice, String, Page<Mail>)) -> AnyView {
    let number = invoice.number.clone().unwrap_or_else(|| "Draft".into());
    let issued = !matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Void);
    let crumbs = vec![Crumb::new("Invoices", "/invoices"), Crumb::new(number.clone(), format!("/invoices/{}", invoice.id))];
    let actions = view! { <SendInvoice id=invoice.id issued/> }.into_any();
    let incomplete = (!unprintable.is_empty()).then(|| {
        let text = format!("Some characters cannot be printed: {}", unprintable.chars().take(40).collect::<String>());
        view! { <Callout tone=Tone::Warn title="The PDF is incomplete">{text}</Callout> }
    });
    let why = "Only an issued invoice is sent. Its PDF shows what it would say.";
    view! {
        <PageHeader title=format!("Send {number}") crumbs actions/>
        <div class="stack">
            {(!issued).then(|| view! { <Callout tone=Tone::Warn>{why}</Callout> })} {incomplete} {letters(&mails)}
        </div>
    }
    .into_any()
}

fn letters(of: &Page<Mail>) -> AnyView {
    if of.rows.is_empty() {
        return view! { <Card title="Letters about it"><p class="muted">"None so far."</p></Card> }.into_any();
    }
    let row = |mail: &Mail| {
        vec![
            view! { <a class="link" href=format!("/mails/{}", mail.id)>{mail.subject.clone()}</a> }.into_any(),
            mail.to.clone().into_any(),
            view! { <MailBadge of=mail.status/> }.into_any(),
            view! { <Exactly at=mail.created.clone()/> }.into_any(),
        ]
    };
    let heads = ["Letter", "To", "Status", "Written"].map(Head::text).to_vec();
    let rows = of.rows.iter().map(row).collect::<Vec<_>>();
    view! {
        <Card title="Letters about it" flush=true>
            <SimpleTable caption="Letters about it" heads rows/>
        </Card>
    }
    .into_any()
}
