//! Ambient access: whose services are found, from where, and what happens when nobody can answer.

mod blocking;
mod following;
mod keeping_apart;
mod stopping;
mod world;

use std::time::Duration;

use futures_util::future::{join, join_all};
use quilt_scope::ambient;
use world::{App, Container, in_request, whoami, with_audit, with_auth};

/// Far below a tool, and nothing was passed to it.
async fn far_below(depth: u32) -> String {
    if depth == 0 { whoami().await } else { Box::pin(far_below(depth - 1)).await }
}

#[tokio::test]
async fn code_below_gets_the_services_of_its_request() {
    let app = App::default();
    assert_eq!(in_request(&app, "Ada", far_below(20)).await, "Ada");
    assert_eq!(in_request(&app, "Ben", far_below(20)).await, "Ben");
    assert_eq!(app.built(), 2, "each built once in each request");
}

#[tokio::test]
async fn several_ask_at_once() {
    let app = App::default();
    let both = in_request(&app, "Ada", async { join(whoami(), far_below(3)).await });
    assert_eq!(both.await, ("Ada".to_owned(), "Ada".to_owned()));
    let many = in_request(&app, "Ben", async { join_all((0..1000).map(|_| whoami())).await });
    assert!(many.await.iter().all(|who| who == "Ben"));
    assert_eq!(app.built(), 2);
}

#[tokio::test]
async fn what_is_asked_may_ask_again() {
    let app = App::default();
    let asked = in_request(&app, "Ada", async {
        with_auth(|auth| {
            Box::pin(async move {
                let inner = with_auth(|auth| {
                    Box::pin(async move { format!("{} of {}", auth.name(), far_below(2).await) })
                });
                format!("{} and {}", auth.name(), inner.await.expect("the request is open"))
            })
        })
        .await
        .expect("the request is open")
    });
    assert_eq!(asked.await, "Ada and Ada of Ada");
}

#[tokio::test]
async fn what_is_asked_may_wait() {
    let app = App::default();
    let slow = in_request(&app, "Ada", async {
        with_auth(|auth| {
            Box::pin(async move {
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
                auth.name().to_owned()
            })
        })
        .await
    });
    assert_eq!(slow.await.expect("the request is open"), "Ada");
}

#[tokio::test]
async fn the_other_branch_of_a_select_goes_on() {
    let app = App::default();
    let chosen = in_request(&app, "Ada", async {
        let never = with_auth(|_| Box::pin(std::future::pending::<String>()));
        tokio::select! {
            _ = never => "the one that never answers".to_owned(),
            who = async { tokio::task::yield_now().await; whoami().await } => who,
        }
    });
    assert_eq!(chosen.await, "Ada");
}

#[tokio::test]
async fn an_ask_may_be_timed_out() {
    let app = App::default();
    let result = in_request(&app, "Ada", async {
        let never = with_auth(|_| Box::pin(std::future::pending::<()>()));
        let timed_out = tokio::time::timeout(Duration::from_millis(5), never).await.is_err();
        (timed_out, tokio::time::timeout(Duration::from_secs(5), whoami()).await)
    });
    assert_eq!(result.await, (true, Ok("Ada".to_owned())));
}

#[tokio::test]
async fn outside_a_request_the_error_names_the_service_and_says_what_to_do() {
    let error = with_auth(|auth| Box::pin(async move { auth.name().to_owned() }))
        .await
        .expect_err("there is no request");
    assert!(error.is_outside());
    assert_eq!(error.wanted(), "Auth");
    assert_eq!(
        error.to_string(),
        "`Auth` was asked for outside a request: no `RequestScope` is open where this runs. Call it from a tool; in a \
         spawned task, take the request along with `ambient::current()?.follow(task)`"
    );
    let scope =
        ambient::with::<Container, ()>(|_| Box::pin(async {})).await.expect_err("there is no request");
    assert_eq!(scope.wanted(), "RequestScope");
    assert!(ambient::current().is_err());
}

#[tokio::test]
async fn a_service_that_cannot_be_built_is_its_own_error() {
    let app = App::default();
    let asked = with_audit_in(&app).await.expect_err("it cannot be built");
    assert!(!asked.is_outside());
    assert_eq!(asked.to_string(), "`Audit` could not be built");
    assert_eq!(asked.into_scope_error().expect("a service").into_source().to_string(), "no audit today");
}

async fn with_audit_in(app: &App) -> Result<(), ambient::AmbientError> {
    in_request(app, "Ada", async { with_audit(|_| Box::pin(async {})).await }).await
}
