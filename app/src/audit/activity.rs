//! What happened to one thing, for its page: who did what and when, the newest first.

use leptos::prelude::*;

use super::model::{Activity, Severity};
use crate::kit::paging::{ListQuery, Page};
use crate::ui::icon::{self, Glyph};
use crate::ui::{Card, Timeline, TimelineItem, Tone, page_links};

/// A page of the activity of the thing whose page this is.
#[component]
pub fn ActivityTimeline(of: Page<Activity>, query: ListQuery) -> impl IntoView {
    if of.rows.is_empty() {
        return view! { <Card title="Activity"><p class="muted">"Nothing has been done to it here."</p></Card> }.into_any();
    }
    let links = page_links(&of, query);
    let items = of.rows.into_iter().map(item).collect();
    view! {
        <Card title="Activity" subtitle="Who did what, the latest first">
            <Timeline of=items/>
            {links}
        </Card>
    }
    .into_any()
}

fn item(of: Activity) -> TimelineItem {
    let tone = match of.level {
        Severity::Info => Tone::Neutral,
        Severity::Warning => Tone::Warn,
        Severity::Critical => Tone::Bad,
    };
    let glyph = glyph(&of.verb);
    let title = view! {
        <span class="activity-what">{of.what}</span>
        <span class="muted">" by " {of.actor}</span>
        {of.subject.map(|href| link("Show it".to_owned(), href, true))}
    };
    let item = TimelineItem::new(glyph, title, of.at).tone(tone);
    if of.told.is_empty() && of.others.is_empty() {
        return item;
    }
    let mut links = Vec::with_capacity(of.others.len());
    for (noun, href) in of.others {
        links.push(link(noun, href, !of.told.is_empty() || !links.is_empty()));
    }
    item.detail(view! { {of.told} {links} })
}

/// A link, set apart from what stands before it.
fn link(label: String, href: String, apart: bool) -> AnyView {
    let apart = apart.then_some(" \u{b7} ");
    view! { {apart} <a class="link" href=href>{label}</a> }.into_any()
}

fn glyph(verb: &str) -> Glyph {
    match verb {
        "created" => icon::PLUS,
        "cancelled" | "ended" => icon::BAN,
        "reactivated" => icon::UNDO_2,
        _ => icon::PENCIL,
    }
}
