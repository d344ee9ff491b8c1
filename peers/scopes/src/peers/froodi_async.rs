//! froodi's asynchronous container.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use froodi::DefaultScope::{Action, App, Request};
use froodi::async_impl::Container;
use froodi::{Inject, registry};

use crate::arcs::{Auth, Permissions, Store, Workflows};
use crate::contenders::work::ready;
use crate::registered::{N0, each_of_1, each_of_10, each_of_16, each_of_100};
use crate::{Cannot, Case, TOO_MANY, Work, eight_times};

fn app() -> Container {
    let app = Container::new(registry! {
        provide(App, || async { Ok(Store::new()) }),
        scope(Request) [
            provide(|| async { Ok(Auth::new()) }),
            provide(|Inject(auth): Inject<Auth>| async move { Ok(Permissions::new(auth)) }),
            provide(|Inject(permissions): Inject<Permissions>, Inject(store): Inject<Store>| async move {
                Ok(Workflows::new(permissions, store))
            }),
        ],
    });
    ready(app.get::<Store>()).expect("it is provided");
    app
}

fn nested_app() -> Container {
    let app = Container::new(registry! {
        provide(App, || async { Ok(Store::new()) }),
        provide(Request, || async { Ok(Auth::new()) }),
        scope(Action) [
            provide(|Inject(auth): Inject<Auth>| async move { Ok(Permissions::new(auth)) }),
            provide(|Inject(permissions): Inject<Permissions>, Inject(store): Inject<Store>| async move {
                Ok(Workflows::new(permissions, store))
            }),
        ],
    });
    ready(app.get::<Store>()).expect("it is provided");
    app
}

macro_rules! many {
    ($(($i:tt $field:ident $service:ident $interface:ident))*) => {{
        let app = Container::new(registry! {
            scope(Request) [ $(provide(|| async { Ok(crate::registered::$service::new()) })),* ]
        });
        Box::new(move || ready(async {
            let request = enter(&app);
            let read = request.get::<N0>().await.map_or(0, |service| service.state.read());
            request.close().await;
            read
        }))
    }};
}

fn enter(container: &Container) -> Container {
    container.clone().enter_build().expect("there is a next scope")
}

async fn three(app: &Container) -> usize {
    let request = enter(app);
    let read = request.get::<Workflows>().await.map_or(0, |workflows| workflows.read());
    request.close().await;
    read
}

/// As [`ready`]; but who is beside another thread may have to wait for a lock of the container's, and sleeps until then.
fn ready_in_the_end<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => woken(future),
    }
}

#[cold]
fn woken<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

async fn one(app: &Container) -> usize {
    let request = enter(app);
    let read = request.get::<Auth>().await.map_or(0, |auth| auth.state.read());
    request.close().await;
    read
}

async fn nested(app: &Container) -> usize {
    let request = enter(app);
    let action = enter(&request);
    let read = action.get::<Workflows>().await.map_or(0, |workflows| workflows.read());
    action.close().await;
    request.close().await;
    read
}

pub(crate) fn prepare(case: Case) -> Result<Work, Cannot> {
    Ok(match case {
        Case::Three | Case::ThreeAsync => {
            let app = app();
            Box::new(move || ready_in_the_end(three(&app)))
        }
        Case::OneOfThree => {
            let app = app();
            Box::new(move || ready(one(&app)))
        }
        Case::OneOfSixteen => each_of_16!(many),
        Case::Nested => {
            let app = nested_app();
            Box::new(move || ready(nested(&app)))
        }
        Case::Registered(1) => each_of_1!(many),
        Case::Registered(10) => each_of_10!(many),
        Case::Registered(100) => each_of_100!(many),
        Case::Registered(_) => return Err(TOO_MANY),
    })
}

pub(crate) fn eight_at_once() {
    let app = Container::new(registry! { provide(Request, || async { Ok(Auth::slowly().await) }) });
    eight_times(|| one(&app));
}
