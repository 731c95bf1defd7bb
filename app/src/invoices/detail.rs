//! `/invoices/ID`: what it says, what paid it, what corrected it, what happened to it.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{get_invoice, list_invoice_activity};
use super::document::{self, Sums};
use super::model::{CreditNote, InvoiceId, InvoiceStatus};
use super::page::LIVE;
use super::sheet::{InvoiceMove, InvoiceSheet};
use super::table::{InvoiceBadge, days_of, number_of};
use super::{actions, credit_form};
use crate::audit::{Activity, ActivityTimeline};
use crate::kit::paging::Page;
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Bone, Callout, Card, Crumb, Exactly, Fact, Facts, Head, Loaded, PageHeader, Resource, SimpleTable, Tone, use_list_query,
    use_live, use_param,
};

/// The page's invoice.
pub type Found = Resource<Result<InvoiceSheet>>;

/// See the module.
pub struct InvoicePage;

#[lazy_route]
impl LazyRoute for InvoicePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let detail = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: InvoiceId = id.parse().map_err(|_| Error::NotFound)?;
                get_invoice(id).await
            },
        );
        let activity = activity(id);
        use_live(LIVE, move |_| {
            detail.refetch();
            activity.refetch();
        });
        let query = use_list_query();
        view! {
            <Loaded of=detail skeleton=Bone::Detail whole=true let:found>
                {body(found, detail)}
            </Loaded>
            <div class="stack">
                <Outlet/>
            </div>
            <div class="stack">
                <Loaded of=activity skeleton=Bone::Card(160) part=true let:page>
                    {page.map(|of| view! { <ActivityTimeline of query=query.get_untracked()/> })}
                </Loaded>
            </div>
        }
        .into_any()
    }
}

/// What happened to it, for who may see it.
fn activity(id: Memo<String>) -> Resource<Result<Option<Page<Activity>>>> {
    let query = use_list_query();
    let may = use_viewer().can(Permission::ReadAudit);
    Resource::new(
        move || (id.get(), query.get()),
        move |(id, query)| async move {
            if !may {
                return Ok(None);
            }
            let id: InvoiceId = id.parse().map_err(|_| Error::NotFound)?;
            list_invoice_activity(id, query).await.map(Some)
        },
    )
}

fn body(of: InvoiceSheet, resource: Found) -> AnyView {
    let invoice = of.detail.invoice.clone();
    let customer = format!("/customers/{}", invoice.customer);
    let crumbs = vec![Crumb::new("Invoices", "/invoices"), Crumb::new(invoice.customer_name.clone(), customer)];
    let title = invoice.number.clone().unwrap_or_else(|| format!("Draft for {}", invoice.customer_name));
    let verbs = view! { {credit_form::button(&of, resource)} {actions::bar(&of, resource)} }.into_any();
    let (notice, facts, parties, sums) = (notice(&of), facts(&of), document::parties(&of.detail), sums(&of));
    let note = of.detail.note.clone().map(|note| view! { <Card title="Note"><p>{note}</p></Card> });
    view! {
        <PageHeader
            title
            subtitle=format!("{} for {}", invoice.total, invoice.customer_name)
            crumbs
            badge=view! { <InvoiceBadge of=invoice.status/> }.into_any()
            actions=verbs
        />
        <div class="stack">
            {notice}
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            {parties}
            <Card title="Lines" flush=true>
                {document::lines(of.detail.lines)}
                {sums}
            </Card>
            {note}
            {moves(of.moves)}
            {notes(of.detail.credit_notes)}
        </div>
    }
    .into_any()
}

fn sums(of: &InvoiceSheet) -> AnyView {
    let d = &of.detail;
    document::sums(Sums {
        subtotal: d.invoice.subtotal,
        discount: d.invoice.discount,
        discounts: d.discounts.clone(),
        taxes: d.taxes.clone(),
        tax_note: d.tax_note.clone(),
        total: d.invoice.total,
        due: d.invoice.number.is_some().then_some(d.invoice.due),
    })
}

fn notice(of: &InvoiceSheet) -> AnyView {
    let invoice = &of.detail.invoice;
    let link = |id: Option<InvoiceId>, number: &Option<String>| {
        id.zip(number.clone()).map(|(id, number)| view! { <a class="link" href=format!("/invoices/{id}")>{number}</a> })
    };
    let replaced = link(of.detail.replaced_by, &of.replaced_by_number);
    let replaced =
        replaced.map(|link| view! { <Callout tone=Tone::Info title="It was replaced">"In its place stands " {link} "."</Callout> });
    let replaces = link(of.detail.replaces, &of.replaces_number);
    let replaces = replaces
        .map(|link| view! { <Callout tone=Tone::Info title="It replaces another">"It stands in the place of " {link} "."</Callout> });
    let state = match invoice.status {
        InvoiceStatus::Draft if invoice.manual => Some((
            "It is a draft",
            "It can be changed, thrown away, or finalized: then it gets a number and never changes again.".to_owned(),
        )),
        InvoiceStatus::Draft => {
            let day = long_day(invoice.issued_on);
            Some(("It is a draft", format!("The billing run issues it on {day}, and makes it anew until then as subscriptions change.")))
        }
        InvoiceStatus::Void => Some(("It is void", "It was taken back as if it had never been: nothing of it is owed.".to_owned())),
        InvoiceStatus::Uncollectible => Some((
            "It was given up",
            "What it still wanted is written off. A payment that comes after all can still be recorded.".to_owned(),
        )),
        _ => None,
    };
    let state = state.map(|(title, text)| view! { <Callout tone=Tone::Neutral title=title>{text}</Callout> });
    let to_confirm = of.to_confirm.clone().map(|(page, amount)| {
        let text = format!("A charge of {amount} is taken once they confirm it at the gateway. ");
        let link = view! { <a class="link" href=page>"Show or cancel the charge"</a> };
        view! { <Callout tone=Tone::Warn title="The customer has to confirm a charge">{text} {link}</Callout> }
    });
    view! { {state} {replaced} {replaces} {to_confirm} }.into_any()
}

fn facts(of: &InvoiceSheet) -> Vec<Fact> {
    let i = &of.detail.invoice;
    let customer = format!("/customers/{}", i.customer);
    let mut facts = vec![
        Fact::new("Customer", view! { <a class="link" href=customer>{i.customer_name.clone()}</a> }),
        Fact::new("Number", number_of(i)),
        Fact::new(if i.number.is_some() { "Issued" } else { "To be issued" }, long_day(i.issued_on)),
        Fact::new("Due", long_day(i.due_on)),
        Fact::new("Total", view! { <Amount of=i.total/> }),
        Fact::new("Amount due", view! { <Amount of=i.due/> }),
    ];
    facts.extend(i.period.map(|period| Fact::new("Period", days_of(period))));
    facts.extend(i.paid_on.map(|day| Fact::new("Paid", long_day(day))));
    facts.extend([
        Fact::new("Made by", if i.manual { "A person" } else { "A billing run" }),
        Fact::new("Created", view! { <Exactly at=i.created.clone()/> }),
        Fact::new("Id", i.id.to_string()),
    ]);
    facts
}

fn moves(of: Vec<InvoiceMove>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("What"), Head::text("Day"), Head::text("Document"), Head::number("Amount")];
    let row = |moved: InvoiceMove| {
        let document = match moved.link {
            Some(href) => view! { <a class="link" href=href>{moved.label}</a> }.into_any(),
            None => moved.label.into_any(),
        };
        vec![moved.what.into_any(), short_day(moved.day).into_any(), document, view! { <Amount of=moved.amount signed=true/> }.into_any()]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Payments and corrections" subtitle="What moved the amount due, from the ledger" flush=true>
            <SimpleTable caption="Payments and corrections" heads rows/>
        </Card>
    }
    .into_any()
}

fn notes(of: Vec<CreditNote>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("Number"), Head::text("Issued"), Head::text("Where to"), Head::text("Reason"), Head::number("Total")];
    let row = |note: CreditNote| {
        vec![
            view! { <a class="link" href=format!("/credit-notes/{}", note.id)>{note.number}</a> }.into_any(),
            short_day(note.issued_on).into_any(),
            note.settlement.label().into_any(),
            note.reason.into_any(),
            view! { <Amount of=note.total/> }.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Credit notes" flush=true>
            <SimpleTable caption="Credit notes on this invoice" heads rows/>
        </Card>
    }
    .into_any()
}
