use std::collections::BTreeSet;

use bytes::Bytes;
use futures_util::future::join_all;
use quilt_scope::BoxFuture;

use super::*;
use crate::client::fetch::{FetchError, Fetched, Get};

/// A registry that knows some tokens, counts, can be held, and can break.
#[derive(Default)]
struct Registry {
    known: Mutex<BTreeSet<String>>,
    breaks: Mutex<bool>,
    /// Whether it lets its answers go.
    holds: watch::Sender<bool>,
    asked: Mutex<Vec<String>>,
    at_once: watch::Sender<usize>,
    most_at_once: Mutex<usize>,
}

impl Registry {
    fn knowing(tokens: &[&str]) -> Arc<Self> {
        let registry = Self::default();
        registry.know(tokens);
        Arc::new(registry)
    }

    fn know(&self, tokens: &[&str]) {
        *self.known.lock().expect("not poisoned") = tokens.iter().map(|&token| token.to_owned()).collect();
    }

    fn hold(&self, holds: bool) {
        self.holds.send_replace(holds);
    }

    fn asked(&self) -> usize {
        self.asked.lock().expect("not poisoned").len()
    }

    fn most_at_once(&self) -> usize {
        *self.most_at_once.lock().expect("not poisoned")
    }

    async fn is_asked_by(&self, number: usize) {
        let mut at_once = self.at_once.subscribe();
        at_once.wait_for(|now| *now == number).await.expect("it is there");
    }
}

struct Leaving<'a>(&'a Registry);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.at_once.send_modify(|now| *now -= 1);
    }
}

impl Fetch for Registry {
    fn get<'a>(&'a self, _: Get<'a>) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        unreachable!("nothing is got")
    }

    fn post<'a>(&'a self, to: Get<'a>, _: Bytes) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(async move {
            let token = to.bearer.expect("whose").expose().to_owned();
            self.asked.lock().expect("not poisoned").push(token.clone());
            self.at_once.send_modify(|now| *now += 1);
            let now = *self.at_once.borrow();
            let _leaving = Leaving(self);
            {
                let mut most = self.most_at_once.lock().expect("not poisoned");
                *most = now.max(*most);
            }
            let mut holds = self.holds.subscribe();
            if timeout(to.within, holds.wait_for(|holds| !holds)).await.is_err() {
                return Err(FetchError::new("late"));
            }
            if *self.breaks.lock().expect("not poisoned") {
                return Err(FetchError::new("down"));
            }
            let is_known = self.known.lock().expect("not poisoned").contains(&token);
            let me = if is_known { r#"{"name":"ada"}"# } else { "null" };
            Ok(Fetched::answering(200, format!(r#"{{"data":{{"me":{me}}}}}"#)))
        })
    }
}

/// Bounds that nothing here comes to by itself.
fn wide() -> Bounds {
    Bounds {
        at_once: 32,
        patience: Duration::from_secs(60),
        answer: Duration::from_secs(60),
        refused_for: Duration::from_secs(3600),
        most_refused: 10_000,
    }
}

fn vouching(registry: &Arc<Registry>, bounds: Bounds) -> Vouching {
    let url = "https://registry.example.com".parse().expect("a URL");
    Vouching::by(url, Arc::clone(registry) as Arc<dyn Fetch>, bounds)
}

#[tokio::test]
async fn each_request_of_a_good_token_is_a_question() {
    let registry = Registry::knowing(&["ada"]);
    let vouching = vouching(&registry, wide());
    for number in 1..=5 {
        assert_eq!(vouching.knows("ada").await, Ok(()));
        assert_eq!(registry.asked(), number);
    }
    registry.know(&[]);
    assert_eq!(vouching.knows("ada").await, Err(AuthError::NotVouchedFor), "at the next request");
    let counts = vouching.questions();
    assert_eq!((counts.known, counts.unknown, counts.unanswered, counts.failing), (5, 1, 0, 0));
    assert_eq!(counts.issuer, "https://registry.example.com");
}

#[tokio::test]
async fn equal_tokens_share_a_question_and_different_ones_none() {
    let registry = Registry::knowing(&["ada", "ben"]);
    let vouching = vouching(&registry, wide());
    registry.hold(true);
    let tokens = ["ada", "ben", "mallory"];
    let asking = join_all((0..300).map(|number| vouching.knows(tokens[number % 3])));
    let released = async {
        registry.is_asked_by(3).await;
        registry.hold(false);
    };
    let (answers, ()) = tokio::join!(asking, released);
    for (number, answer) in answers.into_iter().enumerate() {
        let expected = if number % 3 == 2 { Err(AuthError::NotVouchedFor) } else { Ok(()) };
        assert_eq!(answer, expected, "{number}");
    }
    assert_eq!(*registry.asked.lock().expect("not poisoned"), tokens);
    // The answer was for those who waited.
    assert_eq!(vouching.knows("ada").await, Ok(()));
    assert_eq!(registry.asked(), 4);
}

#[tokio::test]
async fn a_token_that_is_not_known_costs_one_question_for_a_while() {
    let registry = Registry::knowing(&[]);
    let within_it = vouching(&registry, wide());
    for _ in 0..1_000 {
        assert_eq!(within_it.knows("mallory").await, Err(AuthError::NotVouchedFor));
    }
    assert_eq!(registry.asked(), 1);
    // A while that is over at once: who is known again is let in after it.
    let after_it = vouching(&registry, Bounds { refused_for: Duration::ZERO, ..wide() });
    assert_eq!(after_it.knows("mallory").await, Err(AuthError::NotVouchedFor));
    registry.know(&["mallory"]);
    assert_eq!(after_it.knows("mallory").await, Ok(()));
    assert_eq!(within_it.knows("mallory").await, Err(AuthError::NotVouchedFor));
    assert_eq!(registry.asked(), 3);
}

/// What a flood of made-up tokens makes of these bounds: how many questions at once, and how many were told to come again.
async fn flooded(bounds: Bounds) -> (usize, usize) {
    const FLOOD: usize = 1_000;
    let registry = Registry::knowing(&[]);
    let vouching = vouching(&registry, bounds);
    registry.hold(true);
    let (most, told) = (bounds.at_once.min(FLOOD), watch::Sender::new(0));
    let asking = join_all((0..FLOOD).map(|number| {
        let (vouching, told) = (&vouching, &told);
        async move {
            let answer = vouching.knows(&format!("made-up-{number}")).await;
            told.send_modify(|told| *told += 1);
            answer
        }
    }));
    let released = async {
        registry.is_asked_by(most).await;
        told.subscribe().wait_for(|told| *told == FLOOD - most).await.expect("it is there");
        registry.hold(false);
    };
    let (answers, ()) = tokio::join!(asking, released);
    assert!(answers.iter().all(Result::is_err));
    let busy = answers.iter().filter(|answer| **answer == Err(AuthError::RegistryBusy)).count();
    (registry.most_at_once(), busy)
}

#[tokio::test]
async fn a_flood_is_so_many_questions_at_once_and_the_others_are_told_to_come_again() {
    let hurried = Bounds { at_once: 8, patience: Duration::from_millis(50), ..wide() };
    assert_eq!(flooded(hurried).await, (8, 992));
    // The same flood without bounds is seen by this test.
    assert_eq!(flooded(Bounds { at_once: 10_000, ..hurried }).await, (1_000, 0));
}

#[tokio::test]
async fn who_asks_and_goes_away_makes_no_room_for_a_question_more() {
    let registry = Registry::knowing(&[]);
    let vouching = vouching(&registry, Bounds { at_once: 2, ..wide() });
    registry.hold(true);
    for number in 0..50 {
        let token = format!("made-up-{number}");
        let left = timeout(Duration::from_millis(2), vouching.knows(&token)).await;
        assert!(left.is_err(), "{number}: {left:?}");
    }
    assert_eq!((registry.asked(), registry.most_at_once()), (2, 2));
    // What was asked for nobody is noted all the same, and makes room when it is answered.
    registry.hold(false);
    registry.is_asked_by(0).await;
    assert_eq!(vouching.knows("made-up-0").await, Err(AuthError::NotVouchedFor));
    assert_eq!(vouching.knows("another").await, Err(AuthError::NotVouchedFor));
    assert_eq!(registry.asked(), 3);
}

#[tokio::test]
async fn a_registry_that_says_nothing_lets_nobody_in_and_is_asked_again() {
    let registry = Registry::knowing(&["ada"]);
    let vouching = vouching(&registry, Bounds { answer: Duration::from_millis(50), ..wide() });
    *registry.breaks.lock().expect("not poisoned") = true;
    assert_eq!(vouching.knows("ada").await, Err(AuthError::RegistrySilent));
    registry.hold(true);
    assert_eq!(vouching.knows("ada").await, Err(AuthError::RegistrySilent));
    assert_eq!(vouching.questions().failing, 2);
    registry.hold(false);
    *registry.breaks.lock().expect("not poisoned") = false;
    assert_eq!(vouching.knows("ada").await, Ok(()), "nothing of it is remembered");
    let counts = vouching.questions();
    assert_eq!((counts.known, counts.unanswered, counts.failing), (1, 2, 0));
}

#[tokio::test]
async fn nothing_is_left_of_what_was_answered_but_what_is_refused() {
    let registry = Registry::knowing(&["ada"]);
    let vouching = vouching(&registry, Bounds { most_refused: 10, ..wide() });
    for number in 0..100 {
        assert_eq!(vouching.knows("ada").await, Ok(()));
        assert!(vouching.knows(&format!("made-up-{number}")).await.is_err());
    }
    assert!(vouching.0.lock().under_way.is_empty());
    // The last ten are remembered, the others are not.
    let asked = registry.asked();
    for number in (0..100).rev() {
        assert!(vouching.knows(&format!("made-up-{number}")).await.is_err());
    }
    assert_eq!(registry.asked(), asked + 90);
    assert_eq!(vouching.0.turns.available_permits(), 32);
}
