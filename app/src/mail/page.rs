//! `/mails`: what was written to customers.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::list_mails;
use super::model::{Mail, MailStatus, MailTemplate};
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Badge, Bone, Column, DataTable, Empty, Filter, FilterBar, LinkButton, Listing, Loaded, PageHeader, Resource, Row, Tone, When, icon,
    use_list_query, use_live,
};

/// See the module.
pub struct MailsPage;

/// The status in a word and a colour.
#[component]
pub fn MailBadge(of: MailStatus) -> impl IntoView {
    let tone = match of {
        MailStatus::Queued => Tone::Info,
        MailStatus::Sent => Tone::Good,
        MailStatus::Failed | MailStatus::Bounced => Tone::Bad,
    };
    view! { <Badge tone text=of.label()/> }
}

fn listing() -> Listing<Mail> {
    Listing::new("Letters", |m: &Mail| Row::new(m.id, format!("{} to {}", m.subject, m.to)).href(format!("/mails/{}", m.id)))
        .column(Column::new("created", "Written", |m: &Mail| view! { <When at=m.created.clone()/> }).sortable())
        .column(Column::new("subject", "Subject", |m: &Mail| m.subject.clone()))
        .column(Column::new("customer", "Customer", |m: &Mail| m.customer_name.clone()))
        .column(Column::new("to", "To", |m: &Mail| m.to.clone()).sortable())
        .column(Column::new("status", "Status", |m: &Mail| view! { <MailBadge of=m.status/> }))
        .column(Column::new("template", "About", |m: &Mail| m.template.label()))
        .column(Column::new("tries", "Tries", |m: &Mail| m.tries.to_string()).numeric().optional())
        .column(Column::new("by", "Queued by", |m: &Mail| m.queued_by.clone()).optional())
}

#[lazy_route]
impl LazyRoute for MailsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_mails);
        use_live(&["mail", "job"], move |_| page.refetch());
        let texts = use_viewer().can(Permission::WriteSettings);
        let actions = texts.then(|| view! { <LinkButton href="/settings/mail-templates" icon=icon::PENCIL>"Texts"</LinkButton> });
        let filters = vec![
            Filter::choice("status", "Status", MailStatus::ALL.iter().map(|s| (s.word(), s.label()))),
            Filter::choice("template", "About", MailTemplate::ALL.iter().map(|t| (t.word(), t.label()))),
            Filter::days("created", "Written"),
        ];
        view! {
            <PageHeader title="Letters" subtitle="E-mail to customers" actions=actions.into_any()/>
            <FilterBar query search="Address, subject, customer" columns=listing().choices() filters export="/mails/export.csv"/>
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::MAIL title="No letters here">
                        <p>"Invoices, reminders and notices that go to customers are listed here."</p>
                        <LinkButton href="/mails">"Clear all filters"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}
