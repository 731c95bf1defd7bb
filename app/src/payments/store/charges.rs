//! Money collected through a gateway: begun here, answered in [`super::answers`]. The payment's row is committed before
//! the gateway is asked, and its id is the key that it is asked with: a crash in between repeats the question, not the
//! charge.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::allocate::{self, Allotted};
use crate::customers::{self, CustomerId};
use crate::invoices::{Invoice, InvoiceId, InvoiceStatus};
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::job::{self, NewJob};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::methods::{MethodKind, PaymentMethodId};
use crate::payments::model::{PaidBy, PaymentId, PaymentStatus};
use crate::text_enum;

/// The job that asks the gateway.
pub const CHARGE_JOB: &str = "payments.charge";
/// The job that takes back what the payer has not confirmed.
pub const CANCEL_JOB: &str = "payments.cancel";

pub use super::collecting::{COLLECT_JOB, collect, plan_collection, plan_collections, start};

text_enum!(
    /// Who began a charge.
    pub enum Origin {
        /// The invoice fell due.
        Automatic = "automatic" => "Automatic",
        /// A person, a machine, or dunning.
        Manual = "manual" => "By hand",
        /// It lives at the gateway, which told us.
        Gateway = "gateway" => "At the gateway",
    }
);

/// Charges what an invoice wants to the customer's primary method. Gives the payment, which is pending until the gateway
/// has answered: `payment.succeeded` or `payment.failed` says how it ended. Where a charge of the invoice is under way, it
/// is that one, so asking twice charges once.
pub async fn charge(scope: &Scope, invoice: InvoiceId) -> Result<PaymentId> {
    charge_with(scope, invoice, None, Origin::Manual).await
}

/// As [`charge`], to one of the customer's methods.
pub async fn charge_with(scope: &Scope, id: InvoiceId, method: Option<PaymentMethodId>, origin: Origin) -> Result<PaymentId> {
    let tx = scope.write().await?;
    let customer = crate::invoices::store::read(&tx, id).await?.customer;
    customers::store::hold(&tx, &[customer]).await?;
    let invoice = crate::invoices::store::read(&tx, id).await?;
    let before = match under_way(&tx, id).await? {
        Some(payment) => read(&tx, payment).await?,
        None => None,
    };
    let found = usable(&tx, customer, method).await?;
    let expired = found.as_ref().filter(|found| found.expired).map(|found| found.label.clone());
    let wanted = found.filter(|found| !found.expired);
    if let Some(before) = &before {
        // What waits for the payer to confirm another card waits in vain once they have a new one.
        let waits = before.status == PaymentStatus::NeedsAction && before.gateway_id.is_some();
        if !waits || wanted.as_ref().is_none_or(|wanted| Some(wanted.id) == before.method) {
            return Ok(before.payment);
        }
    }
    let open = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::PartiallyPaid | InvoiceStatus::Overdue);
    if !open || invoice.due.minor() <= 0 {
        return Err(Error::Conflict(format!("The invoice is {} and wants nothing.", invoice.status.label().to_lowercase())));
    }
    let method = wanted.ok_or_else(|| {
        Error::Conflict(match (expired, method) {
            (Some(label), _) => format!("{label} has expired. Ask the customer for another one."),
            (None, Some(_)) => "This payment method cannot be charged.".into(),
            (None, None) => "The customer has no primary payment method that can be charged.".into(),
        })
    })?;
    let payment = PaymentId::new();
    if let Some(before) = before {
        supersede(&tx, &before).await?;
    }
    begin(&tx, payment, &invoice, &method, origin).await?;
    let details = json!({
        "customer": customer, "invoice": id, "number": invoice.number, "amount": invoice.due, "method": method.label,
        "gateway": method.gateway, "origin": origin,
    });
    tx.commit(Event::new("payment.started", "payment", payment, invoice.customer_name).details(details)).await?;
    Ok(payment)
}

/// Another charge takes the place of one that waits for its payer, which is taken back at the gateway.
async fn supersede(tx: &Tx, before: &ChargeState) -> Result<()> {
    let sql = "UPDATE charges SET under_way = FALSE WHERE seller_id = $1 AND payment_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), before.payment.0.into()]).await?;
    let id = before.payment;
    let job = NewJob { unique_key: Some(format!("cancel/{id}")), ..NewJob::new(CANCEL_JOB, json!({ "payment": id })) };
    job::enqueue(tx, job).await.map(|_| ())
}

/// A method that can be charged.
#[derive(FromQueryResult)]
pub(super) struct Chargeable {
    pub(super) id: PaymentMethodId,
    kind: MethodKind,
    gateway: GatewayKind,
    pub(super) label: String,
    pub(super) collects: bool,
    /// Its last day is over: it is not charged, and the customer has to give another one.
    pub(super) expired: bool,
}

/// The customer's primary method, or the one named, where a gateway in use can charge it today.
pub(super) async fn chargeable(tx: &Tx, customer: CustomerId, method: Option<PaymentMethodId>) -> Result<Option<Chargeable>> {
    Ok(usable(tx, customer, method).await?.filter(|found| !found.expired))
}

/// The same, whether it has expired or not.
pub(super) async fn usable(tx: &Tx, customer: CustomerId, method: Option<PaymentMethodId>) -> Result<Option<Chargeable>> {
    let sql = "SELECT m.id, m.kind, m.gateway, m.label, g.collects, (m.expires_on IS NOT NULL AND m.expires_on <= $3) AS expired \
               FROM payment_methods m JOIN gateway_accounts g ON g.seller_id = m.seller_id AND g.gateway = m.gateway AND g.enabled \
               WHERE m.seller_id = $1 AND m.customer_id = $2 AND m.deleted_at IS NULL AND m.status = 'usable' \
               AND (m.id = $4 OR (m.is_primary AND $5))";
    let id = method.map_or(uuid::Uuid::nil(), |m| m.0);
    let values = [tx.seller_id().0.into(), customer.0.into(), tx.scope().today().into(), id.into(), method.is_none().into()];
    tx.one(sql, values).await
}

/// The charge of an invoice that is under way.
pub async fn under_way(tx: &Tx, invoice: InvoiceId) -> Result<Option<PaymentId>> {
    #[derive(FromQueryResult)]
    struct Row {
        payment_id: PaymentId,
    }
    let sql = "SELECT payment_id FROM charges WHERE seller_id = $1 AND invoice_id = $2 AND under_way";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), invoice.0.into()]).await?;
    Ok(row.map(|row| row.payment_id))
}

async fn begin(tx: &Tx, id: PaymentId, invoice: &Invoice, method: &Chargeable, origin: Origin) -> Result<()> {
    let paid_by = if method.kind == MethodKind::Card { PaidBy::Card } else { PaidBy::DebitOrder };
    let row = NewRow {
        id,
        customer: invoice.customer,
        paid_by,
        method: Some(method.id),
        gateway: method.gateway,
        gateway_id: None,
        amount: invoice.due,
        reference: invoice.number.clone(),
    };
    insert(tx, &row).await?;
    // What it is meant for; what it pays in the end is decided when the money is there.
    allocate::write(tx, id, &[Allotted { invoice: invoice.id, minor: invoice.due.minor(), recovered: false }]).await?;
    note(tx, id, Some(invoice.id), origin, true).await?;
    let job = NewJob { unique_key: Some(format!("charge/{id}")), ..NewJob::new(CHARGE_JOB, json!({ "payment": id })) };
    job::enqueue(tx, job).await.map(|_| ())
}

/// A payment that a gateway will tell more of.
pub(super) struct NewRow {
    pub id: PaymentId,
    pub customer: CustomerId,
    pub paid_by: PaidBy,
    pub method: Option<PaymentMethodId>,
    pub gateway: GatewayKind,
    pub gateway_id: Option<String>,
    pub amount: Money,
    pub reference: Option<String>,
}

pub(super) async fn insert(tx: &Tx, row: &NewRow) -> Result<()> {
    let sql = "INSERT INTO payments (seller_id, id, customer_id, status, method, payment_method_id, gateway, gateway_id, currency, amount_minor, \
               paid_on, reference, recorded_by, created_at) VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let values = [
        tx.seller_id().0.into(),
        row.id.0.into(),
        row.customer.0.into(),
        row.paid_by.into(),
        row.method.map(|m| m.0).into(),
        row.gateway.into(),
        row.gateway_id.clone().into(),
        row.amount.currency().to_string().into(),
        row.amount.minor().into(),
        tx.scope().today().into(),
        row.reference.clone().into(),
        tx.scope().actor().name().into(),
        tx.scope().now().into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

/// Notes that a payment is a charge.
pub(super) async fn note(tx: &Tx, id: PaymentId, invoice: Option<InvoiceId>, origin: Origin, under_way: bool) -> Result<()> {
    let sql = "INSERT INTO charges (seller_id, payment_id, invoice_id, origin, under_way, ask_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let ask_at = tx.scope().now() + chrono::TimeDelta::minutes(10);
    let values = [tx.seller_id().0.into(), id.0.into(), invoice.map(|i| i.0).into(), origin.into(), under_way.into(), ask_at.into()];
    tx.run(sql, values).await.map(|_| ())
}

/// Notes the invoice at the gateway that a payment paid.
pub(super) async fn lives_as(tx: &Tx, id: PaymentId, invoice: &str) -> Result<()> {
    let sql = "UPDATE charges SET external_invoice = $3 WHERE seller_id = $1 AND payment_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), invoice.into()]).await.map(|_| ())
}

/// Gives a payment that went by the name of its invoice at the gateway the gateway's own id of it; `false` for another one,
/// and where the id is another's.
pub(super) async fn rename(tx: &Tx, id: PaymentId, gateway_id: &str) -> Result<bool> {
    let sql = "UPDATE payments SET gateway_id = $3 WHERE seller_id = $1 AND id = $2 AND gateway_id = (SELECT c.external_invoice \
               FROM charges c WHERE c.seller_id = $1 AND c.payment_id = $2) AND NOT EXISTS (SELECT 1 FROM payments o \
               WHERE o.seller_id = $1 AND o.gateway = payments.gateway AND o.gateway_id = $3)";
    Ok(tx.run(sql, [tx.seller_id().0.into(), id.0.into(), gateway_id.into()]).await? > 0)
}

/// How a charge stands: what dunning and pages want to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeState {
    pub payment: PaymentId,
    pub customer: CustomerId,
    /// What it was meant for.
    pub invoice: Option<InvoiceId>,
    pub method: Option<PaymentMethodId>,
    pub gateway: GatewayKind,
    pub gateway_id: Option<String>,
    pub amount: Money,
    pub paid_by: PaidBy,
    pub status: PaymentStatus,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    /// No use to try again with this method.
    pub hard_decline: bool,
    /// Where the customer confirms it.
    pub action_url: Option<String>,
    pub reference: Option<String>,
    pub known_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    id: PaymentId,
    customer_id: CustomerId,
    invoice_id: Option<InvoiceId>,
    payment_method_id: Option<PaymentMethodId>,
    gateway: GatewayKind,
    gateway_id: Option<String>,
    currency: String,
    amount_minor: i64,
    method: PaidBy,
    status: PaymentStatus,
    failure_code: Option<String>,
    failure_message: Option<String>,
    hard_decline: bool,
    action_url: Option<String>,
    reference: Option<String>,
    known_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn state(self) -> Result<ChargeState> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        Ok(ChargeState {
            payment: self.id,
            customer: self.customer_id,
            invoice: self.invoice_id,
            method: self.payment_method_id,
            gateway: self.gateway,
            gateway_id: self.gateway_id,
            amount: Money::new(self.amount_minor, currency),
            paid_by: self.method,
            status: self.status,
            failure_code: self.failure_code,
            failure_message: self.failure_message,
            hard_decline: self.hard_decline,
            action_url: self.action_url,
            reference: self.reference,
            known_at: self.known_at,
            created_at: self.created_at,
        })
    }
}

const SELECT: &str = "SELECT p.id, p.customer_id, c.invoice_id, p.payment_method_id, p.gateway, p.gateway_id, p.currency, p.amount_minor, \
     p.method, p.status, p.failure_code, p.failure_message, p.hard_decline, c.action_url, p.reference, c.known_at, p.created_at \
     FROM payments p JOIN charges c ON c.seller_id = p.seller_id AND c.payment_id = p.id WHERE p.seller_id = $1";

/// How a charge stands; `None` for a payment that is none.
pub async fn read(tx: &Tx, id: PaymentId) -> Result<Option<ChargeState>> {
    let row: Option<Row> = tx.one(&format!("{SELECT} AND p.id = $2"), [tx.seller_id().0.into(), id.0.into()]).await?;
    row.map(Row::state).transpose()
}

/// As [`read`], for who has no transaction.
pub async fn state(scope: &Scope, id: PaymentId) -> Result<Option<ChargeState>> {
    read(&scope.read().await?, id).await
}

/// A charge by the gateway's id of it.
pub async fn by_gateway_id(tx: &Tx, gateway: GatewayKind, id: &str) -> Result<Option<ChargeState>> {
    let values = [tx.seller_id().0.into(), gateway.into(), id.into()];
    let row: Option<Row> = tx.one(&format!("{SELECT} AND p.gateway = $2 AND p.gateway_id = $3"), values).await?;
    row.map(Row::state).transpose()
}

/// The payment of an invoice that lives at a gateway.
pub(super) async fn by_external_invoice(tx: &Tx, gateway: GatewayKind, invoice: &str) -> Result<Option<ChargeState>> {
    let values = [tx.seller_id().0.into(), gateway.into(), invoice.into()];
    let row: Option<Row> = tx.one(&format!("{SELECT} AND p.gateway = $2 AND c.external_invoice = $3"), values).await?;
    row.map(Row::state).transpose()
}
