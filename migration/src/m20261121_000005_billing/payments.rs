//! How invoices are paid, and what happens when they are not.

pub const PAYMENTS: &str = "
CREATE TABLE payment_methods (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('card', 'bank_account', 'debit_order')),
    gateway TEXT NOT NULL,
    -- As people see it: Bank ***1234.
    label TEXT NOT NULL,
    -- The gateway's token or the account, sealed under the program's key.
    sealed_details TEXT NOT NULL,
    -- Tells that two are the same without opening them.
    fingerprint TEXT NOT NULL,
    expires_on DATE,
    is_primary BOOLEAN NOT NULL DEFAULT FALSE,
    status TEXT NOT NULL DEFAULT 'usable' CHECK (status IN ('pending', 'usable', 'failed')),
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id),
    CHECK (deleted_at IS NULL OR NOT is_primary),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE UNIQUE INDEX payment_methods_primary ON payment_methods (seller_id, customer_id) WHERE is_primary AND deleted_at IS NULL;
CREATE UNIQUE INDEX payment_methods_fingerprint ON payment_methods (seller_id, customer_id, fingerprint) WHERE deleted_at IS NULL;
CREATE TABLE payments (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    -- `reversed`: it was a mistake, or bounced; as if it had never come.
    status TEXT NOT NULL CHECK (status IN ('pending', 'needs_action', 'succeeded', 'failed', 'cancelled', 'reversed')),
    method TEXT NOT NULL,
    payment_method_id UUID,
    gateway TEXT,
    -- The gateway's own id for it.
    gateway_id TEXT,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    fee_minor BIGINT NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
    refunded_minor BIGINT NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    paid_on DATE NOT NULL,
    reference TEXT,
    note TEXT,
    attachment_key TEXT,
    failure_code TEXT,
    failure_message TEXT,
    -- No use to try again with this method.
    hard_decline BOOLEAN NOT NULL DEFAULT FALSE,
    recorded_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    reversed_at TIMESTAMPTZ,
    reverse_reason TEXT,
    PRIMARY KEY (seller_id, id),
    CHECK (refunded_minor <= amount_minor),
    CHECK ((status = 'reversed') = (reversed_at IS NOT NULL)),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE UNIQUE INDEX payments_gateway ON payments (seller_id, gateway, gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX payments_customer ON payments (seller_id, customer_id, paid_on, id);
CREATE INDEX payments_paid ON payments (seller_id, paid_on, id);
CREATE INDEX payments_status ON payments (seller_id, status, paid_on, id);
-- What of a payment went to which invoice; the rest went to the customer's credit.
CREATE TABLE payment_allocations (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    payment_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- What of it a refund took back, so that the invoice wants it again.
    released_minor BIGINT NOT NULL DEFAULT 0 CHECK (released_minor >= 0),
    -- The invoice had been given up: it is less written off, and wants nothing again.
    recovered BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (seller_id, payment_id, invoice_id),
    CHECK (released_minor <= amount_minor),
    FOREIGN KEY (seller_id, payment_id) REFERENCES payments (seller_id, id),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id)
);
CREATE INDEX payment_allocations_invoice ON payment_allocations (seller_id, invoice_id);
CREATE TABLE refunds (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    payment_id UUID,
    credit_note_id UUID,
    customer_id UUID NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- Back the way it came, or to the customer's credit.
    destination TEXT NOT NULL DEFAULT 'method' CHECK (destination IN ('method', 'credit')),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    gateway_id TEXT,
    failure_message TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, payment_id) REFERENCES payments (seller_id, id),
    FOREIGN KEY (seller_id, credit_note_id) REFERENCES credit_notes (seller_id, id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE INDEX refunds_payment ON refunds (seller_id, payment_id);
CREATE INDEX refunds_credit_note ON refunds (seller_id, credit_note_id);
CREATE INDEX refunds_created ON refunds (seller_id, created_at, id);
CREATE UNIQUE INDEX refunds_gateway ON refunds (seller_id, gateway_id) WHERE gateway_id IS NOT NULL;
-- A proof of payment that somebody uploaded, waiting for a look.
CREATE TABLE receipts (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    customer_id UUID,
    invoice_id UUID,
    file_key TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL CHECK (content_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'approved', 'rejected')),
    reject_reason TEXT,
    payment_id UUID,
    uploaded_by TEXT NOT NULL,
    uploader_id UUID,
    uploaded_at TIMESTAMPTZ NOT NULL,
    reviewed_by TEXT,
    reviewed_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id),
    CHECK (status <> 'rejected' OR reject_reason IS NOT NULL),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id),
    FOREIGN KEY (seller_id, payment_id) REFERENCES payments (seller_id, id)
);
CREATE INDEX receipts_status ON receipts (seller_id, status, uploaded_at, id);
-- A notice for one person; NULL: for all who may do what it needs.
ALTER TABLE notifications ADD COLUMN user_id UUID;
CREATE INDEX receipts_invoice ON receipts (seller_id, invoice_id);
-- What gateways told us. The row is written in the transaction of its effect; a second one of the same id is nothing new.
CREATE TABLE gateway_events (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    gateway TEXT NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'applied', 'ignored', 'failed')),
    processed_at TIMESTAMPTZ,
    error TEXT,
    replays INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, gateway, event_id)
);
CREATE INDEX gateway_events_received ON gateway_events (seller_id, received_at, id);
CREATE INDEX gateway_events_open ON gateway_events (seller_id, received_at) WHERE status IN ('waiting', 'failed');
";

pub const DUNNING: &str = "
CREATE TABLE dunning_policies (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    name TEXT NOT NULL,
    is_default BOOLEAN NOT NULL DEFAULT FALSE,
    archived_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, name)
);
CREATE UNIQUE INDEX dunning_policies_default ON dunning_policies (seller_id) WHERE is_default AND archived_at IS NULL;
CREATE TABLE dunning_steps (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    policy_id UUID NOT NULL,
    position INTEGER NOT NULL,
    -- Days after the invoice was due.
    day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 365),
    action TEXT NOT NULL CHECK (action IN ('email', 'sms', 'retry', 'throttle', 'suspend', 'cancel', 'write_off')),
    template TEXT,
    PRIMARY KEY (seller_id, policy_id, position),
    FOREIGN KEY (seller_id, policy_id) REFERENCES dunning_policies (seller_id, id)
);
-- An invoice that is not paid in time, from the first reminder to the end.
CREATE TABLE dunning_cases (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    policy_id UUID NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'paused', 'recovered', 'lost', 'closed')),
    -- Steps already taken.
    steps_done INTEGER NOT NULL DEFAULT 0,
    -- The day of the next one; NULL where none is left.
    next_on DATE,
    -- The customer promised to pay by then; steps wait.
    promised_on DATE,
    -- No more retries with the present method.
    hard_decline BOOLEAN NOT NULL DEFAULT FALSE,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id),
    FOREIGN KEY (seller_id, policy_id) REFERENCES dunning_policies (seller_id, id)
);
CREATE UNIQUE INDEX dunning_cases_invoice ON dunning_cases (seller_id, invoice_id) WHERE closed_at IS NULL;
CREATE INDEX dunning_cases_next ON dunning_cases (seller_id, next_on) WHERE status = 'open';
CREATE INDEX dunning_cases_status ON dunning_cases (seller_id, status, opened_at, id);
CREATE INDEX dunning_cases_customer ON dunning_cases (seller_id, customer_id);
CREATE TABLE dunning_actions (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    -- The step that it is of; NULL: done by hand.
    position INTEGER,
    action TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'skipped', 'failed')),
    details JSONB NOT NULL,
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, case_id) REFERENCES dunning_cases (seller_id, id)
);
-- A step is taken once.
CREATE UNIQUE INDEX dunning_actions_step ON dunning_actions (seller_id, case_id, position) WHERE position IS NOT NULL;
CREATE INDEX dunning_actions_case ON dunning_actions (seller_id, case_id, at);
";
