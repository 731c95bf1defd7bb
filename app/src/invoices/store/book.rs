//! Reads what invoices follow from: for some customers at once, in as many statements as for one.

mod past;
mod prices;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::accounts::{self, Account};
use super::settings::{Settings, rates, settings};
use crate::customers::{self, Customer, CustomerId};
use crate::invoices::cover::Terms;
use crate::invoices::due::{Rules, Stretch};
use crate::invoices::figures::{Coupon, Off};
use crate::invoices::make::{CustomerBook, DatedRate, Held, SubscriptionBook, Taxation, Used};
use crate::invoices::model::{Party, RedemptionId};
use crate::kit::Result;
use crate::kit::bulk::Ids;
use crate::kit::db::{Sql, bug};
use crate::kit::money::Currency;
use crate::kit::tx::Tx;
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::course::Course;
use crate::subscriptions::store::billing::{self, Billed};
use crate::usage;

/// What all of a seller's invoices have in common.
pub(super) struct SellerBook {
    pub settings: Settings,
    pub party: Party,
    pub rates: Vec<DatedRate>,
}

/// A customer's book with what its documents print.
pub(super) struct Opened {
    pub book: CustomerBook,
    pub customer: Customer,
}

pub(super) async fn seller(tx: &Tx) -> Result<SellerBook> {
    let settings = settings(tx).await?;
    let party = accounts::seller(tx, &settings).await?;
    Ok(SellerBook { party, rates: rates(tx).await?, settings })
}

/// The books of these customers, with their subscriptions as far as there may be something to bill until that day.
pub(super) async fn open(tx: &Tx, seller: &SellerBook, ids: &[CustomerId], until: NaiveDate, write: bool) -> Result<Vec<Opened>> {
    let billed = billing::of_customers(tx, ids, write).await?;
    open_with(tx, seller, ids, billed, until).await
}

/// As [`open`], of given subscriptions.
pub(super) async fn open_with(
    tx: &Tx,
    seller: &SellerBook,
    ids: &[CustomerId],
    billed: Vec<Billed>,
    until: NaiveDate,
) -> Result<Vec<Opened>> {
    let customers = customers::store::read_many(tx, ids).await?;
    let mut accounts = accounts::of(tx, ids).await?;
    let mut coupons = coupons(tx, ids).await?;
    let mut issued = last_issued(tx, ids).await?;
    let mut subscriptions = subscriptions(tx, seller, billed, until).await?;
    let open = |customer: Customer| {
        let (id, account) = (customer.id, accounts.remove(&customer.id));
        let terms = account.as_ref().and_then(|a| a.terms_days).unwrap_or(seller.settings.terms_days);
        let book = CustomerBook {
            id,
            country: customer.country.clone(),
            taxation: account.as_ref().map_or(Taxation::Taxed, Account::taxation),
            terms_days: u64::try_from(terms).unwrap_or(0),
            subscriptions: subscriptions.remove(&id).unwrap_or_default(),
            coupons: coupons.remove(&id).unwrap_or_default(),
            last_issued: issued.remove(&id),
        };
        Opened { book, customer }
    };
    Ok(customers.into_iter().map(open).collect())
}

async fn subscriptions(
    tx: &Tx,
    seller: &SellerBook,
    billed: Vec<Billed>,
    until: NaiveDate,
) -> Result<BTreeMap<CustomerId, Vec<SubscriptionBook>>> {
    let mut books: BTreeMap<CustomerId, Vec<SubscriptionBook>> = BTreeMap::new();
    let ids: Vec<SubscriptionId> = billed.iter().map(|b| b.id).collect();
    let Some(floor) = billed.iter().filter_map(|b| b.bills_on).min() else { return Ok(books) };
    let mut past = past::read(tx, &ids, floor).await?;
    let sold: Vec<&Terms> = past.values().flat_map(|past| past.cover.terms()).collect();
    let prices = prices::read(tx, &billed, &sold).await?;
    let mut closed = closed(tx, &billed, &prices).await?;
    for one in billed {
        let mut past = past.remove(&one.id).unwrap_or_default();
        past.arrears.closed = closed.remove(&one.id);
        let mut book = SubscriptionBook {
            id: one.id,
            stretches: stretches(&one.course, &prices)?,
            charges: one.course.phases.iter().map(|p| prices.charges(p.priced.terms.version)).collect(),
            rules: rules(&one, seller),
            cover: past.cover,
            next: one.bills_on,
            sequences: past.sequences,
            once: past.once,
            arrears: past.arrears,
            used: BTreeMap::new(),
            plan_names: prices.plans.clone(),
            item_names: prices.items.clone(),
        };
        book.used = prices::used(tx, &book, until).await?;
        books.entry(one.customer).or_default().push(book);
    }
    Ok(books)
}

/// How far those were invoiced that charge in arrears.
async fn closed(tx: &Tx, billed: &[Billed], prices: &prices::Prices) -> Result<BTreeMap<SubscriptionId, NaiveDate>> {
    let charges = |one: &&Billed| one.course.phases.iter().any(|p| prices.in_arrears(p.priced.terms.version));
    let ids: Vec<SubscriptionId> = billed.iter().filter(charges).map(|one| one.id).collect();
    usage::store::closed(tx, &ids).await
}

/// A course as the rules of billing see it.
pub(super) fn stretches(course: &Course, prices: &prices::Prices) -> Result<Vec<Stretch>> {
    let stretch = |phase: &crate::subscriptions::course::Phase| {
        Ok(Stretch {
            starts_on: phase.starts_on,
            ends_on: phase.ends_on,
            pays_from: phase.pays_from,
            interval: phase.priced.terms.interval,
            prices: prices.recurring(&phase.priced.terms)?,
        })
    };
    course.phases.iter().map(stretch).collect()
}

fn rules(billed: &Billed, seller: &SellerBook) -> Rules {
    Rules {
        anchor_day: billed.course.anchor_day,
        bills_from: billed.bills_from,
        pauses: billed.pauses.clone(),
        proration: Some(seller.settings.proration),
        proration_on: billed.prorations.clone(),
    }
}

/// The prices that a course names, for one that is only foreseen.
pub(super) async fn prices_of(tx: &Tx, billed: &[Billed]) -> Result<prices::Prices> {
    prices::read(tx, billed, &[]).await
}

/// What was used, of a book whose course is another now.
pub(super) async fn used(tx: &Tx, book: &SubscriptionBook, until: NaiveDate) -> Result<Used> {
    prices::used(tx, book, until).await
}

async fn last_issued(tx: &Tx, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, NaiveDate>> {
    #[derive(FromQueryResult)]
    struct Row {
        customer_id: CustomerId,
        day: NaiveDate,
    }
    let keys = Ids::of(ids.iter().map(|c| c.0));
    let sql = format!(
        "SELECT customer_id, MAX(issued_on) AS day FROM invoices WHERE seller_id = $1 AND {} AND origin = 'run' \
         AND number IS NOT NULL GROUP BY customer_id",
        keys.among(tx, "customer_id", 2)
    );
    let rows: Vec<Row> = tx.all(&sql, keys.keyed(tx)).await?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.day)).collect())
}

/// The coupons that these customers have, in the order they got them.
async fn coupons(tx: &Tx, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, Vec<Held>>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: RedemptionId,
        customer_id: CustomerId,
        coupon_id: uuid::Uuid,
        subscription_id: Option<uuid::Uuid>,
        starts_on: NaiveDate,
        name: String,
        percent_ppm: Option<i32>,
        amount_minor: Option<i64>,
        currency: Option<String>,
        duration: String,
        times: Option<i32>,
        used: i64,
    }
    let keys = Ids::of(ids.iter().map(|c| c.0));
    let sql = format!(
        "SELECT r.id, r.customer_id, r.coupon_id, r.subscription_id, r.starts_on, c.name, c.percent_ppm, c.amount_minor, c.currency, \
         c.duration, c.times, (SELECT COUNT(*) FROM invoice_discounts d JOIN invoices i ON i.seller_id = d.seller_id AND i.id = d.invoice_id \
         WHERE d.seller_id = r.seller_id AND d.redemption_id = r.id AND i.status NOT IN ('draft', 'void')) AS used \
         FROM coupon_redemptions r JOIN coupons c ON c.seller_id = r.seller_id AND c.id = r.coupon_id \
         WHERE r.seller_id = $1 AND {} AND r.ended_at IS NULL",
        keys.among(tx, "r.customer_id", 2)
    );
    let mut rows: Vec<Row> = tx.all(&sql, keys.keyed(tx)).await?;
    // Asked for this order, SQLite would walk all of the seller's in it.
    rows.sort_by_key(|row| row.id);
    let mut plans = coupon_plans(tx, rows.iter().map(|r| r.coupon_id).collect()).await?;
    let mut held: BTreeMap<CustomerId, Vec<Held>> = BTreeMap::new();
    for row in rows {
        let off = match (row.percent_ppm, row.amount_minor) {
            (Some(ppm), _) => Off::Percent(i64::from(ppm)),
            (None, minor) => Off::Amount(minor.unwrap_or(0)),
        };
        let most = match row.duration.as_str() {
            "once" => Some(1),
            "repeating" => row.times.map(i64::from),
            _ => None,
        };
        let currency = row.currency.map(|c| c.parse::<Currency>().map_err(bug)).transpose()?;
        let coupon = Coupon {
            redemption: row.id,
            name: row.name,
            off,
            plans: plans.remove(&row.coupon_id).unwrap_or_default(),
            subscription: row.subscription_id.map(SubscriptionId),
        };
        let left = most.map(|most| (most - row.used).max(0));
        held.entry(row.customer_id).or_default().push(Held { coupon, currency, starts_on: row.starts_on, left });
    }
    Ok(held)
}

async fn coupon_plans(tx: &Tx, coupons: Vec<uuid::Uuid>) -> Result<BTreeMap<uuid::Uuid, Vec<PlanId>>> {
    #[derive(FromQueryResult)]
    struct Row {
        coupon_id: uuid::Uuid,
        plan_id: PlanId,
    }
    let mut plans: BTreeMap<uuid::Uuid, Vec<PlanId>> = BTreeMap::new();
    if coupons.is_empty() {
        return Ok(plans);
    }
    let keys = Ids::of(coupons);
    let sql = format!("SELECT coupon_id, plan_id FROM coupon_plans WHERE seller_id = $1 AND {}", keys.among(tx, "coupon_id", 2));
    for row in tx.all::<Row>(&sql, keys.keyed(tx)).await? {
        plans.entry(row.coupon_id).or_default().push(row.plan_id);
    }
    Ok(plans)
}
