//! Slows down guessing, by account and by address, across servers and restarts. A few failures are free; then each
//! further one doubles the wait up to a cap, and a try during the wait changes nothing. The cap of an account is a
//! minute: who guesses at it cannot keep its owner out for longer.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;

use crate::kit::db::Sql;
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
    blocked_until: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Count {
    failures: i32,
}

/// Refuses with the seconds to wait while any of `subjects` is blocked.
pub async fn check(tx: &impl Sql, subjects: &[Subject], now: DateTime<Utc>) -> Result<()> {
    let mut left = 0;
    for subject in subjects {
        let row: Option<Blocked> = tx
            .one("SELECT blocked_until FROM sign_in_failures WHERE subject = $1 AND blocked_until > $2", [subject.key().into(), now.into()])
            .await?;
        left = left.max(row.map_or(0, |row| (row.blocked_until - now).num_milliseconds()));
    }
    if left > 0 { Err(Error::TooMany(left.unsigned_abs().div_ceil(1000))) } else { Ok(()) }
}

/// Counts a failure of each of `subjects`.
pub async fn failed(tx: &impl Sql, subjects: &[Subject], now: DateTime<Utc>) -> Result<()> {
    for subject in subjects {
        let (key, rule) = (subject.key(), subject.rule());
        let count: Option<Count> = tx
            .one(
                "INSERT INTO sign_in_failures (subject, failures, last_at) VALUES ($1, 1, $2) ON CONFLICT (subject) DO UPDATE SET \
                 failures = CASE WHEN sign_in_failures.last_at < $3 THEN 1 ELSE sign_in_failures.failures + 1 END, last_at = $2, \
                 blocked_until = NULL RETURNING failures",
                [key.clone().into(), now.into(), (now - rule.forgets).into()],
            )
            .await?;
        if let Some(seconds) = count.and_then(|count| wait(count.failures, &rule)) {
            let until = now + TimeDelta::seconds(seconds);
            tx.run("UPDATE sign_in_failures SET blocked_until = $2 WHERE subject = $1", [key.into(), until.into()]).await?;
        }
    }
    Ok(())
}

/// Forgets the failures of `subject`: it has succeeded.
pub async fn succeeded(tx: &impl Sql, subject: &Subject) -> Result<()> {
    tx.run("DELETE FROM sign_in_failures WHERE subject = $1", [subject.key().into()]).await.map(|_| ())
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
