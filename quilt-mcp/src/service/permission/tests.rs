mod interleaved;

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

impl RightsProbe for std::sync::Arc<Scripted> {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
        (**self).rights(auth, bucket)
    }
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
            let finding =
                if faulty { Finding::unknown("timeout") } else { Finding::yes(auth.principal().subject()) };
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

/// How often AWS is asked by requests of `who`, one after the other, the last of which wants to know anew.
async fn looks(probe: &RememberedRights, who: &str, name: &str) -> Result<(), ToolError> {
    for freshness in [Freshness::Remembered, Freshness::Remembered, Freshness::Fresh] {
        let principal = Principal::verified("https://idp".into(), "acme".into(), who.into());
        let (endpoints, credentials) = (nowhere(), Canned::credentials(&principal));
        let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
        let progress = Progress::none();
        let rights = PermissionService::new(&auth, probe, &progress).rights(&bucket(name), freshness).await?;
        assert!(rights.read.evidence == who || !rights.is_settled(), "{rights:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_probe_that_remembers_is_asked_again_by_whom_it_does_not_know() -> Result<(), ToolError> {
    let asked = std::sync::Arc::new(Scripted::default());
    let count = || asked.asked.load(Ordering::Relaxed);
    let probe = RememberedRights::over(Box::new(std::sync::Arc::clone(&asked)));
    looks(&probe, "alice", "abc").await?;
    assert_eq!(count(), 2, "the first, and the one that wanted it anew");
    looks(&probe, "bob", "abc").await?;
    assert_eq!(count(), 4, "nothing of alice's is told to bob");
    looks(&probe, "alice", "faulty-bucket").await?;
    assert_eq!(count(), 7, "faults are not remembered");
    Ok(())
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
    let survey = with_service!(nowhere(), &probe, |s| s.survey(Some(names.clone()), Freshness::Remembered))?;
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
