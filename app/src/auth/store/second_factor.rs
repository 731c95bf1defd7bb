//! The second factor: time-based codes of an authenticator app (RFC 6238, six digits, 30 seconds, one step of drift
//! either way, each code once), and ten recovery codes that count once each. The secret is sealed at rest; of recovery
//! codes only fingerprints are kept once the factor is on.

use chrono::{DateTime, Utc};
use qrcode::{Color, QrCode};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::session::{self, Current, NewSession};
use super::throttle::{self, Subject};
use super::{Account, Visit, account, confirm_password, own_account, refuse};
use crate::auth::model::SecondFactor;
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::error::{Error, Result};
use crate::kit::event::{Event, Level};
use crate::kit::id::UserId;
use crate::kit::scope::Scope;
use crate::kit::secret::{Sealer, fingerprint, random, readable};
use crate::kit::tx::Tx;

/// Recovery codes made with the factor.
const RECOVERY_CODES: usize = 10;
/// What the authenticator app shows above the code.
const ISSUER: &str = "Tenantry";

#[derive(FromQueryResult)]
struct Row {
    totp_secret: Option<String>,
    totp_confirmed_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// What is sealed in `users.totp_secret`; the recovery codes only until the factor is confirmed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    secret: String,
    #[serde(default)]
    recovery_codes: Vec<String>,
}

impl Sealed {
    fn totp(&self, email: &str) -> Result<Totp> {
        let secret = Secret::try_from_base32(&self.secret).map_err(bug)?;
        Builder::new().with_secret(secret).with_issuer(Some(ISSUER)).with_account_name(email).build().map_err(bug)
    }

    fn seal(&self, sealer: &Sealer) -> Result<String> {
        sealer.seal(&serde_json::to_string(self).map_err(bug)?)
    }

    fn open(sealer: &Sealer, text: &str) -> Result<Self> {
        serde_json::from_str(&sealer.open(text)?).map_err(bug)
    }
}

/// How the own second factor stands; while it is being set up, with secret and recovery codes.
pub async fn status(scope: &Scope, sealer: &Sealer) -> Result<SecondFactor> {
    let tx = scope.read().await?;
    let account = own_account(&tx).await?;
    let row = row(&*tx, account.user).await?;
    if let Some(since) = row.totp_confirmed_at {
        let sql = "SELECT COUNT(*) AS n FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
        let left: Option<Count> = tx.one(sql, [account.user.0.into()]).await?;
        let recovery_codes_left = left.map_or(0, |count| count.n.unsigned_abs());
        return Ok(SecondFactor::On { since: scope.moment(since), recovery_codes_left });
    }
    let Some(text) = row.totp_secret else { return Ok(SecondFactor::Off) };
    let sealed = Sealed::open(sealer, &text)?;
    let url = sealed.totp(&account.email)?.to_url().map_err(bug)?;
    let (qr_side, qr_path) = qr(&url)?;
    Ok(SecondFactor::Pending { secret: grouped(&sealed.secret), qr_side, qr_path, recovery_codes: sealed.recovery_codes })
}

/// Begins to set up the factor, or begins anew; nothing is asked at sign-in until [`confirm`].
///
/// # Errors
/// `Conflict` where the factor is on.
pub async fn begin(scope: &Scope, sealer: &Sealer) -> Result<()> {
    let secret = Secret::from(random::<20>()?).to_base32();
    let recovery_codes = (0..RECOVERY_CODES).map(|_| readable()).collect::<Result<Vec<_>>>()?;
    let text = Sealed { secret, recovery_codes }.seal(sealer)?;
    let tx = scope.write().await?;
    let begun = tx
        .run(
            "UPDATE users SET totp_secret = $2, totp_last_step = NULL WHERE id = $1 AND totp_confirmed_at IS NULL",
            [scope.user()?.0.into(), text.into()],
        )
        .await?;
    if begun == 0 {
        return Err(Error::Conflict("The second factor is on already. Switch it off first to set it up anew.".into()));
    }
    tx.commit_quietly().await
}

/// Leaves what [`begin`] began.
pub async fn cancel(scope: &Scope) -> Result<()> {
    let tx = scope.write().await?;
    tx.run("UPDATE users SET totp_secret = NULL WHERE id = $1 AND totp_confirmed_at IS NULL", [scope.user()?.0.into()]).await?;
    tx.commit_quietly().await
}

/// Switches the factor on with a first code from the app, and ends the own other sessions, which were begun without it.
///
/// # Errors
/// `Invalid` for a wrong code, `Conflict` where nothing was begun.
pub async fn confirm(scope: &Scope, sealer: &Sealer, current: &Current, code: &str) -> Result<()> {
    let tx = scope.write().await?;
    let account = own_account(&tx).await?;
    let row = row(&*tx, account.user).await?;
    let (None, Some(text)) = (row.totp_confirmed_at, row.totp_secret) else {
        return Err(Error::Conflict("There is no second factor being set up.".into()));
    };
    let mut sealed = Sealed::open(sealer, &text)?;
    let Some(step) = step_of(&sealed.totp(&account.email)?, code, scope.real_now()) else {
        return Err(Error::field("code", "is not right. Check that the clock of your phone is"));
    };
    let codes = std::mem::take(&mut sealed.recovery_codes);
    tx.run(
        "UPDATE users SET totp_secret = $2, totp_confirmed_at = $3, totp_last_step = $4 WHERE id = $1",
        [account.user.0.into(), sealed.seal(sealer)?.into(), scope.real_now().into(), step.into()],
    )
    .await?;
    tx.run("DELETE FROM recovery_codes WHERE user_id = $1", [account.user.0.into()]).await?;
    for code in codes {
        let values = [account.user.0.into(), fingerprint(&plain(&code)).into()];
        tx.run("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)", values).await?;
    }
    let ended = session::end_others_in(&tx, account.user, current.id).await?;
    tx.commit(account.event("second_factor.enabled").level(Level::Warning).details(json!({ "sessions_ended": ended }))).await
}

/// Switches the factor off; asks for the password.
pub async fn disable(scope: &Scope, password: &str) -> Result<()> {
    let account = confirm_password(scope, "password", password).await?;
    let tx = scope.write().await?;
    let off = tx
        .run(
            "UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL \
             WHERE id = $1 AND totp_confirmed_at IS NOT NULL",
            [account.user.0.into()],
        )
        .await?;
    if off == 0 {
        return Err(Error::Conflict("The second factor is off already.".into()));
    }
    tx.run("DELETE FROM recovery_codes WHERE user_id = $1", [account.user.0.into()]).await?;
    tx.commit(account.event("second_factor.disabled").level(Level::Warning)).await
}

/// Takes the code of a sign-in whose password was right, and begins the session proper under a new cookie.
///
/// # Errors
/// `SignedOut` where no sign-in waits for a code; `TooMany` while throttled; `Invalid` for a wrong or used code.
pub async fn pass(db: &Db, sealer: &Sealer, visit: &Visit, code: &str) -> Result<NewSession> {
    let Some(pending) = visit.session.as_ref().filter(|session| session.awaits_second_factor) else { return Err(Error::SignedOut) };
    let now = clock::now();
    let mut subjects = vec![Subject::SecondFactor(pending.user)];
    subjects.extend(visit.origin.address.map(Subject::Address));
    let counted = throttle::attempt(db, subjects, now).await?;
    let account = account(&*db.system_read().await?, "u.id = $1", pending.user.0.into()).await?.ok_or(Error::SignedOut)?;
    let tx = account.scope(db, now, visit.origin.clone()).write().await?;
    let Some(mut event) = take(&tx, sealer, &account, code).await? else {
        drop(tx);
        refuse(db, Some(&account), visit, "second factor", now).await?;
        return Err(Error::field("code", "is not right, or was used before"));
    };
    counted.succeeded(&*tx).await?;
    let session = session::start(&tx, &account, visit, false).await?;
    event.push(account.event("session.started").details(json!({ "second_factor": true })));
    tx.commit_all(event).await?;
    Ok(session)
}

/// Uses up a code of the app or a recovery code; `None` where it is neither, the events of its use where it is.
async fn take(tx: &Tx, sealer: &Sealer, account: &Account, code: &str) -> Result<Option<Vec<Event>>> {
    let row = row(&**tx, account.user).await?;
    let (Some(_), Some(text)) = (row.totp_confirmed_at, row.totp_secret) else { return Ok(None) };
    let (now, user) = (tx.scope().real_now(), account.user.0);
    if let Some(step) = step_of(&Sealed::open(sealer, &text)?.totp(&account.email)?, code, now) {
        // Whoever moves the last step first has used the code; the same code again moves nothing.
        let sql = "UPDATE users SET totp_last_step = $2 WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2)";
        let fresh = tx.run(sql, [user.into(), step.into()]).await?;
        return Ok((fresh > 0).then(Vec::new));
    }
    let sql = "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL";
    let used = tx.run(sql, [user.into(), fingerprint(&plain(code)).into(), now.into()]).await?;
    Ok((used > 0).then(|| vec![account.event("recovery_code.used").level(Level::Warning)]))
}

async fn row(tx: &impl Sql, user: UserId) -> Result<Row> {
    tx.one("SELECT totp_secret, totp_confirmed_at FROM users WHERE id = $1", [user.0.into()]).await?.ok_or(Error::SignedOut)
}

/// The time step that a code of six digits belongs to.
fn step_of(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    i64::try_from(totp.check(&digits, now.timestamp().unsigned_abs())?).ok()
}

/// A recovery code as its fingerprint is taken: without hyphens, spaces and capitals.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn grouped(secret: &str) -> String {
    secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// The side in modules, and the dark modules as the path of an SVG.
fn qr(text: &str) -> Result<(usize, String)> {
    let code = QrCode::new(text).map_err(bug)?;
    let side = code.width();
    let dark = code.into_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    Ok((side, dark.map(|(i, _)| format!("M{} {}h1v1h-1z", i % side, i / side)).collect()))
}
