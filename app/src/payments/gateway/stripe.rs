//! Stripe as the program calls it: our terms in Stripe's, and back. What talks to Stripe is the crate `stripe-gateway`.

use async_trait::async_trait;
use stripe_gateway::{Charge, ChargeStatus, Failure, NewCharge, NewCustomer, NewRefund, NewSetup, Refund, Setup, Stripe};

use super::port::{
    ChargeAnswer, ChargeOrder, Decline, Gateway, GatewayError, GatewayResult, GivenCard, Outcome, Payer, RefundAnswer, RefundOrder,
    RefundOutcome, SetupOrder, SetupOutcome, SetupPage,
};
use super::{GatewayKind, port, units};
use crate::kit::clock;
use crate::kit::money::{Currency, Money};

/// See the module.
pub struct StripeGateway {
    api: Stripe,
    /// Where payers come back to: `https://billing.example`.
    site: String,
    currency: Currency,
}

impl StripeGateway {
    /// With the seller's secret key; `url` is another address than Stripe's own.
    pub fn new(key: &str, url: Option<&str>, site: &str, currency: Currency) -> GatewayResult<Self> {
        Ok(Self { api: Stripe::new(key, url).map_err(failed)?, site: site.trim_end_matches('/').to_owned(), currency })
    }

    fn back(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.site) } else { path.to_owned() }
    }
}

fn failed(failure: Failure) -> GatewayError {
    match failure {
        Failure::Unavailable(why) => GatewayError::Unavailable(why),
        Failure::Unreadable => GatewayError::Unavailable("Stripe's answer could not be read.".into()),
        Failure::Refused { message, .. } => GatewayError::Refused(message),
    }
}

/// The id of a payment intent: Stripe is asked about nothing else.
fn intent(id: &str) -> GatewayResult<&str> {
    let unknown = || GatewayError::Refused("Stripe has not said which payment this is. See to it at Stripe.".into());
    Some(id).filter(|id| GatewayKind::Stripe.can_ask_about(id)).ok_or_else(unknown)
}

/// Their minor units.
fn theirs(amount: Money) -> GatewayResult<(i64, String)> {
    let minor = units::theirs(amount.currency(), amount.minor());
    let minor = minor.ok_or_else(|| GatewayError::Refused("The amount is too large.".into()))?;
    Ok((minor, amount.currency().to_string().to_lowercase()))
}

/// What Stripe says of a charge, in our words; the fee is in units of `currency`, where that is known.
fn answer(charge: Charge, currency: Option<Currency>) -> ChargeAnswer {
    let outcome = match charge.status {
        ChargeStatus::Processing => Outcome::Pending,
        ChargeStatus::NeedsAction(url) => Outcome::NeedsAction { url },
        ChargeStatus::Succeeded { fee } => Outcome::Succeeded { fee: fee.map(|fee| currency.map_or(fee, |c| units::ours(c, fee))) },
        ChargeStatus::Canceled => Outcome::Cancelled,
        ChargeStatus::Failed(no) => Outcome::Failed(Decline { hard: port::is_hard(&no.code), code: no.code, message: no.message }),
    };
    ChargeAnswer { id: Some(charge.id), outcome, at: clock::now() }
}

#[async_trait]
impl Gateway for StripeGateway {
    async fn know(&self, payer: &Payer) -> GatewayResult<String> {
        let new = NewCustomer { key: &payer.key, name: &payer.name, email: payer.email.as_deref() };
        self.api.customer(new).await.map_err(failed)
    }

    async fn charge(&self, order: &ChargeOrder) -> GatewayResult<ChargeAnswer> {
        let (amount, currency) = theirs(order.amount)?;
        let back = self.back(&order.return_url);
        let new = NewCharge {
            key: &order.key,
            amount,
            currency: &currency,
            customer: &order.payer,
            payment_method: &order.token,
            description: &order.description,
            return_url: &back,
        };
        let charge = self.api.charge(new).await.map_err(failed)?;
        Ok(answer(charge, Some(order.amount.currency())))
    }

    async fn look(&self, charge: &str) -> GatewayResult<ChargeAnswer> {
        Ok(answer(self.api.look(intent(charge)?).await.map_err(failed)?, None))
    }

    async fn find(&self, order: &ChargeOrder) -> GatewayResult<Option<ChargeAnswer>> {
        let found = self.api.find(&order.payer, &order.key).await.map_err(failed)?;
        Ok(found.map(|charge| answer(charge, Some(order.amount.currency()))))
    }

    async fn cancel(&self, charge: &str) -> GatewayResult<ChargeAnswer> {
        match self.api.cancel(intent(charge)?).await {
            Ok(charge) => Ok(answer(charge, None)),
            // The payer was faster: it stands as they left it.
            Err(Failure::Refused { .. }) => self.look(charge).await,
            Err(other) => Err(failed(other)),
        }
    }

    async fn refund(&self, order: &RefundOrder) -> GatewayResult<RefundAnswer> {
        let (amount, _) = theirs(order.amount)?;
        let new = NewRefund { key: &order.key, payment_intent: intent(&order.charge)?, amount };
        Ok(match self.api.refund(new).await.map_err(failed)? {
            Refund::Pending(id) => RefundAnswer { id: Some(id), outcome: RefundOutcome::Pending },
            Refund::Succeeded(id) => RefundAnswer { id: Some(id), outcome: RefundOutcome::Succeeded },
            Refund::Failed { id, reason } => RefundAnswer { id: Some(id), outcome: RefundOutcome::Failed(reason) },
        })
    }

    async fn set_up(&self, order: &SetupOrder) -> GatewayResult<SetupPage> {
        let (currency, back) = (self.currency.to_string().to_lowercase(), self.back(&order.return_url));
        let new = NewSetup { key: &order.key, customer: &order.payer, currency: &currency, return_url: &back };
        let (id, url) = self.api.set_up(new).await.map_err(failed)?;
        Ok(SetupPage { id, url })
    }

    async fn look_at_setup(&self, setup: &str) -> GatewayResult<SetupOutcome> {
        Ok(match self.api.look_at_setup(setup).await.map_err(failed)? {
            Setup::Open => SetupOutcome::Open,
            Setup::Expired => SetupOutcome::Expired,
            Setup::Done(card) => SetupOutcome::Done(GivenCard {
                token: card.token,
                last_digits: card.last4,
                expires: format!("{:04}-{:02}", card.year, card.month),
            }),
        })
    }

    async fn detach(&self, token: &str) -> GatewayResult<()> {
        self.api.detach(token).await.map_err(failed)
    }

    async fn test(&self) -> GatewayResult<String> {
        self.api.account().await.map_err(failed)
    }
}
