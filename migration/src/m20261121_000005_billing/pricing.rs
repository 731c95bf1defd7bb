//! What is charged, to whom, and from when.

pub const SETTINGS: &str = "
-- An organization with a clock of its own: its now, which somebody advances. NULL: the real one.
ALTER TABLE organizations ADD COLUMN sandbox_now TIMESTAMPTZ;
CREATE TABLE billing_settings (
    seller_id UUID PRIMARY KEY REFERENCES organizations (id),
    invoice_prefix TEXT NOT NULL DEFAULT 'INV',
    credit_note_prefix TEXT NOT NULL DEFAULT 'CN',
    account_prefix TEXT NOT NULL DEFAULT 'CT',
    terms_days INTEGER NOT NULL DEFAULT 14 CHECK (terms_days BETWEEN 0 AND 365),
    -- Days of the month that a new subscription may be anchored at; none: only the anniversary is offered.
    anchor_days JSONB NOT NULL DEFAULT '[]',
    proration TEXT NOT NULL DEFAULT 'prorate' CHECK (proration IN ('prorate', 'none', 'full')),
    draft_days INTEGER NOT NULL DEFAULT 7 CHECK (draft_days BETWEEN 0 AND 60),
    -- What new tax rates start from.
    tax_inclusive BOOLEAN NOT NULL DEFAULT FALSE,
    -- Safety: an invoice of more (major units, lines), or more invoices of a customer in one run, parks the customer.
    bound_major BIGINT NOT NULL DEFAULT 1000000 CHECK (bound_major > 0),
    bound_lines INTEGER NOT NULL DEFAULT 500 CHECK (bound_lines > 0),
    bound_invoices INTEGER NOT NULL DEFAULT 1200 CHECK (bound_invoices > 0),
    logo_key TEXT,
    accent TEXT,
    footer TEXT,
    language TEXT NOT NULL DEFAULT 'en',
    updated_at TIMESTAMPTZ NOT NULL
);
-- The last number given, by series. Taken by an update in the transaction that uses the number, so a number is never
-- skipped; `year` is 0 for a series that runs on over the years.
CREATE TABLE number_counters (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    series TEXT NOT NULL,
    year INTEGER NOT NULL,
    value BIGINT NOT NULL CHECK (value > 0),
    PRIMARY KEY (seller_id, series, year)
);
-- A customer as one who is billed. Its balances are sums of the ledger.
CREATE TABLE customer_accounts (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    customer_id UUID NOT NULL,
    number TEXT NOT NULL,
    tax_status TEXT NOT NULL DEFAULT 'taxed' CHECK (tax_status IN ('taxed', 'exempt', 'reverse_charge')),
    -- Printed where no tax is charged.
    tax_reason TEXT,
    tax_number TEXT,
    legal_name TEXT,
    address TEXT,
    billing_email TEXT,
    language TEXT,
    terms_days INTEGER CHECK (terms_days BETWEEN 0 AND 365),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, customer_id),
    UNIQUE (seller_id, number),
    CHECK (tax_status = 'taxed' OR tax_reason IS NOT NULL),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
";

pub const SUBSCRIPTIONS: &str = "
-- The day of the month that billing periods begin on; NULL: the anniversary of the first paid day.
ALTER TABLE subscriptions ADD COLUMN anchor_day INTEGER CHECK (anchor_day BETWEEN 1 AND 31);
-- Periods that began before are not billed here: another system did. NULL: all are.
ALTER TABLE subscriptions ADD COLUMN bills_from DATE;
-- The next day on which there may be something to bill; every change sets it back to the start. NULL: nothing, ever.
ALTER TABLE subscriptions ADD COLUMN bills_on DATE;
CREATE INDEX subscriptions_bills_on ON subscriptions (seller_id, bills_on, customer_id) WHERE bills_on IS NOT NULL;
-- Switches of a subscription: no row, all as usual.
CREATE TABLE subscription_billing (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    subscription_id UUID NOT NULL,
    -- Service is withheld since then while billing goes on.
    suspended_at TIMESTAMPTZ,
    suspended_reason TEXT,
    -- Suspended by dunning, which lifts it when paid.
    suspended_by_dunning BOOLEAN NOT NULL DEFAULT FALSE,
    payment_method_id UUID,
    PRIMARY KEY (seller_id, subscription_id),
    FOREIGN KEY (seller_id, subscription_id) REFERENCES subscriptions (seller_id, id)
);
CREATE INDEX subscription_billing_suspended ON subscription_billing (seller_id, suspended_at) WHERE suspended_at IS NOT NULL;
-- Service goes on and is not billed: periods that begin in such a stretch are skipped.
CREATE TABLE billing_pauses (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    subscription_id UUID NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    reason TEXT,
    PRIMARY KEY (seller_id, subscription_id, starts_on),
    CHECK (ends_on IS NULL OR ends_on > starts_on),
    FOREIGN KEY (seller_id, subscription_id) REFERENCES subscriptions (seller_id, id)
);
-- How the start, change or end of service on a day is billed, where it is not as the seller's settings say.
CREATE TABLE subscription_prorations (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    subscription_id UUID NOT NULL,
    day DATE NOT NULL,
    proration TEXT NOT NULL CHECK (proration IN ('prorate', 'none', 'full')),
    PRIMARY KEY (seller_id, subscription_id, day),
    FOREIGN KEY (seller_id, subscription_id) REFERENCES subscriptions (seller_id, id)
);
";

pub const PRICES: &str = "
-- What a version of a plan charges beside its price: `setup` once, `minimum` tops a period up, `usage` in arrears,
-- `tiers` makes the price of the quantity in advance.
CREATE TABLE plan_charges (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    plan_version_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('setup', 'minimum', 'usage', 'tiers')),
    name TEXT NOT NULL,
    model TEXT NOT NULL CHECK (model IN ('flat', 'per_unit', 'graduated', 'volume', 'package')),
    -- Of one unit, of one package, or as it is.
    amount_minor BIGINT NOT NULL DEFAULT 0 CHECK (amount_minor >= 0),
    package_size BIGINT NOT NULL DEFAULT 1 CHECK (package_size > 0),
    -- Units free in each period.
    included BIGINT NOT NULL DEFAULT 0 CHECK (included >= 0),
    -- Of graduated and volume prices: [{\"up_to\": 100, \"unit_minor\": 5, \"flat_minor\": 0}, …], the last with no end.
    tiers JSONB NOT NULL DEFAULT '[]',
    meter_id UUID,
    position INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (seller_id, id),
    CHECK (kind <> 'usage' OR meter_id IS NOT NULL),
    FOREIGN KEY (seller_id, plan_version_id) REFERENCES plan_versions (seller_id, id)
);
CREATE INDEX plan_charges_version ON plan_charges (seller_id, plan_version_id, position);
CREATE TABLE tax_rates (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    name TEXT NOT NULL,
    rate_ppm INTEGER NOT NULL CHECK (rate_ppm BETWEEN 0 AND 1000000),
    inclusive BOOLEAN NOT NULL DEFAULT FALSE,
    -- Of customers there; NULL: of all for whom there is none of their country.
    country TEXT,
    starts_on DATE NOT NULL,
    ends_on DATE,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    CHECK (ends_on IS NULL OR ends_on > starts_on)
);
CREATE INDEX tax_rates_country ON tax_rates (seller_id, country, starts_on);
CREATE TABLE coupons (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    name TEXT NOT NULL,
    percent_ppm INTEGER CHECK (percent_ppm BETWEEN 1 AND 1000000),
    amount_minor BIGINT CHECK (amount_minor > 0),
    currency TEXT,
    duration TEXT NOT NULL CHECK (duration IN ('once', 'repeating', 'forever')),
    -- Invoices that a repeating one counts for.
    times INTEGER CHECK (times > 0),
    max_redemptions INTEGER CHECK (max_redemptions > 0),
    redemptions INTEGER NOT NULL DEFAULT 0,
    expires_on DATE,
    archived_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    CHECK ((percent_ppm IS NULL) <> (amount_minor IS NULL)),
    CHECK ((amount_minor IS NULL) = (currency IS NULL)),
    CHECK ((duration = 'repeating') = (times IS NOT NULL)),
    CHECK (max_redemptions IS NULL OR redemptions <= max_redemptions)
);
-- Plans that a coupon is good for; none: all.
CREATE TABLE coupon_plans (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    coupon_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    PRIMARY KEY (seller_id, coupon_id, plan_id),
    FOREIGN KEY (seller_id, coupon_id) REFERENCES coupons (seller_id, id),
    FOREIGN KEY (seller_id, plan_id) REFERENCES plans (seller_id, id)
);
CREATE TABLE promotion_codes (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    -- In capital letters.
    code TEXT NOT NULL,
    max_redemptions INTEGER CHECK (max_redemptions > 0),
    redemptions INTEGER NOT NULL DEFAULT 0,
    expires_on DATE,
    first_time_only BOOLEAN NOT NULL DEFAULT FALSE,
    archived_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, code),
    CHECK (max_redemptions IS NULL OR redemptions <= max_redemptions),
    FOREIGN KEY (seller_id, coupon_id) REFERENCES coupons (seller_id, id)
);
-- A coupon that a customer has; how often it counted is the number of its rows in invoice_discounts.
CREATE TABLE coupon_redemptions (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    promotion_code_id UUID,
    customer_id UUID NOT NULL,
    -- Only of this one; NULL: of all the customer has.
    subscription_id UUID,
    starts_on DATE NOT NULL,
    ended_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, coupon_id) REFERENCES coupons (seller_id, id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE INDEX coupon_redemptions_customer ON coupon_redemptions (seller_id, customer_id) WHERE ended_at IS NULL;
CREATE INDEX coupon_redemptions_coupon ON coupon_redemptions (seller_id, coupon_id);
";

pub const USAGE: &str = "
CREATE TABLE meters (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    -- What events name it by.
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    aggregation TEXT NOT NULL CHECK (aggregation IN ('sum', 'count', 'unique', 'max', 'last')),
    archived_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, key)
);
CREATE TABLE usage_events (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    -- The sender's own: a second one of the same id is the same event.
    event_id TEXT NOT NULL,
    meter_id UUID NOT NULL,
    subscription_id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- The day that it counts on: its own, or the first day of a later period where its own was invoiced already.
    day DATE NOT NULL,
    quantity BIGINT NOT NULL,
    -- What `unique` counts.
    subject TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, event_id)
);
CREATE INDEX usage_events_day ON usage_events (seller_id, subscription_id, meter_id, day);
-- Events by day: sum and number, the highest and the last; `unique` over a period counts the events themselves.
CREATE TABLE usage_days (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    subscription_id UUID NOT NULL,
    meter_id UUID NOT NULL,
    day DATE NOT NULL,
    events BIGINT NOT NULL,
    total BIGINT NOT NULL,
    highest BIGINT NOT NULL,
    latest BIGINT NOT NULL,
    latest_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, subscription_id, meter_id, day)
);
";

/// What was sold before there was billing is billed from now on.
pub const BACKFILL_SQLITE: &str = "
UPDATE subscriptions SET bills_from = CURRENT_DATE, bills_on = CURRENT_DATE WHERE ended_on IS NULL OR ended_on > CURRENT_DATE;
";
/// The same, seller by seller, because the policies bind the owner too.
pub const BACKFILL_POSTGRES: &str = "
DO $$ DECLARE seller UUID; BEGIN
    FOR seller IN SELECT id FROM organizations LOOP
        PERFORM set_config('app.seller_id', seller::text, true);
        UPDATE subscriptions SET bills_from = CURRENT_DATE, bills_on = CURRENT_DATE WHERE ended_on IS NULL OR ended_on > CURRENT_DATE;
    END LOOP;
    PERFORM set_config('app.seller_id', '', true);
END $$;
";
