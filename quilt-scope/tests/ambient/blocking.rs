//! Nobody waits for itself: who blocks the thread that would answer is told so.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use quilt_scope::ambient;

use crate::world::{App, Auth, Container, in_request, whoami, with_auth};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// An executor that parks the thread, as many a library has one inside.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

async fn name() -> Result<String, ambient::AmbientError> {
    with_auth(|auth| Box::pin(async move { auth.name().to_owned() })).await
}

#[tokio::test]
async fn an_executor_inside_the_request_is_told_that_it_blocks() {
    let app = App::default();
    let (blocked, after) = in_request(&app, "Ada", async { (block_on(name()), whoami().await) }).await;
    let error = blocked.expect_err("nobody could answer");
    assert!(error.is_blocked());
    assert!(error.to_string().starts_with("`Auth` was asked for by code that blocks the thread"), "{error}");
    assert_eq!(after, "Ada", "the request goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_section_of_the_runtime_is_told_so_too() {
    let app = Arc::new(App::default());
    let served = tokio::spawn(async move {
        in_request(&app, "Ada", async {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(name()))
        })
        .await
    });
    assert!(served.await.expect("it returns").expect_err("nobody could answer").is_blocked());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_waits_until_a_blocking_section_of_the_owner_is_over() {
    let app = Arc::new(App::default());
    let served = tokio::spawn(async move {
        in_request(&app, "Ada", async {
            let request = ambient::current().expect("a request is open");
            let (asking, asked) = std::sync::mpsc::channel();
            let follower = tokio::spawn(request.follow(async move {
                let name = name();
                asking.send(()).expect("the owner waits");
                name.await
            }));
            tokio::task::block_in_place(|| asked.recv().expect("it asks"));
            follower.await
        })
        .await
    });
    let answer = served.await.expect("it returns").expect("it returns");
    assert_eq!(answer.expect("the request is open"), "Ada");
}

#[tokio::test]
async fn to_wait_for_the_request_inside_it_is_refused() {
    let app = App::default();
    let refused = in_request(&app, "Ada", async {
        let request = ambient::current().expect("a request is open");
        request.wait_for::<Container, _>(|scope| {
            Box::pin(async move { scope.get::<Auth<'_>>().await.expect("it is built").name().to_owned() })
        })
    });
    assert!(refused.await.expect_err("it would wait for itself").is_blocked());
}

/// Combinators that poll again before they give way are not taken for blocking.
#[tokio::test]
async fn an_unordered_set_of_asks_is_no_blocking() {
    let app = App::default();
    let told = in_request(&app, "Ada", async {
        let groups: FuturesUnordered<_> = (0..20)
            .map(|_| async {
                let asks: FuturesUnordered<_> = (0..50).map(|_| whoami()).collect();
                asks.collect::<Vec<_>>().await
            })
            .collect();
        groups.concat().await
    });
    let told = told.await;
    assert_eq!(told.len(), 1000);
    assert!(told.iter().all(|who| who == "Ada"));
}
