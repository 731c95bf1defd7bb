//! From page to page of a list.

use leptos::prelude::*;

use super::icon::{self, Icon};
use crate::kit::money::group;
use crate::kit::paging::{ListQuery, Page};

/// Where a page of rows stands in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub path: String,
    pub query: ListQuery,
    pub rows: u64,
    pub total: u64,
    pub next: Option<String>,
    pub previous: Option<String>,
}

impl Place {
    /// Number of the first row.
    fn first(&self) -> u64 {
        if self.previous.is_none() { 1 } else { self.query.row.max(1) }
    }

    /// `1–50 of 428`; where the link said nothing of the row, `50 of 428`.
    fn text(&self) -> String {
        let first = self.first();
        let mut out = String::new();
        if self.previous.is_none() || first > 1 {
            out.push_str(&group(&first.to_string()));
            out.push('\u{2013}');
            out.push_str(&group(&(first + self.rows).saturating_sub(1).to_string()));
        } else {
            out.push_str(&group(&self.rows.to_string()));
        }
        out.push_str(" of ");
        out.push_str(&group(&self.total.to_string()));
        out
    }

    fn next_href(&self) -> Option<String> {
        let row = self.first() + self.rows;
        self.next.clone().map(|after| self.path.clone() + &ListQuery { after, row, ..self.query.from_start() }.to_url_query())
    }

    fn previous_href(&self) -> Option<String> {
        let row = self.first().saturating_sub(self.query.size());
        self.previous.clone().map(|before| self.path.clone() + &ListQuery { before, row, ..self.query.from_start() }.to_url_query())
    }
}

/// `1–50 of 428`, back and forth.
#[component]
pub(crate) fn Pager(of: Place) -> impl IntoView {
    let (previous, next) = (of.previous_href(), of.next_href());
    let arrows = (previous.is_some() || next.is_some()).then(|| {
        view! {
            <div class="pager-links">
                {arrow("Previous page", icon::CHEVRON_LEFT, previous)} {arrow("Next page", icon::CHEVRON_RIGHT, next)}
            </div>
        }
    });
    view! {
        <nav class="pager" aria-label="Pages">
            <span>{of.text()}</span>
            {arrows}
        </nav>
    }
}

/// The same for rows that are no table.
pub fn page_links<T>(of: &Page<T>, query: ListQuery) -> AnyView {
    let (rows, total) = (of.rows.len() as u64, of.total);
    let of = Place { path: super::path_now(), query, rows, total, next: of.next.clone(), previous: of.previous.clone() };
    view! { <Pager of/> }.into_any()
}

fn arrow(label: &'static str, of: icon::Glyph, href: Option<String>) -> impl IntoView {
    let disabled = href.is_none().then_some("true");
    view! {
        <a class="button" role="link" aria-label=label aria-disabled=disabled href=href>
            <Icon of/>
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_carry_the_number_of_the_row() {
        let mut place =
            Place { path: "/t".into(), query: ListQuery::default(), rows: 50, total: 1428, next: Some("k".into()), previous: None };
        assert_eq!(place.text(), "1\u{2013}50 of 1,428");
        assert_eq!(place.next_href().as_deref(), Some("/t?after=k&row=51"));
        place.previous = Some("p".into());
        place.query.row = 51;
        assert_eq!(place.text(), "51\u{2013}100 of 1,428");
        assert_eq!(place.previous_href().as_deref(), Some("/t?before=p"));
        place.query.row = 0;
        assert_eq!(place.text(), "50 of 1,428");
    }
}
