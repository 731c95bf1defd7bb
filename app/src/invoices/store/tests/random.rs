//! Lives nobody thought of: changes, ends, returns, payments, corrections in any order. Whatever happens, the books add
//! up, a preview is the invoice, and billing again bills nothing.

use chrono::Days;

use super::arrears::{minimum, per_unit};
use super::life::Life;
use crate::customers::CustomerId;
use crate::invoices::model::{InvoiceStatus, NewCreditNote, Settlement};
use crate::invoices::store;
use crate::kit::databases::on_each_database;
use crate::kit::money::{Currency, Money};
use crate::kit::period::IntervalUnit;
use crate::kit::scope::Scope;
use crate::meters::Aggregation;
use crate::plans::PlanId;
use crate::subscriptions::model::{Proration, SubscriptionId, Verb, When};
use crate::usage;
use crate::usage::model::NewEvent;

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
        Life::on(&scope, "2024-01-05").taxes(175_000).await;
        for seed in 0..8 {
            live(&scope, seed).await;
        }
    })
    .await;
}

async fn live(scope: &Scope, seed: u64) {
    let (mut dice, mut life) = (Dice(seed), Life::on(scope, "2024-01-05"));
    let (who, meter) = (life.customer(&format!("Seed {seed}")).await, format!("meter-{seed}"));
    if seed % 2 == 1 {
        life.takes_off(who, 300_000).await;
    }
    life.meter(&meter, Aggregation::ALL[usize::try_from(seed).expect("small") % Aggregation::ALL.len()]).await;
    let mut plans = Vec::new();
    for (n, unit) in [IntervalUnit::Month, IntervalUnit::Month, IntervalUnit::Quarter, IntervalUnit::Week].into_iter().enumerate() {
        let minor = i64::try_from(dice.below(20_000)).expect("small");
        let mut charges = Vec::new();
        if n > 0 {
            charges.push(per_unit(&meter, i64::try_from(dice.below(30)).expect("small"), 20));
        }
        if n > 1 {
            charges.push(minimum(minor + 3_000));
        }
        plans.push(life.charging(&format!("Plan {seed}.{n}"), minor, unit, charges).await);
    }
    let anchor = (dice.below(2) == 0).then(|| u32::try_from(1 + dice.below(31)).expect("small"));
    let id = life.subscribe(who, plans[0], "2024-01-05", anchor).await;
    for _ in 0..30 {
        let day = life.scope.today() + Days::new(1 + dice.below(20));
        life.day(&day.to_string());
        uses(&life, &mut dice, id, &meter).await;
        life.bill(&day.to_string()).await;
        match dice.below(14) {
            // Often more than one of a day.
            0..=5 => {
                for _ in 0..=dice.below(3) {
                    let verb = change(&mut dice, &plans);
                    does(&life, &mut dice, who, id, verb).await;
                }
            }
            6 => does(&life, &mut dice, who, id, Verb::Cancel { at: When::Now, reason: None }).await,
            7 => does(&life, &mut dice, who, id, Verb::Reactivate { at: When::Now }).await,
            8 => pay(&life, &mut dice, who).await,
            9 => {
                let resumes_on = (dice.below(2) == 0).then(|| day + Days::new(1 + dice.below(50)));
                does(&life, &mut dice, who, id, Verb::Pause { at: When::Now, resumes_on }).await;
            }
            10 => does(&life, &mut dice, who, id, Verb::Resume { at: When::Now }).await,
            11 => life.prorates(Proration::ALL[usize::try_from(dice.below(3)).expect("small")]).await,
            _ => correct(&life, &mut dice, who).await,
        }
        life.bill(&day.to_string()).await;
        assert_eq!(life.bill(&day.to_string()).await.finalized, 0, "seed {seed}: billed twice");
    }
    let (owed, credit) = life.balance(who).await;
    assert!(owed >= 0 && credit >= 0, "seed {seed}: {owed} {credit}");
}

/// Something is used, where there is service.
async fn uses(life: &Life, dice: &mut Dice, id: SubscriptionId, meter: &str) {
    let quantity = i64::try_from(dice.below(60)).expect("small");
    let (event_id, subject) = (uuid::Uuid::now_v7().to_string(), format!("subject {}", dice.below(4)));
    let event = NewEvent { event_id, meter: meter.into(), subscription: id.to_string(), quantity, subject, ..NewEvent::default() };
    usage::store::record(&life.scope, &[event]).await.expect("heard");
}

/// Another plan, quantity or price.
fn change(dice: &mut Dice, plans: &[PlanId]) -> Verb {
    let plan_id = Some(plans[usize::try_from(dice.below(4)).expect("small")]);
    let quantity = Some(i64::try_from(1 + dice.below(4)).expect("small"));
    let own = |dice: &mut Dice| Money::new(i64::try_from(dice.below(20_000)).expect("small"), Currency::USD);
    let price = (dice.below(4) == 0).then(|| own(dice));
    Verb::Change { plan_id, quantity, price, at: When::Now }
}

/// What can be done does what its preview said.
async fn does(life: &Life, dice: &mut Dice, who: CustomerId, id: SubscriptionId, verb: Verb) {
    let proration = (dice.below(2) == 0).then(|| Proration::ALL[usize::try_from(dice.below(3)).expect("small")]);
    if store::preview(&life.scope, id, Some((verb.clone(), proration)), None).await.is_ok() {
        life.does(who, id, verb, proration).await;
    }
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
