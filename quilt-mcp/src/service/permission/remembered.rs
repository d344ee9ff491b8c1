//! Rights that are remembered beyond their request: the single user's, if the operator wants that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use quilt_scope::BoxFuture;

use super::RightsProbe;
use crate::domain::bucket::BucketName;
use crate::domain::permission::BucketRights;
use crate::domain::principal::Principal;
use crate::error::ToolError;
use crate::service::auth::AuthService;

/// How long an answer is good enough: as long as that of the older server.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// The most answers that are remembered.
const MOST: usize = 4096;

/// Asks another probe, and remembers whose answers they were. Only what nothing went wrong with is remembered.
pub struct RememberedRights {
    probe: Box<dyn RightsProbe>,
    known: Mutex<HashMap<(Principal, BucketName), (Instant, BucketRights)>>,
}

impl RememberedRights {
    /// Remembers what `probe` answers.
    pub fn over(probe: Box<dyn RightsProbe>) -> Self {
        Self { probe, known: Mutex::default() }
    }

    fn with_known<R>(
        &self,
        look: impl FnOnce(&mut HashMap<(Principal, BucketName), (Instant, BucketRights)>) -> R,
    ) -> R {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl RightsProbe for RememberedRights {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
        Box::pin(async move {
            let key = (auth.principal().clone(), bucket.clone());
            let known = self.with_known(|known| known.get(&key).cloned());
            if let Some((_, rights)) = known.filter(|(at, _)| at.elapsed() < GOOD_FOR) {
                return Ok(rights);
            }
            let rights = self.probe.rights(auth, bucket).await?;
            if rights.is_settled() {
                self.with_known(|known| {
                    if known.len() >= MOST {
                        known.clear();
                    }
                    known.insert(key, (Instant::now(), rights.clone()));
                });
            }
            Ok(rights)
        })
    }

    fn forget(&self, auth: &AuthService<'_>, bucket: &BucketName) {
        self.with_known(|known| known.remove(&(auth.principal().clone(), bucket.clone())));
    }
}
