//! The pages: the list, a new import, and one import in its steps.

mod steps;

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::{get_import, list_imports};
use super::model::{Column as Field, Import, ImportStatus};
use crate::kit::Error;
use crate::kit::money::group;
use crate::ui::Resource;
use crate::ui::*;
use steps::{ColumnsStep, PreviewStep, ProgressStep, ReportStep};

const STEPS: &[&str] = &["Upload", "Columns", "Check", "Import", "Report"];

/// The list.
pub struct ImportsPage;

fn tone(status: ImportStatus) -> Tone {
    match status {
        ImportStatus::Done => Tone::Good,
        ImportStatus::Failed => Tone::Bad,
        ImportStatus::Draft | ImportStatus::Checked => Tone::Neutral,
        ImportStatus::Checking | ImportStatus::Queued | ImportStatus::Running => Tone::Info,
    }
}

fn listing() -> Listing<Import> {
    let number = |n: u64| if n > 0 { group(&n.to_string()) } else { "\u{2013}".to_owned() };
    Listing::new("Imports", |i: &Import| Row::new(i.id, &i.file_name).href(format!("/imports/{}", i.id)))
        .column(Column::new("file", "File", |i: &Import| i.file_name.clone()).sortable())
        .column(Column::new("status", "Status", |i: &Import| view! { <Badge tone=tone(i.status) text=i.status.label()/> }))
        .column(Column::new("rows", "Rows", move |i: &Import| number(i.rows_total)).numeric().sortable())
        .column(Column::new("bad", "Bad rows", move |i: &Import| number(i.rows_bad)).numeric())
        .column(Column::new("size", "Size", |i: &Import| i.size_label()).numeric().optional())
        .column(Column::new("by", "By", |i: &Import| i.created_by.clone()))
        .column(Column::new("created", "Uploaded", |i: &Import| view! { <When at=i.created.clone()/> }).sortable())
}

#[lazy_route]
impl LazyRoute for ImportsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_imports);
        use_live(&["import."], move |_| page.refetch());
        let filters = vec![Filter::choice("status", "Status", ImportStatus::ALL.iter().map(|s| (s.word(), s.label())))];
        view! {
            <PageHeader
                title="Imports"
                subtitle="Books of subscriptions, brought in from files"
                actions=view! { <LinkButton href="/imports/new" kind=Kind::Primary icon=icon::UPLOAD>"Import subscriptions"</LinkButton> }.into_any()
            />
            <FilterBar query search="File name" columns=listing().choices() filters export="/imports/export.csv"/>
            <Loaded of=page skeleton=Bone::Table(6) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::FILE_SPREADSHEET title="No imports">
                        "Bring a book of subscriptions in from a CSV file. "
                        <LinkButton href="/imports/new">"Import subscriptions"</LinkButton>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

/// The upload.
pub struct ImportNewPage;

#[lazy_route]
impl LazyRoute for ImportNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let navigate = use_navigate();
        let go = Callback::new(move |(place,): (String,)| navigate(&place, Default::default()));
        let refused = use_query_map().read_untracked().get("refused");
        view! {
            <PageHeader title="Import subscriptions" crumbs=vec![Crumb::new("Imports", "/imports")]/>
            <div class="stack">
                <Steps steps=STEPS.to_vec() current=Signal::stored(0)/>
                {refused.map(|why| view! { <Callout tone=Tone::Bad title="The file was refused">{why}</Callout> })}
                <Card title="File">
                    <UploadForm action="/imports/upload" on_done=go>
                        <FileField name="file" label="CSV file" accept=".csv,text/csv" hint="UTF-8, with a header row; commas or semicolons; up to 512 MB and 1,000,000 rows"/>
                        <div class="form-actions">
                            <SubmitButton icon=icon::UPLOAD>"Upload file"</SubmitButton>
                        </div>
                    </UploadForm>
                </Card>
                <FormatCard/>
            </div>
        }
        .into_any()
    }
}

/// The columns of the format.
#[component]
fn FormatCard() -> impl IntoView {
    let row = |c: &Field| {
        let needed = if c.required() { "required" } else { "optional" };
        vec![view! { <code>{c.word()}</code> }.into_any(), needed.into_any(), c.hint().into_any()]
    };
    let rows = Field::ALL.iter().map(row).collect();
    let heads = vec![Head::text("Column"), Head::text("Needed"), Head::text("Holds")];
    view! {
        <Card title="Columns" subtitle="A file that calls them otherwise can be imported, too: the next step asks which is which" flush=true>
            <SimpleTable caption="Columns of the import format" heads rows/>
        </Card>
        <p class="muted">
            "A row is one stretch of a subscription at one price. Rows with the same subscription ID and a later start are changes of it. \
             A row that says just what the last import said changes nothing, whatever was done to the subscription since; a row \
             that says something else brings its change. An end or a trial that it leaves empty stays as it is."
        </p>
    }
}

/// One import.
pub struct ImportPage;

#[lazy_route]
impl LazyRoute for ImportPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let import = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                match id.parse() {
                    Ok(id) => get_import(id).await,
                    Err(_) => Err(Error::NotFound),
                }
            },
        );
        let changed = Callback::new(move |()| import.refetch());
        use_live(&["import.", "job."], move |_| import.refetch());
        view! {
            <Loaded of=import skeleton=Bone::Detail whole=true let:import>
                <AtStep import changed/>
            </Loaded>
        }
        .into_any()
    }
}

/// The step that an import is at.
#[component]
fn AtStep(import: Import, changed: Callback<()>) -> impl IntoView {
    let (query, status) = (use_query_map(), import.status);
    let again = Memo::new(move |_| query.read().get("step").as_deref() == Some("columns") && status.may_start());
    let step = Signal::derive(move || if again.get() { 1 } else { status.step() });
    let subtitle = format!("{}, uploaded by {}", import.size_label(), import.created_by);
    let badge = view! { <Badge tone=tone(import.status) text=import.status.label()/> }.into_any();
    let shown = import.clone();
    let body = move || match status {
        _ if again.get() => view! { <ColumnsStep import=shown.clone() changed/> }.into_any(),
        ImportStatus::Draft => view! { <ColumnsStep import=shown.clone() changed/> }.into_any(),
        ImportStatus::Checked => view! { <PreviewStep import=shown.clone() changed/> }.into_any(),
        ImportStatus::Checking | ImportStatus::Queued | ImportStatus::Running => view! { <ProgressStep import=shown.clone()/> }.into_any(),
        ImportStatus::Done | ImportStatus::Failed => view! { <ReportStep import=shown.clone() changed/> }.into_any(),
    };
    let actions = (!import.status.is_busy()).then(|| view! { <steps::DeleteButton import=import.clone()/> }.into_any());
    view! {
        <PageHeader title=import.file_name crumbs=vec![Crumb::new("Imports", "/imports")] subtitle badge actions=actions.into_any()/>
        <div class="stack">
            <Steps steps=STEPS.to_vec() current=step/>
            {body}
        </div>
    }
}
