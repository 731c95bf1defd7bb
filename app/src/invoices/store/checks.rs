//! What must hold of invoices and the ledger at every moment. The doctor and a job each night ask; each question counts
//! what breaks it.

use sea_orm::FromQueryResult;

use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::scope::Scope;

/// What holds, and the count of what breaks it, as `broken`, for the seller `$1`.
pub const CHECKS: &[(&str, &str)] = &[
    (
        "debits equal credits in every entry of the ledger",
        "SELECT COUNT(*) AS broken FROM (SELECT entry_id FROM ledger_postings WHERE seller_id = $1 GROUP BY entry_id \
         HAVING SUM(amount_minor) <> 0) AS uneven",
    ),
    (
        "every entry of the ledger has two sides, in its own currency",
        "SELECT COUNT(*) AS broken FROM ledger_entries e WHERE e.seller_id = $1 AND (SELECT COUNT(*) FROM ledger_postings p \
         WHERE p.seller_id = e.seller_id AND p.entry_id = e.id AND p.currency = e.currency AND p.customer_id = e.customer_id) < 2",
    ),
    (
        "invoices equal their lines",
        "SELECT COUNT(*) AS broken FROM invoices i LEFT JOIN (SELECT invoice_id, SUM(amount_minor) AS amount, SUM(discount_minor) AS off, \
         SUM(tax_minor) AS tax, SUM(CASE WHEN rate_inclusive THEN 0 ELSE tax_minor END) AS added FROM invoice_lines \
         WHERE seller_id = $1 GROUP BY invoice_id) l ON l.invoice_id = i.id WHERE i.seller_id = $1 AND (i.external_id IS NULL) \
         AND (i.subtotal_minor <> COALESCE(l.amount, 0) OR i.discount_minor <> COALESCE(l.off, 0) OR i.tax_minor <> COALESCE(l.tax, 0) \
         OR i.total_minor <> i.subtotal_minor - i.discount_minor + COALESCE(l.added, 0))",
    ),
    (
        "the taxes of an invoice are those of its lines",
        "SELECT COUNT(*) AS broken FROM invoices i WHERE i.seller_id = $1 AND i.external_id IS NULL AND i.tax_minor <> \
         (SELECT COALESCE(SUM(t.tax_minor), 0) FROM invoice_taxes t WHERE t.seller_id = i.seller_id AND t.invoice_id = i.id)",
    ),
    (
        "what an invoice wants is the ledger's receivable of it",
        "SELECT COUNT(*) AS broken FROM invoices i LEFT JOIN (SELECT invoice_id, SUM(amount_minor) AS owed FROM ledger_postings \
         WHERE seller_id = $1 AND invoice_id IS NOT NULL GROUP BY invoice_id) p ON p.invoice_id = i.id \
         WHERE i.seller_id = $1 AND i.due_minor <> COALESCE(p.owed, 0)",
    ),
    (
        "every issued invoice and credit note is in the ledger",
        "SELECT (SELECT COUNT(*) FROM invoices i WHERE i.seller_id = $1 AND i.number IS NOT NULL AND (i.total_minor <> 0 OR i.tax_minor <> 0)) \
         - (SELECT COUNT(*) FROM ledger_entries e WHERE e.seller_id = $1 AND e.kind = 'invoice_finalized') \
         + (SELECT COUNT(*) FROM credit_notes n WHERE n.seller_id = $1) \
         - (SELECT COUNT(*) FROM ledger_entries e WHERE e.seller_id = $1 AND e.kind = 'credit_note') AS broken",
    ),
    (
        "no customer has used more credit than there was",
        "SELECT COUNT(*) AS broken FROM (SELECT customer_id FROM ledger_postings WHERE seller_id = $1 AND account = 'customer_credit' \
         GROUP BY customer_id, currency HAVING SUM(amount_minor) > 0) AS overdrawn",
    ),
    (
        "invoice numbers have no gaps",
        "SELECT COALESCE((SELECT CAST(SUM(value) AS BIGINT) FROM number_counters WHERE seller_id = $1 AND series = 'invoice'), 0) \
         - (SELECT COUNT(*) FROM invoices i WHERE i.seller_id = $1 AND i.number IS NOT NULL AND i.external_id IS NULL) AS broken",
    ),
    (
        "revenue is what invoices and credit notes say",
        "SELECT COUNT(*) AS broken FROM (SELECT currency, SUM(minor) AS rest FROM ( \
         SELECT currency, amount_minor AS minor FROM ledger_postings p WHERE p.seller_id = $1 AND p.account IN ('revenue', 'tax') \
         AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.seller_id = p.seller_id AND e.id = p.entry_id AND e.kind = 'credit_adjusted') \
         UNION ALL SELECT currency, total_minor FROM invoices WHERE seller_id = $1 AND number IS NOT NULL AND status <> 'void' \
         UNION ALL SELECT currency, -total_minor FROM credit_notes WHERE seller_id = $1) AS parts GROUP BY currency HAVING SUM(minor) <> 0) AS uneven",
    ),
    (
        "the sums by day are those of the invoices",
        "SELECT COUNT(*) AS broken FROM (SELECT currency, day FROM ( \
         SELECT currency, day, issued, issued_minor, open, open_minor, fell_due_minor, in_time_minor FROM invoice_days WHERE seller_id = $1 \
         UNION ALL SELECT currency, issued_on, -1, -total_minor, 0, 0, 0, 0 FROM invoices \
         WHERE seller_id = $1 AND status IN ('open', 'paid', 'uncollectible') \
         UNION ALL SELECT currency, due_on, 0, 0, CASE WHEN status = 'open' THEN -1 ELSE 0 END, CASE WHEN status = 'open' THEN -due_minor ELSE 0 END, \
         CASE WHEN total_minor > 0 THEN -total_minor ELSE 0 END, \
         CASE WHEN total_minor > 0 AND status = 'paid' AND paid_on <= due_on THEN -total_minor ELSE 0 END FROM invoices \
         WHERE seller_id = $1 AND status IN ('open', 'paid', 'uncollectible')) AS parts GROUP BY currency, day \
         HAVING SUM(issued) <> 0 OR SUM(issued_minor) <> 0 OR SUM(open) <> 0 OR SUM(open_minor) <> 0 OR SUM(fell_due_minor) <> 0 \
         OR SUM(in_time_minor) <> 0) AS uneven",
    ),
    (
        "the sums by day are those of the ledger",
        "SELECT COUNT(*) AS broken FROM (SELECT day FROM (SELECT day, account, kind, currency, amount_minor FROM ledger_days WHERE seller_id = $1 \
         UNION ALL SELECT e.day, p.account, e.kind, p.currency, -p.amount_minor FROM ledger_postings p \
         JOIN ledger_entries e ON e.seller_id = p.seller_id AND e.id = p.entry_id WHERE p.seller_id = $1) AS parts \
         GROUP BY day, account, kind, currency HAVING SUM(amount_minor) <> 0) AS uneven",
    ),
];

/// Asks all; gives what does not hold and how often.
pub async fn run(scope: &Scope) -> Result<Vec<(&'static str, i64)>> {
    #[derive(FromQueryResult)]
    struct Count {
        broken: i64,
    }
    let tx = scope.read().await?;
    let mut found = Vec::new();
    for (holds, sql) in CHECKS {
        let count: Option<Count> = tx.one(sql, [tx.seller_id().0.into()]).await?;
        let broken = count.map_or(0, |c| c.broken);
        if broken != 0 {
            found.push((*holds, broken));
        }
    }
    Ok(found)
}
