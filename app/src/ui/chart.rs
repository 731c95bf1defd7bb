//! Charts: the server makes the option, the browser draws it, and the table behind it is one click away.

use leptos::html;
use leptos::prelude::*;

use super::browser;

/// A chart of `option` (the JSON of an echarts option). The children are the same figures as a `SimpleTable`: shown
/// on demand, and instead of the chart where there is no JavaScript. `label` says what the chart shows.
#[component]
pub fn Chart(
    #[prop(into)] label: String,
    #[prop(into)] option: Signal<String>,
    #[prop(default = 280)] height: u16,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    // The effect's own value, so that nothing of the browser is ever made on the server; it is freed with the page.
    Effect::new(move |drawn: Option<Option<browser::Chart>>| {
        let option = option.get();
        let element = node.get();
        match drawn.flatten() {
            Some(chart) => {
                chart.update(option);
                Some(chart)
            }
            None => element.map(|element| browser::Chart::mount(element, option)),
        }
    });
    view! {
        <div class="chart">
            <div class="chart-plot" role="img" aria-label=label node_ref=node style:height=height.to_string() + "px"></div>
            <details class="chart-table">
                <summary>"Show table"</summary>
                {children()}
            </details>
        </div>
    }
}
