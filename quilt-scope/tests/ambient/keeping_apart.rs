//! Requests that are served by one thread at the same time get each their own; and the twin, which keeps the current
//! request as singletons were kept, is caught by the same test.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use futures_util::future::join;

use crate::world::{App, in_request, whoami};

/// Two requests ask in turns, each three times. What each was told.
async fn in_turns<F: Future<Output = String> + Send + 'static>(
    serve: impl AsyncFn(&'static str, Asks) -> Vec<String>,
    ask: fn() -> F,
) -> (Vec<String>, Vec<String>) {
    let asks = || -> Asks {
        Box::pin(async move {
            let mut told = Vec::new();
            for _ in 0..3 {
                told.push(ask().await);
                // Lets the other request go on, on the same thread.
                tokio::task::yield_now().await;
            }
            told
        })
    };
    join(serve("Ada", asks()), serve("Ben", asks())).await
}

type Asks = std::pin::Pin<Box<dyn Future<Output = Vec<String>> + Send>>;

fn all(told: &[String], who: &str) -> bool {
    told.len() == 3 && told.iter().all(|one| one == who)
}

#[tokio::test]
async fn requests_in_turns_get_each_their_own() {
    let app = App::default();
    let serve = async |who: &'static str, asks: Asks| in_request(&app, who, asks).await;
    let (ada, ben) = in_turns(serve, whoami).await;
    assert!(all(&ada, "Ada") && all(&ben, "Ben"), "{ada:?} {ben:?}");
}

#[tokio::test]
async fn requests_inside_each_other_get_each_their_own() {
    let app = App::default();
    let told = in_request(&app, "Ada", async {
        let (inner, own) = join(in_request(&app, "Ben", whoami()), whoami()).await;
        [own, inner, whoami().await]
    });
    assert_eq!(told.await, ["Ada", "Ben", "Ada"]);
}

/// The twin's current request: set when a request begins, and left there.
static CURRENT: Mutex<String> = Mutex::new(String::new());

#[tokio::test]
async fn a_current_request_that_is_only_set_at_the_beginning_is_caught() {
    let serve = async |who: &'static str, asks: Asks| {
        who.clone_into(&mut CURRENT.lock().unwrap_or_else(PoisonError::into_inner));
        asks.await
    };
    let ask = || async { CURRENT.lock().unwrap_or_else(PoisonError::into_inner).clone() };
    let (ada, ben) = in_turns(serve, ask).await;
    assert!(!(all(&ada, "Ada") && all(&ben, "Ben")), "the twin was not caught");
}
