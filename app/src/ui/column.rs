//! What a list shows: its columns and what names a row.

use leptos::prelude::*;

use crate::kit::paging::ListQuery;

/// Where a cell goes when, below 640 px, a row becomes a card of two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phone {
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
    Hidden,
}

/// What identifies a row: its id (for selection), its name (for assistive technology) and its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub label: String,
    pub href: String,
}

impl Row {
    pub fn new(id: impl ToString, label: impl Into<String>) -> Self {
        Self { id: id.to_string(), label: label.into(), href: String::new() }
    }

    /// The page a click on the row opens.
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = href.into();
        self
    }
}

type Cell<T> = Box<dyn Fn(&T) -> AnyView + Send + Sync>;

/// A column of a list of `T`.
pub struct Column<T> {
    pub(crate) key: &'static str,
    pub(crate) label: String,
    pub(crate) numeric: bool,
    pub(crate) sortable: bool,
    pub(crate) optional: bool,
    pub(crate) phone: Option<Phone>,
    pub(crate) cell: Cell<T>,
}

impl<T> Column<T> {
    /// `key` is what `sort=` and `columns=` in the URL say.
    pub fn new<V: IntoAny>(key: &'static str, label: impl Into<String>, cell: impl Fn(&T) -> V + Send + Sync + 'static) -> Self {
        let cell: Cell<T> = Box::new(move |row| cell(row).into_any());
        Self { key, label: label.into(), numeric: false, sortable: false, optional: false, phone: None, cell }
    }

    /// Figures: to the right, tabular.
    pub fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    /// The server can sort by it.
    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// Hidden until chosen in the Columns menu.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Its place on a phone, where the usual one is wrong: the first column top left, the first numeric one top right,
    /// the next two below.
    pub fn phone(mut self, place: Phone) -> Self {
        self.phone = Some(place);
        self
    }
}

/// A list: its name, what names a row, its columns.
pub struct Listing<T> {
    pub(crate) name: String,
    pub(crate) row: Box<dyn Fn(&T) -> Row + Send + Sync>,
    pub(crate) columns: Vec<Column<T>>,
}

impl<T> Listing<T> {
    pub fn new(name: impl Into<String>, row: impl Fn(&T) -> Row + Send + Sync + 'static) -> Self {
        Self { name: name.into(), row: Box::new(row), columns: Vec::new() }
    }

    pub fn column(mut self, column: Column<T>) -> Self {
        self.columns.push(column);
        self
    }

    /// A column that is only there where `may` says so.
    pub fn column_if(self, may: bool, column: Column<T>) -> Self {
        if may { self.column(column) } else { self }
    }

    /// For the Columns menu of a `FilterBar`.
    pub fn choices(&self) -> Vec<ColumnChoice> {
        let choice = |column: &Column<T>| ColumnChoice { key: column.key, label: column.label.clone(), optional: column.optional };
        self.columns.iter().map(choice).collect()
    }
}

/// A column as the Columns menu shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnChoice {
    pub key: &'static str,
    pub label: String,
    pub optional: bool,
}

/// Whether a column shows under `query`; the first one always does.
pub(crate) fn visible(index: usize, key: &str, optional: bool, query: &ListQuery) -> bool {
    index == 0 || if query.columns.is_empty() { !optional } else { query.columns.iter().any(|chosen| chosen == key) }
}

/// `query` with one column shown or hidden; without a choice where that is the list's default again.
pub(crate) fn toggled(all: &[ColumnChoice], key: &str, query: &ListQuery) -> ListQuery {
    let rest = || all.iter().enumerate().skip(1);
    let shown = |i: usize, column: &ColumnChoice| visible(i, column.key, column.optional, query) != (column.key == key);
    let default = rest().all(|(i, column)| shown(i, column) != column.optional);
    // The first column always shows, so naming it says "no other" where the choice would else be empty.
    let chosen = all.iter().enumerate().filter(|(i, column)| *i == 0 || shown(*i, column));
    let columns = if default { Vec::new() } else { chosen.map(|(_, column)| column.key.to_owned()).collect() };
    ListQuery { columns, ..query.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<ColumnChoice> {
        let choice = |key: &'static str, optional| ColumnChoice { key, label: key.into(), optional };
        vec![choice("name", false), choice("mrr", false), choice("country", true)]
    }

    #[test]
    fn a_choice_that_is_the_default_leaves_the_url() {
        let all = columns();
        let more = toggled(&all, "country", &ListQuery::default());
        assert_eq!(more.columns, ["name", "mrr", "country"]);
        assert_eq!(toggled(&all, "country", &more).columns, [""; 0]);
        let fewer = toggled(&all, "mrr", &ListQuery::default());
        assert_eq!(fewer.columns, ["name"]);
        assert!(!visible(1, "mrr", false, &fewer) && visible(0, "name", false, &fewer));
    }
}
