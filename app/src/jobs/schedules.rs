//! What recurs, as a table.

use leptos::prelude::*;

use super::model::{RunRow, ScheduleRow, counted, pages};
use crate::kit::case;
use crate::ui::{Badge, Card, Empty, Head, SimpleTable, Tone, When, icon};

/// The schedules with the next and the latest time.
pub fn schedules_card(rows: Vec<ScheduleRow>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty icon=icon::CALENDAR title="Nothing recurs">
                <p>"No feature in use has anything to do at set times."</p>
            </Empty>
        }
        .into_any();
    }
    let heads = vec![Head::text("Schedule"), Head::text("Next"), Head::text("Latest"), Head::text("Result"), Head::number("Duration")];
    let rows = rows.into_iter().map(schedule_cells).collect();
    view! {
        <Card title="Schedules" subtitle="Times are UTC" flush=true>
            <SimpleTable caption="Schedules" heads rows/>
        </Card>
    }
    .into_any()
}

fn schedule_cells(row: ScheduleRow) -> Vec<AnyView> {
    let ScheduleRow { title, cron, next, last, .. } = row;
    let name = view! {
        <span class="two-lines">
            <span>{title}</span>
            <code class="muted">{cron}</code>
        </span>
    };
    let (at, result, took) = match last {
        Some(run) => (view! { <When at=run.started.clone()/> }.into_any(), outcome(&run), run.duration.into_any()),
        None => ("Not yet".into_any(), ().into_any(), ().into_any()),
    };
    vec![name.into_any(), view! { <When at=next/> }.into_any(), at, result, took]
}

/// How a try ended, in a word and what it counted or why it failed.
pub fn outcome(run: &RunRow) -> AnyView {
    let (tone, word) = if run.failed { (Tone::Bad, "Failed") } else { (Tone::Good, "Done") };
    let rest = if run.failed { run.error.clone().unwrap_or_default().into_any() } else { counts(&run.counts) };
    view! {
        <span class="two-lines">
            <span><Badge tone text=word/></span>
            <span class="muted">{rest}</span>
        </span>
    }
    .into_any()
}

/// What a try counted, with a way to each thing it names.
pub fn counts(of: &[(String, String)]) -> AnyView {
    let links = pages(of).into_iter().map(|(noun, href)| {
        view! {
            " "
            <a class="link" href=href>"Show the " {case::lower(noun)}</a>
        }
    });
    let links = links.collect::<Vec<_>>();
    view! { {counted(of)} {links} }.into_any()
}
