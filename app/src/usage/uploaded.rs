//! `/usage-uploads/ID`: what became of a file of events.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::get_usage_upload;
use super::model::{BadRow, UploadStatus, UsageUpload, UsageUploadId};
use super::page::UploadBadge;
use crate::kit::Error;
use crate::kit::money::group;
use crate::ui::{
    Bone, Callout, Card, Crumb, Exactly, Fact, Facts, Head, LinkButton, Loaded, PageHeader, Resource, SimpleTable, Tone, icon, use_live,
    use_param,
};

/// See the module.
pub struct UsageUploadPage;

#[lazy_route]
impl LazyRoute for UsageUploadPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let upload = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: UsageUploadId = id.parse().map_err(|_| Error::NotFound)?;
                get_usage_upload(id).await
            },
        );
        use_live(&["usage", "job.finished"], move |_| upload.refetch());
        view! {
            <Loaded of=upload skeleton=Bone::Detail whole=true let:found>
                {body(found)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: UsageUpload) -> AnyView {
    let number = |n: u64| group(&n.to_string());
    let mut facts = vec![
        Fact::new("Rows", number(of.rows)),
        Fact::new("New events", number(of.new)),
        Fact::new("Known already", number(of.known)),
        Fact::new("Bad rows", number(of.bad)),
        Fact::new("Uploaded by", of.created_by.clone()),
        Fact::new("Uploaded", view! { <Exactly at=of.created.clone()/> }),
    ];
    if let Some(at) = of.finished.clone() {
        facts.push(Fact::new("Finished", view! { <Exactly at/> }));
    }
    let again = (of.status == UploadStatus::Failed).then(|| {
        view! { <LinkButton href="/usage" icon=icon::UPLOAD>"Upload another"</LinkButton> }
    });
    let why = of.failure.clone().map(|why| view! { <Callout tone=Tone::Bad title="Nothing was recorded">{why}</Callout> });
    let waits = (of.status == UploadStatus::Queued)
        .then(|| view! { <Callout tone=Tone::Info>"It is being recorded. This page follows."</Callout> });
    view! {
        <PageHeader
            title=of.file_name.clone()
            crumbs=vec![Crumb::new("Usage", "/usage")]
            badge=view! { <UploadBadge of=of.status/> }.into_any()
            actions=again.into_any()
        />
        <div class="stack">
            {why}
            {waits}
            <Card title="Details"><Facts of=facts/></Card>
            {errors(of.errors)}
        </div>
    }
    .into_any()
}

fn errors(of: Vec<BadRow>) -> AnyView {
    if of.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::number("Line"), Head::text("Column"), Head::text("Reason")];
    let row = |bad: BadRow| vec![bad.line.to_string().into_any(), bad.column.into_any(), bad.message.into_any()];
    let rows = of.into_iter().map(row).collect();
    view! {
        <Card title="Bad rows" subtitle="The first 500" flush=true>
            <SimpleTable caption="Bad rows" heads rows/>
        </Card>
    }
    .into_any()
}
