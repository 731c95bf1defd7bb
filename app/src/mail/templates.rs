//! `/settings/mail-templates` and the page of one text: the words of letters, and how they read.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ResetMailText, SaveMailSettings, SaveMailText, get_mail_text, list_mail_texts, preview_mail_text, read_mail_settings};
use super::model::{MailSettings, MailTemplate, PLACES, Text, TextDetail, text_of};
use crate::kit::Result;
use crate::kit::language::Language;
use crate::ui::{
    Badge, Bone, Callout, Card, CheckboxField, Crumb, Form, FormValues, Head, HiddenField, Input, Kind, Loaded, PageHeader, Resource,
    ServerAction, SimpleTable, SubmitButton, TextArea, TextField, Tone, icon, use_param, use_toasts,
};

/// See the module.
pub struct MailTemplatesPage;

/// `/settings/mail-templates/TEMPLATE/LANGUAGE`.
pub struct MailTemplatePage;

const LIST: &str = "/settings/mail-templates";

#[lazy_route]
impl LazyRoute for MailTemplatesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let settings = Resource::new_blocking(|| (), |()| read_mail_settings());
        let own = Resource::new(|| (), |()| list_mail_texts());
        view! {
            <PageHeader
                title="Texts of letters"
                subtitle="What e-mail to customers says, and what goes out by itself"
                crumbs=vec![Crumb::new("Settings", "/settings/profile")]
            />
            <div class="stack">
                <Loaded of=settings skeleton=Bone::Card(220) let:of>
                    {sending(of)}
                </Loaded>
                <Loaded of=own skeleton=Bone::Table(8) let:own>
                    {table(&own)}
                </Loaded>
            </div>
        }
        .into_any()
    }
}

fn sending(of: MailSettings) -> AnyView {
    let action = ServerAction::<SaveMailSettings>::new();
    let toasts = use_toasts();
    let done = move |(): ()| toasts.say("Settings saved");
    let place = of.place.clone();
    let kept = (!of.leaves).then(|| {
        let place = if place.is_empty() { "a folder of the server".to_owned() } else { format!("the folder {place}") };
        let text = format!("No mail server is set, so letters are written to {place} and reach nobody.");
        view! { <Callout tone=Tone::Warn title="Letters stay here">{text}</Callout> }
    });
    view! {
        {kept}
        <Card title="Sending">
            <Form action on_ok=done>
                <CheckboxField
                    name="send_invoices"
                    label="Send invoices when they are issued"
                    checked=of.send_invoices
                    hint="With the PDF, to customers who have an e-mail address"
                />
                <TextField
                    name="reply_to"
                    label="Answers go to"
                    value=of.reply_to.unwrap_or_default()
                    input=Input::Email
                    hint="Blank: to the address that letters come from"
                />
                <div class="form-actions">
                    <SubmitButton>"Save settings"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

fn table(own: &[(MailTemplate, Language)]) -> AnyView {
    let heads = std::iter::once(Head::text("Letter")).chain(Language::ALL.iter().map(|l| Head::text(l.label()))).collect::<Vec<_>>();
    let rows = MailTemplate::ALL.iter().map(|template| {
        let cell = |language: &Language| {
            let href = format!("{LIST}/{template}/{language}");
            let label = format!("{} in {}", template.label(), language.label());
            let mine = own.contains(&(*template, *language));
            let word = if mine { "Own text" } else { "Shipped text" };
            view! { <a class="link" href=href aria-label=format!("{label}: {word}")>{word}</a> }.into_any()
        };
        std::iter::once(template.label().into_any()).chain(Language::ALL.iter().map(cell)).collect::<Vec<_>>()
    });
    let rows = rows.collect::<Vec<_>>();
    view! {
        <Card title="Texts" subtitle="A customer's language decides; the seller's where it has none" flush=true>
            <SimpleTable caption="Texts of letters" heads rows/>
        </Card>
    }
    .into_any()
}

#[lazy_route]
impl LazyRoute for MailTemplatePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (template, language) = (use_param("template"), use_param("language"));
        let text = Resource::new_blocking(
            move || (template.get(), language.get()),
            |(template, language)| async move {
                let (template, language) = text_of(&template, &language)?;
                get_mail_text(template, language).await
            },
        );
        view! {
            <Loaded of=text skeleton=Bone::Detail whole=true let:found>
                {body(found, text)}
            </Loaded>
        }
        .into_any()
    }
}

type Found = Resource<Result<TextDetail>>;

fn body(of: TextDetail, resource: Found) -> AnyView {
    let title = format!("{} in {}", of.template.label(), of.language.label());
    let badge = if of.own {
        view! { <Badge tone=Tone::Info text="Own text"/> }
    } else {
        view! { <Badge text="Shipped text"/> }
    };
    let places = PLACES.iter().map(|(place, what)| vec![format!("{{{{{place}}}}}").into_any(), (*what).into_any()]).collect::<Vec<_>>();
    let reset = of.own.then(|| reset(&of, resource));
    let typed = RwSignal::new(None::<(String, String)>);
    let shown = preview(&of, typed);
    let edit = edit(&of, resource, typed);
    view! {
        <PageHeader
            title
            crumbs=vec![Crumb::new("Settings", "/settings/profile"), Crumb::new("Texts of letters", LIST)]
            badge=badge.into_any()
            actions=reset.into_any()
        />
        <div class="stack">
            <Card title="Text" subtitle="Plain text with places; {{#if place}} … {{else}} … {{/if}} where something may be missing">{edit}</Card>
            {shown}
            <Card title="Places" flush=true>
                <SimpleTable caption="Places" heads=vec![Head::text("Place"), Head::text("What stands there")] rows=places/>
            </Card>
        </div>
    }
    .into_any()
}

fn edit(of: &TextDetail, resource: Found, typed: RwSignal<Option<(String, String)>>) -> AnyView {
    let action = ServerAction::<SaveMailText>::new();
    let toasts = use_toasts();
    let done = move |(): ()| {
        toasts.say("Text saved");
        resource.refetch();
    };
    let changed = move |values: FormValues| {
        let value = |name: &str| values.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
        typed.set(Some((value("subject"), value("body"))));
    };
    let Text { subject, body } = of.text.clone();
    let (template, language) = (of.template.word().to_owned(), of.language.word().to_owned());
    view! {
        <Form action on_ok=done on_change=changed>
            <HiddenField name="template" value=template/>
            <HiddenField name="language" value=language/>
            <TextField name="subject" label="Subject" value=subject required=true/>
            <TextArea name="body" label="Body" value=body rows=14 required=true/>
            <div class="form-actions">
                <SubmitButton>"Save text"</SubmitButton>
            </div>
        </Form>
    }
    .into_any()
}

/// How the text reads: as saved, and as typed once something is.
fn preview(of: &TextDetail, typed: RwSignal<Option<(String, String)>>) -> AnyView {
    let (template, language) = (of.template, of.language);
    let saved = of.preview.clone();
    let fresh = Resource::new(
        move || typed.get(),
        move |typed| async move {
            match typed {
                Some((subject, body)) => preview_mail_text(template, language, subject, body).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let subtitle = if of.preview_of.is_empty() { String::new() } else { format!("For {}", of.preview_of) };
    let shown = move || {
        let now = fresh.get().and_then(|answer| answer.ok().flatten()).unwrap_or_else(|| saved.clone());
        match now {
            Ok(Text { subject, body }) => view! {
                <p dir=language.direction() lang=language.word()>
                    <strong>{subject}</strong>
                </p>
                <p class="letter" dir=language.direction() lang=language.word()>{body}</p>
            }
            .into_any(),
            Err(why) => view! { <Callout tone=Tone::Bad title="This cannot be sent">{why}</Callout> }.into_any(),
        }
    };
    view! {
        <Card title="How it reads" subtitle>
            <Transition>{shown}</Transition>
        </Card>
    }
    .into_any()
}

fn reset(of: &TextDetail, resource: Found) -> AnyView {
    let action = ServerAction::<ResetMailText>::new();
    let toasts = use_toasts();
    let (template, language) = (of.template.word().to_owned(), of.language.word().to_owned());
    let done = move |(): ()| {
        toasts.say("Back to the shipped text");
        resource.refetch();
    };
    view! {
        <Form action on_ok=done class="inline">
            <HiddenField name="template" value=template/>
            <HiddenField name="language" value=language/>
            <SubmitButton kind=Kind::Secondary icon=icon::REFRESH_CW>"Use the shipped text"</SubmitButton>
        </Form>
    }
    .into_any()
}
