//! Usage on both databases.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use futures::stream;

use super::*;
use crate::customers::{self, NewCustomer};
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::files::Files;
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::period::{Interval, IntervalUnit, Period};
use crate::kit::scope::Scope;
use crate::meters::model::NewMeter;
use crate::meters::{self, Aggregation, MeterId};
use crate::plans::charges::{ChargeType, NewCharge};
use crate::plans::tiers::PriceModel;
use crate::plans::{self, NewPlan, PlanId};
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::model::NewSubscription;
use crate::usage::model::{NewEvent, Taken, UploadStatus};

fn d(text: &str) -> NaiveDate {
    crate::kit::period::day(text).expect("a day")
}

async fn meter(scope: &Scope, key: &str, aggregation: Aggregation) -> MeterId {
    let new = NewMeter { key: key.into(), name: key.to_uppercase(), unit: "GB".into(), aggregation };
    meters::store::create(scope, new).await.expect("a meter")
}

async fn plan(scope: &Scope, charges: Vec<NewCharge>) -> PlanId {
    let interval = Interval { unit: IntervalUnit::Month, count: 1 };
    let new = NewPlan { name: "Metered".into(), interval, price: Money::new(1_000, Currency::USD), trial_days: 0 };
    plans::store::charges::create_with(scope, new, charges).await.expect("a plan")
}

fn included(meter: &str, included: i64) -> NewCharge {
    NewCharge {
        kind: ChargeType::Usage,
        name: "Traffic".into(),
        model: PriceModel::PerUnit,
        amount_minor: 2,
        package_size: 1,
        included,
        tiers: Vec::new(),
        meter: Some(meter.into()),
    }
}

async fn subscribe(scope: &Scope, plan_id: PlanId, started_on: &str, external_id: Option<&str>) -> SubscriptionId {
    let new = NewCustomer { name: "Nile Wave".into(), ..Default::default() };
    let customer_id = customers::store::create(scope, new).await.expect("a customer");
    let new = NewSubscription {
        customer_id,
        plan_id,
        started_on: d(started_on),
        trial_ends_on: None,
        ends_on: None,
        quantity: 1,
        price: None,
        external_id: external_id.map(str::to_owned),
        payment_method: None,
        anchor_day: None,
    };
    crate::subscriptions::store::create(scope, new).await.expect("a subscription")
}

fn event(id: &str, meter: &str, subscription: impl ToString, at: &str, quantity: i64) -> NewEvent {
    NewEvent {
        event_id: id.into(),
        meter: meter.into(),
        subscription: subscription.to_string(),
        at: at.into(),
        quantity,
        subject: String::new(),
    }
}

async fn total(scope: &Scope, subscription: SubscriptionId, meter: MeterId, aggregation: Aggregation, period: (&str, &str)) -> i64 {
    let tx = scope.read().await.expect("reads");
    let period = Period { start: d(period.0), end: d(period.1) };
    used(&tx, &[Asked { subscription, meter, aggregation, period }]).await.expect("used")[0]
}

fn refused(taken: &Taken) -> &str {
    if let Taken::Refused(field, _) = taken { field } else { "" }
}

#[tokio::test]
async fn an_event_counts_once_and_bad_ones_are_named() {
    on_each_database(|scope| async move {
        let gb = meter(&scope, "gb", Aggregation::Sum).await;
        meter(&scope, "users", Aggregation::Unique).await;
        let plan = plan(&scope, Vec::new()).await;
        let (one, two) = (subscribe(&scope, plan, "2026-10-01", Some("S-1")).await, subscribe(&scope, plan, "2026-10-01", None).await);
        let events = [
            event("a", "gb", one, "2026-11-02T10:00:00Z", 5),
            event("b", "gb", "S-1", "2026-11-02T11:00:00Z", 7),
            event("a", "gb", two, "2026-11-03T10:00:00Z", 100),
            event("c", "tb", one, "2026-11-02T10:00:00Z", 1),
            event("d", "gb", "S-2", "2026-11-02T10:00:00Z", 1),
            event("e", "gb", one, "yesterday", 1),
            event("f", "gb", one, "2026-11-16T10:00:00Z", 1),
            event("g", "gb", one, "2026-09-30T10:00:00Z", 1),
            event("h", "users", one, "2026-11-02T10:00:00Z", 1),
            event("", "gb", one, "2026-11-02T10:00:00Z", 1),
        ];
        let taken = record(&scope, &events).await.expect("recorded");
        assert_eq!(taken[..3], [Taken::New, Taken::New, Taken::Known]);
        let fields: Vec<&str> = taken[3..].iter().map(refused).collect();
        assert_eq!(fields, ["meter", "subscription", "at", "at", "at", "subject", "event_id"]);
        let again = record(&scope, &events[..2]).await.expect("recorded");
        assert_eq!(again, [Taken::Known, Taken::Known]);
        let november = ("2026-11-01", "2026-12-01");
        assert_eq!(total(&scope, one, gb, Aggregation::Sum, november).await, 12);
        assert_eq!(total(&scope, two, gb, Aggregation::Sum, november).await, 0);
        let many = vec![events[0].clone(); 1_001];
        assert!(record(&scope, &many).await.expect_err("too many").fields().first("events").is_some());
        let page = super::events(&scope, &ListQuery { q: "b".into(), ..ListQuery::default() }).await.expect("a page");
        assert_eq!(page.rows.iter().map(|e| e.event_id.as_str()).collect::<Vec<_>>(), ["b"]);
        let other = new_seller(scope.db(), "nile", "USD", "UTC").await;
        meter(&other, "gb", Aggregation::Sum).await;
        let theirs = record(&other, &[event("z", "gb", one, "2026-11-02T10:00:00Z", 1)]).await.expect("recorded");
        assert_eq!(refused(&theirs[0]), "subscription", "another's is unknown");
        let same_id = record(&other, &[event("a", "gb", one, "", 1)]).await.expect("recorded");
        assert_eq!(refused(&same_id[0]), "subscription");
    })
    .await;
}

#[tokio::test]
async fn what_is_late_counts_on_the_first_day_that_is_not_invoiced() {
    on_each_database(|scope| async move {
        let cairo = new_seller(scope.db(), "cairo", "USD", "Africa/Cairo").await;
        let gb = meter(&cairo, "gb", Aggregation::Sum).await;
        let id = subscribe(&cairo, plan(&cairo, Vec::new()).await, "2026-10-01", None).await;
        // Half past eleven in the evening of the 31st in UTC is the first of November in Cairo.
        let early = [event("a", "gb", id, "2026-10-31T21:00:00Z", 1), event("b", "gb", id, "2026-10-31T23:30:00Z", 10)];
        record(&cairo, &early).await.expect("recorded");
        assert_eq!(total(&cairo, id, gb, Aggregation::Sum, ("2026-10-01", "2026-11-01")).await, 1);
        assert_eq!(total(&cairo, id, gb, Aggregation::Sum, ("2026-11-01", "2026-12-01")).await, 10);
        for until in ["2026-11-01", "2026-10-01"] {
            let tx = cairo.write().await.expect("writes");
            close(&tx, &[(id, d(until))]).await.expect("closed");
            tx.commit_quietly().await.expect("commits");
        }
        record(&cairo, &[event("c", "gb", id, "2026-10-15 09:00", 100)]).await.expect("recorded");
        assert_eq!(total(&cairo, id, gb, Aggregation::Sum, ("2026-10-01", "2026-11-01")).await, 1, "it was invoiced");
        assert_eq!(total(&cairo, id, gb, Aggregation::Sum, ("2026-11-01", "2026-11-02")).await, 110);
        let verb = crate::subscriptions::model::Verb::Cancel { at: crate::subscriptions::model::When::Now, reason: None };
        crate::subscriptions::store::perform(&cairo, id, verb).await.expect("cancelled");
        let tx = cairo.write().await.expect("writes");
        close(&tx, &[(id, cairo.today())]).await.expect("closed");
        tx.commit_quietly().await.expect("commits");
        let last = record(&cairo, &[event("d", "gb", id, "2026-11-10", 1)]).await.expect("recorded");
        assert_eq!(refused(&last[0]), "at", "no period follows");
    })
    .await;
}

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

/// What an event must count as: the plain way to say it.
struct Told {
    at: DateTime<Utc>,
    day: NaiveDate,
    quantity: i64,
    subject: String,
}

fn expected(aggregation: Aggregation, told: &[Told], period: Period) -> i64 {
    let within: Vec<&Told> = told.iter().filter(|t| period.contains(t.day)).collect();
    match aggregation {
        Aggregation::Sum => within.iter().map(|t| t.quantity).sum(),
        Aggregation::Count => within.len() as i64,
        Aggregation::Unique => within.iter().map(|t| &t.subject).collect::<BTreeSet<_>>().len() as i64,
        Aggregation::Max => within.iter().map(|t| t.quantity).max().unwrap_or(0),
        Aggregation::Last => within.iter().max_by_key(|t| t.at).map_or(0, |t| t.quantity),
    }
}

/// Whatever comes in whatever order, twice, late: each aggregation is what a plain look at all events says.
#[tokio::test]
async fn sums_are_those_of_the_events_however_they_came() {
    on_each_database(|scope| async move {
        let mut meters = BTreeMap::new();
        for aggregation in Aggregation::ALL {
            meters.insert(aggregation.word(), meter(&scope, aggregation.word(), *aggregation).await);
        }
        let plan = plan(&scope, Vec::new()).await;
        for seed in 0..4 {
            let id = subscribe(&scope, plan, "2026-09-01", None).await;
            random(&scope, id, &meters, seed).await;
        }
    })
    .await;
}

async fn random(scope: &Scope, id: SubscriptionId, meters: &BTreeMap<&'static str, MeterId>, seed: u64) {
    let mut dice = Dice(seed);
    let (mut told, mut closed): (BTreeMap<&str, Vec<Told>>, NaiveDate) = (BTreeMap::new(), d("2026-09-01"));
    let mut sent: Vec<NewEvent> = Vec::new();
    for batch in 0..12u64 {
        let mut events = Vec::new();
        for n in 0..dice.below(40) + 1 {
            if dice.below(8) == 0 && !sent.is_empty() {
                let at = usize::try_from(dice.below(sent.len() as u64)).expect("small");
                events.push(sent[at].clone());
                continue;
            }
            let word = Aggregation::ALL[usize::try_from(dice.below(5)).expect("small")].word();
            // Each at a moment of its own, so that there is one last.
            let seconds = i64::try_from(dice.below(74 * 86_400)).expect("small") * 1_000 + i64::try_from(batch * 40 + n).expect("small");
            let at = d("2026-09-01").and_hms_opt(0, 0, 0).expect("midnight").and_utc() + TimeDelta::milliseconds(seconds);
            let quantity = i64::try_from(dice.below(2_000)).expect("small") - 500;
            let subject = format!("user {}", dice.below(9));
            let day = at.date_naive().max(closed);
            told.entry(word).or_default().push(Told { at, day, quantity, subject: subject.clone() });
            events.push(NewEvent { subject, ..event(&format!("{seed} {batch} {n}"), word, id, &at.to_rfc3339(), quantity) });
        }
        let taken = record(scope, &events).await.expect("recorded");
        assert!(taken.iter().all(|t| refused(t).is_empty()), "{taken:?}");
        sent.extend(events);
        if dice.below(4) == 0 {
            closed = closed.checked_add_days(Days::new(dice.below(20))).expect("a day").min(d("2026-11-10"));
            let tx = scope.write().await.expect("writes");
            close(&tx, &[(id, closed)]).await.expect("closed");
            tx.commit_quietly().await.expect("commits");
        }
    }
    for (start, end) in [("2026-09-01", "2026-10-01"), ("2026-10-01", "2026-11-01"), ("2026-09-20", "2026-11-15")] {
        for aggregation in Aggregation::ALL {
            let none = Vec::new();
            let want = expected(*aggregation, told.get(aggregation.word()).unwrap_or(&none), Period { start: d(start), end: d(end) });
            let got = total(scope, id, meters[aggregation.word()], *aggregation, (start, end)).await;
            assert_eq!(got, want, "{aggregation} from {start} to {end}, seed {seed}");
        }
    }
}

#[tokio::test]
async fn a_threshold_is_told_once_in_a_period() {
    on_each_database(|scope| async move {
        meter(&scope, "gb", Aggregation::Sum).await;
        let plan = plan(&scope, vec![included("gb", 100)]).await;
        let id = subscribe(&scope, plan, "2026-10-01", None).await;
        let told = async || {
            let query = ListQuery { limit: 100, ..ListQuery::default() };
            let page = crate::audit::store::list(&scope, &query).await.expect("a page");
            page.rows.iter().filter(|e| e.action == "usage.threshold_reached").count()
        };
        for (n, (quantity, want)) in [(79, 0), (1, 1), (10, 1), (40, 2), (1_000, 2)].into_iter().enumerate() {
            record(&scope, &[event(&format!("e{n}"), "gb", id, "2026-11-10T00:00:00Z", quantity)]).await.expect("recorded");
            assert_eq!(told().await, want, "after {quantity} more");
        }
        let (period, meters) = on_day(&scope, id, None).await.expect("read");
        assert_eq!(period, Some(Period { start: d("2026-11-01"), end: d("2026-12-01") }));
        assert_eq!((meters[0].quantity, meters[0].percent(), meters[0].over()), (1_130, Some(1_130), 1_030));
        let rows = using(&scope, &ListQuery::default()).await.expect("a page").rows;
        assert_eq!(rows[0].furthest().map(|(m, percent)| (m.key.clone(), percent)), Some(("gb".into(), 1_130)));
        let whole = of_subscription(&scope, id, None).await.expect("read");
        assert_eq!((whole.days.len(), whole.days[9].quantities.clone()), (15, vec![1_130]));
    })
    .await;
}

#[tokio::test]
async fn a_file_is_recorded_whole_or_not_at_all() {
    on_each_database(|scope| async move {
        let folder = tempfile::tempdir().expect("a folder");
        let scope =
            Scope::system(scope.db().with_files(Files::local(folder.path()).expect("files")), "test", scope.seller().clone(), scope.now());
        let gb = meter(&scope, "gb", Aggregation::Sum).await;
        let id = subscribe(&scope, plan(&scope, Vec::new()).await, "2026-10-01", Some("S-1")).await;
        let upload = async |text: &str| {
            let key = format!("usage/{}", uuid::Uuid::now_v7());
            let body = stream::iter([Ok::<_, std::convert::Infallible>(text.to_owned())]);
            scope.db().files().expect("files").put(&key, body, 1_000_000).await.expect("kept");
            let id = uploads::create(&scope, "usage.csv".into(), key, 1).await.expect("uploaded");
            uploads::run(&scope, id).await.expect("run");
            uploads::run(&scope, id).await.expect("a second time does nothing");
            uploads::get(&scope, id).await.expect("there")
        };
        let head = "event_id;meter;subscription;at;quantity\n";
        let good = "a;gb;S-1;2026-11-01 10:00;5\nb;gb;S-1;2026-11-02;\n";
        let bad = upload(&format!("{head}{good}c;gb;S-2;2026-11-01;1\nd;gb;S-1;never;1\n")).await;
        assert_eq!((bad.status, bad.bad), (UploadStatus::Failed, 2));
        let named: Vec<(u64, &str)> = bad.errors.iter().map(|e| (e.line, e.column.as_str())).collect();
        assert_eq!(named, [(4, "subscription"), (5, "at")]);
        assert_eq!(total(&scope, id, gb, Aggregation::Sum, ("2026-11-01", "2026-12-01")).await, 0, "nothing of it");
        let done = upload(&format!("{head}{good}")).await;
        assert_eq!((done.status, done.rows, done.new, done.known), (UploadStatus::Done, 2, 2, 0), "{:?}", done.failure);
        assert_eq!(total(&scope, id, gb, Aggregation::Sum, ("2026-11-01", "2026-12-01")).await, 6);
        let again = upload(&format!("{head}{good}")).await;
        assert_eq!((again.status, again.new, again.known), (UploadStatus::Done, 0, 2));
        let none = upload("event_id,meter\na,gb\n").await;
        let missing: Vec<&str> = none.errors.iter().map(|e| e.column.as_str()).collect();
        assert_eq!((none.status, missing), (UploadStatus::Failed, vec!["subscription", "at"]));
        let words = upload(&format!("{head}x;gb;S-1;2026-11-01;many\n")).await;
        assert_eq!(words.errors.iter().map(|e| (e.line, e.column.as_str())).collect::<Vec<_>>(), [(2, "quantity")]);
    })
    .await;
}
