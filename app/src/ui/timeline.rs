//! What happened, the latest first.

use leptos::prelude::*;

use super::badge::Tone;
use super::icon::{Glyph, Icon};
use super::moment::When;
use crate::kit::moment::Moment;

/// One event: `TimelineItem::new(icon::PLUS, "Subscription started", at)`.
pub struct TimelineItem {
    icon: Glyph,
    tone: Tone,
    title: AnyView,
    detail: Option<AnyView>,
    at: Moment,
}

impl TimelineItem {
    pub fn new(icon: Glyph, title: impl IntoAny, at: Moment) -> Self {
        Self { icon, tone: Tone::Neutral, title: title.into_any(), detail: None, at }
    }

    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    pub fn detail(mut self, detail: impl IntoAny) -> Self {
        self.detail = Some(detail.into_any());
        self
    }
}

/// The events of one thing.
#[component]
pub fn Timeline(of: Vec<TimelineItem>) -> impl IntoView {
    let items = of.into_iter().map(|item| {
        view! {
            <li data-tone=item.tone.word()>
                <span class="timeline-icon">
                    <Icon of=item.icon/>
                </span>
                <div>
                    <div class="timeline-title">{item.title}</div>
                    {item.detail.map(|detail| view! { <div class="timeline-detail">{detail}</div> })}
                </div>
                <When at=item.at/>
            </li>
        }
    });
    let items = items.collect::<Vec<_>>();
    view! { <ol class="timeline">{items}</ol> }
}
