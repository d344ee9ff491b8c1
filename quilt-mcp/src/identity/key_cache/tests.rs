use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use quilt_scope::BoxFuture;
use serde_json::json;

use super::*;
use crate::client::fetch::{FetchError, Fetched};

/// An issuer that counts, can be told what to answer, and can hang.
#[derive(Default)]
struct Issuer {
    asked: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    answer: Mutex<Option<String>>,
    hangs: Mutex<bool>,
}

impl Issuer {
    fn publishing(kids: &[&str]) -> Arc<Self> {
        let issuer = Arc::new(Self::default());
        issuer.publish(kids);
        issuer
    }

    fn publish(&self, kids: &[&str]) {
        let key = |kid: &&str| json!({"kty": "OKP", "kid": kid, "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let keys: Vec<_> = kids.iter().map(key).collect();
        self.answers(Some(json!({ "keys": keys }).to_string()));
    }

    fn answers(&self, answer: Option<String>) {
        *self.answer.lock().expect("not poisoned") = answer;
    }

    fn hang(&self, hangs: bool) {
        *self.hangs.lock().expect("not poisoned") = hangs;
    }

    fn fetches(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

struct Leaving<'a>(&'a AtomicUsize);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Fetch for Issuer {
    fn get<'a>(&'a self, get: Get<'a>) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(now, Ordering::SeqCst);
            let _leaving = Leaving(&self.at_once);
            if *self.hangs.lock().expect("not poisoned") {
                tokio::time::sleep(get.within).await;
                return Err(FetchError::new("hung"));
            }
            tokio::task::yield_now().await;
            let answer = self.answer.lock().expect("not poisoned").clone();
            match answer {
                Some(body) => Ok(Fetched::answering(200, body)),
                None => Err(FetchError::new("down")),
            }
        })
    }

    fn post<'a>(&'a self, _: Get<'a>, _: Bytes) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        unreachable!("keys are got")
    }
}

fn quick() -> Timing {
    Timing {
        refresh: Duration::from_secs(3600),
        retry: Duration::from_secs(3600),
        cooldown: Duration::from_secs(3600),
        fetch: Duration::from_secs(5),
        patience: Duration::from_secs(1),
        stale: Duration::from_secs(3600),
    }
}

fn open(issuer: &Arc<Issuer>, timing: Timing) -> KeyCache {
    KeyCache::open("https://idp", "https://idp/jwks".into(), Arc::clone(issuer) as Arc<dyn Fetch>, timing)
}

async fn knows(cache: &KeyCache, kid: &str) -> bool {
    cache.with_key(kid).await.is_some()
}

#[tokio::test]
async fn the_first_requests_share_one_fetch() {
    let issuer = Issuer::publishing(&["a"]);
    let cache = open(&issuer, quick());
    let found = futures_util::future::join_all((0..200).map(|_| knows(&cache, "a"))).await;
    assert!(found.into_iter().all(|found| found));
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn unknown_keys_make_us_fetch_once_in_a_while_only() {
    let issuer = Issuer::publishing(&["a"]);
    let cache = open(&issuer, quick());
    assert!(knows(&cache, "a").await);
    for number in 0..10_000 {
        assert!(!knows(&cache, &format!("made-up-{number}")).await);
    }
    assert_eq!(issuer.fetches(), 2, "one at the start, one that a token asked for");
    // The same flood without a cooldown is seen by this test.
    let careless = open(&issuer, Timing { cooldown: Duration::ZERO, ..quick() });
    for number in 0..100 {
        let _ = knows(&careless, &format!("made-up-{number}")).await;
    }
    assert!(issuer.fetches() > 50, "{}", issuer.fetches());
}

#[tokio::test]
async fn a_new_key_is_seen_at_once_and_an_old_one_is_gone() {
    let issuer = Issuer::publishing(&["old"]);
    let cache = open(&issuer, quick());
    assert!(knows(&cache, "old").await);
    issuer.publish(&["new"]);
    let before = Instant::now();
    assert!(knows(&cache, "new").await);
    assert!(before.elapsed() < Duration::from_secs(1));
    assert!(!knows(&cache, "old").await);
}

#[tokio::test]
async fn a_withdrawn_key_counts_until_the_next_refresh_though_nobody_asks() {
    let issuer = Issuer::publishing(&["old"]);
    let cache = open(&issuer, Timing { refresh: Duration::from_millis(20), ..quick() });
    assert!(knows(&cache, "old").await);
    issuer.publish(&["new"]);
    let mut keys = cache.shared.keys.subscribe();
    tokio::time::timeout(Duration::from_secs(5), keys.wait_for(|keys| keys.get("old").is_none()))
        .await
        .expect("soon")
        .expect("told");
}

#[tokio::test]
async fn a_hung_issuer_holds_up_nobody_with_a_known_key() {
    let issuer = Issuer::publishing(&["a"]);
    let cache = open(&issuer, Timing { patience: Duration::from_millis(200), ..quick() });
    assert!(knows(&cache, "a").await);
    issuer.hang(true);
    let unknown = knows(&cache, "b");
    let known = async {
        tokio::task::yield_now().await;
        let before = Instant::now();
        for _ in 0..1_000 {
            assert!(knows(&cache, "a").await);
        }
        before.elapsed()
    };
    let before = Instant::now();
    let (found, took) = tokio::join!(unknown, known);
    assert!(!found);
    assert!(before.elapsed() < Duration::from_secs(1), "patience has an end");
    assert!(took < Duration::from_millis(150), "1,000 known keys took {took:?}");
    // Patience is counted from the beginning of the fetch: who comes later does not wait at all.
    let before = Instant::now();
    assert!(!knows(&cache, "c").await);
    assert!(before.elapsed() < Duration::from_millis(50));
    assert_eq!((issuer.fetches(), issuer.most_at_once.load(Ordering::SeqCst)), (2, 1));
}

#[tokio::test]
async fn the_last_good_keys_count_while_the_issuer_fails() {
    let issuer = Issuer::publishing(&["a"]);
    let often = Timing { refresh: Duration::from_millis(5), retry: Duration::from_millis(5), ..quick() };
    let cache = open(&issuer, often);
    assert!(knows(&cache, "a").await);
    for garbage in [None, Some("<html>"), Some("{}"), Some(r#"{"keys":[]}"#)] {
        issuer.answers(garbage.map(str::to_owned));
        let before = issuer.fetches();
        while issuer.fetches() < before + 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(knows(&cache, "a").await, "{garbage:?}");
    }
}

#[tokio::test]
async fn the_last_good_keys_do_not_count_for_ever() {
    let issuer = Issuer::publishing(&["a"]);
    let short = Timing {
        refresh: Duration::from_millis(5),
        retry: Duration::from_millis(5),
        stale: Duration::from_millis(50),
        ..quick()
    };
    let cache = open(&issuer, short);
    assert!(knows(&cache, "a").await);
    issuer.answers(None);
    let mut keys = cache.shared.keys.subscribe();
    let gone = keys.wait_for(|keys| keys.get("a").is_none());
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("soon").expect("told");
}

#[tokio::test]
async fn nobody_fetches_for_a_cache_that_is_gone() {
    let issuer = Issuer::publishing(&["a"]);
    let cache = open(&issuer, Timing { refresh: Duration::from_millis(1), ..quick() });
    assert!(knows(&cache, "a").await);
    let task = cache.task.abort_handle();
    drop(cache);
    while !task.is_finished() {
        tokio::task::yield_now().await;
    }
}
