//! What was billed of subscriptions so far.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use crate::invoices::cover::{Charged, Cover, Terms};
use crate::invoices::model::{InvoiceLineId, LineKind, TaxRateId};
use crate::kit::Result;
use crate::kit::bulk::Ids;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money, divide_half_away};
use crate::kit::period::Period;
use crate::kit::tx::Tx;
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;

/// See the module.
#[derive(Default)]
pub struct Past {
    pub cover: Cover,
    pub sequences: BTreeMap<(String, NaiveDate), i32>,
    pub billed: BTreeSet<(String, NaiveDate)>,
}

#[derive(FromQueryResult)]
struct Row {
    id: InvoiceLineId,
    subscription_id: SubscriptionId,
    kind: LineKind,
    item: String,
    sequence: i32,
    plan_id: PlanId,
    period_start: NaiveDate,
    period_end: NaiveDate,
    whole_start: Option<NaiveDate>,
    whole_end: Option<NaiveDate>,
    quantity: i64,
    unit_minor: i64,
    whole_minor: i64,
    amount_minor: i64,
    discount_minor: i64,
    tax_rate_id: Option<TaxRateId>,
    currency: String,
    status: String,
    rebill: bool,
    credited_minor: i64,
}

impl Row {
    fn terms(&self, currency: Currency) -> Terms {
        let money = |minor| Money::new(minor, currency);
        let (unit, price) = (money(self.unit_minor), money(self.whole_minor));
        Terms { item: self.item.clone(), plan: self.plan_id, quantity: self.quantity, unit, price }
    }

    /// The worth of a charge: nothing where its invoice is void, less where a credit note took of it.
    fn worth(&self) -> i64 {
        let net = self.amount_minor - self.discount_minor;
        if self.status == "void" || net <= 0 {
            return 0;
        }
        // A credit note counts after the discount, a charge before.
        let left = i128::from((net - self.credited_minor).max(0)) * i128::from(self.amount_minor);
        divide_half_away(left, i128::from(net)).and_then(|v| i64::try_from(v).ok()).unwrap_or(0)
    }
}

/// Lines of whole periods that end on `floor` or later, and those of none, in the order they were written. Drafts do not
/// count, nor what is to be billed again.
pub async fn read(tx: &Tx, ids: &[SubscriptionId], floor: NaiveDate) -> Result<BTreeMap<SubscriptionId, Past>> {
    let keys = Ids::of(ids.iter().map(|id| id.0));
    let sql = format!(
        "SELECT l.id, l.subscription_id, l.kind, l.item, l.sequence, l.plan_id, l.period_start, l.period_end, l.whole_start, l.whole_end, \
         l.quantity, l.unit_minor, l.whole_minor, l.amount_minor, l.discount_minor, l.tax_rate_id, i.currency, i.status, i.rebill, \
         (SELECT CAST(COALESCE(SUM(n.amount_minor), 0) AS BIGINT) FROM credit_note_lines n \
          WHERE n.seller_id = l.seller_id AND n.invoice_line_id = l.id) AS credited_minor \
         FROM invoice_lines l JOIN invoices i ON i.seller_id = l.seller_id AND i.id = l.invoice_id \
         WHERE l.seller_id = $1 AND {} AND (l.whole_end IS NULL OR l.whole_end >= $2) AND i.status <> 'draft'",
        keys.among(tx, "l.subscription_id", 3)
    );
    let mut rows: Vec<Row> = tx.all(&sql, keys.after(tx, [floor.into()])).await?;
    // Asked for this order, SQLite would walk all of the seller's lines in it.
    rows.sort_by_key(|row| row.id);
    let mut past: BTreeMap<SubscriptionId, Past> = BTreeMap::new();
    for row in rows {
        let of = past.entry(row.subscription_id).or_default();
        let last = of.sequences.entry((row.item.clone(), row.period_start)).or_insert(0);
        *last = row.sequence.max(*last);
        if !(row.status == "void" && row.rebill) {
            of.take_in(&row)?;
        }
    }
    Ok(past)
}

impl Past {
    fn take_in(&mut self, row: &Row) -> Result<()> {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        let part = Period { start: row.period_start, end: row.period_end };
        let whole = row.whole_start.zip(row.whole_end).map(|(start, end)| Period { start, end });
        match (row.kind, whole) {
            (LineKind::Charge, Some(whole)) => {
                let money = |minor| Money::new(minor, currency);
                let (amount, discount, worth) = (money(row.amount_minor), money(row.discount_minor), money(row.worth()));
                self.cover.add(Charged { terms: row.terms(currency), part, whole, amount, worth, discount, tax: row.tax_rate_id });
            }
            (LineKind::Credit, Some(_)) => {
                self.cover.remove(&row.terms(currency), part, Money::new(-row.amount_minor, currency)).map_err(bug)?;
            }
            _ => {
                self.billed.insert((row.item.clone(), row.period_start));
            }
        }
        Ok(())
    }
}
