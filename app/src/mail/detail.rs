//! `/mails/ID`: what a letter said, and what became of it.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ResendMail, get_mail};
use super::model::{MailDetail, MailId, MailStatus};
use super::page::MailBadge;
use crate::kit::Error;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, Callout, Card, Crumb, Exactly, Fact, Facts, Form, HiddenField, Kind, LinkButton, Loaded, PageHeader, Resource, ServerAction,
    SubmitButton, Tone, icon, use_live, use_param, use_toasts,
};

/// See the module.
pub struct MailPage;

#[lazy_route]
impl LazyRoute for MailPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let mail = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: MailId = id.parse().map_err(|_| Error::NotFound)?;
                get_mail(id).await
            },
        );
        use_live(&["mail", "job"], move |_| mail.refetch());
        view! {
            <Loaded of=mail skeleton=Bone::Detail whole=true let:found>
                {body(found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: MailDetail) -> AnyView {
    let mail = of.mail.clone();
    let may = use_viewer().can(Permission::WriteInvoices) && mail.status != MailStatus::Queued;
    let facts = facts(&of);
    let error = mail.error.clone().map(|why| {
        let (tone, title) =
            if mail.status == MailStatus::Queued { (Tone::Warn, "It is tried again") } else { (Tone::Bad, "It was not delivered") };
        view! { <Callout tone title>{why}</Callout> }
    });
    let look = format!("/mails/{}/html", mail.id);
    let actions = view! {
        <LinkButton href=look icon=icon::EXTERNAL_LINK download=true>"Save as HTML"</LinkButton>
        {may.then(|| resend(mail.id))}
    };
    view! {
        <PageHeader
            title=mail.subject
            crumbs=vec![Crumb::new("Letters", "/mails")]
            badge=view! { <MailBadge of=mail.status/> }.into_any()
            actions=actions.into_any()
        />
        <div class="stack">
            {error}
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            <Card title="What it says">
                <p class="letter" dir=mail.language.direction() lang=mail.language.word()>{of.text}</p>
            </Card>
        </div>
    }
    .into_any()
}

fn facts(of: &MailDetail) -> Vec<Fact> {
    let mail = &of.mail;
    let customer = view! { <a class="link" href=format!("/customers/{}", mail.customer)>{mail.customer_name.clone()}</a> };
    let mut facts = vec![
        Fact::new("To", mail.to.clone()),
        Fact::new("Customer", customer),
        Fact::new("About", mail.template.label()),
        Fact::new("Language", mail.language.label()),
        Fact::new("Queued by", mail.queued_by.clone()),
        Fact::new("Written", view! { <Exactly at=mail.created.clone()/> }),
        Fact::new("Tries", mail.tries.to_string()),
    ];
    if let Some(link) = mail.about_link() {
        facts.push(Fact::new("Document", view! { <a class="link" href=link>"Show document"</a> }));
    }
    if let Some(at) = mail.sent.clone() {
        facts.push(Fact::new("Sent", view! { <Exactly at/> }));
    }
    if mail.status == MailStatus::Sent {
        facts.push(Fact::new("Message-ID", of.message_id.clone()));
    }
    for (place, name) in of.attachments.iter().enumerate() {
        let href = format!("/mails/{}/file?place={place}", mail.id);
        facts.push(Fact::new("Attached", view! { <a class="link" href=href download="">{name.clone()}</a> }));
    }
    facts
}

fn resend(id: MailId) -> AnyView {
    let action = ServerAction::<ResendMail>::new();
    let (toasts, navigate) = (use_toasts(), use_navigate());
    let done = Callback::new(move |(new,): (MailId,)| {
        toasts.say("Queued to be sent again");
        navigate(&format!("/mails/{new}"), Default::default());
    });
    view! {
        <Form action on_ok=done class="inline">
            <HiddenField name="id" value=id.to_string()/>
            <SubmitButton kind=Kind::Secondary icon=icon::REFRESH_CW>"Send again"</SubmitButton>
        </Form>
    }
    .into_any()
}
