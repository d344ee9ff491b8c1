//! Why nobody answered.

use std::error::Error;
use std::fmt;

use crate::ScopeError;

/// An ask was not answered. Nothing else was used in place of what was asked for.
pub struct AmbientError(Box<Failure>);

struct Failure {
    wanted: &'static str,
    scope: &'static str,
    why: Why,
}

#[derive(Debug)]
pub(super) enum Why {
    Outside,
    Ended,
    Blocked,
    Service(ScopeError),
}

impl AmbientError {
    pub(super) fn new(wanted: &'static str, scope: &'static str, why: Why) -> Self {
        Self(Box::new(Failure { wanted, scope, why }))
    }

    pub(super) fn service(error: ScopeError) -> Self {
        let service = error.service();
        Self::new(service, service, Why::Service(error))
    }

    /// What was asked for: the service, or the scope.
    pub fn wanted(&self) -> &'static str {
        self.0.wanted
    }

    /// No request is open where it was asked.
    pub fn is_outside(&self) -> bool {
        matches!(self.0.why, Why::Outside)
    }

    /// The request ended before it was answered.
    pub fn is_ended(&self) -> bool {
        matches!(self.0.why, Why::Ended)
    }

    /// The request's own thread blocked until it was answered, which it never would have been.
    pub fn is_blocked(&self) -> bool {
        matches!(self.0.why, Why::Blocked)
    }

    /// The service could not be built: why.
    pub fn into_scope_error(self) -> Option<ScopeError> {
        match self.0.why {
            Why::Service(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for AmbientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { wanted, scope, why } = &*self.0;
        match why {
            Why::Outside => write!(
                f,
                "`{wanted}` was asked for outside a request: no `{scope}` is open where this runs. Call it from a tool; in a \
                 spawned task, take the request along with `ambient::current()?.follow(task)`"
            ),
            Why::Ended => write!(
                f,
                "`{wanted}` was asked for in a request that has ended. Wait for the task that asks before the tool returns"
            ),
            Why::Blocked => write!(
                f,
                "`{wanted}` was asked for by code that blocks the thread which would answer. Await it instead; or ask on a \
                 thread of its own: `spawn_blocking` and `Current::wait_for`"
            ),
            Why::Service(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for AmbientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmbientError")
            .field("wanted", &self.0.wanted)
            .field("why", &self.0.why)
            .finish_non_exhaustive()
    }
}

impl Error for AmbientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.why {
            Why::Service(error) => error.source(),
            _ => None,
        }
    }
}
