//! Credentials that outlive their request: the single user's, if the operator wants that.

use std::time::{Duration, SystemTime};

use quilt_scope::BoxFuture;
use tokio::sync::Mutex;

use super::{CallerCredentials, CredentialSource};
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::RequestId;
use crate::error::ToolError;

/// How long before their end credentials are obtained anew.
const MARGIN: Duration = Duration::from_secs(300);

/// Asks another source once and keeps what it got, until that ends. Keeps nothing for callers who bring a role: those are
/// handed on to the other source, each time.
pub struct KeptCredentials {
    source: Box<dyn CredentialSource>,
    kept: Mutex<Option<CallerCredentials>>,
}

impl KeptCredentials {
    /// Keeps what `source` answers.
    pub fn over(source: Box<dyn CredentialSource>) -> Self {
        Self { source, kept: Mutex::new(None) }
    }
}

fn lasts(credentials: &CallerCredentials) -> bool {
    credentials.expires_at().is_none_or(|end| end > SystemTime::now() + MARGIN)
}

impl CredentialSource for KeptCredentials {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            if *grant != Grant::Ambient {
                return self.source.credentials(principal, grant, request).await;
            }
            // Held while asking, so that requests at the same time ask once.
            let mut kept = self.kept.lock().await;
            let known = kept.take().filter(|known| known.principal() == principal && lasts(known));
            let known = match known {
                Some(known) => known,
                None => self.source.credentials(principal, grant, request).await?,
            };
            Ok(kept.insert(known).for_request(request))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_credential_types::Credentials;

    use super::*;
    use crate::domain::principal::RoleGrant;

    /// Counts how often it is asked. What it gives lasts so long.
    struct Counting(Arc<AtomicUsize>, Duration);

    impl CredentialSource for Counting {
        fn credentials<'a>(
            &'a self,
            principal: &'a Principal,
            _: &'a Grant,
            request: RequestId,
        ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
            Box::pin(async move {
                tokio::task::yield_now().await;
                self.0.fetch_add(1, Ordering::Relaxed);
                let end = Some(SystemTime::now() + self.1);
                let keys = Credentials::new("AKID", "secret", None, end, "test");
                Ok(CallerCredentials::obtained(keys, principal, request))
            })
        }
    }

    /// How often the source is asked when two requests at a time come twice.
    async fn asked(principals: [&Principal; 2], grant: &Grant, lasts: Duration) -> Result<usize, ToolError> {
        let count = Arc::new(AtomicUsize::new(0));
        let kept = KeptCredentials::over(Box::new(Counting(Arc::clone(&count), lasts)));
        for _ in 0..2 {
            let ids = [RequestId::new(), RequestId::new()];
            let (one, other) = tokio::join!(
                kept.credentials(principals[0], grant, ids[0]),
                kept.credentials(principals[1], grant, ids[1])
            );
            for (got, (principal, id)) in [one?, other?].iter().zip(principals.iter().zip(ids)) {
                assert_eq!((got.principal(), got.request()), (*principal, id), "they say whose they are");
            }
        }
        Ok(count.load(Ordering::Relaxed))
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn the_single_user_is_asked_for_once() -> Result<(), ToolError> {
        let me = Principal::single_user();
        assert_eq!(asked([&me, &me], &Grant::Ambient, HOUR).await?, 1);
        Ok(())
    }

    #[tokio::test]
    async fn what_ends_soon_is_obtained_anew() -> Result<(), ToolError> {
        let me = Principal::single_user();
        assert_eq!(asked([&me, &me], &Grant::Ambient, MARGIN / 2).await?, 4);
        Ok(())
    }

    #[tokio::test]
    async fn nothing_is_kept_of_one_for_another_nor_for_who_brings_a_role() -> Result<(), ToolError> {
        let someone = |name: &str| Principal::verified("https://idp".into(), "acme".into(), name.into());
        let (alice, bob) = (someone("alice"), someone("bob"));
        assert_eq!(asked([&alice, &bob], &Grant::Ambient, HOUR).await?, 4);
        let role = Grant::AssumeRole(RoleGrant {
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            session_tags: BTreeMap::new(),
            session_policy: None,
            token_expires_at: u64::MAX,
            token_digest: None,
            registry: None,
        });
        assert_eq!(asked([&alice, &alice], &role, HOUR).await?, 4);
        Ok(())
    }
}
