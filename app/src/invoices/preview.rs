//! `/invoices/preview?customer=…` or `?subscription=…`: the next invoice, by the code of the billing run; and "Bill now".

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::{BillCustomer, preview_next_invoice};
use super::document;
use super::model::{Foreseen, InvoiceId, Preview};
use super::page::LIVE;
use crate::customers::CustomerId;
use crate::kit::Error;
use crate::kit::period::long_day;
use crate::kit::permission::Permission;
use crate::kit::readable::count;
use crate::shell::use_viewer;
use crate::ui::{
    Ask, Bone, Card, Crumb, Empty, FormDialog, HiddenField, Kind, LinkButton, Loaded, PageHeader, Resource, ServerAction, icon, use_live,
    use_toasts,
};

/// See the module.
pub struct InvoicePreviewPage;

#[lazy_route]
impl LazyRoute for InvoicePreviewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| {
            let map = map.read();
            (map.get("customer").unwrap_or_default(), map.get("subscription").unwrap_or_default())
        });
        let preview = Resource::new_blocking(
            move || asked.get(),
            |(customer, subscription)| async move {
                if customer.is_empty() && subscription.is_empty() {
                    return Ok(None);
                }
                let customer = if customer.is_empty() { None } else { Some(customer.parse().map_err(|_| Error::NotFound)?) };
                let subscription = if subscription.is_empty() { None } else { Some(subscription.parse().map_err(|_| Error::NotFound)?) };
                preview_next_invoice(customer, subscription).await.map(Some)
            },
        );
        use_live(LIVE, move |_| preview.refetch());
        view! {
            <Loaded of=preview skeleton=Bone::Detail whole=true let:of>
                {of.map_or_else(choose, body)}
            </Loaded>
        }
        .into_any()
    }
}

fn choose() -> AnyView {
    view! {
        <PageHeader title="Next invoice" crumbs=vec![Crumb::new("Invoices", "/invoices")]/>
        <Empty icon=icon::EYE title="Whose next invoice?">
            <p>"Choose a customer, and there the invoices; or a subscription."</p>
            <LinkButton href="/customers">"Show customers"</LinkButton>
            <LinkButton href="/subscriptions">"Show subscriptions"</LinkButton>
        </Empty>
    }
    .into_any()
}

fn body(of: Foreseen) -> AnyView {
    let customer = format!("/customers/{}", of.first.customer);
    let crumbs = vec![Crumb::new("Invoices", "/invoices"), Crumb::new("Customer", customer + "/invoices")];
    let bill = use_viewer().can(Permission::WriteInvoices).then(|| bill_now(of.first.customer));
    let content = if of.invoices.is_empty() {
        view! {
            <Empty icon=icon::CALENDAR title="Nothing to bill">
                <p>"No subscription wants anything: none is running, or all that comes is billed already."</p>
            </Empty>
        }
        .into_any()
    } else {
        of.invoices.into_iter().map(card).collect_view().into_any()
    };
    view! {
        <PageHeader
            title="Next invoice"
            subtitle="What the billing run would write, by its own code"
            crumbs
            actions=bill.into_any()
        />
        <div class="stack">{content}</div>
    }
    .into_any()
}

fn card(of: Preview) -> AnyView {
    let (day, lines) = (long_day(of.on), document::lines(of.lines.clone()));
    view! {
        <Card title=format!("To be issued on {day}") subtitle="Nothing is written yet" flush=true>
            {lines}
            {document::preview_sums(of)}
        </Card>
    }
    .into_any()
}

/// Bills one customer up to today.
pub fn bill_now(customer: CustomerId) -> AnyView {
    let (toasts, navigate) = (use_toasts(), use_navigate());
    let action = ServerAction::<BillCustomer>::new();
    let done = move |made: Vec<InvoiceId>| match made.as_slice() {
        [] => toasts.say("Nothing is due today"),
        [one] => {
            toasts.say("Invoice issued");
            navigate(&format!("/invoices/{one}"), Default::default());
        }
        more => {
            toasts.say(count(more.len() as u64, "invoice") + " issued");
            navigate(&format!("/customers/{customer}/invoices"), Default::default());
        }
    };
    let ask = Ask::new("Bill now", "Bill this customer now?", "Bill now").button(Kind::Primary).icon(icon::RECEIPT).cancel("Not yet");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>
                "What its subscriptions want up to today is issued at once; what is billed already is not billed again. \
                 Days to come stay with the billing run."
            </p>
            <HiddenField name="customer" value=customer.to_string()/>
        </FormDialog>
    }
    .into_any()
}
