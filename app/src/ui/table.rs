//! The one table: sorted, paged and filtered by the server, its whole state in the URL.
//!
//! The generic part turns rows into cells and ends there; the rest is compiled once.

use leptos::prelude::*;

use super::column::{Listing, Phone, Row, visible};
use super::icon::{self, Icon};
use super::pager::{Pager, Place};
use super::path_now;
use super::selection::Selection;
use crate::kit::paging::{ListQuery, Page};

struct Th {
    key: &'static str,
    label: String,
    numeric: bool,
    sortable: bool,
    phone: Phone,
}

/// A page of rows, which can be picked where there is a `selection`. The children stand in its place while the list is
/// empty.
#[component]
pub fn DataTable<T: 'static>(
    of: Listing<T>,
    page: Page<T>,
    query: ListQuery,
    #[prop(default = None, into)] selection: Option<Selection>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let Listing { name, row, columns } = of;
    let shown: Vec<_> = columns.into_iter().enumerate().filter(|(i, c)| visible(*i, c.key, c.optional, &query)).map(|(_, c)| c).collect();
    let rows: Vec<(Row, Vec<AnyView>)> =
        page.rows.iter().map(|item| (row(item), shown.iter().map(|column| (column.cell)(item)).collect())).collect();
    let wishes: Vec<_> = shown.iter().map(|column| (column.phone, column.numeric)).collect();
    let heads = shown.into_iter().zip(places(&wishes)).map(|(column, phone)| Th {
        key: column.key,
        label: column.label,
        numeric: column.numeric,
        sortable: column.sortable,
        phone,
    });
    let heads: Vec<Th> = heads.collect();
    let place = Place { path: path_now(), query, rows: rows.len() as u64, total: page.total, next: page.next, previous: page.previous };
    match children {
        Some(children) if rows.is_empty() => children(),
        _ => table(name, heads, rows, place, selection),
    }
}

/// Where each column goes on a phone: as asked, else the first top left, the first figures top right, the next two below.
fn places(columns: &[(Option<Phone>, bool)]) -> Vec<Phone> {
    let mut out: Vec<Option<Phone>> = columns.iter().map(|(asked, _)| *asked).collect();
    let mut put = |place: Phone, fits: &dyn Fn(usize) -> bool| {
        if !out.contains(&Some(place))
            && let Some(i) = (0..out.len()).find(|i| out[*i].is_none() && fits(*i))
        {
            out[i] = Some(place);
        }
    };
    put(Phone::TopLeft, &|i| i == 0);
    put(Phone::TopRight, &|i| columns[i].1);
    put(Phone::BottomLeft, &|_| true);
    put(Phone::BottomRight, &|_| true);
    out.into_iter().map(|place| place.unwrap_or(Phone::Hidden)).collect()
}

fn table(name: String, heads: Vec<Th>, rows: Vec<(Row, Vec<AnyView>)>, place: Place, selection: Option<Selection>) -> AnyView {
    let ids: Vec<String> = rows.iter().map(|(row, _)| row.id.clone()).collect();
    let head = heads.iter().map(|th| head_cell(th, &place)).collect::<Vec<_>>();
    let body = rows.into_iter().map(|(row, cells)| body_row(row, cells, &heads, selection)).collect::<Vec<_>>();
    view! {
        <div class="table-box">
            <table class="table" class:pickable=selection.is_some() role="table">
                <caption class="visually-hidden">{name}</caption>
                <thead role="rowgroup">
                    <tr role="row">{selection.map(|selection| pick_all(selection, ids))} {head}</tr>
                </thead>
                <tbody role="rowgroup">{body}</tbody>
            </table>
        </div>
        <Pager of=place/>
    }
    .into_any()
}

fn head_cell(th: &Th, place: &Place) -> AnyView {
    let (key, descending) = place.query.sort.strip_prefix('-').map_or((place.query.sort.as_str(), false), |key| (key, true));
    let sorted = key == th.key;
    let (glyph, word) = if descending { (icon::ARROW_DOWN, "descending") } else { (icon::ARROW_UP, "ascending") };
    let label = th.label.clone();
    let content = if th.sortable {
        let href = place.path.clone() + &place.query.sorted_by(th.key).to_url_query();
        view! {
            <a href=href data-noscroll="">
                {label} {sorted.then(|| view! { <Icon of=glyph/> })}
            </a>
        }
        .into_any()
    } else {
        label.into_any()
    };
    view! {
        <th role="columnheader" scope="col" class:number=th.numeric aria-sort=sorted.then_some(word)>
            {content}
        </th>
    }
    .into_any()
}

fn pick_all(selection: Selection, ids: Vec<String>) -> AnyView {
    let all = {
        let ids = ids.clone();
        move || !ids.is_empty() && ids.iter().all(|id| selection.has(id))
    };
    view! {
        <th role="columnheader" scope="col" class="pick needs-script">
            <input
                type="checkbox"
                aria-label="Select all rows"
                prop:checked=all
                on:change=move |event| selection.set_all(if event_target_checked(&event) { &ids } else { &[] })
            />
        </th>
    }
    .into_any()
}

fn body_row(row: Row, cells: Vec<AnyView>, heads: &[Th], selection: Option<Selection>) -> AnyView {
    let Row { id, label, href } = row;
    let pick = selection.map(|selection| pick_one(selection, id.clone(), label));
    let cells = cells.into_iter().zip(heads).enumerate().map(|(i, (cell, th))| {
        let cell = if i == 0 && !href.is_empty() { view! { <a class="row-link" href=href.clone()>{cell}</a> }.into_any() } else { cell };
        let phone = match th.phone {
            Phone::TopLeft => "tl",
            Phone::TopRight => "tr",
            Phone::BottomLeft => "bl",
            Phone::BottomRight => "br",
            Phone::Hidden => "no",
        };
        view! { <td role="cell" class:number=th.numeric data-phone=phone>{cell}</td> }
    });
    let cells = cells.collect::<Vec<_>>();
    let picked = selection.map(|selection| move || if selection.has(&id) { "true" } else { "false" });
    view! { <tr role="row" data-picked=picked>{pick} {cells}</tr> }.into_any()
}

fn pick_one(selection: Selection, id: String, label: String) -> AnyView {
    let checked = {
        let id = id.clone();
        move || selection.has(&id)
    };
    view! {
        <td role="cell" class="pick needs-script" data-phone="pick">
            <input
                type="checkbox"
                name="ids"
                value=id.clone()
                aria-label=String::from("Select ") + &label
                prop:checked=checked
                on:change=move |event| selection.set(&id, event_target_checked(&event))
            />
        </td>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{Phone, places};

    #[test]
    fn a_row_becomes_two_lines() {
        let columns = [(None, false), (None, false), (None, true), (None, true), (None, false)];
        assert_eq!(places(&columns), [Phone::TopLeft, Phone::BottomLeft, Phone::TopRight, Phone::BottomRight, Phone::Hidden]);
        let columns = [(None, false), (Some(Phone::Hidden), false), (Some(Phone::BottomRight), false), (None, false)];
        assert_eq!(places(&columns), [Phone::TopLeft, Phone::Hidden, Phone::BottomRight, Phone::BottomLeft]);
    }
}
