//! Password hashes: argon2id with 19 MiB, two passes, one lane (the crate's defaults, which are OWASP's), off the
//! async threads and a few at a time, so that a flood of sign-ins cannot take the memory.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::model::NewPassword;
use crate::kit::db::bug;
use crate::kit::error::Result;

/// Hashes computed at once.
static LANES: Semaphore = Semaphore::const_new(4);

/// The hash of a new password, in PHC notation.
pub async fn hash(password: &NewPassword) -> Result<String> {
    let password = password.as_str().to_owned();
    blocking(move || compute(&password)).await
}

/// Whether `password` has that hash. Without one it takes as long and says no.
pub async fn matches(password: &str, hash: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    blocking(move || {
        let known = hash.is_some();
        let hash = hash.map_or_else(decoy, Ok)?;
        let parsed = PasswordHash::new(&hash).map_err(bug)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _lane = LANES.acquire().await.map_err(bug)?;
    tokio::task::spawn_blocking(work).await.map_err(bug)?
}

fn compute(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(bug)?;
    Ok(hash.to_string())
}

/// What the password of an unknown account is compared with.
fn decoy() -> Result<String> {
    static DECOY: OnceLock<String> = OnceLock::new();
    match DECOY.get() {
        Some(hash) => Ok(hash.clone()),
        None => {
            let hash = compute("nobody has this password")?;
            Ok(DECOY.get_or_init(|| hash).clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_matches() {
        let password = NewPassword::parse("password", "correct horse", "").expect("a password");
        let hash = hash(&password).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(matches("correct horse", Some(hash.clone())).await, Ok(true));
        assert_eq!(matches("correct hors", Some(hash)).await, Ok(false));
        assert_eq!(matches("nobody has this password", None).await, Ok(false));
    }
}
