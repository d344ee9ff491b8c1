//! Who may and who may not, asking about the same bucket in turns.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::*;

/// Requests, of alice and of bob in turns.
const REQUESTS: usize = 5_000;
/// How many of them are under way at once.
const TOGETHER: usize = 64;
/// How often each asks about the bucket.
const ASKS: usize = 20;

/// Lets alice read, and nobody else.
#[derive(Default)]
struct OnlyAlice {
    asked: AtomicUsize,
}

impl RightsProbe for OnlyAlice {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            let who = auth.principal().subject();
            let finding = if who == "alice" { Finding::yes(who) } else { Finding::no(who) };
            let (read, write, list) = (finding.clone(), finding.clone(), finding);
            Ok(BucketRights { bucket: bucket.clone(), region: None, read, write, list, faults: Vec::new() })
        })
    }
}

/// Remembers by bucket, whoever asked.
#[derive(Default)]
struct ByBucket {
    probe: OnlyAlice,
    known: Mutex<HashMap<BucketName, BucketRights>>,
}

impl RightsProbe for ByBucket {
    fn rights<'a>(
        &'a self,
        auth: &'a AuthService<'_>,
        bucket: &'a BucketName,
    ) -> BoxFuture<'a, Result<BucketRights, ToolError>> {
        Box::pin(async move {
            if let Some(known) = self.known.lock().expect("not poisoned").get(bucket) {
                return Ok(known.clone());
            }
            let rights = self.probe.rights(auth, bucket).await?;
            Ok(self.known.lock().expect("not poisoned").entry(bucket.clone()).or_insert(rights).clone())
        })
    }
}

/// How many answers were not what they are for who asked.
async fn wrong_answers(probe: &dyn RightsProbe) -> Result<usize, ToolError> {
    let endpoints = nowhere();
    let request = async |number: usize| {
        let who = ["alice", "bob"][number % 2];
        let principal = Principal::verified("https://idp".into(), "acme".into(), who.into());
        let credentials = Canned::credentials(&principal);
        let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
        let progress = Progress::none();
        let service = PermissionService::new(&auth, probe, &progress);
        let mut wrong = 0;
        for _ in 0..ASKS {
            let read = service.rights(&bucket("abc"), Freshness::Remembered).await?.read;
            let right = if who == "alice" { Finding::yes(who) } else { Finding::no(who) };
            wrong += usize::from(read != right);
            tokio::task::yield_now().await;
        }
        Ok(wrong)
    };
    let requests = stream::iter(0..REQUESTS).map(request).buffer_unordered(TOGETHER);
    requests.try_fold(0, async |all, wrong| Ok(all + wrong)).await
}

#[tokio::test]
async fn of_a_hundred_thousand_answers_none_is_anothers() -> Result<(), ToolError> {
    let probe = OnlyAlice::default();
    assert_eq!(wrong_answers(&probe).await?, 0);
    // Each request asks once, and knows it the other times: 95 of 100 need nobody.
    assert_eq!(probe.asked.load(Ordering::Relaxed), REQUESTS);
    Ok(())
}

#[tokio::test]
async fn what_is_remembered_by_bucket_is_caught() -> Result<(), ToolError> {
    let wrong = wrong_answers(&ByBucket::default()).await?;
    assert!(wrong >= REQUESTS / 2 * ASKS - TOGETHER * ASKS, "{wrong} wrong answers");
    Ok(())
}
