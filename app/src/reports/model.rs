//! What a report is: columns, rows of cells, and the range of days that it is of.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kit::money::{Currency, Money};
use crate::kit::period::Month;
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::text_enum;

text_enum!(
    /// Which report.
    pub enum ReportKind {
        RevenueByMonth = "revenue_by_month" => "Revenue by month",
        RevenueByCustomer = "revenue_by_customer" => "Revenue by customer",
        Outstanding = "outstanding" => "Outstanding balances",
        PaymentsByMethod = "payments_by_method" => "Payments by method",
        Tax = "tax" => "Tax",
        Aging = "aging" => "Aging by customer",
    }
);

/// A column: its key in `sort=` and in files, its name for people, whether it holds figures.
pub type Head = (&'static str, &'static str, bool);

const BY_MONTH: &[Head] = &[
    ("month", "Month", false),
    ("currency", "Currency", false),
    ("invoiced", "Invoiced", true),
    ("taken_back", "Taken back", true),
    ("revenue", "Revenue", true),
    ("tax", "Tax", true),
];
const BY_CUSTOMER: &[Head] = &[
    ("customer", "Customer", false),
    ("currency", "Currency", false),
    ("invoiced", "Invoiced", true),
    ("taken_back", "Taken back", true),
    ("revenue", "Revenue", true),
    ("tax", "Tax", true),
];
const OUTSTANDING: &[Head] = &[
    ("customer", "Customer", false),
    ("currency", "Currency", false),
    ("owed", "Owed", true),
    ("credit", "Credit", true),
    ("balance", "Balance", true),
];
const BY_METHOD: &[Head] = &[
    ("method", "Method", false),
    ("currency", "Currency", false),
    ("payments", "Payments", true),
    ("received", "Received", true),
    ("fees", "Fees", true),
    ("refunded", "Paid back", true),
];
const TAX: &[Head] = &[
    ("tax", "Tax", false),
    ("rate_percent", "Rate in percent", true),
    ("currency", "Currency", false),
    ("taxable", "Taxable", true),
    ("invoiced_tax", "Tax invoiced", true),
    ("credited_tax", "Tax taken back", true),
    ("net_tax", "Tax", true),
];
const AGING: &[Head] = &[
    ("customer", "Customer", false),
    ("currency", "Currency", false),
    ("current", "Not due yet", true),
    ("days_1_30", "1\u{2013}30 days", true),
    ("days_31_60", "31\u{2013}60 days", true),
    ("days_61_90", "61\u{2013}90 days", true),
    ("days_over_90", "Over 90 days", true),
    ("total", "Total", true),
];

impl ReportKind {
    pub fn heads(self) -> &'static [Head] {
        match self {
            Self::RevenueByMonth => BY_MONTH,
            Self::RevenueByCustomer => BY_CUSTOMER,
            Self::Outstanding => OUTSTANDING,
            Self::PaymentsByMethod => BY_METHOD,
            Self::Tax => TAX,
            Self::Aging => AGING,
        }
    }

    /// What its figures are.
    pub fn about(self) -> &'static str {
        match self {
            Self::RevenueByMonth | Self::RevenueByCustomer => {
                "Posted to the ledger in these days, without tax: what was invoiced, less voided invoices and credit notes."
            }
            Self::Outstanding => "At the end of the last day: what invoices wanted, and what customers had with us; from the ledger.",
            Self::PaymentsByMethod => "Payments of these days that came and were not reversed, and what of them was paid back since.",
            Self::Tax => {
                "Of invoices issued in these days, less credit notes issued and invoices voided in them; one voided in the month of its issue \
                 is left out of both. The last rows say why no tax was charged."
            }
            Self::Aging => "What open invoices want today, by how long they are past their due day.",
        }
    }

    /// Who may see it, beside seeing invoices.
    pub fn permission(self) -> Permission {
        match self {
            Self::RevenueByMonth | Self::RevenueByCustomer | Self::Tax => Permission::ReadRevenue,
            Self::PaymentsByMethod => Permission::ReadPayments,
            Self::Outstanding | Self::Aging => Permission::ReadInvoices,
        }
    }

    /// Whether it has a row for each customer, and so may be long.
    pub fn by_customer(self) -> bool {
        matches!(self, Self::RevenueByCustomer | Self::Outstanding | Self::Aging)
    }

    /// The order it comes in: a column, with `-` for the largest first.
    pub fn default_sort(self) -> &'static str {
        match self {
            Self::RevenueByMonth => "month",
            Self::RevenueByCustomer => "-revenue",
            Self::Outstanding => "-balance",
            Self::PaymentsByMethod => "-received",
            Self::Tax => "tax",
            Self::Aging => "-total",
        }
    }
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    Text(String),
    /// A name, and the page of it.
    Link(String, String),
    Money(Money),
    Count(i64),
}

impl Cell {
    /// As a file has it.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Link(text, _) => text.clone(),
            Self::Money(money) => money.to_major(),
            Self::Count(n) => n.to_string(),
        }
    }

    /// Figures sort by size, the rest by its text.
    fn rank(&self) -> (i64, String) {
        match self {
            Self::Text(text) | Self::Link(text, _) => (0, text.to_lowercase()),
            Self::Money(money) => (money.minor(), String::new()),
            Self::Count(n) => (*n, String::new()),
        }
    }
}

/// What was asked for, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub kind: ReportKind,
    /// Both included.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// A column, with `-` before it for the largest first.
    pub sort: String,
}

/// What was asked for, as the URL says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFor {
    #[serde(default)]
    pub report: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub sort: String,
}

impl AskedFor {
    /// The checked wish: blank means revenue by month, of twelve months up to today, in the report's own order.
    pub fn parse(&self, today: NaiveDate) -> Result<Asked> {
        let kind = if self.report.is_empty() {
            ReportKind::RevenueByMonth
        } else {
            self.report.parse::<ReportKind>().map_err(|e| Error::field("report", e))?
        };
        let day = |field: &str, text: &str, or: NaiveDate| {
            if text.trim().is_empty() { Ok(or) } else { crate::kit::period::day(text.trim()).map_err(|why| Error::field(field, why)) }
        };
        let to = day("to", &self.to, today)?;
        let from = day("from", &self.from, Month::of(to).plus(-11).first_day())?;
        if from > to {
            return Err(Error::field("from", "must not be after to"));
        }
        let known = |sort: &str| kind.heads().iter().any(|(key, _, _)| *key == sort.trim_start_matches('-'));
        let sort = if known(&self.sort) { self.sort.clone() } else { kind.default_sort().to_owned() };
        Ok(Asked { kind, from, to, sort })
    }
}

impl Asked {
    /// The column to sort by, and whether the largest comes first.
    pub fn order(&self) -> (usize, bool) {
        let (key, down) = self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |key| (key, true));
        (self.kind.heads().iter().position(|head| head.0 == key).unwrap_or(0), down)
    }

    /// The pairs of its URL.
    pub fn url(&self, sort: &str) -> String {
        format!("report={}&from={}&to={}&sort={sort}", self.kind, self.from, self.to)
    }
}

/// Rows in the order asked for.
pub fn sorted(mut rows: Vec<Vec<Cell>>, asked: &Asked) -> Vec<Vec<Cell>> {
    let (at, down) = asked.order();
    // Of equal ones, by all that they say.
    rows.sort_by_cached_key(|row| row.iter().map(Cell::plain).collect::<Vec<_>>());
    rows.sort_by_cached_key(|row| row.get(at).map(Cell::rank));
    if down {
        rows.reverse();
    }
    rows
}

/// A report as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub asked: Asked,
    pub rows: Vec<Vec<Cell>>,
    /// A row of sums for each currency.
    pub totals: Vec<Vec<Cell>>,
    /// There are more rows than these; files have them all.
    pub cut: bool,
}

text_enum!(
    /// How long past its due day.
    pub enum Bucket {
        Current = "current" => "Not due yet",
        Days30 = "days_1_30" => "1\u{2013}30 days",
        Days60 = "days_31_60" => "31\u{2013}60 days",
        Days90 = "days_61_90" => "61\u{2013}90 days",
        Older = "days_over_90" => "Over 90 days",
    }
);

impl Bucket {
    /// The due days of the invoices in it: the first and the last, where there is one.
    pub fn due(self, today: NaiveDate) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let back = |days| today.checked_sub_days(chrono::Days::new(days)).unwrap_or(today);
        match self {
            Self::Current => (Some(today), None),
            Self::Days30 => (Some(back(30)), Some(back(1))),
            Self::Days60 => (Some(back(60)), Some(back(31))),
            Self::Days90 => (Some(back(90)), Some(back(61))),
            Self::Older => (None, Some(back(91))),
        }
    }

    /// Its invoices in the list.
    pub fn href(self, currency: Currency, today: NaiveDate) -> String {
        let (from, to) = self.due(today);
        let mut href = format!("/invoices?status=open,partially_paid,overdue&currency={currency}&sort=due");
        for (key, day) in [("due_from", from), ("due_to", to)] {
            if let Some(day) = day {
                href.push_str(&format!("&{key}={day}"));
            }
        }
        href
    }
}

/// What open invoices of one currency want, by how long they are past due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgingRow {
    pub currency: Currency,
    /// Amount and number of invoices of each bucket, in their order.
    pub buckets: Vec<(Money, i64)>,
    pub total: Money,
}

/// The customers behind a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgingCustomer {
    /// `cus_…`.
    pub id: String,
    pub name: String,
    pub invoices: i64,
    pub amount: Money,
    /// The due day of the invoice that waits longest.
    pub oldest: NaiveDate,
}

/// The aging page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aging {
    pub today: NaiveDate,
    pub rows: Vec<AgingRow>,
    /// Of the cell that was asked for, the largest first.
    pub behind: Option<Behind>,
}

/// Who is behind a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    pub currency: Currency,
    pub bucket: Bucket,
    pub customers: Vec<AgingCustomer>,
    /// There are more of them.
    pub cut: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_url_says_what_is_wanted() {
        let asked = AskedFor::default().parse(d("2026-11-21")).expect("a wish");
        assert_eq!((asked.kind, asked.from, asked.to), (ReportKind::RevenueByMonth, d("2025-12-01"), d("2026-11-21")));
        let asked = AskedFor { report: "outstanding".into(), sort: "-owed".into(), ..AskedFor::default() };
        assert_eq!(asked.parse(d("2026-11-21")).expect("a wish").order(), (2, true));
        let wrong = AskedFor { from: "2026-02-01".into(), to: "2026-01-01".into(), ..AskedFor::default() };
        assert!(wrong.parse(d("2026-11-21")).is_err());
    }

    #[test]
    fn every_report_can_be_sorted_as_it_comes() {
        for kind in ReportKind::ALL {
            assert!(kind.heads().iter().any(|head| head.0 == kind.default_sort().trim_start_matches('-')), "{kind}");
        }
    }

    #[test]
    fn buckets_meet_and_do_not_overlap() {
        let today = d("2026-03-31");
        let ends: Vec<_> = Bucket::ALL.iter().map(|bucket| bucket.due(today)).collect();
        for pair in ends.windows(2) {
            assert_eq!(pair[1].1.and_then(|day| day.succ_opt()), pair[0].0);
        }
        assert_eq!(ends[1], (Some(d("2026-03-01")), Some(d("2026-03-30"))));
    }
}
