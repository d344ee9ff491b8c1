//! Runs calls: each in a task that the server owns, within its deadline, and with a panic answered.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::{Map, Value};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Authenticated, Backend, Call, Limits, Outcome, OverLimit};
use crate::domain::access::Access;
use crate::domain::principal::Principal;
use crate::domain::request::{Progress, RequestId};
use crate::error::{ErrorCode, ToolError};
use crate::telemetry::{call_span, failed_with};

/// How long a stopped call may go on before the operator hears of it.
const STOPPING: Duration = Duration::from_secs(10);

/// The calls of one server.
pub(super) struct Calls {
    backend: Arc<dyn Backend>,
    limits: Limits,
    running: Arc<Running>,
}

/// What a caller is told.
pub(super) struct Answer {
    pub(super) request_id: RequestId,
    pub(super) result: Result<Value, ToolError>,
}

impl Calls {
    pub(super) fn new(backend: Arc<dyn Backend>, limits: Limits) -> Self {
        Self { backend, limits, running: Arc::default() }
    }

    pub(super) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn running(&self) -> &Arc<Running> {
        &self.running
    }

    /// Tells the operator of a message that is refused because its token lacks the scope it needs.
    pub(super) fn refuse_for_scope(&self, caller: &Principal, needed: Access) {
        let (tenant, user, needed) = (caller.tenant(), caller.log_hash(), needed.scope());
        tracing::info!(tenant, user, needed, "refused a message whose token lacks the scope for it");
        self.backend.lacked_scope();
    }

    /// Tells the operator of a request in a session that is not its sender's. The same is done and written whosever it is, so
    /// that the sender cannot tell by the time.
    pub(super) fn refuse_for_session(&self, caller: &Principal, is_foreign: bool) {
        let (tenant, user) = (caller.tenant(), caller.log_hash());
        let trespass = if is_foreign { "session" } else { "none" };
        tracing::info!(tenant, user, trespass, "refused a session that its sender has not");
        self.backend.refused_session(is_foreign);
    }

    /// Counts a request that is refused because of a limit, and tells the operator of it if that is news.
    pub(super) fn refuse_for_limit(&self, caller: &Principal, limit: OverLimit, is_news: bool) {
        let (tenant, user) = (caller.tenant(), caller.log_hash());
        if is_news {
            let limit = limit.as_str();
            tracing::info!(tenant, user, limit, "refused a request over a limit");
        }
        self.backend.over_limit(limit);
    }

    /// Runs one call and gives its answer, at the deadline at the latest. The call is stopped if `gone` fires, or if this
    /// future is dropped.
    pub(super) async fn answer(
        &self,
        caller: &Authenticated,
        request_id: RequestId,
        tool: String,
        arguments: Map<String, Value>,
        progress: Progress,
        gone: &CancellationToken,
    ) -> Answer {
        let cancel = self.running.cancel.child_token();
        let _stop_if_dropped = cancel.clone().drop_guard();
        let (answer, mut answered) = oneshot::channel();
        let place = self.running.admit(&caller.principal, self.limits.calls_per_principal);
        let call = Call {
            principal: caller.principal.clone(),
            grant: caller.grant.clone(),
            request_id,
            tool,
            arguments,
            cancel: cancel.clone(),
            progress,
        };
        let span = call_span(request_id, &call.principal, &call.tool);
        let owned = Owned { backend: Arc::clone(&self.backend), deadline: self.limits.call_deadline, answer };
        tokio::spawn(async move { owned.run(call, place).await }.instrument(span));

        let result = tokio::select! {
            biased;
            result = &mut answered => result,
            () = gone.cancelled() => {
                cancel.cancel();
                answered.await
            }
        };
        let result =
            result.unwrap_or_else(|_| Err(ToolError::internal("the call's task ended without an answer")));
        Answer { request_id, result }
    }
}

/// What the task of one call holds besides the call.
struct Owned {
    backend: Arc<dyn Backend>,
    deadline: Duration,
    answer: oneshot::Sender<Result<Value, ToolError>>,
}

impl Owned {
    /// Answers exactly once, and stays until the call has really ended: its place is taken until then.
    async fn run(self, call: Call, place: Option<Place>) {
        let (tool, cancel, started) = (call.tool.clone(), call.cancel.clone(), Instant::now());
        let Some(_place) = place else {
            return self.finish(&tool, started, Ended::Returned(Err(too_many())));
        };
        let (backend, deadline) = (Arc::clone(&self.backend), self.deadline);
        // Nothing is looked at after a panic but what `Backend` promises to keep whole.
        let work = AssertUnwindSafe(async move { backend.call(call).await }).catch_unwind();
        let mut work = std::pin::pin!(work);

        let stopped = tokio::select! {
            // The token first, so that how soon a tool heeds it does not decide what its caller is told.
            biased;
            () = cancel.cancelled() => {
                Ended::Returned(Err(ToolError::new(ErrorCode::Cancelled, "the call was cancelled")))
            }
            ended = &mut work => return self.finish(&tool, started, Ended::from(ended)),
            () = tokio::time::sleep(deadline) => Ended::TimedOut(past(deadline)),
        };
        cancel.cancel();
        self.finish(&tool, started, stopped);

        let ended = match tokio::time::timeout(STOPPING, &mut work).await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::warn!("a stopped call is still running");
                work.await
            }
        };
        if let Ended::Panicked(message) = Ended::from(ended) {
            tracing::error!(detail = message, "a stopped call panicked");
        }
    }

    fn finish(self, tool: &str, started: Instant, ended: Ended) {
        let took = started.elapsed();
        let (result, outcome) = match ended {
            Ended::Returned(result) => {
                let outcome =
                    result.as_ref().map_or_else(|e| Outcome::Failed(e.code()), |_| Outcome::Succeeded);
                (result, outcome)
            }
            Ended::TimedOut(error) => (Err(error), Outcome::TimedOut),
            Ended::Panicked(message) => {
                (Err(ToolError::internal(format_args!("the tool panicked: {message}"))), Outcome::Panicked)
            }
        };
        if outcome != Outcome::Succeeded {
            failed_with(outcome.as_str());
        }
        log(outcome, result.as_ref().err().and_then(ToolError::detail), took);
        self.backend.answered(tool, outcome, took);
        // It is not an error if nobody waits any more.
        let _ = self.answer.send(result);
    }
}

/// How the work of a call ended.
enum Ended {
    Returned(Result<Value, ToolError>),
    TimedOut(ToolError),
    Panicked(String),
}

impl From<std::thread::Result<Result<Value, ToolError>>> for Ended {
    fn from(ended: std::thread::Result<Result<Value, ToolError>>) -> Self {
        match ended {
            Ok(result) => Self::Returned(result),
            Err(payload) => Self::Panicked(
                payload
                    .downcast_ref::<&str>()
                    .map(|message| (*message).to_owned())
                    .or_else(|| payload.downcast_ref::<String>().cloned())
                    .unwrap_or_default(),
            ),
        }
    }
}

fn log(outcome: Outcome, detail: Option<&str>, took: Duration) {
    let (outcome, ms) = (outcome.as_str(), took.as_millis() as u64);
    match detail {
        Some(detail) => tracing::warn!(outcome, ms, detail, "call answered"),
        None => tracing::info!(outcome, ms, "call answered"),
    }
}

fn too_many() -> ToolError {
    ToolError::new(ErrorCode::LimitExceeded, "too many of your calls are running")
        .with_hint("Wait until one of them is answered, then try again.")
}

fn past(deadline: Duration) -> ToolError {
    ToolError::new(ErrorCode::Cancelled, format!("the call was stopped at its deadline of {deadline:?}"))
        .with_hint("Ask for less at a time.")
}

/// What runs now: by number, and by whose it is.
#[derive(Default)]
pub(super) struct Running {
    number: watch::Sender<usize>,
    by_principal: Mutex<HashMap<Principal, usize>>,
    cancel: CancellationToken,
}

impl Running {
    /// A place for one more call of `principal`, unless `most` are running.
    fn admit(self: &Arc<Self>, principal: &Principal, most: usize) -> Option<Place> {
        let mut by_principal = self.by_principal.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_principal.get(principal).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        by_principal.insert(principal.clone(), count + 1);
        drop(by_principal);
        self.number.send_modify(|n| *n += 1);
        Some(Place { running: Arc::clone(self), principal: Some(principal.clone()) })
    }

    /// Counts something that must be waited for, and is nobody's call.
    pub(super) fn hold(self: &Arc<Self>) -> Place {
        self.number.send_modify(|n| *n += 1);
        Place { running: Arc::clone(self), principal: None }
    }

    /// Waits until nothing runs.
    pub(super) async fn idle(&self) {
        let mut number = self.number.subscribe();
        // Fails only if the sender is gone, which `self` holds.
        let _ = number.wait_for(|n| *n == 0).await;
    }

    /// How many calls run now.
    pub(super) fn calls(&self) -> usize {
        self.by_principal.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// Stops every call, also those to come.
    pub(super) fn stop(&self) {
        self.cancel.cancel();
    }
}

/// Something running. Dropping it says that it has ended.
pub(super) struct Place {
    running: Arc<Running>,
    principal: Option<Principal>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(principal) = &self.principal {
            let mut by_principal = self.running.by_principal.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = by_principal.get_mut(principal) {
                *count -= 1;
                // So that the map holds those only who have something running.
                if *count == 0 {
                    by_principal.remove(principal);
                }
            }
        }
        self.running.number.send_modify(|n| *n -= 1);
    }
}
