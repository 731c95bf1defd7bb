//! Payment methods: sealed details, a masked label, exactly one primary while there is any.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::customers::{self, CustomerId};
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::job::{self, NewJob};
use crate::kit::scope::Scope;
use crate::kit::secret::fingerprint;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::methods::{Details, MethodKind, MethodStatus, NewMethod, PaymentMethod, PaymentMethodId};

/// The job that makes a gateway forget a card.
pub const DETACH_JOB: &str = "payments.detach";

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
        let over = self.status == MethodStatus::Usable && self.expires_on.is_some_and(|day| day <= scope.today());
        PaymentMethod {
            id: self.id,
            customer: self.customer_id,
            kind: self.kind,
            gateway: self.gateway,
            label: self.label,
            expires_on: self.expires_on,
            primary: self.is_primary,
            status: if over { MethodStatus::Expired } else { self.status },
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

pub(super) async fn read(tx: &Tx, id: PaymentMethodId) -> Result<PaymentMethod> {
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

/// Adds a method that somebody names; the first of a customer is its primary. What a gateway tells of comes by [`add_in`],
/// expired or not.
pub async fn add(scope: &Scope, customer: CustomerId, new: NewMethod) -> Result<PaymentMethodId> {
    if new.expires_on.is_some_and(|day| day <= scope.today()) {
        return Err(Error::field("expires", "lies in the past"));
    }
    let tx = scope.write().await?;
    let (id, events) = add_in(&tx, customer, &new).await?;
    tx.commit_all(events).await?;
    Ok(id)
}

/// As [`add`], as a part of something greater; gives the events to commit with.
pub async fn add_in(tx: &Tx, customer: CustomerId, new: &NewMethod) -> Result<(PaymentMethodId, Vec<Event>)> {
    let name = customers::store::read(tx, customer).await?.name;
    customers::store::hold(tx, &[customer]).await?;
    let same = same(tx, &new.identity());
    if count(tx, customer, Some(&same)).await? > 0 {
        return Err(Error::field(if new.kind == MethodKind::Card { "token" } else { "account" }, "is there already"));
    }
    let (id, primary) = (PaymentMethodId::new(), count(tx, customer, None).await? == 0);
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
        tx.scope().now().into(),
    ];
    tx.run(sql, values).await?;
    let details = json!({ "customer": customer, "customer_name": name, "kind": new.kind, "gateway": new.gateway, "primary": primary });
    let mut events = vec![Event::new("payment_method.added", "payment_method", id, new.label.clone()).details(details)];
    if primary {
        events.extend(replaced(&read(tx, id).await?));
    }
    Ok((id, events))
}

/// Another usable method takes the primary's place: what could not be collected is worth another try.
pub(super) fn replaced(method: &PaymentMethod) -> Option<Event> {
    let details = json!({ "customer": method.customer, "kind": method.kind, "gateway": method.gateway });
    let event = Event::new("payment_method.replaced", "payment_method", method.id, method.label.clone()).details(details);
    (method.status == MethodStatus::Usable).then_some(event)
}

/// What two of the same have in common. The hash is of the seller's own, so that tables of two sellers cannot be compared.
fn same(tx: &Tx, identity: &str) -> String {
    fingerprint(&format!("{}\n{identity}", tx.seller_id()))
}

/// What tells that a card is the one of that token.
pub(super) fn fingerprint_of(tx: &Tx, token: &str) -> String {
    let card = Details { token: Some(token.to_owned()), ..Details::default() };
    let card = NewMethod { kind: MethodKind::Card, gateway: String::new(), label: String::new(), details: card, expires_on: None };
    same(tx, &card.identity())
}

/// The cards that a gateway knows by that token; one for each customer that has it.
pub(super) async fn by_token(tx: &Tx, token: &str) -> Result<Vec<PaymentMethod>> {
    let sql = format!("{SELECT} AND fingerprint = $2 ORDER BY id");
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), fingerprint_of(tx, token).into()]).await?;
    Ok(rows.into_iter().map(|row| row.method(tx.scope())).collect())
}

/// A card has another number or date: its bank sent a new one. It is good again.
pub(super) async fn renew(tx: &Tx, id: PaymentMethodId, label: &str, expires_on: Option<NaiveDate>) -> Result<PaymentMethod> {
    let sql = "UPDATE payment_methods SET label = $3, expires_on = $4, status = 'usable' WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), label.into(), expires_on.into()]).await?;
    read(tx, id).await
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
    let (customer, events) = make_primary_in(&tx, id).await?;
    tx.commit_all(events).await?;
    Ok(customer)
}

/// As [`make_primary`], as a part of something greater; gives the events to commit with.
pub(super) async fn make_primary_in(tx: &Tx, id: PaymentMethodId) -> Result<(CustomerId, Vec<Event>)> {
    let method = held(tx, id).await?;
    set_primary(tx, &method).await?;
    let details = json!({ "customer": method.customer });
    let mut events = vec![Event::new("payment_method.made_primary", "payment_method", id, method.label.clone()).details(details)];
    if !method.primary {
        events.extend(replaced(&method));
    }
    Ok((method.customer, events))
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
    forget_there(&tx, id).await?;
    let (customer, events) = remove_in(&tx, id).await?;
    tx.commit_all(events).await?;
    Ok(customer)
}

/// As [`remove`], as a part of something greater, and without telling the gateway.
pub(super) async fn remove_in(tx: &Tx, id: PaymentMethodId) -> Result<(CustomerId, Vec<Event>)> {
    let method = held(tx, id).await?;
    let sql = "UPDATE payment_methods SET deleted_at = $3, is_primary = FALSE, sealed_details = '' WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), tx.scope().now().into()]).await?;
    let event = Event::new("payment_method.removed", "payment_method", id, method.label.clone()).level(Level::Warning);
    let mut events = vec![event.details(json!({ "customer": method.customer }))];
    if method.primary {
        let sql = format!("{SELECT} AND customer_id = $2 ORDER BY id LIMIT 1");
        let next: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), method.customer.0.into()]).await?;
        if let Some(next) = next.map(|row| row.method(tx.scope())) {
            set_primary(tx, &next).await?;
            events.extend(replaced(&next));
        }
    }
    Ok((method.customer, events))
}

/// A gateway that holds a card forgets it, too.
async fn forget_there(tx: &Tx, id: PaymentMethodId) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Sealed {
        gateway: String,
        sealed_details: String,
    }
    let sql =
        "SELECT gateway, sealed_details FROM payment_methods WHERE seller_id = $1 AND id = $2 AND kind = 'card' AND deleted_at IS NULL";
    let found: Option<Sealed> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let Some(card) = found.filter(|card| card.gateway.parse::<GatewayKind>().is_ok()) else { return Ok(()) };
    // It stays sealed on its way.
    let payload = json!({ "gateway": card.gateway, "details": card.sealed_details });
    job::enqueue(tx, NewJob { unique_key: Some(format!("detach/{id}")), ..NewJob::new(DETACH_JOB, payload) }).await.map(|_| ())
}
