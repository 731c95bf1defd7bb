//! What is asked of Stripe.

use serde::Serialize;

use crate::answers::{Account, Charge, ChargeStatus, Decline, Intent, List, Named, NewSession, Refund, RefundObject, Session, Setup};
use crate::{Failure, Stripe, segment};

/// A customer to make known.
#[derive(Clone, Copy, Debug)]
pub struct NewCustomer<'a> {
    pub key: &'a str,
    pub name: &'a str,
    pub email: Option<&'a str>,
}

/// Money to collect while the payer is away.
#[derive(Clone, Copy, Debug)]
pub struct NewCharge<'a> {
    pub key: &'a str,
    /// In Stripe's minor units.
    pub amount: i64,
    /// Lower case.
    pub currency: &'a str,
    pub customer: &'a str,
    pub payment_method: &'a str,
    pub description: &'a str,
    pub return_url: &'a str,
}

/// Money to give back.
#[derive(Clone, Copy, Debug)]
pub struct NewRefund<'a> {
    pub key: &'a str,
    pub payment_intent: &'a str,
    pub amount: i64,
}

/// A page for a card.
#[derive(Clone, Copy, Debug)]
pub struct NewSetup<'a> {
    pub key: &'a str,
    pub customer: &'a str,
    /// Lower case.
    pub currency: &'a str,
    pub return_url: &'a str,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Expand {
    expand: Vec<&'static str>,
}

#[derive(Serialize)]
struct CustomerForm<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    metadata: Ours<'a>,
}

/// What we write on Stripe's things, to know them again.
#[derive(Default, Serialize)]
struct Ours<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup: Option<&'a str>,
}

#[derive(Serialize)]
struct IntentForm<'a> {
    amount: i64,
    currency: &'a str,
    customer: &'a str,
    payment_method: &'a str,
    confirm: bool,
    off_session: bool,
    description: &'a str,
    metadata: Ours<'a>,
    expand: Vec<&'static str>,
}

#[derive(Serialize)]
struct ConfirmForm<'a> {
    payment_method: &'a str,
    return_url: &'a str,
    expand: Vec<&'static str>,
}

#[derive(Serialize)]
struct ListForm<'a> {
    customer: &'a str,
    limit: u32,
    expand: Vec<&'static str>,
}

#[derive(Serialize)]
struct RefundForm<'a> {
    payment_intent: &'a str,
    amount: i64,
    metadata: Ours<'a>,
}

#[derive(Serialize)]
struct SessionForm<'a> {
    mode: &'static str,
    customer: &'a str,
    currency: &'a str,
    success_url: &'a str,
    cancel_url: &'a str,
    client_reference_id: &'a str,
    metadata: Ours<'a>,
}

/// The fee stands in the balance transaction of the charge.
const WITH_FEE: &str = "latest_charge.balance_transaction";

impl Stripe {
    /// The account's name: whether the key works.
    pub async fn account(&self) -> Result<String, Failure> {
        let account: Account = self.get("/account".into(), &Nothing {}).await?;
        Ok(account.business_profile.and_then(|profile| profile.name).or(account.email).unwrap_or(account.id))
    }

    /// Makes a customer; gives Stripe's id of it.
    pub async fn customer(&self, new: NewCustomer<'_>) -> Result<String, Failure> {
        let metadata = Ours { customer: Some(new.key), ..Ours::default() };
        let form = CustomerForm { name: new.name, email: new.email, metadata };
        Ok(self.post::<Named>("/customers".into(), &form, Some(new.key)).await?.id)
    }

    /// Charges. Where the bank wants the payer to confirm, the same intent is made one that can be confirmed.
    pub async fn charge(&self, new: NewCharge<'_>) -> Result<Charge, Failure> {
        let form = IntentForm {
            amount: new.amount,
            currency: new.currency,
            customer: new.customer,
            payment_method: new.payment_method,
            confirm: true,
            off_session: true,
            description: new.description,
            metadata: Ours { payment: Some(new.key), ..Ours::default() },
            expand: vec![WITH_FEE],
        };
        match self.post::<Intent>("/payment_intents".into(), &form, Some(new.key)).await {
            Ok(intent) => Ok(intent.charge()),
            // A decline is an error there, and the intent that was made says why. An answer that cannot be read is looked
            // up, too.
            Err(refused @ (Failure::Refused { .. } | Failure::Unreadable)) => match self.intent_of(new.customer, new.key).await? {
                Some(intent) if intent.needs_authentication() => self.let_confirm(intent, new).await,
                Some(intent) => Ok(intent.charge()),
                None => Err(refused),
            },
            Err(unavailable) => Err(unavailable),
        }
    }

    async fn let_confirm(&self, intent: Intent, new: NewCharge<'_>) -> Result<Charge, Failure> {
        let id = intent.charge().id;
        let form = ConfirmForm { payment_method: new.payment_method, return_url: new.return_url, expand: vec![WITH_FEE] };
        let path = format!("/payment_intents/{}/confirm", segment(&id));
        match self.post::<Intent>(path, &form, Some(&format!("{}/confirm", new.key))).await {
            Ok(intent) => Ok(intent.charge()),
            Err(Failure::Refused { message, code }) => {
                let code = code.unwrap_or_else(|| "authentication_required".into());
                Ok(Charge { id, status: ChargeStatus::Failed(Decline { code, message }) })
            }
            Err(other) => Err(other),
        }
    }

    /// How a charge stands.
    pub async fn look(&self, id: &str) -> Result<Charge, Failure> {
        let expand = Expand { expand: vec![WITH_FEE] };
        Ok(self.get::<Intent>(format!("/payment_intents/{}", segment(id)), &expand).await?.charge())
    }

    /// Takes a charge back that is not decided yet.
    pub async fn cancel(&self, id: &str) -> Result<Charge, Failure> {
        let path = format!("/payment_intents/{}/cancel", segment(id));
        let expand = Expand { expand: vec![WITH_FEE] };
        Ok(self.post::<Intent>(path, &expand, None).await?.charge())
    }

    /// The charge that was made under a key, among the customer's latest hundred.
    pub async fn find(&self, customer: &str, key: &str) -> Result<Option<Charge>, Failure> {
        Ok(self.intent_of(customer, key).await?.map(Intent::charge))
    }

    async fn intent_of(&self, customer: &str, key: &str) -> Result<Option<Intent>, Failure> {
        let form = ListForm { customer, limit: 100, expand: vec!["data.latest_charge.balance_transaction"] };
        let all: List<Intent> = self.get("/payment_intents".into(), &form).await?;
        Ok(all.data.into_iter().find(|intent| intent.payment() == Some(key)))
    }

    pub async fn refund(&self, new: NewRefund<'_>) -> Result<Refund, Failure> {
        let metadata = Ours { refund: Some(new.key), ..Ours::default() };
        let form = RefundForm { payment_intent: new.payment_intent, amount: new.amount, metadata };
        Ok(self.post::<RefundObject>("/refunds".into(), &form, Some(new.key)).await?.refund())
    }

    /// A page on which the customer gives a card: its id and address.
    pub async fn set_up(&self, new: NewSetup<'_>) -> Result<(String, String), Failure> {
        let form = SessionForm {
            mode: "setup",
            customer: new.customer,
            currency: new.currency,
            success_url: new.return_url,
            cancel_url: new.return_url,
            client_reference_id: new.key,
            metadata: Ours { setup: Some(new.key), ..Ours::default() },
        };
        let session: NewSession = self.post("/checkout/sessions".into(), &form, Some(new.key)).await?;
        let url = session.url.ok_or(Failure::Unreadable)?;
        Ok((session.id, url))
    }

    /// What came of such a page.
    pub async fn look_at_setup(&self, id: &str) -> Result<Setup, Failure> {
        let expand = Expand { expand: vec!["setup_intent.payment_method"] };
        Ok(self.get::<Session>(format!("/checkout/sessions/{}", segment(id)), &expand).await?.setup())
    }

    /// Forgets a card.
    pub async fn detach(&self, payment_method: &str) -> Result<(), Failure> {
        let path = format!("/payment_methods/{}/detach", segment(payment_method));
        self.post::<Named>(path, &Nothing {}, None).await.map(|_| ())
    }
}
