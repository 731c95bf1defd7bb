//! What happened to one thing, for its page: who did what and when, the newest first.

use leptos::prelude::*;

use super::model::{AuditRow, Severity};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::readable::words;
use crate::ui::icon::{self, Glyph};
use crate::ui::{Card, Timeline, TimelineItem, Tone, page_links};

/// A page of the activity of the thing whose page this is. `about` is the kind of that thing: entries of another kind say
/// what they are about.
#[component]
pub fn ActivityTimeline(of: Page<AuditRow>, query: ListQuery, about: &'static str) -> impl IntoView {
    if of.rows.is_empty() {
        return view! { <Card title="Activity"><p class="muted">"Nothing has been done to it here."</p></Card> }.into_any();
    }
    let links = page_links(&of, query);
    let items = of.rows.into_iter().map(|row| item(row, about)).collect();
    view! {
        <Card title="Activity" subtitle="Who did what, the latest first">
            <Timeline of=items/>
            {links}
        </Card>
    }
    .into_any()
}

fn item(row: AuditRow, about: &str) -> TimelineItem {
    let tone = match row.level {
        Severity::Info => Tone::Neutral,
        Severity::Warning => Tone::Warn,
        Severity::Critical => Tone::Bad,
    };
    let other = (row.subject_kind != about).then(|| row.href()).flatten().map(|href| {
        view! {
            " \u{b7} "
            <a class="link" href=href>"Show it"</a>
        }
    });
    let title = view! {
        <span class="activity-what">{words(&row.action)}</span>
        <span class="muted">" by " {row.actor_shown()}</span>
        {other}
    };
    let told: Vec<String> = row.story().into_iter().map(|(name, value)| [name.as_str(), ": ", &value].concat()).collect();
    // The page of the thing itself leads nowhere new.
    let others = row.others().into_iter().filter(|(noun, _)| !noun.eq_ignore_ascii_case(&about.replace('_', " ")));
    let links = others.map(|(noun, href)| view! { " " <a class="link" href=href>{noun}</a> }).collect::<Vec<_>>();
    let item = TimelineItem::new(glyph(&row.action), title, row.at).tone(tone);
    if told.is_empty() && links.is_empty() { item } else { item.detail(view! { {told.join(" \u{b7} ")} {links} }) }
}

fn glyph(action: &str) -> Glyph {
    match action.rsplit('.').next().unwrap_or_default() {
        "created" => icon::PLUS,
        "cancelled" | "ended" => icon::BAN,
        "reactivated" => icon::UNDO_2,
        _ => icon::PENCIL,
    }
}
