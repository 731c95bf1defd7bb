//! Slows down guessing, by account and by address, across servers and restarts. A few failures are free; then each
//! further one doubles the wait up to a cap, and a try during the wait changes nothing. The cap of an account is a
//! minute: who guesses at it cannot keep its owner out for longer.
//!
//! A try is counted as a failure before it is looked at, in the transaction that finds out whether it may be made, and
//! taken back if it was right: however many come at once, no more of them are looked at than are free.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;

use crate::kit::db::{Db, Sql};
use crate::kit::error::{Error, Result};
use crate::kit::id::UserId;
use crate::kit::secret;

/// Whose failures are counted.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Tries at the password of an account, by its e-mail address.
    Account(String),
    /// Tries from an address; of IPv6, from its /64.
    Address(IpAddr),
    /// Tries at the second factor of an account, by someone who knows the password.
    SecondFactor(UserId),
}

struct Rule {
    free: i32,
    cap: i64,
    /// The count starts anew so long after the last failure.
    forgets: TimeDelta,
}

impl Subject {
    fn key(&self) -> String {
        match self {
            Self::Account(email) => format!("account:{}", secret::fingerprint(email)),
            Self::Address(IpAddr::V4(address)) => format!("address:{address}"),
            Self::Address(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Self::SecondFactor(user) => format!("second_factor:{user}"),
        }
    }

    fn rule(&self) -> Rule {
        match self {
            Self::Account(_) => Rule { free: 5, cap: 60, forgets: TimeDelta::minutes(15) },
            Self::Address(_) => Rule { free: 30, cap: 300, forgets: TimeDelta::hours(1) },
            Self::SecondFactor(_) => Rule { free: 5, cap: 900, forgets: TimeDelta::hours(1) },
        }
    }
}

/// Seconds to wait after that many failures.
fn wait(failures: i32, rule: &Rule) -> Option<i64> {
    let beyond = failures - rule.free;
    (beyond >= 0).then(|| (2i64 << beyond.min(20)).min(rule.cap))
}

#[derive(FromQueryResult)]
struct Blocked {
    blocked_until: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Count {
    failures: i32,
}

/// A try that was counted.
#[must_use = "what was right is taken back"]
pub struct Counted {
    /// Whose, and until when this try blocks further ones.
    of: Vec<(Subject, Option<DateTime<Utc>>)>,
}

/// Counts a try of each of `subjects`.
///
/// # Errors
/// `TooMany` with the seconds to wait while any of them is blocked; then none is counted.
pub async fn attempt(db: &Db, subjects: Vec<Subject>, now: DateTime<Utc>) -> Result<Counted> {
    let tx = db.system_write().await?;
    let (mut of, mut left) = (Vec::with_capacity(subjects.len()), 0);
    for subject in subjects {
        match count(&*tx, &subject, now).await? {
            Ok(until) => of.push((subject, until)),
            Err(milliseconds) => left = left.max(milliseconds),
        }
    }
    if left > 0 {
        return Err(Error::TooMany(left.unsigned_abs().div_ceil(1000)));
    }
    tx.commit().await?;
    Ok(Counted { of })
}

/// Until when the try blocks further ones; `Err`: it is blocked itself, for so many milliseconds more. The row is held
/// from here to the end of the transaction, so that tries at once follow one another.
async fn count(tx: &impl Sql, subject: &Subject, now: DateTime<Utc>) -> Result<Result<Option<DateTime<Utc>>, i64>> {
    let (key, rule) = (subject.key(), subject.rule());
    let sql = "INSERT INTO sign_in_failures (subject, failures, last_at) VALUES ($1, 1, $2) ON CONFLICT (subject) DO UPDATE SET \
               failures = CASE WHEN sign_in_failures.last_at < $3 THEN 1 ELSE sign_in_failures.failures + 1 END, last_at = $2, \
               blocked_until = NULL WHERE sign_in_failures.blocked_until IS NULL OR sign_in_failures.blocked_until <= $2 RETURNING failures";
    let counted: Option<Count> = tx.one(sql, [key.clone().into(), now.into(), (now - rule.forgets).into()]).await?;
    let Some(Count { failures }) = counted else {
        let row: Option<Blocked> = tx.one("SELECT blocked_until FROM sign_in_failures WHERE subject = $1", [key.into()]).await?;
        let until = row.and_then(|row| row.blocked_until).unwrap_or(now);
        return Ok(Err((until - now).num_milliseconds().max(1)));
    };
    let until = wait(failures, &rule).map(|seconds| now + TimeDelta::seconds(seconds));
    if let Some(until) = until {
        tx.run("UPDATE sign_in_failures SET blocked_until = $2 WHERE subject = $1", [key.into(), until.into()]).await?;
    }
    Ok(Ok(until))
}

impl Counted {
    /// It was right: the account's failures are forgotten. Those of the address stay, but for this one, which was none.
    pub async fn succeeded(&self, tx: &impl Sql) -> Result<()> {
        for (subject, until) in &self.of {
            let key = subject.key();
            if !matches!(subject, Subject::Address(_)) {
                tx.run("DELETE FROM sign_in_failures WHERE subject = $1", [key.into()]).await?;
                continue;
            }
            tx.run("UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = $1 AND failures > 0", [key.clone().into()]).await?;
            if let Some(until) = until {
                let sql = "UPDATE sign_in_failures SET blocked_until = NULL WHERE subject = $1 AND blocked_until = $2";
                tx.run(sql, [key.into(), (*until).into()]).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_short() {
        let rule = Subject::Account("a@b.example".into()).rule();
        let waits: Vec<_> = (1..=12).map(|failures| wait(failures, &rule)).collect();
        assert_eq!(waits[..4], [None, None, None, None]);
        assert_eq!(waits[4..].iter().flatten().copied().collect::<Vec<_>>(), [2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait(i32::MAX, &rule), Some(60));
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let key = |text: &str| Subject::Address(text.parse().expect("an address")).key();
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
