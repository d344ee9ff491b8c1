//! Asynchronous constructors by hand: awaited, then lent.
//!
//! In three ways. The plain one builds a service twice when two ask together, and throws one away. The second boxes each
//! constructor's future, as the framework does, and shows what the boxes cost. The third builds once: whoever builds holds
//! tokio's lock.

use std::future::Future;
use std::sync::OnceLock;

use tokio::sync::Mutex;

use crate::contenders::App;
use crate::contenders::services::{AsyncAuth, AsyncPermissions, AsyncWorkflows};
use crate::contenders::work::ready;

struct Plain<T>(OnceLock<T>);

struct Boxed<T>(OnceLock<T>);

struct InTurn<T> {
    value: OnceLock<T>,
    turn: Mutex<()>,
}

impl<T> Default for Plain<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Default for Boxed<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Default for InTurn<T> {
    fn default() -> Self {
        Self { value: OnceLock::new(), turn: Mutex::new(()) }
    }
}

impl<T> Plain<T> {
    #[inline]
    async fn get_or_init(&self, make: impl Future<Output = T> + Send) -> &T {
        match self.0.get() {
            Some(built) => built,
            None => keep(&self.0, make.await),
        }
    }
}

impl<T> Boxed<T> {
    #[inline]
    async fn get_or_init(&self, make: impl Future<Output = T> + Send) -> &T {
        match self.0.get() {
            Some(built) => built,
            None => keep(&self.0, Box::pin(make).await),
        }
    }
}

impl<T> InTurn<T> {
    #[inline]
    async fn get_or_init(&self, make: impl Future<Output = T> + Send) -> &T {
        if let Some(built) = self.value.get() {
            return built;
        }
        let _turn = self.turn.lock().await;
        match self.value.get() {
            Some(built) => built,
            None => keep(&self.value, make.await),
        }
    }
}

#[inline]
fn keep<T>(cell: &OnceLock<T>, made: T) -> &T {
    let mut made = Some(made);
    cell.get_or_init(|| made.take().expect("asked for once"))
}

macro_rules! by_hand {
    ($work:ident, $request:ident, $cell:ident) => {
        struct $request<'req> {
            app: &'req App,
            workflows: $cell<AsyncWorkflows<'req>>,
            permissions: $cell<AsyncPermissions<'req>>,
            auth: $cell<AsyncAuth>,
        }

        impl<'req> $request<'req> {
            #[inline]
            async fn auth(&'req self) -> &'req AsyncAuth {
                self.auth.get_or_init(AsyncAuth::new()).await
            }

            #[inline]
            async fn permissions(&'req self) -> &'req AsyncPermissions<'req> {
                self.permissions.get_or_init(async { AsyncPermissions::new(self.auth().await).await }).await
            }

            #[inline]
            async fn workflows(&'req self) -> &'req AsyncWorkflows<'req> {
                let make = async { AsyncWorkflows::new(self.permissions().await, self.app.store()).await };
                self.workflows.get_or_init(make).await
            }
        }

        pub(crate) fn $work(app: &App) -> usize {
            let scope = $request {
                app,
                workflows: $cell::default(),
                permissions: $cell::default(),
                auth: $cell::default(),
            };
            ready(async { scope.workflows().await.read() })
        }
    };
}

by_hand!(three, PlainRequest, Plain);
by_hand!(three_boxed, BoxedRequest, Boxed);
by_hand!(three_in_turn, RequestInTurn, InTurn);
