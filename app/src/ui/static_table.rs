//! Small tables that are there as a whole: reports, the figures behind a chart.

use leptos::prelude::*;

/// A column's head: `Head::text("Plan")`, `Head::number("MRR")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    label: String,
    numeric: bool,
}

impl Head {
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: false }
    }

    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: true }
    }
}

/// What a column is called; one without a word holds what can be done, and says so to who cannot see it.
fn name(head: &Head) -> AnyView {
    if head.label.is_empty() {
        return view! { <span class="visually-hidden">"Actions"</span> }.into_any();
    }
    head.label.clone().into_any()
}

/// Rows of cells; the first cell of each names the row. `footer` is a last row of sums.
#[component]
pub fn SimpleTable(
    #[prop(into)] caption: String,
    heads: Vec<Head>,
    rows: Vec<Vec<AnyView>>,
    #[prop(optional)] footer: Vec<AnyView>,
) -> impl IntoView {
    let class = |numeric: bool| numeric.then_some("number");
    let numeric: Vec<bool> = heads.iter().map(|head| head.numeric).collect();
    // On a phone a row of many columns is a card, whose lines must say what they are.
    let wide = heads.len() > 3;
    let line = |cells: Vec<AnyView>| {
        let cells = cells.into_iter().enumerate().map(|(i, cell)| {
            let class = class(numeric.get(i).copied().unwrap_or(false));
            let named = heads.get(i).filter(|_| wide).map(|head| head.label.clone());
            match i {
                0 => view! { <th scope="row" class=class>{cell}</th> }.into_any(),
                _ => view! { <td class=class data-head=named>{cell}</td> }.into_any(),
            }
        });
        let cells = cells.collect::<Vec<_>>();
        view! { <tr>{cells}</tr> }
    };
    let foot = (!footer.is_empty()).then(|| view! { <tfoot>{line(footer)}</tfoot> });
    let body = rows.into_iter().map(line).collect::<Vec<_>>();
    let head = heads.iter().map(|head| view! { <th scope="col" class=class(head.numeric)>{name(head)}</th> });
    let head = head.collect::<Vec<_>>();
    let label = caption.clone();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=label>
            <table class="table plain" class:wide=wide>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{body}</tbody>
                {foot}
            </table>
        </div>
    }
}
