//! What was billed of subscriptions so far.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use crate::invoices::cover::{Charged, Cover, Paid, Terms};
use crate::invoices::make::Arrears;
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
    pub once: BTreeSet<String>,
    pub arrears: Arrears,
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
    total_minor: i64,
    /// Of the invoice: what its lines come to before tax, and those above zero alone.
    net_minor: i64,
    charged_minor: i64,
    /// Of one that was given up: what of it was not paid, and what credit notes took off.
    unpaid_minor: i64,
    noted_minor: i64,
}

impl Row {
    fn part(&self) -> Period {
        Period { start: self.period_start, end: self.period_end }
    }

    fn terms(&self, currency: Currency) -> Terms {
        let money = |minor| Money::new(minor, currency);
        let (unit, price) = (money(self.unit_minor), money(self.whole_minor));
        Terms { item: self.item.clone(), plan: self.plan_id, quantity: self.quantity, unit, price }
    }

    /// The part of a charge that was paid, where the rest was given up. What credits on the invoice took off was paid.
    fn paid(&self) -> Paid {
        if self.status != "uncollectible" {
            return Paid::ALL;
        }
        let [total, net, charged, unpaid, noted] =
            [self.total_minor, self.net_minor, self.charged_minor, self.unpaid_minor, self.noted_minor].map(i128::from);
        let of = total * charged - noted * net;
        if of > 0 && net > 0 { Paid((of - unpaid * net).clamp(0, of), of) } else { Paid(0, 1) }
    }

    /// The worth of a charge: nothing where its invoice is void, less where a credit note took of it.
    fn worth(&self) -> i64 {
        let net = self.amount_minor - self.discount_minor;
        if self.status == "void" || net <= 0 {
            return 0;
        }
        // A credit note counts after the discount, a charge before.
        let left = i128::from((net - self.credited_minor).max(0)) * i128::from(self.amount_minor);
        let Paid(paid, of) = self.paid();
        let left = divide_half_away(left, i128::from(net)).and_then(|left| divide_half_away(left.checked_mul(paid)?, of));
        left.and_then(|v| i64::try_from(v).ok()).unwrap_or(0)
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
          WHERE n.seller_id = l.seller_id AND n.invoice_line_id = l.id) AS credited_minor, \
         i.total_minor, i.subtotal_minor - i.discount_minor AS net_minor, {GIVEN_UP} FROM invoice_lines l JOIN invoices i ON i.seller_id = l.seller_id AND i.id = l.invoice_id \
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
        } else if row.kind == LineKind::Usage {
            of.arrears.again.push(row.part());
        }
    }
    Ok(past)
}

/// What is read of invoices that were given up alone.
const GIVEN_UP: &str = "CASE WHEN i.status = 'uncollectible' THEN (SELECT CAST(COALESCE(SUM(o.amount_minor - o.discount_minor), 0) AS BIGINT) \
     FROM invoice_lines o WHERE o.seller_id = i.seller_id AND o.invoice_id = i.id AND o.amount_minor > 0) ELSE 0 END AS charged_minor, \
     CASE WHEN i.status = 'uncollectible' THEN i.due_minor + (SELECT CAST(COALESCE(SUM(-p.amount_minor), 0) AS BIGINT) \
     FROM ledger_postings p JOIN ledger_entries e ON e.seller_id = p.seller_id AND e.id = p.entry_id \
     WHERE p.seller_id = i.seller_id AND p.invoice_id = i.id AND e.kind = 'written_off') ELSE 0 END AS unpaid_minor, \
     CASE WHEN i.status = 'uncollectible' THEN (SELECT CAST(COALESCE(SUM(c.total_minor), 0) AS BIGINT) FROM credit_notes c \
     WHERE c.seller_id = i.seller_id AND c.invoice_id = i.id) ELSE 0 END AS noted_minor";

impl Past {
    fn take_in(&mut self, row: &Row) -> Result<()> {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        let (part, money) = (row.part(), |minor| Money::new(minor, currency));
        let whole = row.whole_start.zip(row.whole_end).map(|(start, end)| Period { start, end });
        match (row.kind, whole) {
            (LineKind::Charge, Some(whole)) => {
                let (amount, discount, worth) = (money(row.amount_minor), money(row.discount_minor), money(row.worth()));
                let (terms, tax, paid) = (row.terms(currency), row.tax_rate_id, row.paid());
                self.cover.add(Charged { terms, part, whole, amount, worth, discount, tax, paid });
            }
            (LineKind::Credit, Some(_)) => {
                let (amount, discount) = (money(-row.amount_minor), money(-row.discount_minor));
                self.cover.remove(&row.terms(currency), part, amount, discount).map_err(bug)?;
            }
            (LineKind::Usage, _) => self.arrears.billed.push(part),
            _ => {
                self.once.insert(row.item.clone());
            }
        }
        Ok(())
    }
}
