//! A customer's statement, from the ledger.

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::invoices::store::money::{self, StatementLine};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};
use crate::payments::model::PaymentId;
use crate::payments::statement::{Line, Statement};

/// What happened between seller and customer in a currency; blank: the seller's, or the one in which anything happened.
pub async fn statement(scope: &Scope, customer: CustomerId, currency: &str) -> Result<Statement> {
    let balances = money::balances(scope, customer).await?;
    let currencies: Vec<Currency> = balances.iter().map(|b| b.receivable.currency()).collect();
    let currency = match currency.trim() {
        "" if currencies.is_empty() || currencies.contains(&scope.currency()) => scope.currency(),
        "" => currencies[0],
        word => word.parse().map_err(|_| Error::field("currency", "is not an ISO 4217 currency code, such as USD"))?,
    };
    let lines = money::statement(scope, customer, currency).await?.into_iter().map(line).collect();
    let balance = balances.into_iter().find(|b| b.receivable.currency() == currency);
    let (owed, credit) = balance.map_or((Money::zero(currency), Money::zero(currency)), |b| (b.receivable, b.credit));
    Ok(Statement { customer, currency, currencies, owed, credit, lines })
}

fn line(line: StatementLine) -> Line {
    let StatementLine { day, kind, label, source, amount, balance } = line;
    let link = if source.parse::<PaymentId>().is_ok() {
        Some(format!("/payments/{source}"))
    } else if source.parse::<InvoiceId>().is_ok() {
        Some(format!("/invoices/{source}"))
    } else {
        None
    };
    Line { day, what: kind.label().to_owned(), label, link, amount, balance }
}
