//! The built-in gateway as the program calls it: answers by what its test cards say.

use async_trait::async_trait;

use super::model::{PayPage, TestCard};
use super::port::{
    ChargeAnswer, ChargeOrder, Decline, Gateway, GatewayError, GatewayResult, GivenCard, Outcome, Payer, RefundAnswer, RefundOrder,
    RefundOutcome, SetupOrder, SetupOutcome, SetupPage,
};
use crate::kit::db::Db;
use crate::kit::paging::escape;
use crate::kit::scope::Scope;
use crate::kit::{Error, Result, clock, seller};
use crate::payments::store::demo_gateway::{self as books, Asked, Thing};

/// See the module.
pub struct DemoGateway {
    scope: Scope,
}

impl DemoGateway {
    pub fn new(scope: Scope) -> Self {
        Self { scope }
    }

    fn answer(&self, thing: &Thing) -> ChargeAnswer {
        let outcome = match thing.status.as_str() {
            "succeeded" => Outcome::Succeeded { fee: Some(books::fee(thing.amount_minor)) },
            "processing" => Outcome::Pending,
            "requires_action" => Outcome::NeedsAction { url: Some(page(&self.scope, &thing.id)) },
            "canceled" => Outcome::Cancelled,
            _ => Outcome::Failed(self.decline(thing)),
        };
        ChargeAnswer { id: Some(thing.id.clone()), outcome, at: thing.changed_at }
    }

    fn decline(&self, thing: &Thing) -> Decline {
        let (code, message) = books::decline(thing).unwrap_or(("card_declined", "The card was declined."));
        Decline { code: code.into(), message: message.into(), hard: super::port::is_hard(code) }
    }
}

/// Where a payer goes: to the demo gateway's own page.
pub fn page(scope: &Scope, id: &str) -> String {
    format!("/pay/demo?seller={}&page={}", escape(&scope.seller().slug), escape(id))
}

/// A token of a new test card.
pub fn token(card: TestCard) -> Result<String> {
    Ok(format!("demo_{card}_{}", crate::kit::secret::token()?))
}

/// The page that a payer was sent to.
pub async fn read_page(db: &Db, slug: &str, id: &str) -> Result<PayPage> {
    let (scope, thing) = found(db, slug, id).await?;
    let amount = if thing.kind == "charge" { thing.amount() } else { None };
    Ok(PayPage { seller: scope.seller().name.clone(), amount, open: is_open(&thing) })
}

/// What the payer chose there: a test card by its word, or `confirm` or `refuse`.
pub async fn answer_page(db: &Db, slug: &str, id: &str, choice: &str) -> Result<()> {
    let (scope, thing) = found(db, slug, id).await?;
    let (to, card) = match (thing.kind.as_str(), choice) {
        ("charge", "confirm") => ("succeeded", None),
        ("charge", "refuse") => ("failed", None),
        ("checkout", word) => match word.parse::<TestCard>() {
            Ok(card) => ("complete", Some(token(card)?)),
            Err(why) => return Err(Error::field("choice", why)),
        },
        _ => return Err(Error::field("choice", "must be one of confirm, refuse")),
    };
    let answered = is_open(&thing) && books::turn(&scope, id, &thing.status, to, card).await?;
    if answered { Ok(()) } else { Err(Error::Conflict("It was answered before.".into())) }
}

fn is_open(thing: &Thing) -> bool {
    matches!((thing.kind.as_str(), thing.status.as_str()), ("charge", "requires_action") | ("checkout", "open"))
}

/// Whoever has the address of a page may see and answer it, as at any gateway; it cannot be guessed.
async fn found(db: &Db, slug: &str, id: &str) -> Result<(Scope, Thing)> {
    let seller = seller::by_slug(db, slug).await?.ok_or(Error::NotFound)?;
    let scope = Scope::system(db.clone(), "payer", seller, clock::now());
    let thing = books::read(&scope, id).await?.filter(|thing| thing.kind != "refund").ok_or(Error::NotFound)?;
    Ok((scope, thing))
}

fn failed(error: Error) -> GatewayError {
    GatewayError::Unavailable(error.to_string())
}

#[async_trait]
impl Gateway for DemoGateway {
    async fn know(&self, payer: &Payer) -> GatewayResult<String> {
        Ok(format!("demo_payer_{}", payer.key))
    }

    async fn charge(&self, order: &ChargeOrder) -> GatewayResult<ChargeAnswer> {
        let Some(card) = TestCard::of_token(&order.token) else {
            return Err(GatewayError::Refused("This is no card of the demo gateway.".into()));
        };
        let status = match card {
            TestCard::Succeeds | TestCard::DisputeLost | TestCard::DisputeWon => "succeeded",
            TestCard::DeclinesSoftly | TestCard::DeclinesHard => "failed",
            TestCard::NeedsAction => "requires_action",
            TestCard::AnswersLate | TestCard::DeclinesLate => "processing",
        };
        let asked = Asked {
            kind: "charge",
            key: &order.key,
            status,
            amount: Some(order.amount),
            card: Some(&order.token),
            parent: None,
            description: &order.description,
            return_url: Some(&order.return_url),
        };
        let thing = books::keep(&self.scope, asked).await.map_err(failed)?;
        Ok(self.answer(&thing))
    }

    async fn look(&self, charge: &str) -> GatewayResult<ChargeAnswer> {
        let found = books::read(&self.scope, charge).await.map_err(failed)?;
        found.map(|thing| self.answer(&thing)).ok_or_else(|| GatewayError::Refused("There is no such charge.".into()))
    }

    async fn find(&self, order: &ChargeOrder) -> GatewayResult<Option<ChargeAnswer>> {
        let found = books::by_key(&self.scope, "charge", &order.key).await.map_err(failed)?;
        Ok(found.map(|thing| self.answer(&thing)))
    }

    async fn cancel(&self, charge: &str) -> GatewayResult<ChargeAnswer> {
        // Where the payer was faster, it stands as they left it.
        books::turn(&self.scope, charge, "requires_action", "canceled", None).await.map_err(failed)?;
        self.look(charge).await
    }

    async fn refund(&self, order: &RefundOrder) -> GatewayResult<RefundAnswer> {
        let charge = books::read(&self.scope, &order.charge).await.map_err(failed)?;
        let asked_before = books::by_key(&self.scope, "refund", &order.key).await.map_err(failed)?;
        let left = charge.as_ref().filter(|c| c.status == "succeeded").map_or(0, |c| c.amount_minor - c.refunded_minor);
        if asked_before.is_none() && left < order.amount.minor() {
            return Ok(RefundAnswer { id: None, outcome: RefundOutcome::Failed("The charge has less left than that.".into()) });
        }
        let asked = Asked {
            kind: "refund",
            key: &order.key,
            status: "succeeded",
            amount: Some(order.amount),
            card: None,
            parent: Some(&order.charge),
            description: "Refund",
            return_url: None,
        };
        let thing = books::keep(&self.scope, asked).await.map_err(failed)?;
        Ok(RefundAnswer { id: Some(thing.id), outcome: RefundOutcome::Succeeded })
    }

    async fn set_up(&self, order: &SetupOrder) -> GatewayResult<SetupPage> {
        let asked = Asked {
            kind: "checkout",
            key: &order.key,
            status: "open",
            amount: None,
            card: None,
            parent: None,
            description: "Your card",
            return_url: Some(&order.return_url),
        };
        let thing = books::keep(&self.scope, asked).await.map_err(failed)?;
        Ok(SetupPage { url: page(&self.scope, &thing.id), id: thing.id })
    }

    async fn look_at_setup(&self, setup: &str) -> GatewayResult<SetupOutcome> {
        let found = books::read(&self.scope, setup).await.map_err(failed)?;
        let thing = found.ok_or_else(|| GatewayError::Refused("There is no such page.".into()))?;
        let Some((token, card)) = thing.card.clone().zip(thing.test_card()).filter(|_| thing.status == "complete") else {
            return Ok(if thing.status == "open" { SetupOutcome::Open } else { SetupOutcome::Expired });
        };
        Ok(SetupOutcome::Done(GivenCard { token, last_digits: card.digits().into(), expires: "2034-12".into() }))
    }

    async fn detach(&self, _token: &str) -> GatewayResult<()> {
        Ok(())
    }

    async fn test(&self) -> GatewayResult<String> {
        Ok("Demo gateway".into())
    }
}
