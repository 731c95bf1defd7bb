//! `/audit`.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::list_audit_entries;
use super::model::{AuditRow, SUBJECTS, Severity};
use crate::kit::readable::words;
use crate::ui::Resource;
use crate::ui::*;

/// `/audit`.
pub struct AuditPage;

#[lazy_route]
impl LazyRoute for AuditPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_audit_entries);
        view! {
            <PageHeader title="Audit log" subtitle="Who did what, when and from where"/>
            <FilterBar
                query
                search="Actor, action, subject"
                filters=filters()
                columns=listing().choices()
                export="/audit/export.csv"
            />
            <Loaded of=page skeleton=Bone::Table(12) let:rows>
                <DataTable of=listing() page=rows query=query.get_untracked()>
                    <Empty icon=icon::SCROLL_TEXT title="No entries match">
                        <p>"Take a filter away to see more."</p>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

fn filters() -> Vec<Filter> {
    vec![
        Filter::text("actor", "Actor"),
        Filter::text("action", "Action"),
        Filter::choice("kind", "Subject", SUBJECTS.iter().copied()),
        Filter::text("subject", "Subject id"),
        Filter::choice("level", "Level", Severity::ALL.iter().map(|l| (l.word(), l.label()))),
        Filter::days("at", "Date"),
        Filter::text("address", "Address"),
        Filter::text("request", "Request id"),
    ]
}

fn listing() -> Listing<AuditRow> {
    Listing::new("Audit log", |a: &AuditRow| Row::new(a.id, &a.action))
        .column(Column::new("at", "When", |a: &AuditRow| view! { <Exactly at=a.at.clone()/> }).sortable().phone(Phone::BottomLeft))
        .column(Column::new("actor", "Actor", |a: &AuditRow| a.actor_shown()).phone(Phone::TopRight))
        .column(Column::new("action", "Action", action).phone(Phone::TopLeft))
        .column(Column::new("subject", "Subject", subject).phone(Phone::BottomRight))
        .column(Column::new("level", "Level", |a: &AuditRow| level(a.level)).optional())
        .column(Column::new("address", "Address", |a: &AuditRow| a.address.clone()))
        .column(Column::new("details", "Details", details))
}

/// The action in words; the level where it is not the usual one.
fn action(row: &AuditRow) -> AnyView {
    let level = (row.level != Severity::Info).then(|| level(row.level));
    view! {
        <span title=row.action.clone()>{words(&row.action)}</span>
        " "
        {level}
    }
    .into_any()
}

fn level(of: Severity) -> AnyView {
    let tone = match of {
        Severity::Info => Tone::Neutral,
        Severity::Warning => Tone::Warn,
        Severity::Critical => Tone::Bad,
    };
    view! { <Badge tone text=of.label()/> }.into_any()
}

fn subject(row: &AuditRow) -> AnyView {
    match row.href() {
        Some(href) => view! { <a class="link" href=href>{row.subject.clone()}</a> }.into_any(),
        None => row.subject.clone().into_any(),
    }
}

/// Everything else that is known, folded.
fn details(row: &AuditRow) -> AnyView {
    let mut pairs = row.details.clone();
    pairs.push((words(&row.subject_kind), row.subject_id.clone()));
    pairs.extend(row.request_id.clone().map(|id| ("Request".to_owned(), id)));
    let count = row.details.len();
    let label = match count {
        0 => "Details".to_owned(),
        1 => "1 detail".to_owned(),
        n => format!("{n} details"),
    };
    let pairs = pairs.into_iter().map(|(name, value)| {
        view! {
            <dt>{name}</dt>
            <dd>{value}</dd>
        }
    });
    let pairs = pairs.collect::<Vec<_>>();
    view! {
        <details class="audit-details">
            <summary>{label}</summary>
            <dl>{pairs}</dl>
        </details>
    }
    .into_any()
}
