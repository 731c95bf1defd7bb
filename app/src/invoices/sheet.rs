//! What the pages show beside the invoice itself, and what people type into them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{CreditLine, InvoiceDetail, InvoiceLineId, NewCreditNote};
use crate::kit::Result;
use crate::kit::form::Check;
use crate::kit::money::{Currency, Money};

/// The figures above the list, in the seller's currency. The period is the last 30 days, today included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceStats {
    /// Issued in the period and not taken back.
    pub invoiced: Money,
    pub count: u64,
    /// What issued invoices still want, due or not.
    pub outstanding: Money,
    /// The part of it that is past its day.
    pub overdue: Money,
    pub overdue_count: u64,
    /// Of what fell due in the 30 days before today, the part paid in whole by its day, in thousandths; `None`: nothing did.
    pub collected: Option<i64>,
    /// Days of sales outstanding, in tenths; `None` where nothing was invoiced.
    pub dso: Option<i64>,
}

/// `31.4` from tenths.
pub fn tenths(of: i64) -> String {
    format!("{}.{}", of / 10, of % 10)
}

/// `15` or `12.5` from parts per million: a rate in percent.
pub fn percent(ppm: i32) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Something that changed what an invoice wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceMove {
    pub day: NaiveDate,
    pub what: String,
    /// The number or name of the document behind it.
    pub label: String,
    /// Its page, where there is one.
    pub link: Option<String>,
    /// Below zero: the invoice wants less.
    pub amount: Money,
}

/// A line, and what of it can still be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineLeft {
    pub line: InvoiceLineId,
    pub description: String,
    /// As the line has it: before tax, or with it where prices include it.
    pub left: Money,
}

/// An invoice's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceSheet {
    pub detail: InvoiceDetail,
    pub replaces_number: Option<String>,
    pub replaced_by_number: Option<String>,
    /// Payments, corrections and all else that moved what it wants.
    pub moves: Vec<InvoiceMove>,
    pub left: Vec<LineLeft>,
    /// Of a draft: when it would be due if it were issued today.
    pub would_be_due: NaiveDate,
    /// A charge of it that waits for the customer to confirm it: its page and what it asks for.
    pub to_confirm: Option<(String, Money)>,
}

/// What a credit note would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditEffect {
    /// Without tax.
    pub subtotal: Money,
    pub tax: Money,
    pub total: Money,
    /// What the invoice wants now and would then.
    pub due: Money,
    pub due_after: Money,
}

/// A credit note as typed: an amount for each line, by its id; all blank: all that is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditForm {
    pub settlement: String,
    pub reason: String,
    pub amounts: BTreeMap<String, String>,
}

impl CreditForm {
    /// From the fields of the form.
    pub fn of(values: &[(String, String)]) -> Self {
        let mut form = Self::default();
        for (name, value) in values {
            match name.as_str() {
                "settlement" => form.settlement = value.clone(),
                "reason" => form.reason = value.clone(),
                _ => {
                    if let Some(line) = name.strip_prefix("amounts[").and_then(|n| n.strip_suffix(']')) {
                        form.amounts.insert(line.to_owned(), value.clone());
                    }
                }
            }
        }
        form
    }

    /// The checked fields, or what is wrong with which.
    pub fn parse(&self, currency: Currency) -> Result<NewCreditNote> {
        let mut check = Check::default();
        let settlement = check.parse("settlement", &self.settlement);
        let reason = check.text("reason", &self.reason, 300);
        let mut lines = Vec::new();
        for (line, amount) in self.amounts.iter().filter(|(_, amount)| !amount.trim().is_empty()) {
            let field = format!("amounts[{line}]");
            let line: Option<InvoiceLineId> = check.parse(&field, line);
            let amount = check.money(&field, amount, currency);
            lines.extend(line.filter(|_| !amount.is_zero()).map(|line| CreditLine { line, amount }));
        }
        if lines.is_empty() && self.amounts.values().any(|amount| !amount.trim().is_empty()) {
            check.refuse("amounts", "Take back more than nothing, or leave all blank for all that is left.");
        }
        check.done_with(settlement.map(|settlement| NewCreditNote { lines, settlement, reason }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_days_are_written_out() {
        assert_eq!((percent(150_000), percent(125_000), percent(0), percent(5)), ("15".into(), "12.5".into(), "0".into(), "0.0005".into()));
        assert_eq!((tenths(314), tenths(5)), ("31.4".into(), "0.5".into()));
    }

    #[test]
    fn blank_lines_mean_all_and_noughts_are_refused() {
        let line = InvoiceLineId::new().to_string();
        let form = |amount: &str| {
            CreditForm::of(&[
                ("settlement".into(), "offset".into()),
                ("reason".into(), "A mistake".into()),
                (format!("amounts[{line}]"), amount.into()),
            ])
        };
        assert_eq!(form("").parse(Currency::USD).expect("all").lines, []);
        assert_eq!(form("1.50").parse(Currency::USD).expect("a part").lines[0].amount.minor(), 150);
        assert!(form("0").parse(Currency::USD).is_err());
        let wrong = form("much").parse(Currency::USD).expect_err("no amount").fields();
        assert!(wrong.first(&format!("amounts[{line}]")).is_some());
        assert!(CreditForm::default().parse(Currency::USD).is_err());
    }
}
