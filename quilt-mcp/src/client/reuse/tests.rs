use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;

use super::*;
use crate::domain::principal::RoleGrant;
use crate::error::ErrorCode;

/// Gives each token keys that name it, and counts.
#[derive(Clone, Default)]
struct Counting {
    asked: Arc<AtomicUsize>,
    lasting: Duration,
    fails: bool,
}

impl CredentialSource for Counting {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if self.fails {
                return Err(ToolError::new(ErrorCode::CredentialsUnavailable, "no"));
            }
            let ends = SystemTime::now() + self.lasting;
            let id = format!("{:?} {}", grant.token_digest(), principal.subject());
            Ok(CallerCredentials::obtained(
                Credentials::new(id, "s", None, Some(ends), "test"),
                principal,
                request,
            ))
        })
    }
}

fn lasting(lasting: Duration) -> Counting {
    Counting { lasting, ..Counting::default() }
}

fn user(tenant: &str, subject: &str) -> Principal {
    Principal::verified("https://idp".into(), tenant.into(), subject.into())
}

fn grant(token: &str) -> Grant {
    Grant::AssumeRole(RoleGrant {
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        session_tags: std::collections::BTreeMap::new(),
        session_policy: None,
        token_expires_at: u64::MAX,
        token_digest: Some(TokenDigest::of(token)),
        registry: None,
    })
}

async fn key_id(source: &ReusedSource, principal: &Principal, token: &str) -> String {
    let got = source.credentials(principal, &grant(token), RequestId::new()).await.expect("credentials");
    assert_eq!(got.principal(), principal);
    got.kept().access_key_id().to_owned()
}

const HOUR: Duration = Duration::from_secs(3600);
/// As long as a call may take.
const CALL: Duration = Duration::from_secs(120);

#[tokio::test]
async fn one_token_is_exchanged_once_however_many_ask() {
    let counting = lasting(HOUR);
    let source = ReusedSource::new(Box::new(counting.clone()), 10, CALL);
    let alice = user("acme", "alice");
    let ids = join_all((0..50).map(|_| key_id(&source, &alice, "one"))).await;
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(counting.asked.load(Ordering::SeqCst), 1);
}

/// Whether anybody got what was made for another token or another person.
async fn crossed(source: &ReusedSource) -> bool {
    let people = [user("acme", "alice"), user("acme", "bob"), user("globex", "alice")];
    let mut crossed = false;
    for _ in 0..2 {
        for person in &people {
            for token in ["one", "two"] {
                let expected = format!("{:?} {}", grant(token).token_digest(), person.subject());
                crossed |= key_id(source, person, token).await != expected;
            }
        }
    }
    crossed
}

#[tokio::test]
async fn nobody_gets_what_another_token_was_exchanged_for() {
    assert!(!crossed(&ReusedSource::new(Box::new(lasting(HOUR)), 10, CALL)).await);
    // The same test sees a key that says too little.
    let by_subject: KeyOf = |principal, _| {
        Some((TokenDigest::of(""), Principal::verified("i".into(), "t".into(), principal.subject().into())))
    };
    assert!(crossed(&ReusedSource::keyed(Box::new(lasting(HOUR)), 10, CALL, by_subject)).await);
    let by_principal: KeyOf = |principal, _| Some((TokenDigest::of(""), principal.clone()));
    assert!(crossed(&ReusedSource::keyed(Box::new(lasting(HOUR)), 10, CALL, by_principal)).await);
}

#[tokio::test]
async fn what_could_end_during_a_call_is_exchanged_anew() {
    let second = Duration::from_secs(1);
    for (lives, exchanges) in [(CALL + MARGIN - second, 3), (CALL + MARGIN + 60 * second, 1)] {
        let counting = lasting(lives);
        let source = ReusedSource::new(Box::new(counting.clone()), 10, CALL);
        for _ in 0..3 {
            key_id(&source, &user("acme", "alice"), "one").await;
        }
        assert_eq!(counting.asked.load(Ordering::SeqCst), exchanges, "{lives:?}");
    }
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let counting = Counting { fails: true, ..lasting(HOUR) };
    let source = ReusedSource::new(Box::new(counting.clone()), 10, CALL);
    for _ in 0..3 {
        assert!(source.credentials(&user("acme", "alice"), &grant("one"), RequestId::new()).await.is_err());
    }
    assert_eq!(counting.asked.load(Ordering::SeqCst), 3);
    assert!(source.lock().is_empty());
}

#[tokio::test]
async fn no_more_than_allowed_are_kept() {
    let source = ReusedSource::new(Box::new(lasting(HOUR)), 3, CALL);
    for number in 0..100 {
        key_id(&source, &user("acme", "alice"), &number.to_string()).await;
        assert!(source.lock().len() <= 3);
    }
}

#[tokio::test]
async fn a_grant_without_a_token_is_never_kept() {
    let counting = lasting(HOUR);
    let source = ReusedSource::new(Box::new(counting.clone()), 3, CALL);
    for _ in 0..2 {
        source.credentials(&Principal::single_user(), &Grant::Ambient, RequestId::new()).await.expect("some");
    }
    assert_eq!(counting.asked.load(Ordering::SeqCst), 2);
    assert!(source.lock().is_empty());
}
