//! Stripe's API as far as a seller needs it: customers, charges without the payer (PaymentIntents), a page for a first
//! card (Checkout in setup mode, on a SetupIntent), refunds. Plain types in and out; knows nothing of the product.
//!
//! The client is async-stripe's: transport, TLS, versions, idempotency keys, errors. Requests and answers are small types
//! of our own: async-stripe's describe every field of the version that they were made from and refuse an answer of
//! another, and the crates that hold them take a minute to compile.

mod answers;
mod calls;

use std::fmt::Write;
use std::time::Duration;

use miniserde::Deserialize;
use serde::Serialize;
use stripe::{ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_client_core::{RequestBuilder, StripeMethod};

pub use answers::{Card, Charge, ChargeStatus, Decline, Refund, Setup};
pub use calls::{NewCharge, NewCustomer, NewRefund, NewSetup};

/// How long one call may take. Stripe answers a charge within seconds, or not at all.
const TIMEOUT: Duration = Duration::from_secs(25);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection, the time, or Stripe itself: what became of the call is not known.
    Unavailable(String),
    /// Stripe answered something that cannot be read.
    Unreadable,
    /// Stripe will not: a wrong key, a thing that is not there.
    Refused { message: String, code: Option<String> },
}

/// Talks to one account of Stripe's.
#[derive(Clone, Debug)]
pub struct Stripe {
    client: stripe::Client,
}

impl Stripe {
    /// With a secret key. `url` is another address than Stripe's own, for tests.
    pub fn new(key: &str, url: Option<&str>) -> Result<Self, Failure> {
        let mut builder = ClientBuilder::new(key).timeout(TIMEOUT).app_info("Tenantry", None, None);
        if let Some(url) = url {
            builder = builder.url(format!("{}/", url.trim_end_matches('/')));
        }
        let client = builder.build().map_err(|e| Failure::Refused { message: e.to_string(), code: None })?;
        Ok(Self { client })
    }

    async fn get<T: Deserialize>(&self, path: String, query: &impl Serialize) -> Result<T, Failure> {
        let request = RequestBuilder::new(StripeMethod::Get, path).query(query).customize::<T>();
        request.send(&self.client).await.map_err(failure)
    }

    /// With a key, repeating it is harmless.
    async fn post<T: Deserialize>(&self, path: String, form: &impl Serialize, key: Option<&str>) -> Result<T, Failure> {
        let request = RequestBuilder::new(StripeMethod::Post, path).form(form).customize::<T>();
        let strategy = match key {
            Some(key) => RequestStrategy::Idempotent(
                IdempotencyKey::new(key).map_err(|_| Failure::Refused { message: "a key that is empty or too long".into(), code: None })?,
            ),
            None => RequestStrategy::Once,
        };
        request.request_strategy(strategy).send(&self.client).await.map_err(failure)
    }
}

/// An id in a path, with nothing in it that could make it another path.
fn segment(id: &str) -> String {
    id.bytes().fold(String::with_capacity(id.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn failure(error: StripeError) -> Failure {
    match error {
        StripeError::Stripe(error, status) => {
            let message = error.message.clone().unwrap_or_else(|| format!("Stripe answered {status}."));
            let code = error.decline_code.clone().or_else(|| error.code.as_ref().map(|code| code.as_str().to_owned()));
            // 409: the same key is being worked on; 429 and 5xx: later.
            if status == 409 || status == 429 || status >= 500 { Failure::Unavailable(message) } else { Failure::Refused { message, code } }
        }
        StripeError::JSONDeserialize(_) => Failure::Unreadable,
        StripeError::Timeout => Failure::Unavailable("Stripe did not answer in time.".into()),
        StripeError::ClientError(why) => Failure::Unavailable(why),
        StripeError::ConfigError(message) => Failure::Refused { message, code: None },
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_id_cannot_leave_its_place_in_a_path() {
        assert_eq!(super::segment("pi_3Abc"), "pi_3Abc");
        assert_eq!(super::segment("../x?y"), "%2E%2E%2Fx%3Fy");
    }
}
