//! The steps of an import after its upload.

use leptos::prelude::*;

use crate::imports::api::{DeleteImport, SetImportMapping, StartImport, import_errors, import_preview};
use crate::imports::model::{Column, Import, ImportStatus, Preview, Report, RowError};
use crate::kit::money::group;
use crate::ui::*;
use crate::ui::{Resource, ServerAction};

fn number(n: u64) -> String {
    group(&n.to_string())
}

/// Which of the file's columns is which of ours.
#[component]
pub fn ColumnsStep(import: Import, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<SetImportMapping>::new();
    let choices: Vec<(String, String)> = std::iter::once((String::new(), "Not in the file".to_owned()))
        .chain(import.headers.iter().filter(|h| !h.is_empty()).map(|h| (h.clone(), h.clone())))
        .collect();
    let field = |column: &Column| {
        let value = import.mapping.get(column).cloned().unwrap_or_default();
        view! {
            <SelectField
                name=format!("column[{}]", column.word())
                label=column.label()
                hint=column.hint()
                options=choices.clone()
                value
                required=column.required()
            />
        }
    };
    let fields = Column::ALL.iter().map(field).collect::<Vec<_>>();
    view! {
        <Card title="Which column is which?" subtitle="Columns with our names are chosen already">
            <Form action on_ok=move |(): ()| changed.run(())>
                <HiddenField name="id" value=import.id.to_string()/>
                <div class="thirds">{fields}</div>
                <div class="form-actions">
                    <SubmitButton>"Check the file"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
}

/// How far a job is.
#[component]
pub fn ProgressStep(import: Import) -> impl IntoView {
    let (done, total) = import.progress.unwrap_or((0, 0));
    let (title, what) = match import.status {
        ImportStatus::Checking => ("Checking every row", "Nothing is imported yet."),
        ImportStatus::Queued => ("Waiting to begin", "A job will take it up in a moment."),
        _ => ("Importing", "All rows become visible at once, when the last one is in."),
    };
    let told = if total > 0 { format!("{} of about {} rows", number(done), number(total)) } else { "Starting".to_owned() };
    view! {
        <Card title=title>
            <div class="stack">
                <Progress label=title value=Signal::stored(done) max=Signal::stored(total.max(1))/>
                <p aria-live="polite">{told}</p>
                <p class="muted">{what} " You can leave this page; the bell tells when it is done."</p>
            </div>
        </Card>
    }
}

/// The first rows, what is wrong, and the choice.
#[component]
pub fn PreviewStep(import: Import, changed: Callback<()>) -> impl IntoView {
    let id = import.id;
    let preview = Resource::new(|| (), move |()| import_preview(id));
    view! {
        <Counts total=import.rows_total good=import.rows_good bad=import.rows_bad/>
        <ErrorsCard import=import.clone()/>
        <Card title="First rows" subtitle="As they will be read" flush=true>
            <Loaded of=preview skeleton=Bone::Table(6) let:preview>
                <PreviewTable preview/>
            </Loaded>
        </Card>
        <RunCard import changed/>
    }
}

#[component]
fn Counts(total: u64, good: u64, bad: u64) -> impl IntoView {
    let cards = [("Rows", total), ("Good rows", good), ("Bad rows", bad)];
    let cards = cards.map(|(label, n)| view! { <KpiCard of=Kpi::new(label, number(n))/> });
    view! { <div class="kpis">{cards.into_iter().collect::<Vec<_>>()}</div> }
}

#[component]
fn PreviewTable(preview: Preview) -> impl IntoView {
    let heads = std::iter::once(Head::text("Line")).chain(preview.columns.iter().map(|c| Head::text(c.label()))).collect();
    let row = |(line, cells): (u64, Vec<String>)| {
        let cells = cells.into_iter().map(|cell| cell.into_any());
        std::iter::once(number(line).into_any()).chain(cells).collect::<Vec<_>>()
    };
    let rows = preview.rows.into_iter().map(row).collect();
    view! { <SimpleTable caption="First rows of the file" heads rows/> }
}

/// What to import, and the button that begins.
#[component]
fn RunCard(import: Import, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<StartImport>::new();
    let all = Choice::new("all", "All rows or nothing", "A bad row refuses the file; correct it and upload it again");
    let good =
        Choice::new("good", "The good rows only", format!("{} bad rows are left out and listed in the report", number(import.rows_bad)));
    let columns = format!("/imports/{}?step=columns", import.id);
    let choose = if import.rows_bad > 0 && import.rows_good > 0 {
        view! { <RadioField name="rows" label="What to import" choices=vec![all, good] value="all"/> }.into_any()
    } else {
        view! { <HiddenField name="rows" value="all".to_owned()/> }.into_any()
    };
    let hopeless = import.rows_good == 0;
    view! {
        <Card title="Import">
            <Form action on_ok=move |(): ()| changed.run(())>
                <HiddenField name="id" value=import.id.to_string()/>
                {choose}
                <div class="form-actions">
                    <LinkButton href=columns>"Change columns"</LinkButton>
                    <SubmitButton icon=icon::PLAY disabled=Signal::stored(hopeless)>"Start import"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
}

/// The errors there are, and the way to all of them.
#[component]
fn ErrorsCard(import: Import) -> impl IntoView {
    let id = import.id;
    let errors = Resource::new(|| (), move |()| import_errors(id, 0));
    let href = format!("/imports/{id}/errors.csv");
    view! {
        <Loaded of=errors skeleton=Bone::Lines(3) let:errors>
            {(!errors.is_empty())
                .then(|| {
                    let link = view! { <LinkButton href=href.clone() icon=icon::DOWNLOAD download=true>"Download errors"</LinkButton> };
                    view! {
                        <Card title="What is wrong" subtitle="The first errors of the file, by line" flush=true actions=link.into_any()>
                            <ErrorsTable errors/>
                        </Card>
                    }
                })}
        </Loaded>
    }
}

#[component]
fn ErrorsTable(errors: Vec<RowError>) -> impl IntoView {
    let heads = vec![Head::number("Line"), Head::text("Column"), Head::text("Reason")];
    let row = |e: RowError| vec![number(e.line).into_any(), view! { <code>{e.column}</code> }.into_any(), e.message.into_any()];
    let rows = errors.into_iter().map(row).collect();
    view! { <SimpleTable caption="Errors" heads rows/> }
}

/// What was done, or why nothing was.
#[component]
pub fn ReportStep(import: Import, changed: Callback<()>) -> impl IntoView {
    let failed = import.status == ImportStatus::Failed;
    let (tone, title, sentence) = match import.report {
        Some(report) => (Tone::Good, "Imported", report.sentence()),
        None => (Tone::Bad, "Refused", import.failure.clone().unwrap_or_default()),
    };
    let again = failed && import.rows_good > 0;
    view! {
        <Callout tone title=title>{sentence}</Callout>
        {import.report.map(|report| view! { <ReportCard report/> })}
        <ErrorsCard import=import.clone()/>
        {again.then(|| view! { <RunCard import changed/> })}
        <div class="row">
            <LinkButton href="/subscriptions">"See subscriptions"</LinkButton>
            <LinkButton href="/imports/new" icon=icon::UPLOAD>"Import another file"</LinkButton>
        </div>
    }
}

#[component]
fn ReportCard(report: Report) -> impl IntoView {
    let heads = vec![Head::text("What"), Head::number("Count")];
    let rows = report.lines().into_iter().map(|(what, n)| vec![what.into_any(), number(n).into_any()]).collect();
    view! {
        <Card title="Report" flush=true>
            <SimpleTable caption="Report of the import" heads rows/>
        </Card>
    }
}

/// Deletes the import's record and its file.
#[component]
pub fn DeleteButton(import: Import) -> impl IntoView {
    let action = ServerAction::<DeleteImport>::new();
    let told = if import.status == ImportStatus::Done {
        "The file and this report are deleted. What was imported stays."
    } else {
        "The file is deleted. Nothing was imported from it."
    };
    let ask = Ask::new("Delete", "Delete this import?", "Delete import").icon(icon::TRASH).danger();
    view! {
        <FormDialog of=ask action>
            <HiddenField name="id" value=import.id.to_string()/>
            <p>{told}</p>
        </FormDialog>
    }
}
