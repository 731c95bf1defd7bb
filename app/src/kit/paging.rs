//! Lists: what is asked for (in the URL) and what comes back (a page of rows with the keys of its neighbours).

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// Rows on a page unless asked otherwise.
pub const PAGE_SIZE: u32 = 50;
/// Lists are counted this far; beyond it a list is "more than".
pub const COUNT_MAX: u64 = 10_000;
/// The most rows on a page.
pub const PAGE_SIZE_MAX: u32 = 200;

/// The most rows that are picked for one verb.
pub const PICKED_MAX: usize = 500;

/// The ids of picked rows, as a form sends them with commas between; each once. One that is no id of the kind is as
/// unknown as an unknown one.
pub fn picked<T: FromStr + Ord>(ids: &str) -> Result<Vec<T>> {
    let ids: BTreeSet<T> =
        ids.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().map_err(|_| Error::NotFound)).collect::<Result<_>>()?;
    match ids.len() {
        0 => Err(Error::field("ids", "Pick at least one row.")),
        1..=PICKED_MAX => Ok(ids.into_iter().collect()),
        _ => Err(Error::field("ids", format!("Pick at most {PICKED_MAX} rows."))),
    }
}

/// What a list shows: search, sort, filters and where the page starts. Its URL form is the list's whole state, so
/// that a link, the back button and a page without JavaScript all work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Free text.
    pub q: String,
    /// A column's key, with `-` before it for descending; empty: the list's own order.
    pub sort: String,
    /// Rows after this cursor; empty: from the start.
    pub after: String,
    /// Rows before this cursor (the page that ends just there).
    pub before: String,
    /// Rows a page; 0: [`PAGE_SIZE`].
    pub limit: u32,
    /// The number of the page's first row, as the link to it said; 0: 1. Only shown, never searched by.
    pub row: u64,
    /// Filter key → chosen values.
    pub filters: BTreeMap<String, Vec<String>>,
    /// Columns chosen; empty: the list's default.
    pub columns: Vec<String>,
}

impl ListQuery {
    /// Reads a query's pairs; a filter's values are comma-separated, unknown keys are filters.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut query = Self::default();
        for (key, value) in pairs {
            if value.is_empty() {
                continue;
            }
            match key.as_str() {
                "q" => query.q = value,
                "sort" => query.sort = value,
                "after" => query.after = value,
                "before" => query.before = value,
                "limit" => query.limit = value.parse().unwrap_or(0).min(PAGE_SIZE_MAX),
                "row" => query.row = value.parse().unwrap_or(0),
                "columns" => query.columns = value.split(',').map(str::to_owned).collect(),
                _ => query.filters.entry(key).or_default().extend(value.split(',').map(str::to_owned)),
            }
        }
        query
    }

    /// The pairs [`from_pairs`](Self::from_pairs) reads, in a stable order.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs =
            vec![("q", self.q.clone()), ("sort", self.sort.clone()), ("after", self.after.clone()), ("before", self.before.clone())]
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect::<Vec<_>>();
        if self.limit > 0 {
            pairs.push(("limit".into(), self.limit.to_string()));
        }
        if self.row > 1 {
            pairs.push(("row".into(), self.row.to_string()));
        }
        pairs.extend(self.filters.iter().map(|(k, v)| (k.clone(), v.join(","))));
        pairs.push(("columns".into(), self.columns.join(",")));
        pairs.retain(|(_, v)| !v.is_empty());
        pairs
    }

    /// `?q=…&sort=…`, percent-encoded; empty where nothing is set.
    pub fn to_url_query(&self) -> String {
        let pairs: Vec<String> = self.pairs().iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// The same list from its first page.
    pub fn from_start(&self) -> Self {
        Self { after: String::new(), before: String::new(), row: 0, ..self.clone() }
    }

    /// Sorted by `key`: ascending first, then the other way round.
    pub fn sorted_by(&self, key: &str) -> Self {
        let sort = if self.sort == key { format!("-{key}") } else { key.to_owned() };
        Self { sort, ..self.from_start() }
    }

    /// With `value` of the filter `key` switched on or off.
    pub fn toggled(&self, key: &str, value: &str) -> Self {
        let mut query = self.from_start();
        let values = query.filters.entry(key.to_owned()).or_default();
        match values.iter().position(|v| v == value) {
            Some(i) => {
                values.remove(i);
            }
            None => values.push(value.to_owned()),
        }
        query.filters.retain(|_, v| !v.is_empty());
        query
    }

    /// Without the filter `key`.
    pub fn without(&self, key: &str) -> Self {
        let mut query = self.from_start();
        query.filters.remove(key);
        query
    }

    /// The chosen values of a filter.
    pub fn filter(&self, key: &str) -> &[String] {
        self.filters.get(key).map_or(&[], Vec::as_slice)
    }

    /// The first chosen value of a filter.
    pub fn filter_one(&self, key: &str) -> Option<&str> {
        self.filter(key).first().map(String::as_str)
    }

    /// Column key and whether descending; `default` where the URL says nothing or a key not in `known`.
    pub fn sort_or<'a>(&'a self, default: &'a str, known: &[&str]) -> (&'a str, bool) {
        let split = |s: &'a str| s.strip_prefix('-').map_or((s, false), |k| (k, true));
        let (key, descending) = split(&self.sort);
        if known.contains(&key) { (key, descending) } else { split(default) }
    }

    /// Rows a page.
    pub fn size(&self) -> u64 {
        u64::from(if self.limit == 0 { PAGE_SIZE } else { self.limit.min(PAGE_SIZE_MAX) })
    }
}

/// A page of rows and the cursors of its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Cursor for `after`, where more rows follow.
    pub next: Option<String>,
    /// Cursor for `before`, where rows precede.
    pub previous: Option<String>,
    /// Rows in the whole list under these filters; above [`COUNT_MAX`]: at least that many.
    pub total: u64,
}

impl<T> Page<T> {
    /// `1,234`, or `10,000+` where counting stopped.
    pub fn total_label(&self) -> String {
        if self.total > COUNT_MAX {
            format!("{}+", super::money::group(&COUNT_MAX.to_string()))
        } else {
            super::money::group(&self.total.to_string())
        }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(f).collect(), next: self.next, previous: self.previous, total: self.total }
    }
}

/// Percent-encodes everything but unreserved characters.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_the_state() {
        let mut query = ListQuery { q: "a b&c".into(), sort: "-mrr".into(), limit: 20, ..Default::default() };
        query.filters.insert("status".into(), vec!["active".into(), "trial".into()]);
        assert_eq!(query.to_url_query(), "?q=a%20b%26c&sort=-mrr&limit=20&status=active,trial");
        assert_eq!(ListQuery::from_pairs(query.pairs()), query);
    }

    #[test]
    fn picked_rows_are_each_named_once_and_known_by_their_kind() {
        let ids = |n: u128| (0..n).map(|n| super::super::JobId(uuid::Uuid::from_u128(n)).to_string()).collect::<Vec<_>>();
        let two = picked::<super::super::JobId>(&[ids(2), ids(1)].concat().join(","));
        assert_eq!(two.map(|ids| ids.len()), Ok(2));
        assert_eq!(picked::<super::super::JobId>("job_x"), Err(Error::NotFound));
        assert!(matches!(picked::<super::super::JobId>(""), Err(Error::Invalid(_))));
        assert!(picked::<super::super::JobId>(&ids(500).join(",")).is_ok());
        assert!(matches!(picked::<super::super::JobId>(&ids(501).join(",")), Err(Error::Invalid(_))));
    }

    #[test]
    fn a_filter_toggles_and_goes_back_to_the_first_page() {
        let query = ListQuery { after: "x".into(), ..Default::default() };
        let on = query.toggled("status", "active");
        assert_eq!((on.after.as_str(), on.filter("status")), ("", &["active".to_owned()][..]));
        assert_eq!(on.toggled("status", "active").filters.len(), 0);
        assert_eq!(on.sorted_by("name").sorted_by("name").sort, "-name");
        assert_eq!(on.sort_or("-mrr", &["mrr"]), ("mrr", true));
    }
}
