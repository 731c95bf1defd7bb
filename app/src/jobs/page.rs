//! `/jobs` and `/jobs/{id}`.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{RetryJob, RetryJobs, list_job_kinds, list_jobs, list_schedules, read_job};
use super::model::{JobDetail, JobRow, JobState, RunRow};
use super::schedules::{counts, outcome, schedules_card};
use crate::kit::case;
use crate::kit::paging::Page;
use crate::kit::permission::Permission;
use crate::kit::readable::{count, page_of, words};
use crate::kit::{Error, JobId, Result};
use crate::shell::use_viewer;
use crate::ui::*;
use crate::ui::{Resource, ServerAction, use_param};

/// `/jobs`.
pub struct JobsPage;

#[lazy_route]
impl LazyRoute for JobsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_jobs);
        let schedules = Resource::new(|| (), |()| list_schedules());
        let kinds = Resource::new(|| (), |()| list_job_kinds());
        use_live(&["job."], move |event| {
            page.refetch();
            if event.name != "job.progressed" {
                schedules.refetch();
            }
        });
        let retry = Retry::new(move || page.refetch());
        let picked = use_selection();
        view! {
            <PageHeader title="Jobs" subtitle="What the program does in the background"/>
            <div class="stack">
                <Loaded of=kinds skeleton=Bone::Lines(1) let:kinds>
                    <FilterBar
                        query
                        search="Kind, error"
                        filters=filters(&kinds)
                        columns=listing(retry).choices()
                        export="/jobs/export.csv"
                    />
                </Loaded>
                <Loaded of=page skeleton=Bone::Table(8) let:rows>
                    <DataTable of=listing(retry) page=rows query=query.get_untracked() selection=retry.allowed.then_some(picked)>
                        <Empty icon=icon::TIMER title="No jobs">
                            <p>"Imports and the schedules below appear here once they run."</p>
                        </Empty>
                    </DataTable>
                </Loaded>
                <Loaded of=schedules skeleton=Bone::Table(4) let:rows>
                    {schedules_card(rows)}
                </Loaded>
            </div>
            {retry.allowed.then(|| retry_picked(picked, page))}
        }
        .into_any()
    }
}

fn retry_picked(picked: Selection, page: Resource<Result<Page<JobRow>>>) -> AnyView {
    let toasts = use_toasts();
    let done = move |retried: u64| {
        toasts.say(match retried {
            0 => "None of them had failed".to_owned(),
            n => count(n, "job") + " back in the queue",
        });
        picked.clear();
        page.refetch();
    };
    view! {
        <BulkBar of=picked>
            <Form action={ServerAction::<RetryJobs>::new()} class="inline" on_ok=done>
                <HiddenField name="ids" value=picked.joined()/>
                <SubmitButton kind=Kind::Secondary icon=icon::ROTATE_CCW>"Retry failed"</SubmitButton>
            </Form>
        </BulkBar>
    }
    .into_any()
}

fn filters(kinds: &[String]) -> Vec<Filter> {
    vec![
        Filter::choice("status", "Status", JobState::ALL.iter().map(|s| (s.word(), s.label()))),
        Filter::choice("kind", "Kind", kinds.iter().map(|kind| (kind.clone(), words(kind)))),
        Filter::days("created", "Created"),
    ]
}

fn listing(retry: Retry) -> Listing<JobRow> {
    Listing::new("Jobs", |j: &JobRow| Row::new(j.id, words(&j.kind)).href(format!("/jobs/{}", j.id)))
        .column(Column::new("kind", "Job", |j: &JobRow| words(&j.kind)))
        .column(Column::new("status", "Status", state))
        .column(Column::new("result", "Result", result))
        .column(Column::new("attempts", "Tries", |j: &JobRow| j.attempts.to_string()).numeric().optional())
        .column(Column::new("duration", "Duration", |j: &JobRow| j.duration.clone()).numeric())
        .column(Column::new("created", "Created", |j: &JobRow| view! { <When at=j.created.clone()/> }).sortable())
        .column(Column::new("actions", "Actions", move |j: &JobRow| retry.form(j)).phone(Phone::BottomRight))
}

/// The badge, and how far it is.
fn state(job: &JobRow) -> AnyView {
    let (tone, text) = match job.state {
        JobState::Queued if job.is_retrying() => (Tone::Warn, "Waiting to retry"),
        JobState::Queued => (Tone::Neutral, job.state.label()),
        JobState::Running => (Tone::Info, job.state.label()),
        JobState::Done => (Tone::Good, job.state.label()),
        JobState::Dead => (Tone::Bad, job.state.label()),
    };
    let bar = job.progress.map(|(done, total)| {
        let label = format!("Progress of {}", case::lower(&words(&job.kind)));
        view! { <Progress label value=done max=total/> }
    });
    view! {
        <span class="two-lines">
            <span><Badge tone text/></span>
            {bar}
        </span>
    }
    .into_any()
}

fn result(job: &JobRow) -> AnyView {
    match (&job.error, job.progress) {
        (Some(error), _) => error.clone().into_any(),
        (None, Some((done, total))) => format!("{done} of {total}").into_any(),
        (None, None) => counts(&job.counts),
    }
}

/// A fact of what it works on; what has a page is shown there.
fn fact((name, value): (String, String)) -> Fact {
    match page_of(&value) {
        Some((noun, href)) => Fact::new(name, view! { <a class="link" href=href>"Show the " {case::lower(noun)}</a> }),
        None => Fact::new(name, value),
    }
}

/// The button on a failed job.
#[derive(Clone, Copy)]
struct Retry {
    action: ServerAction<RetryJob>,
    done: Callback<()>,
    allowed: bool,
}

impl Retry {
    /// `refetch` brings what is shown up to date.
    fn new(refetch: impl Fn() + Send + Sync + 'static) -> Self {
        let toasts = use_toasts();
        let done = Callback::new(move |()| {
            refetch();
            toasts.say("The job waits for its turn again");
        });
        Self { action: ServerAction::new(), done, allowed: use_viewer().can(Permission::WriteJobs) }
    }

    fn form(self, job: &JobRow) -> Option<AnyView> {
        let (id, done) = (job.id, self.done);
        let shown = self.allowed && job.state == JobState::Dead;
        shown.then(|| {
            view! {
                <Form action=self.action class="inline" on_ok=move |()| done.run(())>
                    <HiddenField name="id" value=id.to_string()/>
                    <SubmitButton kind=Kind::Secondary icon=icon::ROTATE_CCW>"Retry"</SubmitButton>
                </Form>
            }
            .into_any()
        })
    }
}

/// `/jobs/{id}`.
pub struct JobPage;

#[lazy_route]
impl LazyRoute for JobPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let read = |id: String| async move {
            match id.parse::<JobId>() {
                Ok(id) => read_job(id).await,
                Err(_) => Err(Error::NotFound),
            }
        };
        let job = Resource::new_blocking(move || id.get(), read);
        use_live(&["job."], move |_| job.refetch());
        let retry = Retry::new(move || job.refetch());
        view! {
            <Loaded of=job skeleton=Bone::Detail whole=true let:detail>
                {detail_view(detail, retry)}
            </Loaded>
        }
        .into_any()
    }
}

fn detail_view(detail: JobDetail, retry: Retry) -> AnyView {
    let JobDetail { job, payload, runs } = detail;
    let mut facts = vec![
        Fact::new("Status", state(&job)),
        Fact::new("Kind", view! { <code>{job.kind.clone()}</code> }),
        Fact::new("Created", view! { <Exactly at=job.created.clone()/> }),
        Fact::new("Due", view! { <Exactly at=job.due.clone()/> }),
        Fact::new("Tries", job.attempts.to_string()),
    ];
    facts.extend(job.finished.clone().map(|at| Fact::new("Finished", view! { <Exactly at/> })));
    facts.extend(payload.into_iter().map(fact));
    let failure = job.error.clone().map(|error| {
        let title = if job.state == JobState::Dead { "Failed for good" } else { "The latest try failed" };
        view! { <Callout tone=Tone::Bad title>{error}</Callout> }
    });
    let actions = retry.form(&job).unwrap_or_else(|| ().into_any());
    view! {
        <PageHeader title=words(&job.kind) crumbs=vec![Crumb::new("Jobs", "/jobs")] actions/>
        <div class="stack">
            {failure}
            <Card title="Job"><Facts of=facts/></Card>
            {runs_card(runs)}
        </div>
    }
    .into_any()
}

fn runs_card(runs: Vec<RunRow>) -> AnyView {
    if runs.is_empty() {
        return view! { <Card title="Tries"><p class="muted">"It has not run yet."</p></Card> }.into_any();
    }
    let heads = vec![Head::text("Started"), Head::number("Try"), Head::text("Result"), Head::number("Duration")];
    let rows = runs.into_iter().map(|run| {
        let result = outcome(&run);
        vec![view! { <Exactly at=run.started/> }.into_any(), run.attempt.to_string().into_any(), result, run.duration.into_any()]
    });
    let rows = rows.collect();
    view! {
        <Card title="Tries" flush=true>
            <SimpleTable caption="Tries" heads rows/>
        </Card>
    }
    .into_any()
}
