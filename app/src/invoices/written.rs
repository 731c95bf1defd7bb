//! An invoice as a person types it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{InvoiceId, NewInvoice, NewLine};
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::case;
use crate::kit::form::Check;
use crate::kit::money::Currency;

/// A line as typed; one without description and amount counts for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineForm {
    #[serde(default)]
    pub description: String,
    /// Blank: 1.
    #[serde(default)]
    pub quantity: String,
    /// Of one unit.
    #[serde(default)]
    pub amount: String,
}

impl LineForm {
    fn is_blank(&self) -> bool {
        self.description.trim().is_empty() && self.amount.trim().is_empty()
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceForm {
    pub customer: String,
    pub currency: String,
    /// Blank: by the terms, counted from the day of issue.
    pub due_on: String,
    pub note: String,
    pub lines: Vec<LineForm>,
}

/// What the form starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceStart {
    /// The draft that is changed.
    pub draft: Option<InvoiceId>,
    pub customer: CustomerId,
    pub customer_name: String,
    /// When it would be due by the terms.
    pub by_terms: NaiveDate,
    pub form: InvoiceForm,
}

impl InvoiceForm {
    /// From the fields of the form: `lines[0][description]` and its neighbours.
    pub fn of(values: &[(String, String)]) -> Self {
        let mut form = Self::default();
        for (name, value) in values {
            match name.as_str() {
                "customer" => form.customer = value.clone(),
                "currency" => form.currency = value.clone(),
                "due_on" => form.due_on = value.clone(),
                "note" => form.note = value.clone(),
                _ => form.put(name, value),
            }
        }
        form
    }

    fn put(&mut self, name: &str, value: &str) {
        let Some((at, field)) = name.strip_prefix("lines[").and_then(|rest| rest.split_once("][")) else { return };
        let Some(at) = at.parse::<usize>().ok().filter(|at| *at < 1_000) else { return };
        if self.lines.len() <= at {
            self.lines.resize_with(at + 1, LineForm::default);
        }
        match field.trim_end_matches(']') {
            "description" => self.lines[at].description = value.to_owned(),
            "quantity" => self.lines[at].quantity = value.to_owned(),
            "amount" => self.lines[at].amount = value.to_owned(),
            _ => {}
        }
    }

    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<NewInvoice> {
        let mut check = Check::default();
        let customer = check.parse("customer", &self.customer);
        let currency: Option<Currency> = check.parse("currency", &case::upper(self.currency.trim()));
        let due_on = check.optional_day("due_on", &self.due_on);
        let note = check.optional_text("note", &self.note, 2_000);
        let mut lines = Vec::new();
        for (at, line) in self.lines.iter().enumerate().filter(|(_, line)| !line.is_blank()) {
            let field = |name: &str| format!("lines[{at}][{name}]");
            let description = check.text(&field("description"), &line.description, 300);
            let quantity = if line.quantity.trim().is_empty() { "1" } else { &line.quantity };
            let quantity = check.whole(&field("quantity"), quantity, 1, 1_000_000);
            if let Some(currency) = currency {
                let unit = check.money(&field("amount"), &line.amount, currency);
                lines.push(NewLine { description, quantity, unit });
            }
        }
        if currency.is_some() && lines.is_empty() {
            check.refuse("lines", "Write at least one line.");
        }
        check.done_with(customer.map(|customer| NewInvoice { customer, lines, issued_on: None, due_on, note }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn blank_lines_count_for_nothing_and_wrong_fields_are_named() {
        let customer = CustomerId::new().to_string();
        let values = [
            pair("customer", &customer),
            pair("currency", "usd"),
            pair("lines[0][description]", "Work"),
            pair("lines[0][quantity]", ""),
            pair("lines[0][amount]", "12.50"),
            pair("lines[2][description]", ""),
            pair("lines[2][quantity]", "1"),
            pair("lines[2][amount]", ""),
        ];
        let new = InvoiceForm::of(&values).parse().expect("an invoice");
        assert_eq!((new.lines.len(), new.lines[0].quantity, new.lines[0].unit.minor()), (1, 1, 1_250));
        let wrong = InvoiceForm {
            lines: vec![LineForm { amount: "x".into(), quantity: "0".into(), ..LineForm::default() }],
            ..InvoiceForm::of(&values)
        };
        let fields = wrong.parse().expect_err("refused").fields();
        assert_eq!(fields.0.keys().collect::<Vec<_>>(), ["lines[0][amount]", "lines[0][description]", "lines[0][quantity]"]);
        let none = InvoiceForm { lines: vec![], ..InvoiceForm::of(&values) };
        assert!(none.parse().expect_err("no line").fields().first("lines").is_some());
    }
}
