//! What stands where content will be, in its final size.

use leptos::prelude::*;

/// The shape of what is coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bone {
    /// Lines of text.
    Lines(u16),
    /// A table of so many rows.
    Table(u16),
    /// A row of so many figure cards.
    Kpis(u16),
    /// A card so many pixels high.
    Card(u16),
    /// A title, facts and a table.
    Detail,
}

impl Default for Bone {
    fn default() -> Self {
        Bone::Lines(3)
    }
}

/// Draws a [`Bone`].
#[component]
pub fn Skeleton(#[prop(optional)] of: Bone) -> impl IntoView {
    let bones = |class: &'static str, n: u16| (0..n).map(|_| view! { <div class=class></div> }).collect_view().into_any();
    let body = match of {
        Bone::Lines(n) => bones("bone line", n),
        Bone::Table(n) => view! { <div class="table-box">{bones("bone-row", n + 1)}</div> }.into_any(),
        Bone::Kpis(n) => view! { <div class="kpis">{bones("card bone-kpi", n)}</div> }.into_any(),
        Bone::Card(height) => view! { <div class="card bone-card" style:height=height.to_string() + "px"></div> }.into_any(),
        Bone::Detail => view! {
            <div class="bone line title"></div>
            <div class="card bone-card" style="height:160px"></div>
            <div class="table-box">{bones("bone-row", 6)}</div>
        }
        .into_any(),
    };
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            {body}
        </div>
    }
}
