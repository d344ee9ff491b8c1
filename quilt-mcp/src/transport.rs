//! From bytes to a call, and back: stdio, Streamable HTTP, and the operator's listener.
//!
//! The one place that names `rmcp`. What lies behind it is asked through [`Backend`]; who asks is decided by
//! [`Authenticate`], anew for every HTTP request. Nothing here remembers a caller between two requests, except that an
//! MCP session belongs to the principal that opened it (`session`), so that nobody else can use it.
//!
//! A call runs in a task that the server owns (`calls`). It is stopped by its token, never by dropping it: so what it
//! holds is tidied away, whether the caller cancels, goes away, or the deadline passes.

pub mod admin;
mod calls;
mod catalogue;
mod completion;
pub mod drain;
mod handler;
pub mod http;
mod large;
mod progress;
mod prompts;
mod protocol;
pub mod schema;
mod session;
pub mod stdio;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::http::HeaderMap;
use futures_util::future::BoxFuture;
use quilt_scope::Descriptor;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

pub use self::catalogue::CatalogueError;
pub use crate::dispatch::Call;
pub use crate::identity::Authenticated;

use self::calls::{Answer, Calls};
use self::catalogue::Catalogue;
use self::prompts::Prompts;
use crate::domain::principal::Principal;
use crate::domain::request::{Progress, RequestId};
use crate::error::{ErrorCode, ToolError};

/// What the transport needs of the layers behind it.
pub trait Backend: Send + Sync + 'static {
    /// Every tool, in the order in which clients see them, under names that are unique. Read once, when the server is
    /// built; schemas are cleaned of what clients stumble over.
    fn tools(&self) -> Vec<Descriptor>;

    /// What can be read as an MCP resource. Read once, when the server is built.
    fn resources(&self) -> Vec<ResourceListing>;

    /// Texts that clients can fill in. Read once, when the server is built.
    fn prompts(&self) -> Vec<PromptListing> {
        Vec::new()
    }

    /// What to call to complete an argument, if that can be done: with `wanted`, `typed` and `context`, for `values` and
    /// `has_more`. It is in no list.
    fn completer(&self) -> Option<&str> {
        None
    }

    /// Runs one call in a scope of its own.
    ///
    /// The future is polled to its end. When [`Call::cancel`] fires it should end soon: its caller has its answer by
    /// then, but its place among the caller's concurrent calls is taken until it ends.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, ToolError>>;

    /// Does `work`, which keeps a processor busy, for a caller: where that keeps nobody else waiting, if the backend has such a place,
    /// and else here and now. It may be given up: if this future is dropped before it has begun, or if it panics.
    fn compute<'a>(&'a self, principal: &'a Principal, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'a, ()> {
        let _ = principal;
        Box::pin(async move { work() })
    }

    /// Hears of every answered call exactly once, also of those that were refused, panicked or ran out of time.
    fn answered(&self, tool: &str, outcome: Outcome, took: Duration) {
        let _ = (tool, outcome, took);
    }

    /// Hears of every message that was refused because its token lacks the scope it needs. It is no call then.
    fn lacked_scope(&self) {}

    /// Hears of every request that was refused because the session it names is not its sender's, and whether another
    /// principal has that open. Takes as long if not: the sender waits for it.
    fn refused_session(&self, is_foreign: bool) {
        let _ = is_foreign;
    }

    /// Hears of every request that was refused because its sender, or all together, are over a limit. It is no call then.
    fn over_limit(&self, limit: OverLimit) {
        let _ = limit;
    }
}

/// A limit that a request can be refused for, before it is a call. (Too many running calls are each call's own failure.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverLimit {
    /// Requests of one principal over time.
    PrincipalRate,
    /// Requests of a tenant over time.
    TenantRate,
    /// Sessions of one principal.
    PrincipalSessions,
    /// Sessions of all.
    AllSessions,
}

impl OverLimit {
    /// A word for the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrincipalRate => "principal_rate",
            Self::TenantRate => "tenant_rate",
            Self::PrincipalSessions => "principal_sessions",
            Self::AllSessions => "all_sessions",
        }
    }
}

/// Decides who asks.
pub trait Authenticate: Send + Sync + 'static {
    /// The caller behind one HTTP request. Of two tokens neither counts: somebody in front may have checked the other one.
    ///
    /// # Errors
    ///
    /// If the headers do not prove who asks. Callers get the same answer whatever the reason, but for one: that it could not
    /// be found out, and may be later.
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Authenticated, AuthFailure>>;
}

/// Why a request is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthFailure {
    /// In words for the operator's log. They must not hold a secret.
    pub why: String,
    /// After how long to ask again, if nobody could find out who asks. `None`: the headers do not prove it.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// How a call was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The tool gave a result.
    Succeeded,
    /// The caller got an error with this code.
    Failed(ErrorCode),
    /// The deadline passed. The caller was told [`ErrorCode::Cancelled`].
    TimedOut,
    /// The tool panicked. The caller was told [`ErrorCode::Internal`].
    Panicked,
}

impl Outcome {
    /// A word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "ok",
            Self::Failed(code) => code.as_str(),
            Self::TimedOut => "timed_out",
            Self::Panicked => "panic",
        }
    }
}

/// A resource: a read-only tool under a URI. Reading it is calling the tool; the text is the tool's output as JSON.
#[derive(Clone, Debug)]
pub struct ResourceListing {
    /// A URI, or a URI template (`workflow://workflows/{workflow_id}`), whose variables become arguments of the same names.
    /// A variable is one segment of a path, and `{+variable}` all that is left.
    pub uri: String,
    /// A short name. Unique.
    pub name: String,
    /// What it holds.
    pub description: String,
    /// The tool that gives the content.
    pub tool: String,
    /// The argument that gets the whole URI in place of the variables, if one does.
    pub uri_argument: Option<String>,
    /// Arguments that are always the same.
    pub fixed: Map<String, Value>,
    /// What each variable that can be completed is, in the completer's words.
    pub completed: BTreeMap<String, String>,
}

/// A text that clients can fill in.
#[derive(Clone, Debug)]
pub struct PromptListing {
    /// The name to ask for it by. Unique.
    pub name: String,
    /// A name for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// What is to be filled in.
    pub arguments: Vec<PromptArgumentListing>,
    /// What each argument that can be completed is, in the completer's words.
    pub completed: BTreeMap<String, String>,
    /// The text, filled in.
    ///
    /// # Errors
    ///
    /// Something is missing, or filled in wrongly.
    pub text: fn(&BTreeMap<String, String>) -> Result<String, ToolError>,
}

/// What is to be filled into a prompt.
#[derive(Clone, Debug)]
pub struct PromptArgumentListing {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether the prompt makes no sense without it.
    pub required: bool,
}

/// What one caller, and one call, may take. There are no defaults here: `config` has them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// After this long the caller is told [`ErrorCode::Cancelled`].
    pub call_deadline: Duration,
    /// How many calls of one principal run at the same time. One more is told [`ErrorCode::LimitExceeded`].
    pub calls_per_principal: usize,
    /// How long running calls may go on once the server was asked to stop.
    pub drain_deadline: Duration,
    /// How long HTTP requests are still taken once the server was asked to stop: what sends them here learns only now and
    /// then that it is not ready.
    pub drain_grace: Duration,
}

/// An MCP server over a [`Backend`], to be offered by [`stdio::serve`] or [`http::serve`]. Clones are the same server.
#[derive(Clone)]
pub struct Server {
    catalogue: Arc<Catalogue>,
    prompts: Arc<Prompts>,
    completer: Option<Arc<str>>,
    calls: Arc<Calls>,
}

impl Server {
    /// Reads the backend's tools and resources, once.
    ///
    /// # Errors
    ///
    /// If a name or URI stands for two things, or a resource for a tool that does not exist.
    pub fn new(backend: Arc<dyn Backend>, limits: Limits) -> Result<Self, CatalogueError> {
        let catalogue = Catalogue::new(backend.tools(), backend.resources())?;
        let prompts = Prompts::new(backend.prompts())?;
        let completer = backend.completer().map(Arc::from);
        Ok(Self {
            catalogue: Arc::new(catalogue),
            prompts: Arc::new(prompts),
            completer,
            calls: Arc::new(Calls::new(backend, limits)),
        })
    }

    /// Runs a call of `caller`, if the scopes of the caller's token allow it. It is stopped if `gone` fires, or if this
    /// future is dropped.
    async fn answer(
        &self,
        caller: &Authenticated,
        request_id: RequestId,
        tool: String,
        arguments: Map<String, Value>,
        progress: Progress,
        gone: &CancellationToken,
    ) -> Answer {
        let needed = self.catalogue.access(&tool);
        if caller.access < Some(needed) {
            self.calls.refuse_for_scope(&caller.principal, needed);
            let error = ToolError::new(
                ErrorCode::AccessDenied,
                format!("the token lacks the scope `{}`", needed.scope()),
            );
            let error = error.with_hint("obtain a token with that scope and send the call again");
            return Answer { request_id, result: Err(error) };
        }
        self.calls.answer(caller, request_id, tool, arguments, progress, gone).await
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("tools", &self.catalogue.tools().len()).finish_non_exhaustive()
    }
}
