//! Payment methods: sealed details, a masked label, exactly one primary while there is any.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::customers::{self, CustomerId};
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::scope::Scope;
use crate::kit::secret::fingerprint;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::methods::{Details, MethodKind, MethodStatus, NewMethod, PaymentMethod, PaymentMethodId};

#[derive(FromQueryResult)]
struct Row {
    id: PaymentMethodId,
    customer_id: CustomerId,
    kind: MethodKind,
    gateway: String,
    label: String,
    expires_on: Option<NaiveDate>,
    is_primary: bool,
    status: MethodStatus,
    created_at: DateTime<Utc>,
}

impl Row {
    fn method(self, scope: &Scope) -> PaymentMethod {
        PaymentMethod {
            id: self.id,
            customer: self.customer_id,
            kind: self.kind,
            gateway: self.gateway,
            label: self.label,
            expires_on: self.expires_on,
            primary: self.is_primary,
            status: self.status,
            created: scope.moment(self.created_at),
        }
    }
}

const SELECT: &str = "SELECT id, customer_id, kind, gateway, label, expires_on, is_primary, status, created_at FROM payment_methods \
     WHERE seller_id = $1 AND deleted_at IS NULL";

/// The methods of a customer, the primary one first.
pub async fn of_customer(scope: &Scope, customer: CustomerId) -> Result<Vec<PaymentMethod>> {
    let tx = scope.read().await?;
    customers::store::read(&tx, customer).await?;
    let sql = format!("{SELECT} AND customer_id = $2 ORDER BY is_primary DESC, id");
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    Ok(rows.into_iter().map(|row| row.method(scope)).collect())
}

pub async fn get(scope: &Scope, id: PaymentMethodId) -> Result<PaymentMethod> {
    read(&scope.read().await?, id).await
}

async fn read(tx: &Tx, id: PaymentMethodId) -> Result<PaymentMethod> {
    let row: Option<Row> = tx.one(&format!("{SELECT} AND id = $2"), [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(row.ok_or(Error::NotFound)?.method(tx.scope()))
}

/// What is sealed of a method, opened: for a gateway, never for a page.
pub async fn open(tx: &Tx, id: PaymentMethodId) -> Result<Details> {
    #[derive(FromQueryResult)]
    struct Sealed {
        sealed_details: String,
    }
    let sql = "SELECT sealed_details FROM payment_methods WHERE seller_id = $1 AND id = $2 AND deleted_at IS NULL";
    let row: Option<Sealed> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let text = tx.db().sealer()?.open(&row.ok_or(Error::NotFound)?.sealed_details)?;
    serde_json::from_str(&text).map_err(bug)
}

/// Adds a method; the first of a customer is its primary.
pub async fn add(scope: &Scope, customer: CustomerId, new: NewMethod) -> Result<PaymentMethodId> {
    let tx = scope.write().await?;
    let name = customers::store::read(&tx, customer).await?.name;
    customers::store::hold(&tx, &[customer]).await?;
    // The hash is of the seller's own, so that tables of two sellers cannot be compared.
    let same = fingerprint(&format!("{}\n{}", tx.seller_id(), new.identity()));
    if count(&tx, customer, Some(&same)).await? > 0 {
        return Err(Error::field(if new.kind == MethodKind::Card { "token" } else { "account" }, "is there already"));
    }
    let (id, primary) = (PaymentMethodId::new(), count(&tx, customer, None).await? == 0);
    let sealed = tx.db().sealer()?.seal(&serde_json::to_string(&new.details).map_err(bug)?)?;
    let status = if new.kind == MethodKind::DebitOrder { MethodStatus::Pending } else { MethodStatus::Usable };
    let sql = "INSERT INTO payment_methods (seller_id, id, customer_id, kind, gateway, label, sealed_details, fingerprint, expires_on, \
               is_primary, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        customer.0.into(),
        new.kind.into(),
        new.gateway.clone().into(),
        new.label.clone().into(),
        sealed.into(),
        same.into(),
        new.expires_on.into(),
        primary.into(),
        status.into(),
        scope.now().into(),
    ];
    tx.run(sql, values).await?;
    let details = json!({ "customer": customer, "customer_name": name, "kind": new.kind, "gateway": new.gateway, "primary": primary });
    tx.commit(Event::new("payment_method.added", "payment_method", id, new.label).details(details)).await?;
    Ok(id)
}

async fn count(tx: &Tx, customer: CustomerId, same: Option<&str>) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM payment_methods WHERE seller_id = $1 AND customer_id = $2 AND deleted_at IS NULL \
               AND (fingerprint = $3 OR $4)";
    let values = [tx.seller_id().0.into(), customer.0.into(), same.unwrap_or_default().into(), same.is_none().into()];
    let count: Option<Count> = tx.one(sql, values).await?;
    Ok(count.map_or(0, |c| c.n))
}

/// Makes a method the one that is used unless told. Gives whose it is.
pub async fn make_primary(scope: &Scope, id: PaymentMethodId) -> Result<CustomerId> {
    let tx = scope.write().await?;
    let method = held(&tx, id).await?;
    set_primary(&tx, &method).await?;
    let details = json!({ "customer": method.customer });
    tx.commit(Event::new("payment_method.made_primary", "payment_method", id, method.label).details(details)).await?;
    Ok(method.customer)
}

async fn held(tx: &Tx, id: PaymentMethodId) -> Result<PaymentMethod> {
    let customer = read(tx, id).await?.customer;
    customers::store::hold(tx, &[customer]).await?;
    read(tx, id).await
}

async fn set_primary(tx: &Tx, method: &PaymentMethod) -> Result<()> {
    // One after the other: at no moment are there two.
    let sql = "UPDATE payment_methods SET is_primary = FALSE WHERE seller_id = $1 AND customer_id = $2 AND is_primary";
    tx.run(sql, [tx.seller_id().0.into(), method.customer.0.into()]).await?;
    let sql = "UPDATE payment_methods SET is_primary = TRUE WHERE seller_id = $1 AND id = $2 AND deleted_at IS NULL";
    tx.run(sql, [tx.seller_id().0.into(), method.id.0.into()]).await.map(|_| ())
}

/// Takes a method away: it is kept for what it paid, without its details. The oldest other one becomes the primary. Gives
/// whose it was.
pub async fn remove(scope: &Scope, id: PaymentMethodId) -> Result<CustomerId> {
    let tx = scope.write().await?;
    let method = held(&tx, id).await?;
    let sql = "UPDATE payment_methods SET deleted_at = $3, is_primary = FALSE, sealed_details = '' WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), scope.now().into()]).await?;
    if method.primary {
        let sql = format!("{SELECT} AND customer_id = $2 ORDER BY id LIMIT 1");
        let next: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), method.customer.0.into()]).await?;
        if let Some(next) = next {
            set_primary(&tx, &next.method(scope)).await?;
        }
    }
    let event = Event::new("payment_method.removed", "payment_method", id, method.label).level(Level::Warning);
    tx.commit(event.details(json!({ "customer": method.customer }))).await?;
    Ok(method.customer)
}
