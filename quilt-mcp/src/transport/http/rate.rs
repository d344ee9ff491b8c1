//! How many requests a principal, and all principals of a tenant together, may send over time.
//!
//! The generic cell rate algorithm: one point in time for each of them says when their allowance will be whole again.
//! Who has a whole allowance needs no entry, so that the table holds those only who are busy now; nobody is in it who has
//! not shown a good token.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::principal::Principal;

/// From how many entries on those are looked for that are no longer needed.
const MANY: usize = 10_000;

/// Requests a minute. All of a minute's may come at once. `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Of one principal.
    pub per_principal: Option<u32>,
    /// Of all principals of a tenant.
    pub per_tenant: Option<u32>,
}

pub(super) struct RateLimits {
    rates: Rates,
    whole_again: Mutex<WholeAgain>,
}

#[derive(Default)]
struct WholeAgain {
    principals: HashMap<Principal, Instant>,
    tenants: HashMap<String, Instant>,
}

impl RateLimits {
    pub(super) fn new(rates: Rates) -> Self {
        Self { rates, whole_again: Mutex::default() }
    }

    /// Takes one request from what `principal` may send.
    ///
    /// # Errors
    ///
    /// After how long one may be sent again. Nothing was taken.
    pub(super) fn take(&self, principal: &Principal, now: Instant) -> Result<(), Duration> {
        let mut held = self.whole_again.lock().unwrap_or_else(PoisonError::into_inner);
        let WholeAgain { principals, tenants } = &mut *held;
        let own = next(principals.get(principal), self.rates.per_principal, now)?;
        let shared = next(tenants.get(principal.tenant()), self.rates.per_tenant, now)?;
        if let Some(own) = own {
            put(principals, principal.clone(), own, now);
        }
        if let Some(shared) = shared {
            put(tenants, principal.tenant().to_owned(), shared, now);
        }
        Ok(())
    }
}

/// When the allowance will be whole again if one request more is sent now.
fn next(whole_again: Option<&Instant>, rate: Option<u32>, now: Instant) -> Result<Option<Instant>, Duration> {
    const MINUTE: Duration = Duration::from_secs(60);
    let Some(rate) = rate else { return Ok(None) };
    let next = whole_again.copied().unwrap_or(now).max(now) + MINUTE / rate.max(1);
    match next.checked_duration_since(now + MINUTE) {
        Some(wait) if !wait.is_zero() => Err(wait),
        _ => Ok(Some(next)),
    }
}

fn put<K: Eq + Hash>(entries: &mut HashMap<K, Instant>, key: K, whole_again: Instant, now: Instant) {
    entries.insert(key, whole_again);
    if entries.len() > MANY && entries.len() == entries.capacity() {
        entries.retain(|_, whole_again| *whole_again > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(tenant: &str, subject: &str) -> Principal {
        Principal::verified("https://idp".into(), tenant.into(), subject.into())
    }

    fn limits(per_principal: u32, per_tenant: u32) -> RateLimits {
        RateLimits::new(Rates { per_principal: Some(per_principal), per_tenant: Some(per_tenant) })
    }

    #[test]
    fn a_minutes_worth_may_come_at_once_and_then_one_at_a_time() {
        let (limits, alice, start) = (limits(60, 1000), user("acme", "alice"), Instant::now());
        for number in 0..60 {
            assert_eq!(limits.take(&alice, start), Ok(()), "{number}");
        }
        let wait = limits.take(&alice, start).expect_err("too many");
        assert_eq!(wait, Duration::from_secs(1));
        // Who is refused has lost nothing by asking.
        assert_eq!(limits.take(&alice, start), Err(wait));
        assert_eq!(limits.take(&alice, start + wait), Ok(()));
        assert!(limits.take(&alice, start + wait).is_err());
        let later = start + Duration::from_secs(120);
        assert_eq!((0..100).filter(|_| limits.take(&alice, later).is_ok()).count(), 60);
    }

    #[test]
    fn one_who_floods_takes_nothing_from_another_tenant() {
        let (limits, start) = (limits(10, 15), Instant::now());
        let taken = |tenant: &str, subject: &str| {
            (0..100).filter(|_| limits.take(&user(tenant, subject), start).is_ok()).count()
        };
        assert_eq!(taken("acme", "alice"), 10);
        assert_eq!(taken("acme", "bob"), 5, "what the tenant has left");
        assert_eq!(taken("globex", "alice"), 10, "the same subject elsewhere is somebody else");
    }

    #[test]
    fn the_table_holds_the_busy_only() {
        let (limits, mut now) = (limits(60, 60), Instant::now());
        for number in 0..200_000_u32 {
            let one = format!("user{number}");
            limits.take(&user(&one, &one), now).expect("the first");
            now += Duration::from_millis(1);
        }
        let held = limits.whole_again.lock().expect("not poisoned");
        assert!(held.principals.len() < 40_000, "{}", held.principals.len());
        assert!(held.tenants.len() < 40_000, "{}", held.tenants.len());
    }

    #[test]
    fn no_limit_is_no_limit() {
        let limits = RateLimits::new(Rates::default());
        let now = Instant::now();
        assert!((0..1_000).all(|_| limits.take(&user("acme", "alice"), now).is_ok()));
        assert!(limits.whole_again.lock().expect("not poisoned").principals.is_empty());
    }
}
