//! Reuse of an exchange between requests of one token. Off unless the operator turns it on.
//!
//! What is kept is found by the digest of the verified token *and* by the principal, so that a renewed token, another
//! role, or another person never meets it. It is kept no longer than the session and the token last, for a bounded
//! number of tokens, and is wiped when it is let go.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use quilt_scope::BoxFuture;

use super::{CallerCredentials, CredentialSource};
use crate::domain::grant::{Grant, TokenDigest};
use crate::domain::principal::Principal;
use crate::domain::request::RequestId;
use crate::error::ToolError;

/// What ends sooner than this after the longest call is not used for another request.
const MARGIN: Duration = Duration::from_secs(60);

/// By what an exchange is found again.
type Key = (TokenDigest, Principal);
type KeyOf = fn(&Principal, &Grant) -> Option<Key>;

/// Another source, asked once for each token while what it gave is good.
pub struct ReusedSource {
    source: Box<dyn CredentialSource>,
    most: usize,
    longest_call: Duration,
    key_of: KeyOf,
    kept: Mutex<HashMap<Key, Arc<Slot>>>,
}

/// Held while an exchange is under way, so that a second request of the same token waits for the first one's.
#[derive(Default)]
struct Slot(tokio::sync::Mutex<Option<Credentials>>);

impl ReusedSource {
    /// Keeps what `source` gives for at most `most` tokens. What could end during a call of `longest_call` is not given to
    /// one.
    pub fn new(source: Box<dyn CredentialSource>, most: usize, longest_call: Duration) -> Self {
        let key_of: KeyOf = |principal, grant| Some((grant.token_digest()?, principal.clone()));
        Self::keyed(source, most, longest_call, key_of)
    }

    fn keyed(source: Box<dyn CredentialSource>, most: usize, longest_call: Duration, key_of: KeyOf) -> Self {
        Self { source, most, longest_call, key_of, kept: Mutex::default() }
    }

    /// Whether they outlast a call that begins now. What is not known to end is never used again.
    fn last(&self, credentials: &Credentials) -> bool {
        credentials.expiry().is_some_and(|end| end > SystemTime::now() + self.longest_call + MARGIN)
    }

    /// The place of this token, if there is room for one.
    fn slot(&self, key: Key) -> Option<Arc<Slot>> {
        let mut kept = self.lock();
        if let Some(slot) = kept.get(&key) {
            return Some(Arc::clone(slot));
        }
        if kept.len() >= self.most {
            // Whatever is being filled or read just now stays.
            kept.retain(|_, slot| {
                slot.0.try_lock().map_or(true, |held| held.as_ref().is_some_and(|held| self.last(held)))
            });
        }
        if kept.len() >= self.most {
            let ends = |slot: &Slot| slot.0.try_lock().ok().and_then(|held| held.as_ref()?.expiry());
            let soonest = kept
                .iter()
                .filter_map(|(key, slot)| Some((ends(slot)?, key)))
                .min()
                .map(|(_, key)| key.clone())?;
            kept.remove(&soonest);
        }
        let slot = Arc::new(Slot::default());
        kept.insert(key, Arc::clone(&slot));
        Some(slot)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Slot>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn through(
        &self,
        key: Key,
        principal: &Principal,
        grant: &Grant,
        request: RequestId,
    ) -> Result<CallerCredentials, ToolError> {
        let Some(slot) = self.slot(key.clone()) else {
            return self.source.credentials(principal, grant, request).await;
        };
        let mut held = slot.0.lock().await;
        if let Some(credentials) = held.as_ref().filter(|credentials| self.last(credentials)) {
            return Ok(CallerCredentials::obtained(credentials.clone(), principal, request));
        }
        *held = None;
        match self.source.credentials(principal, grant, request).await {
            Ok(fresh) => {
                *held = Some(fresh.kept());
                Ok(fresh)
            }
            Err(error) => {
                // A failure is nobody's to reuse.
                drop(held);
                self.lock().remove(&key);
                Err(error)
            }
        }
    }
}

impl CredentialSource for ReusedSource {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        match (self.key_of)(principal, grant) {
            Some(key) => Box::pin(self.through(key, principal, grant, request)),
            None => self.source.credentials(principal, grant, request),
        }
    }
}

impl fmt::Debug for ReusedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReusedSource").field("most", &self.most).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
