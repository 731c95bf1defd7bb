//! The demo's money: most customers pay in time, some late, some half, a few not for months.

use chrono::{Days, NaiveDate};

use crate::invoices::Invoice;
use crate::invoices::store as invoices;
use crate::kit::error::Result;
use crate::kit::money::Money;
use crate::kit::paging::ListQuery;
use crate::kit::scope::Scope;
use crate::payments::gateway::model::TestCard;
use crate::payments::gateway::{GatewayKind, demo};
use crate::payments::methods::MethodForm;
use crate::payments::model::{NewAllocation, NewPayment, PaidBy};
use crate::payments::store::accounts::NewAccount;
use crate::payments::store::{self, methods, record_in};

/// Payments of one transaction.
const AT_ONCE: usize = 100;
/// Customers whose bank account is known.
const KNOWN_ACCOUNTS: u32 = 12;

/// How a customer pays: the same whenever it is asked, because it follows from the name.
fn temper(name: &str) -> u64 {
    name.bytes().fold(7u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b))) % 100
}

/// Takes in what has been paid by the day of the scope.
pub async fn month(then: &Scope) -> Result<()> {
    let mut query = ListQuery { limit: 200, sort: "due".into(), ..ListQuery::default() };
    for status in ["open", "overdue", "partially_paid"] {
        query = query.toggled("status", status);
    }
    let mut coming = Vec::new();
    loop {
        let page = invoices::list(then, &query).await?;
        coming.extend(page.rows.iter().filter_map(|invoice| payment(invoice, then.today())));
        match page.next {
            Some(next) => query.after = next,
            None => break,
        }
    }
    for some in coming.chunks(AT_ONCE) {
        let tx = then.write().await?;
        let mut events = Vec::with_capacity(some.len());
        for new in some {
            events.push(record_in(&tx, new).await?.1);
        }
        tx.commit_all(events).await?;
    }
    Ok(())
}

/// What the customer pays of an invoice by `today`, if anything.
fn payment(invoice: &Invoice, today: NaiveDate) -> Option<NewPayment> {
    let temper = temper(&invoice.customer_name);
    let begun = invoice.due.minor() < invoice.total.minor();
    // Days after the invoice was issued.
    let (days, half) = match temper {
        0..80 => (3 + temper % 11, false),
        80..92 => (20 + temper % 12, false),
        92..97 => (if begun { 40 } else { 12 }, !begun),
        _ => (95, false),
    };
    let paid_on = invoice.issued_on.checked_add_days(Days::new(days)).filter(|day| *day <= today)?;
    let whole = invoice.due.minor();
    let minor = if half { whole - whole / 2 } else { whole };
    let paid_by = match temper % 4 {
        0 => PaidBy::Card,
        1 => PaidBy::DebitOrder,
        _ => PaidBy::BankTransfer,
    };
    let reference = invoice.number.clone().filter(|_| paid_by == PaidBy::BankTransfer);
    let allocations = Some(vec![NewAllocation { invoice: invoice.id, amount: None }]);
    let amount = Money::new(minor, invoice.due.currency());
    Some(NewPayment { customer: invoice.customer, amount, paid_by, paid_on: Some(paid_on), reference, note: None, allocations })
}

/// A few customers have told their bank account.
pub async fn accounts(scope: &Scope) -> Result<()> {
    let query = ListQuery { limit: KNOWN_ACCOUNTS, sort: "name".into(), ..ListQuery::default() };
    for (n, customer) in crate::customers::store::list(scope, &query).await?.rows.into_iter().enumerate() {
        let mandate = if n % 3 == 0 { format!("M-{:05}", 100 + n) } else { String::new() };
        let form = MethodForm {
            kind: if mandate.is_empty() { "bank_account" } else { "debit_order" }.into(),
            holder: customer.name,
            bank: "First Bank".into(),
            account: format!("62{:08}", 10_007 * (n + 1)),
            mandate,
            ..MethodForm::default()
        };
        methods::add(scope, customer.id, form.parse()?).await?;
    }
    Ok(())
}

/// The demo gateway is in use, and a few customers have given it cards: one of each kind.
pub async fn cards(scope: &Scope) -> Result<()> {
    store::accounts::save(scope, NewAccount { gateway: GatewayKind::Demo, enabled: true, collects: true, secrets: None }).await?;
    let query = ListQuery { limit: KNOWN_ACCOUNTS, sort: "name".into(), ..ListQuery::default() };
    let customers = crate::customers::store::list(scope, &query).await?.rows;
    for (customer, card) in customers.into_iter().skip(1).step_by(2).zip(TestCard::ALL) {
        let form = MethodForm {
            kind: "card".into(),
            gateway: GatewayKind::Demo.to_string(),
            token: demo::token(*card)?,
            last_digits: card.digits().into(),
            expires: "2034-12".into(),
            ..MethodForm::default()
        };
        let id = methods::add(scope, customer.id, form.parse()?).await?;
        methods::make_primary(scope, id).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::temper;

    #[test]
    fn a_temper_stays() {
        assert_eq!(temper("Al Noor Schools"), temper("Al Noor Schools"));
        assert!((0..200).map(|n| temper(&format!("Customer {n}"))).any(|t| t >= 80));
    }
}
