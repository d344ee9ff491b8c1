//! What is asked stops with its asker, and its panic is its asker's.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use quilt_scope::{End, ambient, run};
use tokio::sync::oneshot;

use crate::world::{App, Container, Principal, RequestScope, in_request, request, whoami, with_auth};

/// Says when it is gone.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn what_nobody_waits_for_is_stopped() {
    let app = App::default();
    let gone = Arc::new(AtomicBool::new(false));
    let seen = in_request(&app, "Ada", async {
        let (began, beginning) = oneshot::channel();
        let held = Gone(Arc::clone(&gone));
        let never = with_auth(|_| {
            Box::pin(async move {
                let _held = held;
                began.send(()).expect("somebody waits");
                pending::<()>().await;
            })
        });
        tokio::select! {
            _ = never => panic!("it is never answered"),
            began = beginning => began.expect("it begins"),
        }
        // The next ask comes after the owner has seen that nobody waits for the first.
        (whoami().await, gone.load(Ordering::SeqCst))
    });
    assert_eq!(seen.await, ("Ada".to_owned(), true));
}

#[tokio::test]
async fn what_was_not_begun_is_never_begun() {
    let app = App::default();
    let begun = Arc::new(AtomicBool::new(false));
    let begins = Arc::clone(&begun);
    in_request(&app, "Ada", async {
        drop(with_auth(move |_| {
            begins.store(true, Ordering::SeqCst);
            Box::pin(async {})
        }));
        whoami().await
    })
    .await;
    assert!(!begun.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_panic_is_the_askers_and_nobody_elses() {
    let app = App::default();
    let end = request(&app, "Ada", async {
        with_auth(|_| Box::pin(async { panic!("told to") as () })).await.expect("the request is open");
    });
    let End::Panicked(with) = end.await else { panic!("it did not panic") };
    assert_eq!(with.downcast_ref::<&str>(), Some(&"told to"));

    // One that panics before it returns its future, caught by its asker; the others go on.
    let told = in_request(&app, "Ben", async {
        let panics = with_auth(|_| -> quilt_scope::BoxFuture<'_, ()> { panic!("told to") });
        let caught = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(panics)).await;
        (caught.is_err(), whoami().await)
    });
    assert_eq!(told.await, (true, "Ben".to_owned()));
}

#[tokio::test]
async fn a_request_that_is_stopped_takes_along_what_it_was_asked() {
    let app = App::default();
    let gone = Arc::new(AtomicBool::new(false));
    let (began, beginning) = oneshot::channel();
    let scope = RequestScope::open(&app, Principal("Ada".to_owned()));
    let held = Gone(Arc::clone(&gone));
    let body = ambient::within::<Container, _>(&scope, async {
        let never = with_auth(|_| {
            Box::pin(async move {
                let _held = held;
                began.send(()).expect("somebody waits");
                pending::<()>().await;
            })
        });
        never.await
    });
    let stop = async { beginning.await.expect("it begins") };
    assert!(matches!(run(&scope, body, stop).await, End::Stopped));
    assert!(gone.load(Ordering::SeqCst));
}
