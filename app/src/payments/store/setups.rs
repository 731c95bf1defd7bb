//! Cards that customers give to a gateway, on a page of its own: no number of a card comes here.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::links::{self, Linked};
use super::{accounts, methods};
use crate::customers::{self, CustomerId};
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::job::{self, NewJob};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::port::{Gateway, GatewayError, GivenCard, Payer, SetupOrder, SetupOutcome};
use crate::payments::gateway::{GatewayKind, SetupId};
use crate::payments::methods::{MethodForm, MethodKind, PaymentMethodId};

/// The job that fetches a card that was given.
pub const SETUP_JOB: &str = "payments.setup";

/// What a failure of a gateway means to who asked.
pub fn meaning(error: GatewayError) -> Error {
    match error {
        GatewayError::Unavailable(why) => {
            tracing::warn!(why, "a gateway does not answer");
            Error::Unavailable
        }
        GatewayError::Refused(why) => Error::Conflict(why),
    }
}

/// The gateway's id of a customer, who is made known to it first where it does not know them.
pub async fn payer(scope: &Scope, kind: GatewayKind, gateway: &dyn Gateway, customer: CustomerId) -> Result<Result<String, GatewayError>> {
    if let Some(known) = links::name(scope, kind, Linked::Customer, customer.0).await? {
        return Ok(Ok(known));
    }
    let customer = customers::store::get(scope, customer).await?;
    let payer = Payer { key: customer.id.to_string(), name: customer.name, email: customer.email };
    let id = match gateway.know(&payer).await {
        Ok(id) => id,
        Err(error) => return Ok(Err(error)),
    };
    let tx = scope.write().await?;
    links::link(&tx, kind, Linked::Customer, &id, customer.id.0).await?;
    tx.commit_quietly().await?;
    Ok(Ok(id))
}

/// Asks a customer for a card; gives the page to send them to. `back` is where it leads to afterwards.
pub async fn begin(scope: &Scope, customer: CustomerId, kind: GatewayKind, back: &str) -> Result<String> {
    let gateway = accounts::connect(scope, kind).await?;
    let id = SetupId::new();
    let tx = scope.write().await?;
    let name = customers::store::read(&tx, customer).await?.name;
    let sql = "INSERT INTO gateway_setups (seller_id, id, customer_id, gateway, status, created_by, created_at) \
               VALUES ($1, $2, $3, $4, 'open', $5, $6)";
    let values = [tx.seller_id().0.into(), id.0.into(), customer.0.into(), kind.into(), scope.actor().name().into(), scope.now().into()];
    tx.run(sql, values).await?;
    let details = json!({ "gateway": kind, "setup": id });
    tx.commit(Event::new("customer.asked_for_card", "customer", customer, name).details(details)).await?;
    let payer = payer(scope, kind, &*gateway, customer).await?.map_err(meaning)?;
    let order = SetupOrder { key: id.to_string(), payer, return_url: back.to_owned() };
    let page = gateway.set_up(&order).await.map_err(meaning)?;
    let tx = scope.write().await?;
    let sql = "UPDATE gateway_setups SET gateway_id = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), page.id.into()]).await?;
    tx.commit_quietly().await?;
    Ok(page.url)
}

#[derive(FromQueryResult)]
struct Row {
    id: SetupId,
    customer_id: CustomerId,
    gateway: GatewayKind,
    gateway_id: Option<String>,
    status: String,
}

const SELECT: &str = "SELECT id, customer_id, gateway, gateway_id, status FROM gateway_setups WHERE seller_id = $1";

/// An event says that a card was given: it is fetched once the event is kept. `false` for a page that is not ours.
pub async fn given(tx: &Tx, kind: GatewayKind, gateway_id: &str) -> Result<bool> {
    let sql = format!("{SELECT} AND gateway = $2 AND gateway_id = $3");
    let row: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), kind.into(), gateway_id.into()]).await?;
    let Some(row) = row else { return Ok(false) };
    let job = NewJob { unique_key: Some(format!("setup/{}", row.id)), ..NewJob::new(SETUP_JOB, json!({ "setup": row.id })) };
    job::enqueue(tx, job).await?;
    Ok(true)
}

/// Fetches the card that was given, and makes it the customer's primary method. Again, it changes nothing.
pub async fn finish(scope: &Scope, id: SetupId) -> Result<Option<PaymentMethodId>> {
    let row: Option<Row> = {
        let tx = scope.read().await?;
        tx.one(&format!("{SELECT} AND id = $2"), [tx.seller_id().0.into(), id.0.into()]).await?
    };
    let row = row.ok_or(Error::NotFound)?;
    let Some(gateway_id) = row.gateway_id.filter(|_| row.status == "open") else { return Ok(None) };
    let gateway = accounts::connect(scope, row.gateway).await?;
    let card = match gateway.look_at_setup(&gateway_id).await.map_err(meaning)? {
        SetupOutcome::Done(card) => card,
        SetupOutcome::Open => return Err(Error::Conflict("The gateway has no card yet.".into())),
        SetupOutcome::Expired => {
            close(scope, id, "expired", None).await?;
            return Ok(None);
        }
    };
    let method = keep_card(scope, row.customer_id, row.gateway, &card).await?;
    close(scope, id, "done", Some(method)).await?;
    Ok(Some(method))
}

async fn keep_card(scope: &Scope, customer: CustomerId, gateway: GatewayKind, card: &GivenCard) -> Result<PaymentMethodId> {
    let tx = scope.write().await?;
    let known = methods::by_token(&tx, &card.token).await?.into_iter().find(|m| m.customer == customer);
    let (id, mut events) = match known {
        Some(known) => (known.id, Vec::new()),
        None => methods::add_in(&tx, customer, &card_form(gateway, card).parse()?).await?,
    };
    if !methods::read(&tx, id).await?.primary {
        events.extend(methods::make_primary_in(&tx, id).await?.1);
    }
    if events.is_empty() {
        tx.commit_quietly().await?
    } else {
        tx.commit_all(events).await?
    }
    Ok(id)
}

/// A card that a gateway holds, as a method.
pub(super) fn card_form(gateway: GatewayKind, card: &GivenCard) -> MethodForm {
    MethodForm {
        kind: MethodKind::Card.to_string(),
        gateway: gateway.to_string(),
        token: card.token.clone(),
        last_digits: card.last_digits.clone(),
        expires: card.expires.clone(),
        ..MethodForm::default()
    }
}

async fn close(scope: &Scope, id: SetupId, status: &str, method: Option<PaymentMethodId>) -> Result<()> {
    let tx = scope.write().await?;
    let sql = "UPDATE gateway_setups SET status = $3, payment_method_id = $4 WHERE seller_id = $1 AND id = $2 AND status = 'open'";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), status.into(), method.map(|m| m.0).into()]).await?;
    tx.commit_quietly().await
}
