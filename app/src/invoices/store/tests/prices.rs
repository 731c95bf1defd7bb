//! Tax, coupons, and what a plan charges beside its price.

use super::life::{Life, d};
use crate::invoices::catalogue::{CouponDuration, NewCoupon};
use crate::invoices::store;
use crate::invoices::store::accounts::{AccountChange, TaxStatus};
use crate::invoices::store::coupons::{self, NewCode, Redeem};
use crate::invoices::store::settings::NewTaxRate;
use crate::kit::databases::on_each_database;
use crate::plans::charges::{ChargeId, ChargeType, NewCharge};
use crate::plans::tiers::PriceModel;
use crate::subscriptions::model::{Verb, When};

fn vat(ppm: i32, inclusive: bool, starts_on: &str) -> NewTaxRate {
    NewTaxRate { name: "VAT".into(), ppm, inclusive, country: None, starts_on: d(starts_on), ends_on: None }
}

#[tokio::test]
async fn tax_is_that_of_the_day_and_a_credit_bears_that_of_its_charge() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-04-20");
        store::settings::add_tax_rate(&life.scope, vat(150_000, false, "2026-01-01")).await.expect("a rate");
        store::settings::add_tax_rate(&life.scope, vat(200_000, false, "2026-04-10")).await.expect("a rate");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 3_000).await);
        let id = life.subscribe(who, plan, "2026-04-01", None).await;
        life.bill("2026-04-09").await;
        life.cancels(id, "2026-04-16", None).await;
        life.bill("2026-04-20").await;
        let invoices = life.invoices(who).await;
        let figures: Vec<_> = invoices.iter().map(|(i, _)| (i.subtotal.minor(), i.tax.minor(), i.total.minor())).collect();
        assert_eq!(figures, [(3_000, 450, 3_450), (-1_500, -225, -1_725)]);
        assert_eq!(life.balance(who).await, (3_450, 1_725), "what is below zero is the customer's credit");
    })
    .await;
}

#[tokio::test]
async fn an_exempt_customer_pays_no_tax_and_reads_why() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-04-20");
        store::settings::add_tax_rate(&life.scope, vat(150_000, true, "2026-01-01")).await.expect("a rate");
        let (who, other) = (life.customer("Nile Wave").await, life.customer("Delta").await);
        let plan = life.monthly("Basic", 1_150).await;
        let change = AccountChange { tax_status: Some(TaxStatus::ReverseCharge), ..Default::default() };
        assert!(store::accounts::update(&life.scope, who, change.clone()).await.is_err(), "without a reason");
        let change =
            AccountChange { tax_reason: Some("Reverse charge: the recipient owes the tax".into()), terms_days: Some(30), ..change };
        store::accounts::update(&life.scope, who, change).await.expect("changed");
        for customer in [who, other] {
            life.subscribe(customer, plan, "2026-04-20", None).await;
        }
        life.bill("2026-04-20").await;
        let free = store::detail(&life.scope, life.last(who).await).await.expect("there");
        assert_eq!((free.invoice.tax.minor(), free.invoice.total.minor(), free.invoice.due_on), (0, 1_150, d("2026-05-20")));
        assert!(free.tax_note.is_some_and(|note| note.starts_with("Reverse charge")));
        let taxed = store::detail(&life.scope, life.last(other).await).await.expect("there");
        assert_eq!((taxed.invoice.tax.minor(), taxed.invoice.total.minor(), taxed.taxes[0].taxable.minor()), (150, 1_150, 1_000));
    })
    .await;
}

#[tokio::test]
async fn a_coupon_counts_as_often_as_it_says_and_goes_back_with_its_charge() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-04-20");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 3_000).await);
        let new = NewCoupon {
            name: "Half".into(),
            percent_ppm: Some(500_000),
            amount: None,
            duration: CouponDuration::Repeating,
            times: Some(2),
            max_redemptions: Some(1),
            expires_on: None,
            plans: vec![plan],
        };
        let coupon = coupons::create(&life.scope, new).await.expect("a coupon");
        let new = |code: &str| NewCode { code: code.into(), ..NewCode::default() };
        coupons::add_code(&life.scope, coupon, new("half")).await.expect("a code");
        assert!(coupons::add_code(&life.scope, coupon, new("HALF")).await.expect_err("taken").fields().first("code").is_some());
        life.day("2026-01-01");
        let code = || Redeem::Code(" Half ".into());
        coupons::redeem(&life.scope, who, code(), None).await.expect("redeemed");
        assert!(coupons::redeem(&life.scope, who, code(), None).await.expect_err("once").fields().first("code").is_some());
        life.day("2026-04-20");
        let id = life.subscribe(who, plan, "2026-01-01", None).await;
        life.bill("2026-03-31").await;
        let off = |invoices: &[(crate::invoices::Invoice, Vec<_>)]| {
            invoices.iter().map(|(i, _)| (i.subtotal.minor(), i.discount.minor(), i.total.minor())).collect::<Vec<_>>()
        };
        let want = [(3_000, 1_500, 1_500), (3_000, 1_500, 1_500), (3_000, 0, 3_000)];
        assert_eq!(off(&life.invoices(who).await), want);
        // A cancellation in the second month gives back half a month at half the price, and the third whole.
        let verb = Verb::Cancel { at: When::On(d("2026-02-15")), reason: None };
        crate::subscriptions::store::perform(&life.scope, id, verb).await.expect("cancelled");
        life.bill("2026-04-20").await;
        let last = life.invoices(who).await.pop().expect("an invoice").0;
        assert_eq!((last.subtotal.minor(), last.discount.minor(), last.total.minor()), (-4_500, -750, -3_750));
        assert_eq!(last.issued_on, d("2026-03-01"), "never before the last invoice");
    })
    .await;
}

#[tokio::test]
async fn a_plan_charges_setup_usage_and_a_minimum() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-04-20");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Metered", 1_000).await);
        let version = crate::plans::store::get(&life.scope, plan).await.expect("there").version;
        let meter = uuid::Uuid::now_v7();
        let sql = "INSERT INTO meters (seller_id, id, key, name, unit, aggregation, created_at) VALUES ($1, $2, 'gb', 'Traffic', 'GB', 'sum', $3)";
        life.sql(sql, vec![meter.into(), life.scope.now().into()]).await;
        let sql = "INSERT INTO plan_charges (seller_id, id, plan_version_id, kind, name, model, amount_minor, included, meter_id, position) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let none: Option<uuid::Uuid> = None;
        for (position, (kind, name, model, minor, included, meter)) in
            [("setup", "Installation", "flat", 5_000i64, 0i64, none), ("usage", "Traffic", "per_unit", 2, 100, Some(meter)), ("minimum", "Minimum", "flat", 1_500, 0, none)]
                .into_iter()
                .enumerate()
        {
            let position = i32::try_from(position).expect("small");
            let values = vec![
                ChargeId::new().0.into(), version.0.into(), kind.into(), name.into(), model.into(), minor.into(), included.into(),
                meter.into(), position.into(),
            ];
            life.sql(sql, values).await;
        }
        let id = life.subscribe(who, plan, "2026-01-10", None).await;
        let sql = "INSERT INTO usage_days (seller_id, subscription_id, meter_id, day, events, total, highest, latest, latest_at) \
                   VALUES ($1, $2, $3, $4, 1, $5, $5, $5, $6)";
        for (day, total) in [("2026-01-10", 150i64), ("2026-02-09", 100), ("2026-02-10", 900)] {
            life.sql(sql, vec![id.0.into(), meter.into(), d(day).into(), total.into(), life.scope.now().into()]).await;
        }
        life.bill("2026-04-09").await;
        let want = [
            "2026-01-10 INV-2026-00001 overdue 6000: 2026-01-10..2026-01-11 5000, 2026-01-10..2026-02-10 1000",
            "2026-02-10 INV-2026-00002 overdue 1500: 2026-02-10..2026-03-10 1000, 2026-01-10..2026-02-10 300, 2026-01-10..2026-02-10 200",
            "2026-03-10 INV-2026-00003 overdue 2600: 2026-03-10..2026-04-10 1000, 2026-02-10..2026-03-10 1600",
        ];
        assert_eq!(life.bills(who).await, want);
        assert_eq!(life.bill("2026-04-09").await.finalized, 0);
    })
    .await;
}

#[tokio::test]
async fn a_minimum_is_cut_at_the_start_and_at_the_end() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-03-20");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Least", 31_000).await);
        let new = NewCharge {
            kind: ChargeType::Minimum,
            name: "Minimum".into(),
            model: PriceModel::Flat,
            amount_minor: 62_000,
            package_size: 1,
            included: 0,
            tiers: vec![],
            meter: None,
        };
        crate::plans::store::charges::add(&life.scope, plan, new, None).await.expect("a charge");
        let id = life.subscribe(who, plan, "2026-02-01", Some(13)).await;
        life.bill("2026-03-20").await;
        let want = [
            "2026-02-01 INV-2026-00001 overdue 12000: 2026-02-01..2026-02-13 12000",
            "2026-02-13 INV-2026-00002 overdue 43000: 2026-02-13..2026-03-13 31000, 2026-02-01..2026-02-13 12000",
            "2026-03-13 INV-2026-00003 open 62000: 2026-03-13..2026-04-13 31000, 2026-02-13..2026-03-13 31000",
        ];
        assert_eq!(life.bills(who).await, want, "12/31 of 62,000 at least, then all of it");
        life.day("2026-03-23");
        let verb = Verb::Pause { at: When::Now, resumes_on: Some(d("2026-03-28")) };
        crate::subscriptions::store::perform(&life.scope, id, verb).await.expect("paused");
        life.bill("2026-03-23").await;
        life.day("2026-04-02");
        life.bill("2026-04-02").await;
        life.cancels(id, "2026-04-02", None).await;
        life.bill("2026-04-02").await;
        let lines: Vec<String> = life.bills(who).await.into_iter().skip(3).collect();
        // 10 days until the pause, 5 after it: twice their price of 1,000 a day.
        let want = [
            "2026-03-23 INV-2026-00004 paid -11000: 2026-03-23..2026-04-13 -21000, 2026-03-13..2026-03-23 10000",
            "2026-03-28 INV-2026-00005 partially_paid 16000: 2026-03-28..2026-04-13 16000",
            "2026-04-02 INV-2026-00006 paid -6000: 2026-04-02..2026-04-13 -11000, 2026-03-28..2026-04-02 5000",
        ];
        assert_eq!(lines, want);
    })
    .await;
}

#[tokio::test]
async fn a_code_that_cannot_be_used_says_why() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-04-20");
        let (who, basic, pro) = (life.customer("Nile Wave").await, life.monthly("Basic", 3_000).await, life.monthly("Pro", 9_000).await);
        let id = life.subscribe(who, basic, "2026-04-01", None).await;
        let coupon = |name: &str, plans: Vec<crate::plans::PlanId>| NewCoupon {
            name: name.into(),
            percent_ppm: Some(500_000),
            amount: None,
            duration: CouponDuration::Forever,
            times: None,
            max_redemptions: None,
            expires_on: Some(d("2026-04-30")),
            plans,
        };
        let why = async |life: &Life, code: &str, of: Option<crate::subscriptions::SubscriptionId>| {
            let refused = coupons::redeem(&life.scope, who, Redeem::Code(code.into()), of).await.expect_err("refused");
            refused.fields().first("code").unwrap_or_default().to_owned()
        };
        let half = coupons::create(&life.scope, coupon("Half", Vec::new())).await.expect("a coupon");
        let only_pro = coupons::create(&life.scope, coupon("Pro only", vec![pro])).await.expect("a coupon");
        let code = |code: &str| NewCode { code: code.into(), ..NewCode::default() };
        for (coupon, new) in [
            (half, NewCode { expires_on: Some(d("2026-04-19")), ..code("old") }),
            (half, NewCode { max: Some(1), ..code("one") }),
            (half, NewCode { first_time_only: true, ..code("new") }),
            (only_pro, code("pro")),
        ] {
            coupons::add_code(&life.scope, coupon, new).await.expect("a code");
        }
        assert_eq!(why(&life, "nothing", None).await, "is no code");
        assert_eq!(why(&life, "old", None).await, "has expired");
        assert_eq!(why(&life, "pro", Some(id)).await, "is not good for the plan of this subscription");
        coupons::redeem(&life.scope, who, Redeem::Code("one".into()), None).await.expect("redeemed");
        assert_eq!(why(&life, "new", None).await, "is one that the customer has already");
        let other = life.customer("Delta").await;
        let again = coupons::redeem(&life.scope, other, Redeem::Code("one".into()), None).await.expect_err("once");
        assert_eq!(again.fields().first("code"), Some("was redeemed as often as it may be"));
        life.bill("2026-04-20").await;
        assert_eq!(why(&life, "new", None).await, "is for new customers, and this one has invoices");
        let held = coupons::of_customer(&life.scope, who).await.expect("read");
        assert_eq!((held.len(), held[0].code.as_deref(), held[0].ended), (1, Some("ONE"), false));
        coupons::end_redemption(&life.scope, held[0].id).await.expect("ended");
        life.day("2026-05-01");
        let late = coupons::redeem(&life.scope, other, Redeem::Coupon(half), None).await.expect_err("over");
        assert_eq!(late.fields().first("coupon_id"), Some("has expired"));
        let detail = coupons::detail(&life.scope, half).await.expect("there");
        assert_eq!((detail.codes.len(), detail.redemptions.len(), detail.redemptions[0].ended), (3, 1, true));
        coupons::archive_code(&life.scope, detail.codes[0].id).await.expect("archived");
        assert_eq!(why(&life, &detail.codes[0].code, None).await, "is archived and not given out any more");
    })
    .await;
}

#[tokio::test]
async fn a_rate_of_tax_is_ended_and_never_backwards() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-04-20");
        let id = store::settings::add_tax_rate(&life.scope, vat(150_000, false, "2026-01-01")).await.expect("a rate");
        let early = store::settings::end_tax_rate(&life.scope, id, d("2026-04-19")).await.expect_err("too early");
        assert!(early.fields().first("ends_on").is_some());
        store::settings::end_tax_rate(&life.scope, id, d("2026-05-01")).await.expect("ended");
        let rates = store::settings::rates_for_page(&life.scope).await.expect("read");
        assert_eq!((rates.len(), rates[0].ends_on), (1, Some(d("2026-05-01"))));
    })
    .await;
}
