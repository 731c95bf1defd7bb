//! What a seller sells and to whom: customers, plans and their versions, subscriptions and their phases, exchange
//! rates, imports; and the movement log with its daily roll-up, which derive from the phases alone.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, CATALOGUE).await?;
        sql::apply(manager, SUBSCRIPTIONS).await?;
        sql::apply(manager, REVENUE).await?;
        sql::apply(manager, IMPORTS).await?;
        let tables = [
            "customers",
            "customer_words",
            "plans",
            "plan_versions",
            "exchange_rates",
            "subscriptions",
            "subscription_phases",
            "mrr_movements",
            "mrr_plan_movements",
            "mrr_days",
            "mrr_plan_days",
            "imports",
            "import_errors",
        ];
        sql::seller_owned(manager, &tables).await
    }
}

const CATALOGUE: &str = "
CREATE TABLE customers (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    -- The seller's own number for it, if any: what imports match by.
    external_id TEXT,
    name TEXT NOT NULL,
    email TEXT,
    country TEXT,
    -- On the platform: the tenant that this customer is.
    organization_id UUID REFERENCES organizations (id),
    created_at TIMESTAMPTZ NOT NULL,
    -- MRR today, kept with the movements so that lists sort by it. Minor units of the seller's currency.
    mrr_minor BIGINT NOT NULL DEFAULT 0,
    -- The day it first paid; NULL where it never has.
    first_paid_on DATE,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, external_id)
);
CREATE UNIQUE INDEX customers_organization ON customers (seller_id, organization_id);
CREATE INDEX customers_name ON customers (seller_id, name, id);
CREATE INDEX customers_mrr ON customers (seller_id, mrr_minor, id);
CREATE INDEX customers_created ON customers (seller_id, created_at, id);
CREATE INDEX customers_first_paid ON customers (seller_id, first_paid_on, mrr_minor);
CREATE INDEX customers_country ON customers (seller_id, country);
-- What a customer is found by: the words of its name, address and number in small letters, by their beginnings.
CREATE TABLE customer_words (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    word TEXT COLLATE \"C\" NOT NULL,
    customer_id UUID NOT NULL,
    PRIMARY KEY (seller_id, word, customer_id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id) ON DELETE CASCADE
);
CREATE INDEX customer_words_customer ON customer_words (seller_id, customer_id);
CREATE TABLE plans (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    name TEXT NOT NULL,
    interval_unit TEXT NOT NULL,
    interval_count INTEGER NOT NULL CHECK (interval_count BETWEEN 1 AND 1000),
    currency TEXT NOT NULL,
    trial_days INTEGER NOT NULL DEFAULT 0 CHECK (trial_days >= 0),
    archived_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, name, interval_unit, interval_count, currency)
);
-- A price change is a new version; subscriptions stay on theirs unless moved.
CREATE TABLE plan_versions (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    plan_id UUID NOT NULL,
    number INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, plan_id, number),
    FOREIGN KEY (seller_id, plan_id) REFERENCES plans (seller_id, id)
);
-- One unit of `currency` is `rate_nano` / 10^9 units (major) of the seller's currency, from that day on.
CREATE TABLE exchange_rates (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    currency TEXT NOT NULL,
    starts_on DATE NOT NULL,
    rate_nano BIGINT NOT NULL CHECK (rate_nano > 0),
    PRIMARY KEY (seller_id, currency, starts_on)
);
";

const SUBSCRIPTIONS: &str = "
CREATE TABLE subscriptions (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    external_id TEXT,
    customer_id UUID NOT NULL,
    -- The plan of the latest phase.
    plan_id UUID NOT NULL,
    started_on DATE NOT NULL,
    trial_ends_on DATE,
    -- The first day without service, already past or still to come; NULL while open.
    ended_on DATE,
    cancel_reason TEXT,
    cancelled_at TIMESTAMPTZ,
    payment_method TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    -- MRR of the phase that is latest, as the phase has it; lists sort by it.
    mrr_minor BIGINT NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, external_id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id),
    FOREIGN KEY (seller_id, plan_id) REFERENCES plans (seller_id, id)
);
CREATE INDEX subscriptions_customer ON subscriptions (seller_id, customer_id);
CREATE INDEX subscriptions_plan ON subscriptions (seller_id, plan_id, started_on, id);
CREATE INDEX subscriptions_started ON subscriptions (seller_id, started_on, id);
CREATE INDEX subscriptions_mrr ON subscriptions (seller_id, mrr_minor, id);
-- With the days that the statuses ask for, so that a list under one of them is counted without reading its rows.
CREATE INDEX subscriptions_ended ON subscriptions (seller_id, ended_on, id, started_on, trial_ends_on);
CREATE INDEX subscriptions_trial ON subscriptions (seller_id, trial_ends_on) WHERE trial_ends_on IS NOT NULL;
-- A stretch of a subscription at one plan, price and quantity. Stretches of one subscription never overlap; a gap is
-- time without service. This is the one source of MRR.
CREATE TABLE subscription_phases (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    subscription_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    -- The version whose price it took; NULL where the price is the subscription's own.
    plan_version_id UUID,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    unit_amount_minor BIGINT NOT NULL CHECK (unit_amount_minor >= 0),
    currency TEXT NOT NULL,
    interval_unit TEXT NOT NULL,
    interval_count INTEGER NOT NULL,
    starts_on DATE NOT NULL,
    -- The first day after it; NULL while open.
    ends_on DATE,
    -- The first day in MRR: later than starts_on for a trial.
    pays_from DATE NOT NULL,
    -- Monthly amount in the seller's currency, rounded once, at the exchange rate kept with it.
    mrr_minor BIGINT NOT NULL,
    rate_nano BIGINT NOT NULL,
    -- Why service ended with it, where someone said so.
    end_reason TEXT,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, subscription_id, starts_on),
    CHECK (ends_on IS NULL OR ends_on >= starts_on),
    FOREIGN KEY (seller_id, subscription_id) REFERENCES subscriptions (seller_id, id)
);
CREATE INDEX subscription_phases_customer ON subscription_phases (seller_id, customer_id, plan_id);
";

const REVENUE: &str = "
-- One row for each customer and day on which its MRR is another than the day before. Days still to come hold what is
-- already set to happen (trials that start to pay, cancellations at the end of a period).
CREATE TABLE mrr_movements (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    day DATE NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    before_minor BIGINT NOT NULL,
    after_minor BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (seller_id, day, customer_id)
);
CREATE INDEX mrr_movements_customer ON mrr_movements (seller_id, customer_id, day);
-- The same for a customer's MRR on one plan: leaving a plan for another is contraction here and expansion there.
CREATE TABLE mrr_plan_movements (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    day DATE NOT NULL,
    customer_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    kind TEXT NOT NULL,
    before_minor BIGINT NOT NULL,
    after_minor BIGINT NOT NULL,
    PRIMARY KEY (seller_id, day, customer_id, plan_id)
);
CREATE INDEX mrr_plan_movements_customer ON mrr_plan_movements (seller_id, customer_id, day);
-- Sums of the movements of a day. Losses are positive numbers.
CREATE TABLE mrr_days (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    day DATE NOT NULL,
    new_minor BIGINT NOT NULL,
    expansion_minor BIGINT NOT NULL,
    reactivation_minor BIGINT NOT NULL,
    contraction_minor BIGINT NOT NULL,
    churn_minor BIGINT NOT NULL,
    new_customers BIGINT NOT NULL,
    reactivated_customers BIGINT NOT NULL,
    churned_customers BIGINT NOT NULL,
    PRIMARY KEY (seller_id, day)
);
CREATE TABLE mrr_plan_days (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    plan_id UUID NOT NULL,
    day DATE NOT NULL,
    new_minor BIGINT NOT NULL,
    expansion_minor BIGINT NOT NULL,
    reactivation_minor BIGINT NOT NULL,
    contraction_minor BIGINT NOT NULL,
    churn_minor BIGINT NOT NULL,
    -- Customers that came to pay on the plan less those that ceased to.
    net_customers BIGINT NOT NULL,
    PRIMARY KEY (seller_id, plan_id, day)
);
";

const IMPORTS: &str = "
CREATE TABLE imports (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    file_name TEXT NOT NULL,
    file_key TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    -- Our column → the file's column, and the user's choices.
    options JSONB NOT NULL,
    status TEXT NOT NULL,
    job_id UUID,
    rows_total BIGINT NOT NULL DEFAULT 0,
    rows_good BIGINT NOT NULL DEFAULT 0,
    rows_bad BIGINT NOT NULL DEFAULT 0,
    report JSONB NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id)
);
CREATE INDEX imports_created ON imports (seller_id, created_at, id);
CREATE TABLE import_errors (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    import_id UUID NOT NULL,
    line BIGINT NOT NULL,
    position INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (seller_id, import_id, line, position),
    FOREIGN KEY (seller_id, import_id) REFERENCES imports (seller_id, id) ON DELETE CASCADE
);
";
