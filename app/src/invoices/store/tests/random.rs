//! Lives nobody thought of: changes, ends, returns, payments, corrections in any order. Whatever happens, the books add
//! up, a preview is the invoice, and billing again bills nothing.

use chrono::Days;

use super::life::Life;
use crate::customers::CustomerId;
use crate::invoices::model::{InvoiceStatus, NewCreditNote, Settlement};
use crate::invoices::store;
use crate::invoices::store::settings::NewTaxRate;
use crate::kit::databases::on_each_database;
use crate::kit::scope::Scope;
use crate::plans::PlanId;
use crate::subscriptions::model::{SubscriptionId, Verb, When};
use crate::subscriptions::store as subscriptions;

/// A generator with a seed (splitmix64), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

#[tokio::test]
async fn whatever_happens_the_books_add_up() {
    on_each_database(|scope| async move {
        for seed in 0..8 {
            live(&scope, seed).await;
        }
    })
    .await;
}

async fn live(scope: &Scope, seed: u64) {
    let (mut dice, mut life) = (Dice(seed), Life::on(scope, "2024-01-05"));
    if seed == 0 {
        let vat = NewTaxRate {
            name: "VAT".into(),
            ppm: 175_000,
            inclusive: false,
            country: None,
            starts_on: super::life::d("2024-01-01"),
            ends_on: None,
        };
        store::settings::add_tax_rate(&life.scope, vat).await.expect("a rate");
    }
    let who = life.customer(&format!("Seed {seed}")).await;
    let mut plans = Vec::new();
    for n in 0..3 {
        let minor = i64::try_from(dice.below(20_000)).expect("small");
        plans.push(life.monthly(&format!("Plan {seed}.{n}"), minor).await);
    }
    let anchor = (dice.below(2) == 0).then(|| u32::try_from(1 + dice.below(31)).expect("small"));
    let id = life.subscribe(who, plans[0], "2024-01-05", anchor).await;
    for _ in 0..30 {
        let day = life.scope.today() + Days::new(1 + dice.below(20));
        life.day(&day.to_string());
        life.bill(&day.to_string()).await;
        match dice.below(12) {
            0..=4 => change(&life, &mut dice, who, id, &plans).await,
            5 => {
                // What is over stays over.
                let _ = subscriptions::perform(&life.scope, id, Verb::Cancel { at: When::Now, reason: None }).await;
            }
            6 => {
                let _ = subscriptions::perform(&life.scope, id, Verb::Reactivate { at: When::Now }).await;
            }
            7 => pay(&life, &mut dice, who).await,
            8 => {
                let resumes_on = (dice.below(2) == 0).then(|| day + Days::new(1 + dice.below(50)));
                let _ = subscriptions::perform(&life.scope, id, Verb::Pause { at: When::Now, resumes_on }).await;
            }
            9 => {
                let _ = subscriptions::perform(&life.scope, id, Verb::Resume { at: When::Now }).await;
            }
            _ => correct(&life, &mut dice, who).await,
        }
        life.bill(&day.to_string()).await;
        assert_eq!(life.bill(&day.to_string()).await.finalized, 0, "seed {seed}: billed twice");
    }
    let (owed, credit) = life.balance(who).await;
    assert!(owed >= 0 && credit >= 0, "seed {seed}: {owed} {credit}");
}

/// A change that does what its preview said.
async fn change(life: &Life, dice: &mut Dice, who: CustomerId, id: SubscriptionId, plans: &[PlanId]) {
    let plan = plans[usize::try_from(dice.below(3)).expect("small")];
    let quantity = i64::try_from(1 + dice.below(4)).expect("small");
    let verb = Verb::Change { plan_id: Some(plan), quantity: Some(quantity), price: None, at: When::Now };
    let before: i64 = life.totals(who).await.iter().map(|(_, total)| total).sum();
    let Ok(preview) = store::preview(&life.scope, id, Some((verb.clone(), None)), None).await else { return };
    subscriptions::perform(&life.scope, id, verb).await.expect("what could be previewed can be done");
    life.bill(&life.scope.today().to_string()).await;
    let after: i64 = life.totals(who).await.iter().map(|(_, total)| total).sum();
    assert_eq!(after - before, preview.first.total.minor(), "a preview of {}", life.scope.today());
}

async fn pay(life: &Life, dice: &mut Dice, who: CustomerId) {
    let invoices = life.invoices(who).await;
    let Some((invoice, _)) = invoices.iter().find(|(i, _)| i.due.minor() > 0) else { return };
    let due = invoice.due.minor();
    match dice.below(3) {
        0 => life.pays(who, invoice.id, due, 500).await,
        1 => life.pays(who, invoice.id, due, 0).await,
        _ => life.pays(who, invoice.id, (due / 2).max(1), 0).await,
    }
}

/// Some correction, where it is allowed.
async fn correct(life: &Life, dice: &mut Dice, who: CustomerId) {
    let invoices = life.invoices(who).await;
    let at = usize::try_from(dice.below(invoices.len().max(1) as u64)).expect("small");
    let Some((invoice, _)) = invoices.get(at).filter(|(i, _)| i.status != InvoiceStatus::Draft) else { return };
    let note = |settlement| NewCreditNote { lines: vec![], settlement, reason: "A mistake".into() };
    // A refusal is an answer, too: only the books must hold.
    match dice.below(6) {
        0 => drop(store::credit_note(&life.scope, invoice.id, note(Settlement::Credit)).await),
        1 => drop(store::credit_note(&life.scope, invoice.id, note(Settlement::Refund)).await),
        2 => drop(store::credit_note(&life.scope, invoice.id, note(Settlement::Offset)).await),
        3 => drop(store::mark_uncollectible(&life.scope, invoice.id).await),
        4 => drop(store::replace(&life.scope, invoice.id, None).await),
        _ => drop(store::void(&life.scope, invoice.id, None).await),
    }
    life.sound().await;
}
