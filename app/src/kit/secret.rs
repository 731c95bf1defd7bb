//! Secrets: sealed at rest with AES-256-GCM under the key of `TENANTRY_SECRET_KEY`; tokens made here and kept only as
//! their SHA-256.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::db::bug;
use super::error::Result;

/// Seals and opens; the key's id goes with each sealed text, so that keys can be rotated.
#[derive(Clone)]
pub struct Sealer {
    id: String,
    cipher: Aes256Gcm,
}

impl Sealer {
    /// From 32 bytes in base 64, as in the environment.
    pub fn new(key: &str) -> Result<Self, String> {
        let bytes =
            STANDARD.decode(key.trim()).ok().filter(|b| b.len() == 32).ok_or("wants 32 bytes in base 64 (openssl rand -base64 32)")?;
        let id = hex(&Sha256::digest(&bytes)[..4]);
        let key = Key::<Aes256Gcm>::try_from(bytes.as_slice()).map_err(|e| e.to_string())?;
        Ok(Self { id, cipher: Aes256Gcm::new(&key) })
    }

    /// A new key in base 64.
    pub fn generate() -> Result<String> {
        Ok(STANDARD.encode(random::<32>()?))
    }

    /// `KEYID:base64(nonce ‖ ciphertext)`.
    pub fn seal(&self, plain: &str) -> Result<String> {
        let nonce = random::<12>()?;
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), plain.as_bytes()).map_err(bug)?;
        Ok(format!("{}:{}", self.id, STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// What [`seal`](Self::seal) was given; an error where the key is another or the text was changed.
    pub fn open(&self, sealed: &str) -> Result<String> {
        let body = sealed.strip_prefix(&self.id).and_then(|t| t.strip_prefix(':')).ok_or_else(|| bug("sealed under another key"))?;
        let bytes = STANDARD.decode(body).map_err(bug)?;
        let (nonce, ciphertext) = bytes.split_at_checked(12).ok_or_else(|| bug("sealed text too short"))?;
        let nonce = Nonce::try_from(nonce).map_err(bug)?;
        let plain = self.cipher.decrypt(&nonce, ciphertext).map_err(bug)?;
        String::from_utf8(plain).map_err(bug)
    }
}

/// `N` bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(bug)?;
    Ok(bytes)
}

/// A token of 256 bits for a cookie, a key or a link.
pub fn token() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// 80 bits for a person to read and type, as `k7m2-x4pq-…`: four groups of four of 32 letters and digits that are not
/// taken for one another.
pub fn readable() -> Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let digits: Vec<char> = random::<16>()?.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    Ok(digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// What is stored of a token: enough to recognise it, useless to whoever reads the table.
pub fn fingerprint(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_a_changed_text_does_not() {
        let sealer = Sealer::new(&Sealer::generate().expect("a key")).expect("a sealer");
        let sealed = sealer.seal("otpauth secret").expect("sealed");
        assert_eq!(sealer.open(&sealed).as_deref(), Ok("otpauth secret"));
        let mut changed = sealed.clone();
        changed.replace_range(changed.len() - 4..changed.len() - 3, if changed.as_bytes()[changed.len() - 4] == b'A' { "B" } else { "A" });
        assert!(sealer.open(&changed).is_err());
        let other = Sealer::new(&Sealer::generate().expect("a key")).expect("a sealer");
        assert!(other.open(&sealed).is_err());
        assert!(Sealer::new("short").is_err());
    }
}
