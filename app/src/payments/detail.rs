//! `/payments/ID`: what came, where it went, what went back; refund and reversal.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::{CancelPayment, RefundPayment, ReversePayment, get_payment};
use super::disputes;
use super::model::{Allocation, Destination, PaymentDetail, PaymentId, PaymentStatus, Refund};
use super::table::PaymentBadge;
use crate::kit::period::{long_day, short_day};
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Ask, Bone, Callout, Card, Choice, Crumb, Exactly, Fact, Facts, FileField, FormDialog, Head, HiddenField, Loaded, MoneyField,
    PageHeader, RadioField, Resource, ServerAction, SimpleTable, SubmitButton, TextField, Tone, UploadForm, When, icon, use_live,
    use_param, use_toasts,
};

type Found = Resource<Result<PaymentDetail>>;

/// See the module.
pub struct PaymentPage;

#[lazy_route]
impl LazyRoute for PaymentPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let detail = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: PaymentId = id.parse().map_err(|_| Error::NotFound)?;
                get_payment(id).await
            },
        );
        use_live(&["payment", "credit_note"], move |_| detail.refetch());
        view! {
            <Loaded of=detail skeleton=Bone::Detail whole=true let:found>
                {body(found, detail)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: PaymentDetail, resource: Found) -> AnyView {
    let payment = of.payment.clone();
    let customer = format!("/customers/{}", payment.customer);
    let crumbs = vec![Crumb::new("Payments", "/payments"), Crumb::new(payment.customer_name.clone(), customer)];
    let came = matches!(payment.status, PaymentStatus::Succeeded | PaymentStatus::Disputed | PaymentStatus::Reversed);
    let title = if came { "Invoices it pays" } else { "Invoices it is meant for" };
    let subtitle = if came { "What is left went to the customer's credit" } else { "Nothing is booked" };
    let (actions, notice, facts) = (actions(&of, resource), notice(&of), facts(&of));
    view! {
        <PageHeader
            title=payment.amount.to_string()
            subtitle=format!("{} from {}", payment.paid_by.label(), payment.customer_name)
            crumbs
            badge=view! { <PaymentBadge of=payment.status/> }.into_any()
            actions
        />
        <div class="stack">
            {notice}
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            <Card title=title subtitle=subtitle flush=true>
                {allocations(of.allocations)}
            </Card>
            {refunds(of.refunds)}
            {disputes::card(of.disputes)}
            {document(payment.id, of.attached)}
        </div>
    }
    .into_any()
}

fn notice(of: &PaymentDetail) -> AnyView {
    let reversed = of.reverse_reason.clone().map(|why| {
        view! { <Callout tone=Tone::Bad title="It was reversed">{format!("What it paid is owed again. Reason: {why}")}</Callout> }
    });
    let hint = if of.hard_decline { "Ask for another payment method." } else { "It can be tried again." };
    let failed = of.failure.clone().map(|why| view! { <Callout tone=Tone::Bad title="It failed">{format!("{why} {hint}")}</Callout> });
    let action = of.action_url.clone().map(|url| {
        let shown = url.clone();
        view! {
            <Callout tone=Tone::Warn title="The customer has to confirm it">
                <p>"Send them this page of the gateway\u{2019}s:"</p>
                <p><a class="link" href=url>{shown}</a></p>
            </Callout>
        }
    });
    let pending = (of.payment.status == PaymentStatus::Pending).then(|| {
        view! { <Callout title="It is on its way">"The gateway has not said yes or no yet. Nothing is booked until it has."</Callout> }
    });
    view! { {disputes::notice(&of.disputes)} {reversed} {failed} {action} {pending} }.into_any()
}

fn facts(of: &PaymentDetail) -> Vec<Fact> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "\u{2013}".into());
    let p = &of.payment;
    let customer = format!("/customers/{}", p.customer);
    let mut facts = vec![
        Fact::new("Customer", view! { <a class="link" href=customer>{p.customer_name.clone()}</a> }),
        Fact::new("Paid", long_day(p.paid_on)),
        Fact::new("Method", of.method_label.clone().unwrap_or_else(|| p.paid_by.label().to_owned())),
        Fact::new("Reference", text(p.reference.clone())),
        Fact::new("On invoices", view! { <Amount of=p.allocated/> }),
        Fact::new("Paid back", view! { <Amount of=p.refunded/> }),
        Fact::new("Recorded", view! { <Exactly at=p.created.clone()/> }),
        Fact::new("Recorded by", p.recorded_by.clone()),
        Fact::new("Id", p.id.to_string()),
    ];
    if !p.fee.is_zero() {
        facts.insert(4, Fact::new("Fee", view! { <Amount of=p.fee/> }));
    }
    if let Some(note) = &of.note {
        facts.push(Fact::new("Note", note.clone()));
    }
    facts
}

fn allocations(of: Vec<Allocation>) -> AnyView {
    if of.is_empty() {
        return view! { <p class="muted pad">"None: what comes is the customer's credit."</p> }.into_any();
    }
    let heads = vec![Head::text("Invoice"), Head::text("Issued"), Head::number("Amount"), Head::number("Owed again")];
    let row = |part: Allocation| {
        let href = format!("/invoices/{}", part.invoice);
        vec![
            view! { <a class="link" href=href>{part.number}</a> }.into_any(),
            short_day(part.issued_on).into_any(),
            view! { <Amount of=part.amount/> }.into_any(),
            view! { <Amount of=part.released/> }.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! { <SimpleTable caption="Invoices that this payment pays" heads rows/> }.into_any()
}

/// The attached document, and the form that attaches or replaces it.
fn document(id: PaymentId, attached: bool) -> AnyView {
    let (href, may) = (format!("/payments/{id}/attachment"), use_viewer().can(Permission::WritePayments));
    let refused = use_query_map().read_untracked().get("refused");
    let navigate = use_navigate();
    let toasts = use_toasts();
    let done = move |page: String| {
        toasts.say("Document attached");
        navigate(page.trim_matches('"'), Default::default());
    };
    let action = href.clone();
    let form = may.then(|| {
        view! {
            <UploadForm action on_done=done>
                <FileField name="file" label="File" accept=".pdf,.png,.jpg,.jpeg" hint="PDF, PNG or JPG up to 5 MB."/>
                <div class="form-actions">
                    <SubmitButton icon=icon::UPLOAD>{if attached { "Replace document" } else { "Attach document" }}</SubmitButton>
                </div>
            </UploadForm>
        }
    });
    let link = attached.then(|| view! { <a class="link" href=href rel="external">"Show the document"</a> });
    view! {
        <Card title="Document" subtitle="A deposit slip, a remittance advice">
            <div class="stack">
                {refused.map(|why| view! { <Callout tone=Tone::Bad title="The file was refused">{why}</Callout> })}
                {link}
                {form}
            </div>
        </Card>
    }
    .into_any()
}

fn refunds(of: Vec<Refund>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![
        Head::text("When"),
        Head::text("Where to"),
        Head::text("Status"),
        Head::number("Amount"),
        Head::text("Reason"),
        Head::text("By"),
    ];
    let row = |refund: Refund| {
        vec![
            view! { <When at=refund.created/> }.into_any(),
            refund.destination.label().into_any(),
            refund.status.label().into_any(),
            view! { <Amount of=refund.amount/> }.into_any(),
            refund.reason.into_any(),
            refund.created_by.into_any(),
        ]
    };
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Refunds" flush=true>
            <SimpleTable caption="Refunds of this payment" heads rows/>
        </Card>
    }
    .into_any()
}

fn actions(of: &PaymentDetail, resource: Found) -> AnyView {
    let may = use_viewer().can(Permission::WritePayments);
    let open = of.payment.status == PaymentStatus::Succeeded && may;
    let waits = (of.payment.status == PaymentStatus::NeedsAction && may).then(|| cancel(of, resource));
    let reversible = open && of.payment.refunded.is_zero();
    let refundable = open && !of.refundable.is_zero();
    let (reverse, refund) = (reversible.then(|| reverse(of, resource)), refundable.then(|| refund(of, resource)));
    view! { {waits} {reverse} {refund} }.into_any()
}

fn cancel(of: &PaymentDetail, resource: Found) -> AnyView {
    let action = ServerAction::<CancelPayment>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.payment.id.to_string();
    let text = format!("{} can no longer confirm it. If they just did, the money came and stays.", of.payment.customer_name);
    let ask =
        Ask::new("Cancel charge", "Cancel charge?", "Cancel charge").icon(icon::BAN).danger().said("The gateway is asked to cancel it");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}

fn refund(of: &PaymentDetail, resource: Found) -> AnyView {
    let action = ServerAction::<RefundPayment>::new();
    let done = move |(): ()| resource.refetch();
    let places = vec![
        Choice::new(
            "method",
            "Pay it back",
            "It leaves the house the way it came. What was promised by credit notes is used first, then credit; for the rest invoices are owed again.",
        ),
        Choice::new("credit", "Keep it as the customer's credit", "Its latest invoices are owed again; the next ones use the credit."),
    ];
    let (id, currency) = (of.payment.id.to_string(), of.payment.amount.currency());
    let hint = format!("At most {}. Blank: all of it.", of.refundable);
    let ask = Ask::new("Refund", "Refund payment", "Refund payment").icon(icon::UNDO_2).danger().said("Refund recorded");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <MoneyField name="amount" label="Amount" currency hint/>
            <RadioField name="to" label="Where to" choices=places value=Destination::Method.word()/>
            <TextField name="reason" label="Reason" required=true hint="Shown on the customer's statement."/>
        </FormDialog>
    }
    .into_any()
}

fn reverse(of: &PaymentDetail, resource: Found) -> AnyView {
    let action = ServerAction::<ReversePayment>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.payment.id.to_string();
    let text =
        format!("{} of {} never came, or was a mistake: the invoices it paid are owed again.", of.payment.amount, of.payment.customer_name);
    let ask =
        Ask::new("Reverse", "Reverse payment?", "Reverse payment").icon(icon::BAN).cancel("Keep it").danger().said("Payment reversed");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
            <TextField name="reason" label="Reason" required=true hint="Such as: bounced, recorded twice."/>
        </FormDialog>
    }
    .into_any()
}
