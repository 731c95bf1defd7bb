//! Coupons, the codes they are given out by, and who has one.

mod list;
mod shown;

pub use list::{chunk, list, page};
pub use shown::{detail, of_customer};

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};
use serde_json::json;

use crate::customers::{self, CustomerId};
pub use crate::invoices::catalogue::CouponView;
use crate::invoices::catalogue::{CouponDuration, CouponId, CouponState, NewCoupon, PromotionCodeId};
use crate::invoices::model::RedemptionId;
use crate::kit::bulk::Rows;
use crate::kit::db::{DbResult, Sql, bug};
use crate::kit::event::Event;
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;

#[derive(FromQueryResult)]
struct Row {
    id: CouponId,
    name: String,
    percent_ppm: Option<i32>,
    amount_minor: Option<i64>,
    currency: Option<String>,
    duration: CouponDuration,
    times: Option<i32>,
    redemptions: i32,
    max_redemptions: Option<i32>,
    expires_on: Option<NaiveDate>,
    state: CouponState,
}

/// The word of a coupon's [`CouponState`] on that day, in SQL over its columns.
fn state_on(today: NaiveDate) -> String {
    format!(
        "CASE WHEN archived_at IS NOT NULL THEN 'archived' WHEN expires_on < '{today}' THEN 'expired' \
         WHEN redemptions >= max_redemptions THEN 'used_up' ELSE 'active' END"
    )
}

impl Row {
    fn view(self, codes: Vec<String>) -> Result<CouponView> {
        let currency = self.currency.map(|c| c.parse::<Currency>().map_err(bug)).transpose()?;
        Ok(CouponView {
            id: self.id,
            name: self.name,
            percent_ppm: self.percent_ppm,
            amount: self.amount_minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
            duration: self.duration,
            times: self.times,
            redemptions: self.redemptions,
            max_redemptions: self.max_redemptions,
            expires_on: self.expires_on,
            state: self.state,
            codes,
        })
    }
}

/// Makes a coupon.
pub async fn create(scope: &Scope, new: NewCoupon) -> Result<CouponId> {
    let (tx, id) = (scope.write().await?, CouponId::new());
    for plan in &new.plans {
        let known = crate::plans::store::read(&tx, *plan).await;
        known.map_err(|e| if e == Error::NotFound { Error::field("plan_ids", "names no plan") } else { e })?;
    }
    let columns =
        ["id", "name", "percent_ppm", "amount_minor", "currency", "duration", "times", "max_redemptions", "expires_on", "created_at"];
    let row: Vec<Value> = vec![
        id.0.into(),
        new.name.clone().into(),
        new.percent_ppm.into(),
        new.amount.map(Money::minor).into(),
        new.amount.map(|a| a.currency().to_string()).into(),
        new.duration.into(),
        new.times.into(),
        new.max_redemptions.into(),
        new.expires_on.into(),
        scope.now().into(),
    ];
    Rows::new(&columns, vec![row]).insert(&tx, "coupons", "").await?;
    let plans = new.plans.iter().map(|plan| vec![id.0.into(), plan.0.into()]).collect();
    Rows::new(&["coupon_id", "plan_id"], plans).insert(&tx, "coupon_plans", "").await?;
    let details = json!({ "percent_ppm": new.percent_ppm, "amount": new.amount, "duration": new.duration, "times": new.times });
    tx.commit(Event::new("coupon.created", "coupon", id, new.name).details(details)).await?;
    Ok(id)
}

/// A coupon is given out no more; those who have it keep it.
pub async fn archive(scope: &Scope, id: CouponId) -> Result<()> {
    let tx = scope.write().await?;
    let name = held(&tx, id).await?.name;
    let sql = "UPDATE coupons SET archived_at = COALESCE(archived_at, $3) WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), scope.now().into()]).await?;
    tx.commit(Event::new("coupon.archived", "coupon", id, name)).await
}

/// A code to make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCode {
    pub code: String,
    pub max: Option<i32>,
    /// The last day it can be used.
    pub expires_on: Option<NaiveDate>,
    /// Only for customers who had no invoice yet.
    pub first_time_only: bool,
}

/// Makes a code that a coupon is given out by; capital letters and small ones are the same.
pub async fn add_code(scope: &Scope, id: CouponId, new: NewCode) -> Result<PromotionCodeId> {
    let NewCode { code, max, expires_on, first_time_only } = new;
    let tx = scope.write().await?;
    let (name, code, new) = (held(&tx, id).await?.name, code.trim().to_uppercase(), PromotionCodeId::new());
    let sql = "INSERT INTO promotion_codes (seller_id, id, coupon_id, code, max_redemptions, expires_on, first_time_only, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        tx.seller_id().0.into(),
        new.0.into(),
        id.0.into(),
        code.clone().into(),
        max.into(),
        expires_on.into(),
        first_time_only.into(),
        scope.now().into(),
    ];
    let statement = scope.db().sql(sql, values);
    sea_orm::ConnectionTrait::execute_raw(&*tx, statement).await.taken("code", "code", "is a code already")?;
    tx.commit(Event::new("promotion_code.created", "coupon", id, name).details(json!({ "code": code }))).await?;
    Ok(new)
}

/// What a coupon is redeemed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeem {
    Coupon(CouponId),
    Code(String),
}

/// Gives a customer a coupon, for all it has or for one subscription; it counts from the next invoice on.
pub async fn redeem(scope: &Scope, customer: CustomerId, by: Redeem, subscription: Option<SubscriptionId>) -> Result<RedemptionId> {
    let tx = scope.write().await?;
    let (id, event) = redeem_in(&tx, customer, by, subscription, scope.today()).await?;
    tx.commit(event).await?;
    Ok(id)
}

/// As [`redeem`], in a transaction that is under way; it counts on invoices from a day on.
pub async fn redeem_in(
    tx: &Tx,
    customer: CustomerId,
    by: Redeem,
    subscription: Option<SubscriptionId>,
    from: NaiveDate,
) -> Result<(RedemptionId, Event)> {
    let name = customers::store::read(tx, customer).await?.name;
    customers::store::hold(tx, &[customer]).await?;
    if let Some(id) = subscription {
        let own = crate::subscriptions::store::billing::one(tx, id).await?.is_some_and(|s| s.customer == customer);
        if !own {
            return Err(Error::field("subscription_id", "is no subscription of this customer"));
        }
    }
    let (coupon, code) = match &by {
        Redeem::Coupon(id) => (*id, None),
        Redeem::Code(code) => take_code(tx, code, customer).await.map(|(coupon, code)| (coupon, Some(code)))?,
    };
    let row = held(tx, coupon).await.map_err(|e| if e == Error::NotFound { Error::field("coupon_id", "is no coupon") } else { e })?;
    let today = tx.scope().today();
    let field = if code.is_some() { "code" } else { "coupon_id" };
    if row.state == CouponState::Archived {
        return Err(Error::field(field, "is archived and not given out any more"));
    }
    if row.expires_on.is_some_and(|end| end < today) {
        return Err(Error::field(field, "has expired"));
    }
    check_fit(tx, coupon, customer, subscription, field).await?;
    let sql = "UPDATE coupons SET redemptions = redemptions + 1 WHERE seller_id = $1 AND id = $2 \
               AND (max_redemptions IS NULL OR redemptions < max_redemptions)";
    if tx.run(sql, [tx.seller_id().0.into(), coupon.0.into()]).await? == 0 {
        return Err(Error::field(field, "was redeemed as often as it may be"));
    }
    let id = RedemptionId::new();
    let columns = ["id", "coupon_id", "promotion_code_id", "customer_id", "subscription_id", "starts_on", "created_at"];
    let values: Vec<Value> = vec![
        id.0.into(),
        coupon.0.into(),
        code.map(|c| c.0).into(),
        customer.0.into(),
        subscription.map(|s| s.0).into(),
        from.into(),
        tx.scope().now().into(),
    ];
    Rows::new(&columns, vec![values]).insert(tx, "coupon_redemptions", "").await?;
    let details = json!({ "coupon": row.name, "subscription": subscription });
    Ok((id, Event::new("coupon.redeemed", "customer", customer, name).details(details)))
}

/// Whether a coupon does anything for whom it is given to: once is enough, and it must be good for the plan.
async fn check_fit(tx: &Tx, coupon: CouponId, customer: CustomerId, subscription: Option<SubscriptionId>, field: &str) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Fit {
        has: bool,
        wrong_plan: bool,
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM coupon_redemptions r WHERE r.seller_id = $1 AND r.coupon_id = $2 AND r.customer_id = $3 \
               AND r.ended_at IS NULL AND (r.subscription_id IS NULL OR r.subscription_id = $4)) AS has, \
               ($4 IS NOT NULL AND EXISTS (SELECT 1 FROM coupon_plans p WHERE p.seller_id = $1 AND p.coupon_id = $2) \
               AND NOT EXISTS (SELECT 1 FROM coupon_plans p JOIN subscriptions s ON s.seller_id = p.seller_id AND s.plan_id = p.plan_id \
               WHERE p.seller_id = $1 AND p.coupon_id = $2 AND s.id = $4)) AS wrong_plan";
    let values = [tx.seller_id().0.into(), coupon.0.into(), customer.0.into(), subscription.map(|s| s.0).into()];
    let fit: Option<Fit> = tx.one(sql, values).await?;
    match fit {
        Some(Fit { has: true, .. }) => Err(Error::field(field, "is one that the customer has already")),
        Some(Fit { wrong_plan: true, .. }) => Err(Error::field(field, "is not good for the plan of this subscription")),
        _ => Ok(()),
    }
}

/// Uses a code once; an error of the field `code` where it cannot be used, which says why.
async fn take_code(tx: &Tx, code: &str, customer: CustomerId) -> Result<(CouponId, PromotionCodeId)> {
    #[derive(FromQueryResult)]
    struct Code {
        id: PromotionCodeId,
        coupon_id: CouponId,
        expires_on: Option<NaiveDate>,
        first_time_only: bool,
        archived: bool,
        billed: bool,
    }
    let refuse = |why: &str| Err(Error::field("code", why));
    let sql = "SELECT c.id, c.coupon_id, c.expires_on, c.first_time_only, c.archived_at IS NOT NULL AS archived, \
               EXISTS (SELECT 1 FROM invoices i WHERE i.seller_id = c.seller_id AND i.customer_id = $3 AND i.number IS NOT NULL \
               AND i.status <> 'void') AS billed FROM promotion_codes c WHERE c.seller_id = $1 AND c.code = $2";
    let found: Option<Code> = tx.one(sql, [tx.seller_id().0.into(), code.trim().to_uppercase().into(), customer.0.into()]).await?;
    let Some(found) = found else { return refuse("is no code") };
    if found.archived {
        return refuse("is archived and not given out any more");
    }
    if found.expires_on.is_some_and(|end| end < tx.scope().today()) {
        return refuse("has expired");
    }
    if found.first_time_only && found.billed {
        return refuse("is for new customers, and this one has invoices");
    }
    let sql = "UPDATE promotion_codes SET redemptions = redemptions + 1 WHERE seller_id = $1 AND id = $2 \
               AND (max_redemptions IS NULL OR redemptions < max_redemptions)";
    if tx.run(sql, [tx.seller_id().0.into(), found.id.0.into()]).await? == 0 {
        return refuse("was redeemed as often as it may be");
    }
    Ok((found.coupon_id, found.id))
}

async fn held(tx: &Tx, id: CouponId) -> Result<Row> {
    let sql = format!(
        "SELECT id, name, percent_ppm, amount_minor, currency, duration, times, redemptions, max_redemptions, expires_on, {} AS state \
         FROM coupons WHERE seller_id = $1 AND id = $2",
        state_on(tx.scope().today())
    );
    tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)
}

/// A customer has a coupon no more.
pub async fn end(scope: &Scope, customer: CustomerId, id: RedemptionId) -> Result<()> {
    let tx = scope.write().await?;
    let name = customers::store::read(&tx, customer).await?.name;
    let sql = "UPDATE coupon_redemptions SET ended_at = $4 WHERE seller_id = $1 AND id = $2 AND customer_id = $3 AND ended_at IS NULL";
    if tx.run(sql, [tx.seller_id().0.into(), id.0.into(), customer.0.into(), scope.now().into()]).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.commit(Event::new("coupon.ended", "customer", customer, name)).await
}

/// Plans of a coupon, for its page.
pub async fn plans_of(scope: &Scope, id: CouponId) -> Result<Vec<PlanId>> {
    #[derive(FromQueryResult)]
    struct Plan {
        plan_id: PlanId,
    }
    let tx = scope.read().await?;
    held(&tx, id).await?;
    let sql = "SELECT plan_id FROM coupon_plans WHERE seller_id = $1 AND coupon_id = $2 ORDER BY plan_id";
    let rows: Vec<Plan> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(rows.into_iter().map(|row| row.plan_id).collect())
}

/// A customer has a coupon no more; gives whose it was.
pub async fn end_redemption(scope: &Scope, id: RedemptionId) -> Result<CustomerId> {
    let found = {
        let tx = scope.read().await?;
        shown::redeemed(&tx, "r.id = $2", id.0).await?.pop().ok_or(Error::NotFound)?
    };
    end(scope, found.customer, id).await?;
    Ok(found.customer)
}

/// A code is given out no more; gives the coupon that it was of.
pub async fn archive_code(scope: &Scope, id: PromotionCodeId) -> Result<CouponId> {
    #[derive(FromQueryResult)]
    struct Found {
        coupon_id: CouponId,
        code: String,
    }
    let tx = scope.write().await?;
    let sql =
        "UPDATE promotion_codes SET archived_at = COALESCE(archived_at, $3) WHERE seller_id = $1 AND id = $2 RETURNING coupon_id, code";
    let found: Option<Found> = tx.one(sql, [tx.seller_id().0.into(), id.0.into(), scope.now().into()]).await?;
    let found = found.ok_or(Error::NotFound)?;
    tx.commit(Event::new("promotion_code.archived", "coupon", found.coupon_id, found.code)).await?;
    Ok(found.coupon_id)
}
