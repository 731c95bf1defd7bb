//! What must hold of payments at every moment. The doctor and a job each night ask; each question counts what breaks it.

/// What holds, and the count of what breaks it, as `broken`, for the seller `$1`.
pub const CHECKS: &[(&str, &str)] = &[
    (
        // A gateway keeps its fee of a payment that is reversed.
        "cash is what payments brought, less what was paid back or is disputed",
        "SELECT COUNT(*) AS broken FROM (SELECT currency, SUM(minor) AS rest FROM ( \
         SELECT currency, amount_minor AS minor FROM ledger_postings WHERE seller_id = $1 AND account = 'cash' \
         UNION ALL SELECT currency, refunded_minor + fee_minor - amount_minor FROM payments WHERE seller_id = $1 AND status = 'succeeded' \
         UNION ALL SELECT currency, fee_minor FROM payments WHERE seller_id = $1 AND status = 'reversed' \
         UNION ALL SELECT currency, fee_minor + CASE WHEN status = 'open' THEN held_minor ELSE 0 END FROM disputes WHERE seller_id = $1) \
         AS parts GROUP BY currency HAVING SUM(minor) <> 0) AS uneven",
    ),
    (
        "what is disputed is what open disputes hold",
        "SELECT COUNT(*) AS broken FROM (SELECT currency, SUM(minor) AS rest FROM ( \
         SELECT currency, amount_minor AS minor FROM ledger_postings WHERE seller_id = $1 AND account = 'disputes' \
         UNION ALL SELECT currency, -held_minor FROM disputes WHERE seller_id = $1 AND status = 'open') \
         AS parts GROUP BY currency HAVING SUM(minor) <> 0) AS uneven",
    ),
    (
        "no payment pays more than it brought",
        "SELECT COUNT(*) AS broken FROM payments p WHERE p.seller_id = $1 AND p.status = 'succeeded' AND p.amount_minor < \
         (SELECT COALESCE(SUM(a.amount_minor - a.released_minor), 0) FROM payment_allocations a \
         WHERE a.seller_id = p.seller_id AND a.payment_id = p.id)",
    ),
    (
        "payments, notes and credit pay no more of an invoice than its total",
        "SELECT COUNT(*) AS broken FROM invoices i WHERE i.seller_id = $1 AND i.status IN ('open', 'paid') AND i.total_minor > 0 \
         AND i.total_minor - i.due_minor < COALESCE((SELECT SUM(a.amount_minor - a.released_minor) FROM payment_allocations a \
         JOIN payments p ON p.seller_id = a.seller_id AND p.id = a.payment_id AND p.status = 'succeeded' \
         WHERE a.seller_id = i.seller_id AND a.invoice_id = i.id), 0) + COALESCE((SELECT SUM(n.total_minor) FROM credit_notes n \
         WHERE n.seller_id = i.seller_id AND n.invoice_id = i.id AND n.settlement = 'offset'), 0)",
    ),
    (
        "refunds are what was paid back of payments",
        "SELECT COUNT(*) AS broken FROM payments p WHERE p.seller_id = $1 AND p.refunded_minor <> (SELECT COALESCE(SUM(r.amount_minor), 0) \
         FROM refunds r WHERE r.seller_id = p.seller_id AND r.payment_id = p.id AND r.destination = 'method' AND r.status = 'succeeded')",
    ),
    (
        "the sums by day are those of the payments",
        "SELECT COUNT(*) AS broken FROM (SELECT day FROM (SELECT day, method, currency, payments, amount_minor, fee_minor, refunded_minor \
         FROM payment_days WHERE seller_id = $1 UNION ALL SELECT paid_on, method, currency, -1, -amount_minor, -fee_minor, -refunded_minor \
         FROM payments WHERE seller_id = $1 AND status = 'succeeded') AS parts GROUP BY day, method, currency \
         HAVING SUM(payments) <> 0 OR SUM(amount_minor) <> 0 OR SUM(fee_minor) <> 0 OR SUM(refunded_minor) <> 0) AS uneven",
    ),
    (
        "a customer with payment methods has exactly one primary one",
        "SELECT COUNT(*) AS broken FROM (SELECT customer_id FROM payment_methods WHERE seller_id = $1 AND deleted_at IS NULL \
         GROUP BY customer_id HAVING SUM(CASE WHEN is_primary THEN 1 ELSE 0 END) <> 1) AS wrong",
    ),
];
