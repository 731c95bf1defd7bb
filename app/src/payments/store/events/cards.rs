//! Cards that come, change and go at the gateway. The news of a card may come in any order: the latest counts, and one
//! that was taken away there does not come back.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::effects::Done;
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::tx::Tx;
use crate::payments::gateway::port::GivenCard;
use crate::payments::methods::MethodForm;
use crate::payments::store::links::{self, Linked};
use crate::payments::store::{methods, setups};
use crate::payments::webhooks::inbound::Inbound;

/// The card of an event, where it is one.
fn card(event: &Inbound) -> Option<GivenCard> {
    let (token, card) = (event.text("id")?, &event.object()["card"]);
    let (year, month) = (card["exp_year"].as_i64()?, card["exp_month"].as_i64()?);
    Some(GivenCard { token: token.to_owned(), last_digits: card["last4"].as_str()?.to_owned(), expires: format!("{year:04}-{month:02}") })
}

fn form(event: &Inbound) -> Option<MethodForm> {
    Some(setups::card_form(event.gateway, &card(event)?))
}

/// Notes when a card was told of; `false` where that is older than what is known.
async fn note(tx: &Tx, event: &Inbound, token: &str, detached: bool) -> Result<bool> {
    let sql = "INSERT INTO gateway_cards (seller_id, gateway, fingerprint, known_at, detached) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (seller_id, gateway, fingerprint) DO UPDATE SET known_at = excluded.known_at, detached = excluded.detached \
               WHERE NOT gateway_cards.detached AND (excluded.detached OR gateway_cards.known_at <= excluded.known_at)";
    let values = [
        tx.seller_id().0.into(),
        event.gateway.into(),
        methods::fingerprint_of(tx, token).into(),
        event.happened_at.into(),
        detached.into(),
    ];
    Ok(tx.run(sql, values).await? > 0)
}

async fn is_gone(tx: &Tx, event: &Inbound, token: &str) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM gateway_cards WHERE seller_id = $1 AND gateway = $2 AND fingerprint = $3 AND detached";
    let count: Option<Count> =
        tx.one(sql, [tx.seller_id().0.into(), event.gateway.into(), methods::fingerprint_of(tx, token).into()]).await?;
    Ok(count.is_some_and(|c| c.n > 0))
}

pub async fn attached(tx: &Tx, event: &Inbound) -> Done {
    let external = event.text("customer").unwrap_or_default();
    let (Some(own), Some(form)) = (links::find(tx, event.gateway, Linked::Customer, external).await?, form(event)) else {
        return Ok(None);
    };
    let customer = CustomerId(own);
    crate::customers::store::hold(tx, &[customer]).await?;
    let known = methods::by_token(tx, &form.token).await?.iter().any(|m| m.customer == customer);
    if known || is_gone(tx, event, &form.token).await? {
        return Ok(Some(Vec::new()));
    }
    note(tx, event, &form.token, false).await?;
    Ok(Some(methods::add_in(tx, customer, &form.parse()?).await?.1))
}

pub async fn detached(tx: &Tx, event: &Inbound) -> Done {
    let token = event.text("id").unwrap_or_default();
    note(tx, event, token, true).await?;
    let mut events = Vec::new();
    for method in methods::by_token(tx, token).await?.iter().filter(|m| m.gateway == event.gateway.word()) {
        events.extend(methods::remove_in(tx, method.id).await?.1);
    }
    Ok((!events.is_empty()).then_some(events))
}

/// The bank sent the customer a new card, or its date was corrected: worth another try.
pub async fn renewed(tx: &Tx, event: &Inbound) -> Done {
    let Some(form) = form(event) else { return Ok(None) };
    let new = form.parse()?;
    let all = methods::by_token(tx, &form.token).await?;
    let known: Vec<_> = all.iter().filter(|m| m.gateway == event.gateway.word()).collect();
    // Of a card that is not known here it says nothing that its coming would not say later.
    if known.is_empty() {
        return Ok(None);
    }
    let mut events = Vec::new();
    let news = note(tx, event, &form.token, false).await?;
    for method in known.into_iter().filter(|m| news && (&m.label, m.expires_on) != (&new.label, new.expires_on)) {
        let method = methods::renew(tx, method.id, &new.label, new.expires_on).await?;
        let details = json!({ "customer": method.customer, "expires_on": method.expires_on });
        let renewed = Event::new("payment_method.renewed", "payment_method", method.id, method.label.clone());
        events.push(renewed.level(Level::Info).details(details));
        events.extend(methods::replaced(&method).filter(|_| method.primary));
    }
    Ok(Some(events))
}
