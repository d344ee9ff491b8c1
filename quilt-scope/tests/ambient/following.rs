//! Spawned tasks and threads have no request unless they were given it.

use std::sync::Arc;

use quilt_scope::ambient;
use tokio::sync::oneshot;

use crate::world::{App, Container, in_request, whoami, with_auth};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spawned_task_has_no_request_of_its_own() {
    let app = App::default();
    let said = in_request(&app, "Ada", async { tokio::spawn(whoami()).await });
    let said = said.await.expect("it returns");
    assert!(said.starts_with("`Auth` was asked for outside a request"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_was_told_to_follow_asks_the_request() {
    let app = App::default();
    let said = in_request(&app, "Ada", async {
        let request = ambient::current().expect("a request is open");
        tokio::spawn(request.follow(async { (whoami().await, whoami().await) })).await
    });
    assert_eq!(said.await.expect("it returns"), ("Ada".to_owned(), "Ada".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_outlives_the_request_is_told_so() {
    let app = App::default();
    let (ended, wait) = oneshot::channel::<()>();
    let follower = in_request(&app, "Ada", async {
        let request = ambient::current().expect("a request is open");
        [tokio::spawn(request.follow(async {
            wait.await.expect("it is told");
            with_auth(|auth| Box::pin(async move { auth.name().to_owned() })).await
        }))]
    });
    let [follower] = follower.await;
    ended.send(()).expect("it waits");
    let error = follower.await.expect("it returns").expect_err("the request is over");
    assert!(error.is_ended());
    assert!(error.to_string().starts_with("`Auth` was asked for in a request that has ended"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_ends_while_a_follower_waits_lets_go_of_it() {
    let app = App::default();
    let (asking, asked) = oneshot::channel::<()>();
    let follower = in_request(&app, "Ada", async {
        let request = ambient::current().expect("a request is open");
        let follower = tokio::spawn(request.follow(with_waiting(asking)));
        asked.await.expect("it asks");
        [follower]
    });
    let [follower] = follower.await;
    let answer = follower.await.expect("it returns");
    assert!(answer.expect_err("the request is over").is_ended());
}

/// Asks what is never answered, and tells when that has begun.
async fn with_waiting(asking: oneshot::Sender<()>) -> Result<(), ambient::AmbientError> {
    with_auth(|_| {
        Box::pin(async {
            asking.send(()).expect("somebody waits");
            std::future::pending::<()>().await;
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_may_wait_for_the_request() {
    let app = App::default();
    let said = in_request(&app, "Ada", async {
        let request = ambient::current().expect("a request is open");
        let waits = move || {
            request.wait_for::<Container, _>(|scope| {
                Box::pin(async move {
                    let auth = scope.get::<crate::world::Auth<'_>>().await.expect("it is built");
                    auth.name().to_owned()
                })
            })
        };
        tokio::task::spawn_blocking(waits).await
    });
    assert_eq!(said.await.expect("it returns").expect("the request is open"), "Ada");
}

#[tokio::test]
async fn an_ask_that_is_taken_to_another_request_asks_neither() {
    let app = Arc::new(App::default());
    let of_ada = in_request(&app, "Ada", async {
        let asked = with_auth(|auth| Box::pin(async move { auth.name().to_owned() }));
        [asked]
    });
    let [of_ada] = of_ada.await;
    let answer = in_request(&app, "Ben", of_ada).await;
    assert!(answer.expect_err("it is neither's").is_outside());
}
