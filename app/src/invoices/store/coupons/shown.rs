//! What pages show of coupons.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::held;
use crate::customers::{self, CustomerId};
use crate::invoices::catalogue::{CouponDetail, CouponId, PromotionCode, PromotionCodeId, Redeemed};
use crate::invoices::model::RedemptionId;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;

/// A coupon with its codes, plans and latest redemptions.
pub async fn detail(scope: &Scope, id: CouponId) -> Result<CouponDetail> {
    #[derive(FromQueryResult)]
    struct Code {
        id: PromotionCodeId,
        code: String,
        redemptions: i32,
        max_redemptions: Option<i32>,
        expires_on: Option<NaiveDate>,
        first_time_only: bool,
        archived: bool,
    }
    #[derive(FromQueryResult)]
    struct Plan {
        id: PlanId,
        name: String,
    }
    let tx = scope.read().await?;
    let key = || [tx.seller_id().0.into(), id.0.into()];
    let row = held(&tx, id).await?;
    let sql = "SELECT id, code, redemptions, max_redemptions, expires_on, first_time_only, archived_at IS NOT NULL AS archived \
               FROM promotion_codes WHERE seller_id = $1 AND coupon_id = $2 ORDER BY code LIMIT 1000";
    let codes: Vec<Code> = tx.all(sql, key()).await?;
    let sql = "SELECT p.id, p.name FROM coupon_plans c JOIN plans p ON p.seller_id = c.seller_id AND p.id = c.plan_id \
               WHERE c.seller_id = $1 AND c.coupon_id = $2 ORDER BY p.name";
    let plans: Vec<Plan> = tx.all(sql, key()).await?;
    let redemptions = redeemed(&tx, "r.coupon_id = $2", id.0).await?;
    let live = codes.iter().filter(|c| !c.archived).map(|c| c.code.clone()).collect();
    let code = |c: Code| PromotionCode {
        id: c.id,
        code: c.code,
        redemptions: c.redemptions,
        max_redemptions: c.max_redemptions,
        expires_on: c.expires_on,
        first_time_only: c.first_time_only,
        archived: c.archived,
    };
    Ok(CouponDetail {
        coupon: row.view(live)?,
        codes: codes.into_iter().map(code).collect(),
        plans: plans.into_iter().map(|p| (p.id, p.name)).collect(),
        redemptions,
    })
}

/// The coupons that a customer has or had, the latest first.
pub async fn of_customer(scope: &Scope, customer: CustomerId) -> Result<Vec<Redeemed>> {
    let tx = scope.read().await?;
    customers::store::read(&tx, customer).await?;
    redeemed(&tx, "r.customer_id = $2", customer.0).await
}

/// Redemptions under a condition over `$2`, the latest first.
pub(super) async fn redeemed(tx: &Tx, which: &str, id: uuid::Uuid) -> Result<Vec<Redeemed>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: RedemptionId,
        coupon_id: CouponId,
        coupon_name: String,
        customer_id: CustomerId,
        customer_name: String,
        subscription_id: Option<uuid::Uuid>,
        code: Option<String>,
        starts_on: NaiveDate,
        ended: bool,
    }
    let sql = format!(
        "SELECT r.id, r.coupon_id, k.name AS coupon_name, r.customer_id, c.name AS customer_name, r.subscription_id, p.code, r.starts_on, \
         r.ended_at IS NOT NULL AS ended FROM coupon_redemptions r \
         JOIN coupons k ON k.seller_id = r.seller_id AND k.id = r.coupon_id \
         JOIN customers c ON c.seller_id = r.seller_id AND c.id = r.customer_id \
         LEFT JOIN promotion_codes p ON p.seller_id = r.seller_id AND p.id = r.promotion_code_id \
         WHERE r.seller_id = $1 AND {which} ORDER BY r.id DESC LIMIT 100"
    );
    let rows: Vec<Found> = tx.all(&sql, [tx.seller_id().0.into(), id.into()]).await?;
    let view = |row: Found| Redeemed {
        id: row.id,
        coupon: row.coupon_id,
        coupon_name: row.coupon_name,
        customer: row.customer_id,
        customer_name: row.customer_name,
        subscription: row.subscription_id.map(SubscriptionId),
        code: row.code,
        starts_on: row.starts_on,
        ended: row.ended,
    };
    Ok(rows.into_iter().map(view).collect())
}
