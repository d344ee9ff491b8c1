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

pub use probe::AwsRightsProbe;
pub use recommend::{Candidate, Purpose, Recommendations, Wish, recommend};

/// How many buckets are looked at together.
const CONCURRENT_BUCKETS: usize = 8;

/// The most buckets one call looks at: each costs a handful of AWS calls.
pub const MAX_BUCKETS: usize = 500;

/// Finds out what a caller may do with a bucket. Keeps nothing: what it learns belongs to the caller it asked for.
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
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use quilt_scope::Lazy;

    use super::*;
    use crate::client::AwsEndpoints;
    use crate::client::canned::Canned;
    use crate::domain::permission::Finding;
    use crate::domain::principal::{Grant, Principal};

    /// Counts how often it is asked. Buckets named `missing-..` do not exist, `faulty-..` cannot be looked at.
    #[derive(Default)]
    struct Scripted {
        asked: AtomicUsize,
        at_once: AtomicUsize,
        most_at_once: AtomicUsize,
    }

    impl RightsProbe for Scripted {
        fn rights<'a>(
            &'a self,
            auth: &'a AuthService<'_>,
            bucket: &'a BucketName,
        ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
            Box::pin(async move {
                self.asked.fetch_add(1, Ordering::Relaxed);
                let now = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
                self.most_at_once.fetch_max(now, Ordering::Relaxed);
                tokio::task::yield_now().await;
                self.at_once.fetch_sub(1, Ordering::Relaxed);
                if bucket.as_str().starts_with("missing") {
                    return Err(ToolError::not_found("no such bucket"));
                }
                let faulty = bucket.as_str().starts_with("faulty");
                let finding = if faulty {
                    Finding::unknown("timeout")
                } else {
                    Finding::yes(auth.principal().subject())
                };
                Ok(BucketRights {
                    bucket: bucket.clone(),
                    region: None,
                    read: finding.clone(),
                    write: finding.clone(),
                    list: finding,
                    faults: if faulty { vec!["timeout".into()] } else { Vec::new() },
                })
            })
        }
    }

    /// Runs `$body` with a [`PermissionService`] of `alice` over `$probe` and `$endpoints`.
    macro_rules! with_service {
        ($endpoints:expr, $probe:expr, |$service:ident| $body:expr) => {{
            let principal = Principal::verified("https://idp".into(), "acme".into(), "alice".into());
            let endpoints: AwsEndpoints = $endpoints;
            let credentials = Canned::credentials(&principal);
            let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
            let progress = Progress::none();
            let $service = PermissionService::new(&auth, $probe, &progress);
            $body.await
        }};
    }

    fn nowhere() -> AwsEndpoints {
        Canned::answering(|_| (500, String::new())).endpoints()
    }

    fn bucket(name: &str) -> BucketName {
        name.parse().expect("a name")
    }

    #[tokio::test]
    async fn a_bucket_is_looked_at_once_in_a_request_unless_asked_to() -> Result<(), ToolError> {
        let probe = Scripted::default();
        with_service!(nowhere(), &probe, |s| async {
            let rights = s.rights(&bucket("abc"), Freshness::Remembered).await?;
            assert_eq!(rights.read.evidence, "alice");
            s.rights(&bucket("abc"), Freshness::Remembered).await?;
            assert_eq!(probe.asked.load(Ordering::Relaxed), 1);
            s.rights(&bucket("abc"), Freshness::Fresh).await?;
            assert_eq!(probe.asked.load(Ordering::Relaxed), 2);
            assert_eq!(s.remembered(), Remembered { rights: 1, identities: 0, bucket_lists: 0 });
            Ok(())
        })
    }

    #[tokio::test]
    async fn faults_and_errors_are_not_remembered() -> Result<(), ToolError> {
        let probe = Scripted::default();
        with_service!(nowhere(), &probe, |s| async {
            for name in ["faulty-bucket", "missing-bucket"] {
                for _ in 0..2 {
                    let _ = s.rights(&bucket(name), Freshness::Remembered).await;
                }
            }
            assert_eq!(probe.asked.load(Ordering::Relaxed), 4);
            assert_eq!(s.remembered(), Remembered::default());
            Ok(())
        })
    }

    #[tokio::test]
    async fn a_survey_keeps_order_drops_doubles_and_is_bounded() -> Result<(), ToolError> {
        let probe = Scripted::default();
        let names: Vec<_> = (0..40).map(|i| bucket(&format!("bucket-{}", i % 30))).collect();
        let survey =
            with_service!(nowhere(), &probe, |s| s.survey(Some(names.clone()), Freshness::Remembered))?;
        assert_eq!(
            survey.buckets.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            names[..30].iter().collect::<Vec<_>>()
        );
        let most = probe.most_at_once.load(Ordering::Relaxed);
        assert!((2..=CONCURRENT_BUCKETS).contains(&most), "{most} at once");
        Ok(())
    }

    #[tokio::test]
    async fn too_many_buckets_are_refused() {
        let probe = Scripted::default();
        let names = vec![bucket("abc"); MAX_BUCKETS + 1];
        let result = with_service!(nowhere(), &probe, |s| s.survey(Some(names), Freshness::Remembered));
        assert_eq!(result.map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::InvalidInput));
        assert_eq!(probe.asked.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn who_may_not_list_buckets_is_told_so() -> Result<(), ToolError> {
        let probe = Scripted::default();
        let denied = Canned::answering(|_| (403, "<Error><Code>AccessDenied</Code></Error>".into()));
        let survey = with_service!(denied.endpoints(), &probe, |s| s.survey(None, Freshness::Remembered))?;
        assert!(survey.buckets.is_empty());
        assert!(survey.notes[0].contains("check_buckets"), "{:?}", survey.notes);
        Ok(())
    }

    fn assert_send<T: Send>(value: T) -> T {
        value
    }

    #[tokio::test]
    async fn a_survey_may_move_between_threads() {
        let probe = Scripted::default();
        let result = with_service!(nowhere(), &probe, |s| assert_send(
            s.survey(Some(vec![bucket("abc")]), Freshness::Fresh)
        ));
        assert!(result.is_ok());
    }
}
