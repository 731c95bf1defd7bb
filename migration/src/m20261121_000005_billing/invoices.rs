//! Invoices, their corrections, and the ledger that all money goes through.

pub const RUNS: &str = "
CREATE TABLE billing_runs (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    until DATE NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'stopped')),
    customers BIGINT NOT NULL DEFAULT 0,
    finalized BIGINT NOT NULL DEFAULT 0,
    drafted BIGINT NOT NULL DEFAULT 0,
    parked BIGINT NOT NULL DEFAULT 0,
    started_by TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id)
);
CREATE INDEX billing_runs_started ON billing_runs (seller_id, started_at, id);
-- What a run would not guess about. A customer with an open one is parked: no run bills it until somebody resolves it.
CREATE TABLE billing_alerts (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    reason TEXT NOT NULL,
    details JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    resolved_at TIMESTAMPTZ,
    resolved_by TEXT,
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE UNIQUE INDEX billing_alerts_open ON billing_alerts (seller_id, customer_id) WHERE resolved_at IS NULL;
CREATE INDEX billing_alerts_created ON billing_alerts (seller_id, created_at, id);
";

pub const INVOICES: &str = "
-- `status` is what somebody did; whether it is overdue or partly paid follows from due_on and due_minor.
CREATE TABLE invoices (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    -- NULL while a draft.
    number TEXT,
    customer_id UUID NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
    -- Who made it: a run, whose drafts the next run makes anew, or a person.
    origin TEXT NOT NULL CHECK (origin IN ('run', 'manual')),
    currency TEXT NOT NULL,
    -- Of a draft: the day it is to be issued on.
    issued_on DATE NOT NULL,
    due_on DATE NOT NULL,
    -- Days that the lines cover; NULL where none has a period.
    period_start DATE,
    period_end DATE,
    -- Sum of the lines; then total = subtotal - discount + tax that is not in the prices already.
    subtotal_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    -- What is still to be paid: the ledger's receivable of this invoice.
    due_minor BIGINT NOT NULL,
    -- Copies of the moment of issue.
    seller_details JSONB NOT NULL,
    customer_details JSONB NOT NULL,
    -- Why no tax is charged, as printed.
    tax_note TEXT,
    note TEXT,
    -- Of a void one: its periods are billed again.
    rebill BOOLEAN NOT NULL DEFAULT FALSE,
    replaces_id UUID,
    external_id TEXT,
    run_id UUID,
    finalized_at TIMESTAMPTZ,
    paid_on DATE,
    voided_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, number),
    CHECK ((status = 'draft') = (number IS NULL)),
    CHECK ((status = 'draft') = (finalized_at IS NULL)),
    CHECK (due_minor >= 0),
    CHECK (due_minor <= total_minor OR due_minor = 0),
    CHECK (status NOT IN ('draft', 'paid', 'void', 'uncollectible') OR due_minor = 0),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE INDEX invoices_customer ON invoices (seller_id, customer_id, issued_on, id);
CREATE INDEX invoices_issued ON invoices (seller_id, issued_on, id);
CREATE INDEX invoices_due ON invoices (seller_id, due_on, id);
CREATE INDEX invoices_total ON invoices (seller_id, total_minor, id);
CREATE INDEX invoices_status ON invoices (seller_id, status, issued_on, id);
CREATE INDEX invoices_open ON invoices (seller_id, due_on, customer_id) WHERE status = 'open';
CREATE INDEX invoices_drafts ON invoices (seller_id, issued_on, customer_id) WHERE status = 'draft';
CREATE UNIQUE INDEX invoices_external ON invoices (seller_id, external_id) WHERE external_id IS NOT NULL;
CREATE TABLE invoice_lines (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'credit', 'usage', 'one_off')),
    description TEXT NOT NULL,
    subscription_id UUID,
    plan_id UUID,
    -- What of the subscription: 'base', or the shown id of a charge of the plan.
    item TEXT,
    -- Days it pays for, within the whole period that the price is for.
    period_start DATE,
    period_end DATE,
    whole_start DATE,
    whole_end DATE,
    -- Counts the lines of a subscription, item and day that a period begins on. With the key below it is the last line
    -- of defence: two runs that bill the same would both write the same number.
    sequence INTEGER,
    quantity BIGINT NOT NULL,
    -- Of one unit, and of all, for the whole period.
    unit_minor BIGINT NOT NULL,
    whole_minor BIGINT NOT NULL,
    -- Before discount; below zero for a credit.
    amount_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL DEFAULT 0,
    tax_rate_id UUID,
    tax_ppm INTEGER NOT NULL DEFAULT 0,
    -- The amount includes the tax.
    rate_inclusive BOOLEAN NOT NULL DEFAULT FALSE,
    tax_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, invoice_id, position),
    UNIQUE (seller_id, subscription_id, item, period_start, sequence),
    CHECK (kind <> 'credit' OR amount_minor <= 0),
    CHECK (subscription_id IS NULL OR (item IS NOT NULL AND period_start IS NOT NULL AND sequence IS NOT NULL)),
    CHECK (period_start IS NULL OR period_end > period_start),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id) ON DELETE CASCADE,
    FOREIGN KEY (seller_id, subscription_id) REFERENCES subscriptions (seller_id, id)
);
CREATE TABLE invoice_taxes (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    invoice_id UUID NOT NULL,
    tax_rate_id UUID NOT NULL,
    name TEXT NOT NULL,
    rate_ppm INTEGER NOT NULL,
    inclusive BOOLEAN NOT NULL,
    -- What the rate is of: without the tax, where the prices include it.
    taxable_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    PRIMARY KEY (seller_id, invoice_id, tax_rate_id),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id) ON DELETE CASCADE
);
CREATE TABLE invoice_discounts (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    invoice_id UUID NOT NULL,
    redemption_id UUID NOT NULL,
    name TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    PRIMARY KEY (seller_id, invoice_id, redemption_id),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id) ON DELETE CASCADE
);
CREATE INDEX invoice_discounts_redemption ON invoice_discounts (seller_id, redemption_id);
";

pub const CREDIT_NOTES: &str = "
CREATE TABLE credit_notes (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    number TEXT NOT NULL,
    invoice_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    -- To the customer's credit, paid back, or off what the invoice still wants.
    settlement TEXT NOT NULL CHECK (settlement IN ('credit', 'refund', 'offset')),
    reason TEXT NOT NULL,
    currency TEXT NOT NULL,
    issued_on DATE NOT NULL,
    subtotal_minor BIGINT NOT NULL CHECK (subtotal_minor >= 0),
    tax_minor BIGINT NOT NULL CHECK (tax_minor >= 0),
    total_minor BIGINT NOT NULL CHECK (total_minor > 0),
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, number),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id)
);
CREATE INDEX credit_notes_invoice ON credit_notes (seller_id, invoice_id);
CREATE INDEX credit_notes_customer ON credit_notes (seller_id, customer_id, issued_on, id);
CREATE INDEX credit_notes_issued ON credit_notes (seller_id, issued_on, id);
CREATE TABLE credit_note_lines (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    credit_note_id UUID NOT NULL,
    invoice_line_id UUID NOT NULL,
    description TEXT NOT NULL,
    -- With and without tax; both above zero, as on the note.
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    tax_minor BIGINT NOT NULL CHECK (tax_minor >= 0),
    PRIMARY KEY (seller_id, credit_note_id, invoice_line_id),
    FOREIGN KEY (seller_id, credit_note_id) REFERENCES credit_notes (seller_id, id),
    FOREIGN KEY (seller_id, invoice_line_id) REFERENCES invoice_lines (seller_id, id)
);
CREATE INDEX credit_note_lines_line ON credit_note_lines (seller_id, invoice_line_id);
";

pub const LEDGER: &str = "
-- Append-only. One row for each event that moves money, in one currency; its postings add up to nought.
CREATE TABLE ledger_entries (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    customer_id UUID NOT NULL,
    currency TEXT NOT NULL,
    -- What it comes from: the shown id of an invoice, credit note, payment or refund. One entry of a kind for each.
    source TEXT NOT NULL,
    -- For people: the number of the document.
    label TEXT NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, kind, source),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE INDEX ledger_entries_customer ON ledger_entries (seller_id, customer_id, day, id);
CREATE INDEX ledger_entries_day ON ledger_entries (seller_id, day, id);
CREATE TABLE ledger_postings (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    entry_id UUID NOT NULL,
    position INTEGER NOT NULL,
    account TEXT NOT NULL CHECK (account IN ('receivable', 'cash', 'customer_credit', 'revenue', 'tax', 'fees', 'write_off', 'refunds')),
    -- A debit above zero, a credit below.
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    currency TEXT NOT NULL,
    customer_id UUID NOT NULL,
    -- Of a receivable: the invoice that it is of.
    invoice_id UUID,
    PRIMARY KEY (seller_id, entry_id, position),
    CHECK ((account = 'receivable') = (invoice_id IS NOT NULL)),
    FOREIGN KEY (seller_id, entry_id) REFERENCES ledger_entries (seller_id, id)
);
CREATE INDEX ledger_postings_customer ON ledger_postings (seller_id, customer_id, account, currency);
CREATE INDEX ledger_postings_invoice ON ledger_postings (seller_id, invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX ledger_postings_account ON ledger_postings (seller_id, account, currency);
";
