//! Whatever happens in whatever order, the books add up.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::till::Till;
use crate::invoices::model::{InvoiceId, Settlement};
use crate::invoices::store as invoices;
use crate::kit::databases::on_each_database;
use crate::kit::error::Error;
use crate::payments::model::{Destination, PaymentId};
use crate::payments::store;

/// Something that happens; numbers choose among what there is by then.
#[derive(Clone, Debug)]
enum Step {
    Bill(i64),
    Pay(i64),
    PayOne(i64, usize),
    KeepAsCredit(i64),
    Refund(usize, i64, bool),
    Reverse(usize),
    Note(usize, usize),
    GiveUp(usize),
    Void(usize),
    UseCredit,
}

fn step() -> impl Strategy<Value = Step> {
    let minor = 1i64..2_000;
    prop_oneof![
        4 => minor.clone().prop_map(Step::Bill),
        3 => minor.clone().prop_map(Step::Pay),
        2 => (minor.clone(), 0usize..20).prop_map(|(m, i)| Step::PayOne(m, i)),
        1 => minor.clone().prop_map(Step::KeepAsCredit),
        3 => (0usize..20, minor, any::<bool>()).prop_map(|(i, m, credit)| Step::Refund(i, m, credit)),
        2 => (0usize..20).prop_map(Step::Reverse),
        2 => (0usize..20, 0usize..3).prop_map(|(i, s)| Step::Note(i, s)),
        1 => (0usize..20).prop_map(Step::GiveUp),
        1 => (0usize..20).prop_map(Step::Void),
        1 => Just(Step::UseCredit),
    ]
}

/// What there is by now.
#[derive(Default)]
struct Seen {
    bills: Vec<InvoiceId>,
    payments: Vec<PaymentId>,
}

async fn happen(till: &Till, seen: &mut Seen, step: &Step) -> Result<(), Error> {
    let bill = |seen: &Seen, n: usize| seen.bills.get(n % seen.bills.len().max(1)).copied();
    let payment = |seen: &Seen, n: usize| seen.payments.get(n % seen.payments.len().max(1)).copied();
    match step {
        Step::Bill(minor) => seen.bills.push(till.bill(*minor).await),
        Step::Pay(minor) => seen.payments.push(store::record(&till.scope, till.payment(*minor, None)).await?),
        Step::PayOne(minor, n) => {
            let Some(id) = bill(seen, *n) else { return Ok(()) };
            seen.payments.push(store::record(&till.scope, till.payment(*minor, Some(&[(id, None)]))).await?);
        }
        Step::KeepAsCredit(minor) => seen.payments.push(store::record(&till.scope, till.payment(*minor, Some(&[]))).await?),
        Step::Refund(n, minor, credit) => {
            let Some(id) = payment(seen, *n) else { return Ok(()) };
            till.refunds(id, *minor, if *credit { Destination::Credit } else { Destination::Method }).await?;
        }
        Step::Reverse(n) => {
            let Some(id) = payment(seen, *n) else { return Ok(()) };
            store::reverse(&till.scope, id, "Bounced".into()).await?;
        }
        Step::Note(n, settlement) => {
            let Some(id) = bill(seen, *n) else { return Ok(()) };
            till.credits(id, Settlement::ALL[*settlement]).await?;
        }
        Step::GiveUp(n) => {
            let Some(id) = bill(seen, *n) else { return Ok(()) };
            invoices::mark_uncollectible(&till.scope, id).await?;
        }
        Step::Void(n) => {
            let Some(id) = bill(seen, *n) else { return Ok(()) };
            invoices::void(&till.scope, id, None).await?;
        }
        Step::UseCredit => {
            invoices::use_credit(&till.scope, till.who).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn whatever_happens_the_books_add_up() {
    on_each_database(|scope| async move {
        let mut runner = TestRunner::deterministic();
        for _ in 0..12 {
            let steps = prop::collection::vec(step(), 4..24).new_tree(&mut runner).expect("steps").current();
            let till = Till::new(&scope).await;
            let mut seen = Seen::default();
            for (n, step) in steps.iter().enumerate() {
                match happen(&till, &mut seen, step).await {
                    Ok(()) => {}
                    // What cannot be done is refused, and nothing is changed by it.
                    Err(Error::Conflict(_) | Error::Invalid(_)) => {}
                    Err(error) => panic!("{error} at step {n} of {steps:?}"),
                }
                till.sound(&format!("step {n} of {steps:?}")).await;
                for id in &seen.bills {
                    let invoice = till.invoice(*id).await;
                    assert!(invoice.due.minor() >= 0 && invoice.due.minor() <= invoice.total.minor(), "{invoice:?} after {steps:?}");
                }
            }
        }
    })
    .await;
}
