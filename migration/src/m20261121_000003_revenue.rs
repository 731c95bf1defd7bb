//! What the revenue pages ask often, made cheap: since when a customer that moves has paid, MRR by month of plans and
//! of cohorts, and trials by their days alone.

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
        sql::apply(manager, REVENUE).await?;
        sql::seller_owned(manager, &["mrr_plan_months", "mrr_cohort_months"]).await
    }
}

const REVENUE: &str = "
-- The first day of the unbroken run of paying that the movement begins, changes or ends. A churn that ends a run begun
-- before a period is the loss of a customer that paid at the period's start.
ALTER TABLE mrr_movements ADD COLUMN paid_since DATE NOT NULL DEFAULT '1900-01-01';
-- The first day that the customer ever paid: its month is the customer's cohort.
ALTER TABLE mrr_movements ADD COLUMN first_paid_on DATE NOT NULL DEFAULT '1900-01-01';
CREATE INDEX mrr_movements_churn ON mrr_movements (seller_id, day, paid_since) WHERE kind = 'churn';
-- Gains less losses of a plan in the month that begins on `month`.
CREATE TABLE mrr_plan_months (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    plan_id UUID NOT NULL,
    month DATE NOT NULL,
    net_minor BIGINT NOT NULL,
    net_customers BIGINT NOT NULL,
    PRIMARY KEY (seller_id, plan_id, month)
);
-- The same of the customers that first paid in the month that begins on `cohort`.
CREATE TABLE mrr_cohort_months (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    cohort DATE NOT NULL,
    month DATE NOT NULL,
    net_minor BIGINT NOT NULL,
    net_customers BIGINT NOT NULL,
    PRIMARY KEY (seller_id, cohort, month)
);
DROP INDEX subscriptions_trial;
CREATE INDEX subscriptions_trials ON subscriptions (seller_id, trial_ends_on, started_on, ended_on) WHERE trial_ends_on IS NOT NULL;
";
