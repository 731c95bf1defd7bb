//! The list of coupons.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::{Row, state_on};
use crate::invoices::catalogue::CouponView;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

const LIST: Keyset =
    Keyset { columns: &[Column::text("name", "k.name"), Column::time("created", "k.created_at")], default: "-created", id: "k.id" };
/// The codes that a coupon is given out by, a line each.
const CODES: &str = "(SELECT string_agg(p.code, '\n') FROM promotion_codes p WHERE p.seller_id = k.seller_id AND p.coupon_id = k.id \
     AND p.archived_at IS NULL)";

#[derive(FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    coupon: Row,
    codes: Option<String>,
}

impl Listed {
    fn view(self) -> Result<CouponView> {
        let mut codes: Vec<String> = self.codes.iter().flat_map(|codes| codes.lines()).map(str::to_owned).collect();
        codes.sort();
        self.coupon.view(codes)
    }
}

fn columns(today: NaiveDate) -> String {
    let state = state_on(today);
    format!(
        "k.id, k.name, k.percent_ppm, k.amount_minor, k.currency, k.duration, k.times, k.redemptions, k.max_redemptions, k.expires_on, \
         {state} AS state, {CODES} AS codes"
    )
}

fn filter(tx: &Tx, query: &ListQuery) -> Where {
    let mut filter = Where::seller(tx, "k");
    filter.any(&state_on(tx.scope().today()), query.filter("state"));
    filter.contains(&["k.name", CODES], &query.q);
    filter
}

/// A page of coupons: search by name and code, filter `state`, sort `name`, `created`.
pub async fn page(scope: &Scope, query: &ListQuery) -> Result<Page<CouponView>> {
    let tx = scope.read().await?;
    let page: Page<Listed> = LIST.page(&tx, query, &columns(scope.today()), "coupons k", &filter(&tx, query)).await?;
    let rows = page.rows.into_iter().map(Listed::view).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` of them after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<CouponView>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Listed>, _) = LIST.chunk(&tx, query, size, &columns(scope.today()), "coupons k", &filter(&tx, query)).await?;
    Ok((rows.into_iter().map(Listed::view).collect::<Result<_>>()?, next))
}

/// Those to choose from, the latest first.
pub async fn list(scope: &Scope) -> Result<Vec<CouponView>> {
    let tx = scope.read().await?;
    let sql = format!("SELECT {} FROM coupons k WHERE k.seller_id = $1 ORDER BY k.id DESC LIMIT 500", columns(scope.today()));
    let rows: Vec<Listed> = tx.all(&sql, [tx.seller_id().0.into()]).await?;
    rows.into_iter().map(Listed::view).collect()
}
