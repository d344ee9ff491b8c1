//! One request, named.

use std::fmt;

use uuid::Uuid;

use super::trace::TraceContext;

/// Names one request in logs, in answers about faults, and at AWS (in the user agent, hence in CloudTrail), and knows the
/// trace that the request is part of.
///
/// A UUID of version 7, so that ids sort by time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId {
    id: Uuid,
    trace: TraceContext,
    parent: Option<TraceContext>,
}

impl RequestId {
    /// A new one, in a trace of its own that has the same name.
    #[expect(clippy::new_without_default, reason = "two defaults would differ")]
    pub fn new() -> Self {
        let id = Uuid::now_v7();
        Self { id, trace: TraceContext::root(id), parent: None }
    }

    /// The same request in the trace that its caller says, if the caller says one.
    #[must_use]
    pub fn within(self, caller: Option<TraceContext>) -> Self {
        match caller {
            Some(caller) => Self { trace: caller.child(), parent: Some(caller), ..self },
            None => self,
        }
    }

    /// The same request as what it carries sees it: within the span that it has had so far.
    #[must_use]
    pub fn inside(self) -> Self {
        self.within(Some(self.trace))
    }

    /// The request's own span: each request has one scope, and the span's name is the scope's.
    pub fn trace(self) -> TraceContext {
        self.trace
    }

    /// The span that this one is part of: the caller's, or that of the HTTP request. `None`: the trace begins here.
    pub fn parent(self) -> Option<TraceContext> {
        self.parent
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.as_simple().fmt(f)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Tells the caller how far a long call has come. Cheap when nobody asked for it.
#[derive(Clone, Default)]
pub struct Progress(Option<std::sync::Arc<dyn Fn(ProgressUpdate) + Send + Sync>>);

/// One report of progress.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgressUpdate {
    /// How much is done, in units of `total`. Never decreases within a call.
    pub done: u64,
    /// How much there is to do, if known.
    pub total: Option<u64>,
    /// What is being done, for a person.
    pub message: String,
}

impl Progress {
    /// Nobody is listening.
    pub fn none() -> Self {
        Self(None)
    }

    /// Reports go to `listener`, which must not block.
    pub fn to(listener: impl Fn(ProgressUpdate) + Send + Sync + 'static) -> Self {
        Self(Some(std::sync::Arc::new(listener)))
    }

    /// Reports that `done` of `total` is done.
    pub fn report(&self, done: u64, total: Option<u64>, message: impl FnOnce() -> String) {
        if let Some(listener) = &self.0 {
            listener(ProgressUpdate { done, total, message: message() });
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(listened to)" } else { "Progress(none)" })
    }
}
