//! How many requests a principal, and all principals of a tenant together, may send over time.
//!
//! The generic cell rate algorithm: one point in time for each of them says when their allowance will be whole again.
//! Who has a whole allowance needs no entry, so that the table holds those only who are busy now; nobody is in it who has
//! not shown a good token.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::principal::Principal;
use crate::transport::OverLimit;

/// From how many entries on those are looked for that are no longer needed.
const MANY: usize = 10_000;

/// Less than `Retry-After` can say, and many times what a refusal costs the server.
const PAUSE: Duration = Duration::from_millis(100);

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
    allowances: Mutex<Allowances>,
}

#[derive(Default)]
struct Allowances {
    principals: HashMap<Principal, Allowance>,
    tenants: HashMap<String, Allowance>,
}

struct Allowance {
    whole_again: Instant,
    /// When the operator was last told that there was none left.
    told: Option<Instant>,
}

/// A request too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    /// Of what.
    pub(super) limit: OverLimit,
    /// After how long one may be sent again.
    pub(super) wait: Duration,
    /// Whether it is the first for a minute: who floods must not flood the log.
    pub(super) is_news: bool,
}

impl TooMany {
    /// How long its refusal is held back. Who keeps asking would otherwise be refused as fast as the server can verify a
    /// token, and everybody else would wait for the processor.
    pub(super) fn pause(&self) -> Duration {
        if self.is_news { Duration::ZERO } else { PAUSE }
    }
}

impl RateLimits {
    pub(super) fn new(rates: Rates) -> Self {
        Self { rates, allowances: Mutex::default() }
    }

    /// Takes one request from what `principal` may send.
    ///
    /// # Errors
    ///
    /// It is one too many. Nothing was taken.
    pub(super) fn take(&self, principal: &Principal, now: Instant) -> Result<(), TooMany> {
        let mut held = self.allowances.lock().unwrap_or_else(PoisonError::into_inner);
        let Allowances { principals, tenants } = &mut *held;
        let of_principal = principals.get_mut(principal);
        let own = next(of_principal, self.rates.per_principal, now, OverLimit::PrincipalRate)?;
        let of_tenant = tenants.get_mut(principal.tenant());
        let shared = next(of_tenant, self.rates.per_tenant, now, OverLimit::TenantRate)?;
        if let Some(own) = own {
            put(principals, principal, own, now);
        }
        if let Some(shared) = shared {
            put(tenants, principal.tenant(), shared, now);
        }
        Ok(())
    }
}

const MINUTE: Duration = Duration::from_secs(60);

/// When the allowance will be whole again if one request more is sent now.
fn next(
    allowance: Option<&mut Allowance>,
    rate: Option<u32>,
    now: Instant,
    limit: OverLimit,
) -> Result<Option<Instant>, TooMany> {
    let Some(rate) = rate else { return Ok(None) };
    let whole_again = allowance.as_ref().map_or(now, |allowance| allowance.whole_again);
    let next = whole_again.max(now) + MINUTE / rate.max(1);
    match next.checked_duration_since(now + MINUTE) {
        Some(wait) if !wait.is_zero() => {
            let is_news = allowance.is_some_and(|allowance| allowance.is_news(now));
            Err(TooMany { limit, wait, is_news })
        }
        _ => Ok(Some(next)),
    }
}

impl Allowance {
    /// Whether the operator is to be told now that nothing is left.
    fn is_news(&mut self, now: Instant) -> bool {
        let is_news = self.told.is_none_or(|told| now >= told + MINUTE);
        if is_news {
            self.told = Some(now);
        }
        is_news
    }
}

fn put<K, Q>(entries: &mut HashMap<K, Allowance>, key: &Q, whole_again: Instant, now: Instant)
where
    K: Eq + Hash + Borrow<Q>,
    Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
{
    match entries.get_mut(key) {
        Some(allowance) => allowance.whole_again = whole_again,
        None => {
            entries.insert(key.to_owned(), Allowance { whole_again, told: None });
        }
    }
    if entries.len() > MANY && entries.len() == entries.capacity() {
        entries.retain(|_, allowance| allowance.whole_again > now);
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
        let refused = limits.take(&alice, start).expect_err("too many");
        let wait = Duration::from_secs(1);
        assert_eq!(refused, TooMany { limit: OverLimit::PrincipalRate, wait, is_news: true });
        assert_eq!(refused.pause(), Duration::ZERO);
        // Who is refused has lost nothing by asking, but is answered later from now on.
        let again = TooMany { is_news: false, ..refused };
        assert_eq!(limits.take(&alice, start), Err(again));
        assert_eq!(again.pause(), PAUSE);
        assert_eq!(limits.take(&alice, start + wait), Ok(()));
        assert!(limits.take(&alice, start + wait).is_err());
        let later = start + Duration::from_secs(120);
        assert_eq!((0..100).filter(|_| limits.take(&alice, later).is_ok()).count(), 60);
    }

    #[test]
    fn the_operator_hears_of_it_once_a_minute() {
        let (limits, alice, start) = (limits(60, 30), user("acme", "alice"), Instant::now());
        let told: Vec<u64> = (0..1_800)
            .map(|tick| (tick, limits.take(&alice, start + Duration::from_millis(100 * tick))))
            .filter_map(|(tick, taken)| taken.err().filter(|refused| refused.is_news).map(|_| tick / 10))
            .collect();
        assert!(told.len() == 3 && told.windows(2).all(|two| two[1] - two[0] >= 60), "at seconds {told:?}");
    }

    #[test]
    fn one_who_floods_takes_nothing_from_another_tenant() {
        let (limits, start) = (limits(10, 15), Instant::now());
        let taken = |tenant: &str, subject: &str| {
            (0..100).filter(|_| limits.take(&user(tenant, subject), start).is_ok()).count()
        };
        assert_eq!(taken("acme", "alice"), 10);
        assert_eq!(taken("acme", "bob"), 5, "what the tenant has left");
        let refused = limits.take(&user("acme", "bob"), start).expect_err("nothing is left");
        assert_eq!(refused.limit, OverLimit::TenantRate);
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
        let held = limits.allowances.lock().expect("not poisoned");
        assert!(held.principals.len() < 40_000, "{}", held.principals.len());
        assert!(held.tenants.len() < 40_000, "{}", held.tenants.len());
    }

    #[test]
    fn no_limit_is_no_limit() {
        let limits = RateLimits::new(Rates::default());
        let now = Instant::now();
        assert!((0..1_000).all(|_| limits.take(&user("acme", "alice"), now).is_ok()));
        assert!(limits.allowances.lock().expect("not poisoned").principals.is_empty());
    }
}
