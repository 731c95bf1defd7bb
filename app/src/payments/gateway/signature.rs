//! Signatures of events: HMAC-SHA256 over `TIME.BODY`, sent as `t=TIME,v1=HEX` (the scheme of Stripe's webhooks). The raw
//! body is what is signed, so nothing of it is read before.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Older or newer ones are refused, so that a recorded request is worth nothing later.
pub const TOLERANCE_SECONDS: i64 = 300;

/// Why an event is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// No header, or none of its form.
    Malformed,
    Forged,
    Stale,
}

/// The header for `body`, sent at `now`.
pub fn sign(secret: &str, body: &[u8], now: DateTime<Utc>) -> String {
    let time = now.timestamp();
    let bytes = mac(secret, &time.to_string(), body).map(|mac| mac.finalize().into_bytes());
    let hex: String = bytes.iter().flatten().map(|b| format!("{b:02x}")).collect();
    format!("t={time},v1={hex}")
}

/// Whether `header` was made for `body` by who knows `secret`, not long ago. Compares in constant time. While a secret is
/// changed there are several `v1`: one that fits is enough.
pub fn verify(secret: &str, header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), Distrust> {
    let (mut time, mut candidates) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => time = Some(value),
            Some(("v1", value)) => candidates.push(bytes(value).ok_or(Distrust::Malformed)?),
            _ => {}
        }
    }
    let time = time.filter(|_| !candidates.is_empty() && !secret.is_empty()).ok_or(Distrust::Malformed)?;
    let sent: i64 = time.parse().map_err(|_| Distrust::Malformed)?;
    let fits = |candidate: &Vec<u8>| mac(secret, time, body).is_some_and(|mac| mac.verify_slice(candidate).is_ok());
    if !candidates.iter().take(8).any(fits) {
        return Err(Distrust::Forged);
    }
    if now.timestamp().saturating_sub(sent).saturating_abs() > TOLERANCE_SECONDS { Err(Distrust::Stale) } else { Ok(()) }
}

fn mac(secret: &str, time: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    Some(mac.chain_update(time).chain_update(b".").chain_update(body))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_794_744_000 + seconds, 0).expect("a time")
    }

    #[test]
    fn only_the_same_body_under_the_same_secret_is_believed() {
        let header = sign("whsec_1", b"{\"id\":1}", at(0));
        assert_eq!(verify("whsec_1", &header, b"{\"id\":1}", at(10)), Ok(()));
        assert_eq!(verify("whsec_1", &header, b"{\"id\":2}", at(10)), Err(Distrust::Forged));
        assert_eq!(verify("whsec_2", &header, b"{\"id\":1}", at(10)), Err(Distrust::Forged));
        let later = header.replace(&format!("t={}", at(0).timestamp()), &format!("t={}", at(299).timestamp()));
        assert_eq!(verify("whsec_1", &later, b"{\"id\":1}", at(310)), Err(Distrust::Forged), "the time is signed, too");
    }

    #[test]
    fn an_old_one_is_stale_and_a_strange_one_malformed() {
        let header = sign("s", b"x", at(0));
        assert_eq!(verify("s", &header, b"x", at(300)), Ok(()));
        assert_eq!(verify("s", &header, b"x", at(301)), Err(Distrust::Stale));
        assert_eq!(verify("s", &header, b"x", at(-301)), Err(Distrust::Stale));
        for bad in ["", "t=1", "v1=00", "t=x,v1=", &header.replace("v1", "v0"), "t=1,v1=é", &"v1=0,".repeat(1000)] {
            assert_eq!(verify("s", bad, b"x", at(0)), Err(Distrust::Malformed), "{bad}");
        }
        assert_eq!(verify("", &sign("", b"x", at(0)), b"x", at(0)), Err(Distrust::Malformed), "no secret, no trust");
    }

    #[test]
    fn while_a_secret_changes_either_signature_will_do() {
        let (old, new) = (sign("old", b"x", at(0)), sign("new", b"x", at(0)));
        let both = format!("{old},{}", new.split_once(',').expect("two parts").1);
        assert_eq!((verify("old", &both, b"x", at(0)), verify("new", &both, b"x", at(0))), (Ok(()), Ok(())));
        assert_eq!(verify("other", &both, b"x", at(0)), Err(Distrust::Forged));
    }

    /// `printf '1.body' | openssl dgst -sha256 -hmac key`
    #[test]
    fn it_is_the_hmac_that_others_make() {
        let header = sign("key", b"body", DateTime::from_timestamp(1, 0).expect("a time"));
        assert_eq!(header, "t=1,v1=91b5374b153842ad05b2c4eab9349b8321b14703165bd3fb8b034dfb8be98ae5");
    }
}
