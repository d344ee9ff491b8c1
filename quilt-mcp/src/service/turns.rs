//! How much each tenant may do at a time of what takes long: transfers of its packages, and computing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::principal::Principal;
use crate::error::ToolError;

/// From how many tenants on those are looked for that use none any more.
const MANY: usize = 1_000;

/// Gives each tenant so many turns at a time. Who asks when there are none waits, and is served in the order of asking; one
/// tenant's queue is not another's.
///
/// It lives as long as the process and knows how many of a tenant's turns are taken, but not by whom or for what.
#[derive(Debug)]
pub struct TurnsByTenant {
    each: usize,
    tenants: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// The turns of one tenant.
#[derive(Clone, Debug)]
pub struct TenantTurns(Arc<Semaphore>);

/// What the turn is for may be done until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl TurnsByTenant {
    /// `each` at a time for each tenant.
    pub fn new(each: usize) -> Self {
        Self { each: each.min(Semaphore::MAX_PERMITS), tenants: Mutex::default() }
    }

    /// Those of the tenant of `principal`.
    pub fn of(&self, principal: &Principal) -> TenantTurns {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= MANY {
            tenants.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let turns = tenants.entry(principal.tenant().to_owned());
        TenantTurns(Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(self.each)))))
    }
}

impl TenantTurns {
    /// Waits for a turn.
    ///
    /// # Errors
    ///
    /// Never, as long as nobody closes the queue, which nobody does.
    pub async fn next(&self) -> Result<Turn, ToolError> {
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(ToolError::internal)?;
        Ok(Turn { _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn of(turns: &TurnsByTenant, tenant: &str, subject: &str) -> TenantTurns {
        turns.of(&Principal::verified("https://idp".into(), tenant.into(), subject.into()))
    }

    #[tokio::test]
    async fn who_finds_no_turn_waits_for_one_of_the_same_tenant() -> Result<(), ToolError> {
        let turns = TurnsByTenant::new(1);
        let (ada, bob, eve) =
            (of(&turns, "lab", "ada"), of(&turns, "lab", "bob"), of(&turns, "other", "eve"));
        let taken = ada.next().await?;
        assert!(bob.next().now_or_never().is_none());
        let _ = eve.next().await?;
        drop(taken);
        let _ = bob.next().await?;
        Ok(())
    }

    #[test]
    fn tenants_that_use_no_turns_are_forgotten() {
        let turns = TurnsByTenant::new(1);
        let kept = of(&turns, "tenant 0", "ada");
        for number in 1..=3 * MANY {
            of(&turns, &format!("tenant {number}"), "ada");
        }
        let tenants = turns.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(tenants.len() <= MANY && tenants.contains_key("tenant 0"), "{}", tenants.len());
        drop(kept);
    }
}
