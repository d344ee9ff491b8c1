//! What the caller may do with which bucket.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, stream};
use quilt_scope::{BoxFuture, service};

use super::auth::AuthService;
use super::object::all_buckets;
use crate::domain::bucket::BucketName;
use crate::domain::permission::{AwsIdentity, BucketRights};
use crate::domain::request::Progress;
use crate::error::{ErrorCode, ToolError};

mod probe;
mod recommend;
mod remembered;

pub use probe::AwsRightsProbe;
pub use recommend::{Candidate, Purpose, Recommendations, Wish, recommend};
pub use remembered::RememberedRights;

/// How many buckets are looked at together.
const CONCURRENT_BUCKETS: usize = 8;

/// The most buckets one call looks at: each costs a handful of AWS calls.
pub const MAX_BUCKETS: usize = 500;

/// Finds out what a caller may do with a bucket. What it learns belongs to the caller it asked for.
pub trait RightsProbe: Send + Sync {
    /// What the caller of `auth` may do with `bucket`.
    ///
    /// # Errors
    ///
    /// The bucket does not exist, or the caller has no credentials. A fault of AWS on the way is no error but part of
    /// the answer: [`BucketRights::faults`].
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>>;

    /// The caller wants to know `bucket` anew. For a probe that remembers; most have nothing to forget.
    fn forget(&self, _auth: &AuthService<'_>, _bucket: &BucketName) {}
}

/// What the caller may do with which bucket, remembered for this request.
pub struct PermissionService<'req> {
    auth: &'req AuthService<'req>,
    probe: &'req dyn RightsProbe,
    progress: &'req Progress,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    rights: HashMap<BucketName, BucketRights>,
    buckets: Option<Vec<BucketName>>,
}

#[service]
impl<'req> PermissionService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(
        auth: &'req AuthService<'req>,
        probe: &'req dyn RightsProbe,
        progress: &'req Progress,
    ) -> Self {
        Self { auth, probe, progress, known: Mutex::default() }
    }
}

/// Whether an answer from earlier in this request will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It will.
    Remembered,
    /// AWS is to be asked again.
    Fresh,
}

/// What was found about some buckets.
#[derive(Debug)]
pub struct Survey {
    /// Each bucket once, in the order they were named or listed, with what was found or why nothing was.
    pub buckets: Vec<(BucketName, Result<BucketRights, ToolError>)>,
    /// What the reader should know about how complete this is.
    pub notes: Vec<String>,
}

/// How much is remembered in this request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Buckets whose rights are.
    pub rights: usize,
    /// 1 if the caller's AWS identity is.
    pub identities: usize,
    /// 1 if the account's list of buckets is.
    pub bucket_lists: usize,
}

impl PermissionService<'_> {
    /// For whom AWS takes the caller.
    ///
    /// # Errors
    ///
    /// The caller has no credentials, AWS does not accept them, or does not answer.
    pub async fn identity(&self) -> Result<&AwsIdentity, ToolError> {
        self.auth.caller_identity().await
    }

    /// What the caller may do with `bucket`.
    ///
    /// Only an answer that nothing went wrong with is remembered: a fault of AWS must not pass for a refusal later.
    ///
    /// # Errors
    ///
    /// The bucket does not exist, or the caller has no credentials.
    pub async fn rights(&self, bucket: &BucketName, freshness: Freshness) -> Result<BucketRights, ToolError> {
        if freshness == Freshness::Remembered
            && let Some(rights) = self.with_known(|known| known.rights.get(bucket).cloned())
        {
            return Ok(rights);
        }
        if freshness == Freshness::Fresh {
            self.probe.forget(self.auth, bucket);
        }
        let found = self.probe.rights(self.auth, bucket).await;
        self.with_known(|known| match &found {
            Ok(rights) if rights.is_settled() => known.rights.insert(bucket.clone(), rights.clone()),
            _ => known.rights.remove(bucket),
        });
        found
    }

    /// What the caller may do with each of `buckets`; with every bucket of the account if none is named.
    ///
    /// # Errors
    ///
    /// Too many buckets are named, the caller has no credentials, or AWS does not answer when asked for the list.
    pub async fn survey(
        &self,
        buckets: Option<Vec<BucketName>>,
        freshness: Freshness,
    ) -> Result<Survey, ToolError> {
        let mut notes = Vec::new();
        let mut buckets = match buckets {
            Some(named) if named.len() > MAX_BUCKETS => {
                let message =
                    format!("`check_buckets` may name at most {MAX_BUCKETS} buckets, not {}", named.len());
                return Err(ToolError::invalid_input(message).with_hint("ask about them in several calls"));
            }
            Some(named) => named,
            None => self.account_buckets(freshness, &mut notes).await?,
        };
        // One exchange, and one error, rather than one for each bucket.
        self.auth.credentials().await?;
        if buckets.len() > MAX_BUCKETS {
            notes.push(format!(
                "the account has {} buckets; the first {MAX_BUCKETS} were looked at",
                buckets.len()
            ));
            buckets.truncate(MAX_BUCKETS);
        }
        let mut seen = BTreeSet::new();
        buckets.retain(|bucket| seen.insert(bucket.clone()));
        let total = buckets.len() as u64;
        let mut looks = stream::iter(buckets)
            .map(|bucket| async move {
                let rights = self.rights(&bucket, freshness).await;
                (bucket, rights)
            })
            .buffered(CONCURRENT_BUCKETS);
        let mut looked_at = Vec::new();
        while let Some((bucket, rights)) = looks.next().await {
            looked_at.push((bucket, rights));
            let done = looked_at.len() as u64;
            self.progress.report(done, Some(total), || format!("looked at {done} of {total} buckets"));
        }
        Ok(Survey { buckets: looked_at, notes })
    }

    /// How much is remembered in this request.
    pub fn remembered(&self) -> Remembered {
        let identities = usize::from(self.auth.known_identity().is_some());
        self.with_known(|known| Remembered {
            rights: known.rights.len(),
            identities,
            bucket_lists: usize::from(known.buckets.is_some()),
        })
    }

    async fn account_buckets(
        &self,
        freshness: Freshness,
        notes: &mut Vec<String>,
    ) -> Result<Vec<BucketName>, ToolError> {
        if freshness == Freshness::Remembered
            && let Some(buckets) = self.with_known(|known| known.buckets.clone())
        {
            return Ok(buckets);
        }
        match all_buckets(self.auth).await {
            Ok(listed) => {
                let buckets: Vec<_> = listed.into_iter().map(|bucket| bucket.name).collect();
                self.with_known(|known| known.buckets = Some(buckets.clone()));
                Ok(buckets)
            }
            // Many may use buckets that they may not enumerate.
            Err(error) if error.code() == ErrorCode::AccessDenied => {
                notes.push(
                    "you may not list the buckets of your account; name buckets in `check_buckets`"
                        .to_owned(),
                );
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    fn with_known<R>(&self, look: impl FnOnce(&mut Known) -> R) -> R {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for PermissionService<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PermissionService").field("auth", self.auth).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
