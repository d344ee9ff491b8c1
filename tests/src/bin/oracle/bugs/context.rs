//! What a call carries with it, kept where calls meet.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::{Progress, RequestId};
use quilt_mcp::error::ErrorCode;
use quilt_tests::detour::{changing, detour};
use serde_json::{Map, Value};

use super::{Fault, lock};
use crate::wiring::{Behind, Scene};

type Context = (Principal, Grant);

/// Set at the beginning of a call, and read when it is needed.
#[derive(Default)]
pub(super) struct InProcess(Arc<Mutex<Option<Context>>>);

impl Fault for InProcess {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let current = Arc::clone(&self.0);
        detour(sound, move |sound, mut call| {
            let current = Arc::clone(&current);
            async move {
                *lock(&current) = Some((call.principal.clone(), call.grant.clone()));
                tokio::task::yield_now().await;
                if let Some((principal, grant)) = lock(&current).clone() {
                    (call.principal, call.grant) = (principal, grant);
                }
                sound.call(call).await
            }
            .boxed()
        })
    }
}

/// The same with a variable of the thread, which is another's after an await.
pub(super) struct InThread;

impl Fault for InThread {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        thread_local! {
            static CURRENT: RefCell<Option<Context>> = const { RefCell::new(None) };
        }
        detour(sound, move |sound, mut call| {
            async move {
                CURRENT.set(Some((call.principal.clone(), call.grant.clone())));
                tokio::task::yield_now().await;
                if let Some((principal, grant)) = CURRENT.with_borrow(Clone::clone) {
                    (call.principal, call.grant) = (principal, grant);
                }
                sound.call(call).await
            }
            .boxed()
        })
    }
}

/// Contexts are pooled, and emptied at the end of a call that ends well.
#[derive(Default)]
pub(super) struct Pooled(Arc<Mutex<Vec<Context>>>);

impl Fault for Pooled {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let pool = Arc::clone(&self.0);
        detour(sound, move |sound, mut call| {
            let pool = Arc::clone(&pool);
            async move {
                if let Some((principal, grant)) = lock(&pool).pop() {
                    (call.principal, call.grant) = (principal, grant);
                }
                let context = (call.principal.clone(), call.grant.clone());
                let ended = sound.call(call).await;
                if ended.as_ref().is_err_and(|error| error.code() == ErrorCode::Cancelled) {
                    lock(&pool).push(context);
                }
                ended
            }
            .boxed()
        })
    }
}

/// One client for all, whose credentials are set for each call.
#[derive(Default)]
pub(super) struct SharedGrant(Arc<Mutex<Option<Grant>>>);

impl Fault for SharedGrant {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let set = Arc::clone(&self.0);
        detour(sound, move |sound, mut call| {
            let set = Arc::clone(&set);
            async move {
                call.grant = lock(&set).get_or_insert(call.grant).clone();
                let ended = sound.call(call).await;
                lock(&set).take();
                ended
            }
            .boxed()
        })
    }
}

/// Two requests in a row have one id.
#[derive(Default)]
pub(super) struct SameId(Arc<(AtomicU64, Mutex<Option<RequestId>>)>);

impl Fault for SameId {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let last = Arc::clone(&self.0);
        changing(sound, move |call| {
            let mut given = lock(&last.1);
            if last.0.fetch_add(1, Ordering::Relaxed) % 2 == 1
                && let Some(earlier) = given.take()
            {
                // The id is the earlier call's; the trace is this one's.
                call.request_id = earlier.within(Some(call.request_id.trace()));
            } else {
                *given = Some(call.request_id);
            }
        })
    }
}

/// A span is entered and not left.
#[derive(Default)]
pub(super) struct OthersTrace(Arc<Mutex<Option<RequestId>>>);

impl Fault for OthersTrace {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let last = Arc::clone(&self.0);
        changing(sound, move |call| {
            let earlier = lock(&last).replace(call.request_id);
            call.request_id = call.request_id.within(earlier.map(RequestId::trace));
        })
    }
}

/// There is one listener, the latest.
#[derive(Default)]
pub(super) struct OthersProgress(Arc<Mutex<Option<Progress>>>);

impl Fault for OthersProgress {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let last = Arc::clone(&self.0);
        changing(sound, move |call| {
            if call.tool == "discover_permissions" {
                let earlier = lock(&last).replace(call.progress.clone());
                call.progress = earlier.unwrap_or_else(Progress::none);
            }
        })
    }
}

/// A buffer for arguments, one for each tool.
#[derive(Default)]
pub(super) struct OthersArguments(Arc<Mutex<std::collections::HashMap<String, Map<String, Value>>>>);

impl Fault for OthersArguments {
    fn backend(&self, sound: Behind, _: &Scene) -> Behind {
        let buffers = Arc::clone(&self.0);
        detour(sound, move |sound, mut call| {
            let buffers = Arc::clone(&buffers);
            async move {
                lock(&buffers).insert(call.tool.clone(), std::mem::take(&mut call.arguments));
                tokio::task::yield_now().await;
                call.arguments = lock(&buffers).get(&call.tool).cloned().unwrap_or_default();
                sound.call(call).await
            }
            .boxed()
        })
    }
}
