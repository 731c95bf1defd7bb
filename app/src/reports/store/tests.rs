//! Figures by hand, on both databases.

mod workbook;

use chrono::{DateTime, NaiveDate, Utc};

use super::{aging, chunk, file, forecast, part, report};
use crate::customers::{self, CustomerId, NewCustomer};
use crate::invoices::model::{CreditLine, InvoiceId, NewCreditNote, NewInvoice, NewLine, Settlement};
use crate::invoices::store as invoices;
use crate::kit::databases::on_each_database;
use crate::kit::money::{Currency, Money};
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::scope::Scope;
use crate::payments::model::{NewPayment, PaidBy};
use crate::plans::{self, NewPlan};
use crate::reports::model::{AskedFor, Bucket, Cell};
use crate::subscriptions::model::NewSubscription;
use crate::subscriptions::store as subscriptions;

fn d(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn on(scope: &Scope, day: &str) -> Scope {
    let noon: DateTime<Utc> = d(day).and_hms_opt(12, 0, 0).expect("noon").and_utc();
    scope.at(noon)
}

async fn customer(scope: &Scope, name: &str) -> CustomerId {
    customers::store::create(scope, NewCustomer { name: name.into(), ..Default::default() }).await.expect("a customer")
}

fn wish(customer: CustomerId, minor: i64, currency: &str) -> NewInvoice {
    let unit = Money::new(minor, currency.parse().expect("a currency"));
    let line = NewLine { description: "Work".into(), quantity: 1, unit };
    NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None }
}

async fn bill(scope: &Scope, customer: CustomerId, minor: i64, currency: &str) -> InvoiceId {
    let id = invoices::create(scope, wish(customer, minor, currency)).await.expect("drafted");
    invoices::finalize(scope, id).await.expect("issued");
    id
}

async fn pay(scope: &Scope, customer: CustomerId, minor: i64, paid_by: PaidBy) {
    let amount = Money::new(minor, Currency::USD);
    let new = NewPayment { customer, amount, paid_by, paid_on: None, reference: None, note: None, allocations: None };
    crate::payments::store::record(scope, new).await.expect("recorded");
}

/// Two customers, a tax of 15 percent, a credit note, a void invoice, two payments, two currencies. Then it is 10 March.
async fn spring(scope: &Scope) -> Scope {
    let january = on(scope, "2026-01-10");
    let vat = invoices::settings::NewTaxRate {
        name: "VAT".into(),
        ppm: 150_000,
        inclusive: false,
        country: None,
        starts_on: d("2026-01-01"),
        ends_on: None,
    };
    invoices::settings::add_tax_rate(&january, vat).await.expect("a rate");
    let (nile, delta) = (customer(&january, "Nile").await, customer(&january, "Delta").await);
    let first = bill(&january, nile, 10_000, "USD").await;
    bill(&on(scope, "2026-01-20"), delta, 20_000, "USD").await;
    let february = on(scope, "2026-02-05");
    let line = invoices::detail(&february, first).await.expect("there").lines[0].id.expect("an id");
    let lines = vec![CreditLine { line, amount: Money::new(4_000, Currency::USD) }];
    let note = NewCreditNote { lines, settlement: Settlement::Offset, reason: "Too much".into() };
    invoices::credit_note(&february, first, note).await.expect("credited");
    pay(&on(scope, "2026-02-10"), nile, 6_900, PaidBy::Cash).await;
    let wrong = bill(&on(scope, "2026-02-15"), delta, 1_000, "USD").await;
    invoices::void(&on(scope, "2026-02-16"), wrong, Some("A mistake".into())).await.expect("void");
    pay(&on(scope, "2026-02-20"), delta, 3_000, PaidBy::BankTransfer).await;
    bill(&on(scope, "2026-03-01"), nile, 5_000, "EUR").await;
    on(scope, "2026-03-10")
}

async fn told(scope: &Scope, report_kind: &str, to: &str) -> (Vec<String>, Vec<String>) {
    between(scope, report_kind, "2026-01-01", to).await
}

async fn between(scope: &Scope, report_kind: &str, from: &str, to: &str) -> (Vec<String>, Vec<String>) {
    let asked = AskedFor { report: report_kind.into(), from: from.into(), to: to.into(), ..AskedFor::default() };
    let of = report(scope, asked.parse(scope.today()).expect("a wish")).await.expect("a report");
    let line = |row: &Vec<Cell>| row.iter().map(Cell::plain).collect::<Vec<_>>().join(" ");
    (of.rows.iter().map(line).collect(), of.totals.iter().map(line).collect())
}

#[tokio::test]
async fn every_report_adds_up() {
    on_each_database(|scope| async move {
        let scope = spring(&scope).await;
        let (rows, totals) = told(&scope, "revenue_by_month", "").await;
        assert_eq!(
            rows,
            ["2026-01 USD 300.00 0.00 300.00 45.00", "2026-02 USD 10.00 50.00 -40.00 -6.00", "2026-03 EUR 50.00 0.00 50.00 7.50"]
        );
        assert_eq!(totals, ["Total EUR 50.00 0.00 50.00 7.50", "Total USD 310.00 50.00 260.00 39.00"]);

        let (rows, totals) = told(&scope, "revenue_by_customer", "").await;
        assert_eq!(rows, ["Delta USD 210.00 10.00 200.00 30.00", "Nile USD 100.00 40.00 60.00 9.00", "Nile EUR 50.00 0.00 50.00 7.50"]);
        assert_eq!(totals, ["Total EUR 50.00 0.00 50.00 7.50", "Total USD 310.00 50.00 260.00 39.00"]);

        let (rows, totals) = told(&scope, "outstanding", "").await;
        assert_eq!(rows, ["Delta USD 200.00 0.00 200.00", "Nile EUR 57.50 0.00 57.50"]);
        assert_eq!(totals, ["Total EUR 57.50 0.00 57.50", "Total USD 200.00 0.00 200.00"]);
        assert_eq!(told(&scope, "outstanding", "2026-01-31").await.0, ["Delta USD 230.00 0.00 230.00", "Nile USD 115.00 0.00 115.00"]);

        assert_eq!(told(&scope, "payments_by_method", "").await.0, ["Cash USD 1 69.00 0.00 0.00", "Bank transfer USD 1 30.00 0.00 0.00"]);
        let (rows, totals) = told(&scope, "tax", "").await;
        assert_eq!(rows, ["VAT 15 EUR 50.00 7.50 0.00 7.50", "VAT 15 USD 260.00 45.00 6.00 39.00"], "the tax is the ledger's");
        assert_eq!(totals.len(), 2);
        assert_eq!(
            told(&scope, "aging", "").await.0,
            ["Delta USD 0.00 0.00 200.00 0.00 0.00 200.00", "Nile EUR 57.50 0.00 0.00 0.00 0.00 57.50"]
        );
    })
    .await;
}

#[tokio::test]
async fn tax_of_a_month_that_is_over_is_taken_back_in_the_month_of_voiding() {
    on_each_database(|scope| async move {
        let scope = spring(&scope).await;
        let taxed = customer(&scope, "Sudd").await;
        let free = customer(&scope, "Free").await;
        let exempt = invoices::accounts::AccountChange {
            tax_status: Some(invoices::accounts::TaxStatus::Exempt),
            tax_reason: Some("Embassy".into()),
            ..Default::default()
        };
        invoices::accounts::update(&scope, free, exempt).await.expect("exempt");
        let tax = async |from: &str, to: &str| between(&on(&scope, "2026-06-30"), "tax", from, to).await.0;
        let april = on(&scope, "2026-04-10");
        let (late, same) = (bill(&april, taxed, 7_000, "USD").await, bill(&april, taxed, 300, "USD").await);
        let exempted = bill(&april, free, 2_000, "USD").await;
        invoices::void(&on(&scope, "2026-04-30"), same, None).await.expect("void");
        let declared = ["No tax: Embassy 0 USD 20.00 0.00 0.00 0.00", "VAT 15 USD 70.00 10.50 0.00 10.50"];
        assert_eq!(tax("2026-04-01", "2026-04-30").await, declared, "what was voided within the month is nothing");
        for id in [late, exempted] {
            invoices::void(&on(&scope, "2026-05-02"), id, None).await.expect("void");
        }
        assert_eq!(tax("2026-04-01", "2026-04-30").await, declared, "a month that is over stays as it was declared");
        let back = ["No tax: Embassy 0 USD -20.00 0.00 0.00 0.00", "VAT 15 USD -70.00 0.00 10.50 -10.50"];
        assert_eq!(tax("2026-05-01", "2026-05-31").await, back);
        let both = ["No tax: Embassy 0 USD 0.00 0.00 0.00 0.00", "VAT 15 USD 0.00 10.50 10.50 0.00"];
        assert_eq!(tax("2026-04-01", "2026-05-31").await, both);
        assert_eq!(tax("2026-06-01", "2026-06-30").await, Vec::<String>::new());
        // The ledger says the same, month by month.
        let (ledger, _) = between(&on(&scope, "2026-06-30"), "revenue_by_month", "2026-04-01", "2026-05-31").await;
        assert_eq!(ledger, ["2026-04 USD 93.00 3.00 90.00 10.50", "2026-05 USD 0.00 90.00 -90.00 -10.50"]);
    })
    .await;
}

#[tokio::test]
async fn a_file_has_every_row_some_at_a_time() {
    on_each_database(|scope| async move {
        let scope = spring(&scope).await;
        for kind in ["revenue_by_customer", "outstanding", "aging"] {
            let asked = AskedFor { report: kind.into(), ..AskedFor::default() }.parse(scope.today()).expect("a wish");
            let (mut rows, mut place, mut rounds) = (Vec::new(), None, 0);
            loop {
                let (more, next) = chunk(&scope, &asked, place.as_deref(), 1).await.expect("a chunk");
                rows.extend(more);
                rounds += 1;
                if next.is_none() {
                    break;
                }
                place = next;
            }
            let shown = report(&scope, asked.clone()).await.expect("a report").rows;
            assert_eq!(rows.len(), shown.len(), "{kind}");
            assert!(shown.iter().all(|row| rows.contains(row)) && rounds > 2, "{kind}");
            assert!(chunk(&scope, &asked, Some("nowhere"), 1).await.is_err());
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_is_in_the_order_of_the_page_and_ends_with_its_sums() {
    on_each_database(|scope| async move {
        let scope = spring(&scope).await;
        for (kind, sort) in [("revenue_by_customer", "-net"), ("outstanding", "customer"), ("aging", "-customer"), ("tax", "")] {
            let asked = AskedFor { report: kind.into(), sort: sort.into(), ..AskedFor::default() }.parse(scope.today()).expect("a wish");
            let of = file(&scope, asked.clone()).await.expect("a file");
            let (mut rows, mut place) = (Vec::new(), None);
            loop {
                let (more, next) = part(&scope, &of, place.as_deref(), 1).await.expect("a part");
                rows.extend(more);
                place = next;
                if place.is_none() {
                    break;
                }
            }
            let shown = report(&scope, asked).await.expect("a report");
            assert!(!shown.totals.is_empty(), "{kind}");
            assert_eq!(rows, [shown.rows, shown.totals].concat(), "{kind}");
        }
    })
    .await;
}

#[tokio::test]
async fn aging_counts_days_past_due_and_names_who_is_behind() {
    on_each_database(|scope| async move {
        let scope = spring(&scope).await;
        let of = aging(&scope, Some((Currency::USD, Bucket::Days60))).await.expect("aging");
        let amounts = |at: usize| of.rows[at].buckets.iter().map(|(amount, n)| (amount.minor(), *n)).collect::<Vec<_>>();
        assert_eq!(of.rows.iter().map(|row| row.currency.to_string()).collect::<Vec<_>>(), ["EUR", "USD"]);
        assert_eq!(amounts(0), [(5_750, 1), (0, 0), (0, 0), (0, 0), (0, 0)]);
        assert_eq!(amounts(1), [(0, 0), (0, 0), (20_000, 1), (0, 0), (0, 0)]);
        let behind = of.behind.expect("a cell").customers;
        assert_eq!(behind.iter().map(|c| (c.name.as_str(), c.invoices, c.oldest)).collect::<Vec<_>>(), [("Delta", 1, d("2026-02-03"))]);
        // A day at each edge: due on 3 February, it is 30 days late on 5 March and 31 on 6 March.
        let bucket = async |day: &str| {
            let of = aging(&on(&scope, day), None).await.expect("aging");
            let usd = of.rows.iter().find(|row| row.currency == Currency::USD).expect("dollars").clone();
            usd.buckets.iter().position(|(_, n)| *n > 0).expect("a bucket")
        };
        let got = [bucket("2026-02-03").await, bucket("2026-02-04").await, bucket("2026-03-05").await, bucket("2026-03-06").await];
        assert_eq!((got, bucket("2026-05-04").await, bucket("2026-05-05").await), ([0, 1, 1, 2], 3, 4));
    })
    .await;
}

async fn subscribe(scope: &Scope, name: &str, minor: i64, started_on: &str) {
    let price = Money::new(minor, Currency::USD);
    let new = NewPlan { name: name.into(), interval: Interval { unit: IntervalUnit::Month, count: 1 }, price, trial_days: 0 };
    let plan_id = plans::store::create(scope, new).await.expect("a plan");
    let customer_id = customer(scope, name).await;
    let new = NewSubscription {
        customer_id,
        plan_id,
        started_on: d(started_on),
        trial_ends_on: None,
        ends_on: None,
        quantity: 1,
        price: None,
        external_id: None,
        payment_method: None,
        anchor_day: None,
    };
    subscriptions::create(scope, new).await.expect("a subscription");
}

#[tokio::test]
async fn the_forecast_rolls_the_mean_forward_and_adds_what_is_drafted() {
    on_each_database(|scope| async move {
        let empty = forecast(&on(&scope, "2026-05-15")).await.expect("a forecast");
        assert_eq!((empty.past.len(), empty.coming.len(), empty.methods.len()), (12, 0, 0));
        // Each month wins a tenth of what it began with.
        for (name, minor, day) in
            [("A", 10_000, "2026-01-05"), ("B", 1_000, "2026-02-10"), ("C", 1_100, "2026-03-10"), ("D", 1_210, "2026-04-10")]
        {
            subscribe(&on(&scope, day), name, minor, day).await;
        }
        let may = on(&scope, "2026-05-15");
        let who = customer(&may, "Once").await;
        let once = NewInvoice { issued_on: Some(d("2026-06-10")), ..wish(who, 5_000, "USD") };
        invoices::create(&may, once).await.expect("drafted");
        pay(&on(&scope, "2026-04-20"), who, 3_000, PaidBy::Cash).await;
        pay(&on(&scope, "2026-04-21"), who, 1_000, PaidBy::Card).await;
        let of = forecast(&may).await.expect("a forecast");
        let usd = |minor| Money::new(minor, Currency::USD);
        let june = of.coming[0];
        assert_eq!((june.month.to_string().as_str(), june.mrr, june.low, june.high), ("2026-06", usd(14_641), usd(14_641), usd(14_641)));
        assert_eq!((june.one_offs, june.revenue(), of.coming.len()), (usd(5_000), usd(19_641), 6));
        let month = |at: &str| *of.past.iter().find(|p| p.month.to_string() == at).expect("a month");
        assert_eq!((month("2026-05").mrr, month("2026-05").projected), (usd(13_310), Some(usd(14_641))));
        assert_eq!(month("2026-04").projected, None, "February and March alone promise nothing");
        let methods: Vec<_> = of.methods.iter().map(|m| (m.method.as_str(), m.share, m.projected.minor())).collect();
        assert_eq!(methods, [("Cash", 750, 14_731), ("Card", 250, 4_910)]);
    })
    .await;
}
