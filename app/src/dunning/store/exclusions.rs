//! What dunning leaves alone, and which customers have a policy of their own.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::cases::hold;
use super::{list, policies, react};
use crate::customers::{self, CustomerId};
use crate::dunning::model::{CaseId, CaseStatus, CustomerDunning, Exclusion, ExclusionId, PolicyId};
use crate::invoices::InvoiceId;
use crate::invoices::store as invoices;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// Leaves a customer, or one invoice of it, alone: cases that run are closed, none is opened.
pub async fn exclude(scope: &Scope, customer: CustomerId, invoice: Option<InvoiceId>, reason: String) -> Result<ExclusionId> {
    let tx = scope.write().await?;
    let name = react::known(&tx, customer).await?;
    if let Some(invoice) = invoice {
        let of = invoices::read(&tx, invoice).await.map_err(|_| Error::field("invoice_id", "is no invoice"))?;
        if of.customer != customer {
            return Err(Error::field("invoice_id", "is no invoice of this customer"));
        }
    }
    customers::store::hold(&tx, &[customer]).await?;
    let id = insert(&tx, customer, invoice, &reason).await?;
    let details = json!({ "customer": customer, "invoice": invoice, "reason": reason });
    let mut events = vec![Event::new("dunning.excluded", "customer", customer, name).level(Level::Warning).details(details)];
    for case in live(&tx, customer, invoice).await? {
        let mut case = hold(&tx, case).await?;
        events.extend(react::end(&tx, &mut case, CaseStatus::Closed, Some(reason.clone())).await?);
    }
    tx.commit_all(events).await?;
    Ok(id)
}

pub(super) async fn insert(tx: &Tx, customer: CustomerId, invoice: Option<InvoiceId>, reason: &str) -> Result<ExclusionId> {
    let id = ExclusionId::new();
    let sql = "INSERT INTO dunning_exclusions (seller_id, id, customer_id, invoice_id, reason, created_by, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        customer.0.into(),
        invoice.map(|i| i.0).into(),
        reason.into(),
        tx.scope().actor().name().into(),
        tx.scope().now().into(),
    ];
    if tx.run(sql, values).await? == 0 {
        return Err(Error::Conflict("It is left alone already.".into()));
    }
    Ok(id)
}

async fn live(tx: &Tx, customer: CustomerId, invoice: Option<InvoiceId>) -> Result<Vec<CaseId>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: CaseId,
    }
    let sql = "SELECT id FROM dunning_cases WHERE seller_id = $1 AND customer_id = $2 AND closed_at IS NULL AND (invoice_id = $3 OR $4) ORDER BY id";
    let one = invoice.map_or(uuid::Uuid::nil(), |i| i.0);
    let rows: Vec<Found> = tx.all(sql, [tx.seller_id().0.into(), customer.0.into(), one.into(), invoice.is_none().into()]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Does not leave it alone any more: the next run opens a case where one is wanted. Gives whose it was.
pub async fn include(scope: &Scope, id: ExclusionId) -> Result<CustomerId> {
    #[derive(FromQueryResult)]
    struct Row {
        customer_id: CustomerId,
    }
    let tx = scope.write().await?;
    let sql = "DELETE FROM dunning_exclusions WHERE seller_id = $1 AND id = $2 RETURNING customer_id";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let customer = row.ok_or(Error::NotFound)?.customer_id;
    let name = react::known(&tx, customer).await?;
    tx.commit(Event::new("dunning.included", "customer", customer, name).details(json!({ "exclusion": id }))).await?;
    Ok(customer)
}

/// Gives a customer a policy of its own, or the default one again. Cases that run keep theirs.
pub async fn choose_policy(scope: &Scope, customer: CustomerId, policy: Option<PolicyId>) -> Result<()> {
    let tx = scope.write().await?;
    let name = react::known(&tx, customer).await?;
    let key = [tx.seller_id().0.into(), customer.0.into()];
    tx.run("DELETE FROM dunning_choices WHERE seller_id = $1 AND customer_id = $2", key).await?;
    let mut chosen = None;
    if let Some(policy) = policy {
        let found = policies::read(&tx, policy).await.ok().filter(|p| !p.archived);
        let found = found.ok_or_else(|| Error::field("policy", "is no policy in use"))?;
        let sql = "INSERT INTO dunning_choices (seller_id, customer_id, policy_id) VALUES ($1, $2, $3)";
        tx.run(sql, [tx.seller_id().0.into(), customer.0.into(), policy.0.into()]).await?;
        chosen = Some(found.name);
    }
    tx.commit(Event::new("dunning.policy_chosen", "customer", customer, name).details(json!({ "policy": chosen }))).await
}

/// How dunning treats a customer.
pub async fn of_customer(scope: &Scope, customer: CustomerId) -> Result<CustomerDunning> {
    #[derive(FromQueryResult)]
    struct Choice {
        policy_id: PolicyId,
    }
    {
        customers::store::get(scope, customer).await?;
    }
    let policies = policies::list(scope).await?.into_iter().map(|p| (p.id, p.name)).collect();
    let tx = scope.read().await?;
    let sql = "SELECT policy_id FROM dunning_choices WHERE seller_id = $1 AND customer_id = $2";
    let choice: Option<Choice> = tx.one(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    let exclusions = exclusions(&tx, customer).await?;
    Ok(CustomerDunning {
        customer,
        policy: choice.map(|c| c.policy_id),
        policies,
        exclusions,
        cases: list::of_customer(&tx, customer).await?,
    })
}

async fn exclusions(tx: &Tx, customer: CustomerId) -> Result<Vec<Exclusion>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: ExclusionId,
        invoice_id: Option<uuid::Uuid>,
        number: Option<String>,
        reason: String,
        created_by: String,
        created_at: DateTime<Utc>,
    }
    let sql = "SELECT x.id, x.invoice_id, i.number, x.reason, x.created_by, x.created_at FROM dunning_exclusions x \
               LEFT JOIN invoices i ON i.seller_id = x.seller_id AND i.id = x.invoice_id \
               WHERE x.seller_id = $1 AND x.customer_id = $2 ORDER BY x.created_at DESC, x.id LIMIT 200";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    let exclusion = |row: Row| Exclusion {
        id: row.id,
        customer,
        invoice: row.invoice_id.map(|id| (InvoiceId(id), row.number.unwrap_or_else(|| "Draft".into()))),
        reason: row.reason,
        by: row.created_by,
        at: tx.scope().moment(row.created_at),
    };
    Ok(rows.into_iter().map(exclusion).collect())
}
