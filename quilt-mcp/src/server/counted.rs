//! What the layers do, put into figures: each layer reports in its own words, and none knows of metrics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use http::HeaderMap;
use quilt_scope::BoxFuture;

use crate::client::{CallerCredentials, CredentialSource};
use crate::domain::principal::{Grant, Principal};
use crate::domain::request::RequestId;
use crate::error::{ErrorCode, ToolError};
use crate::identity::{AuthError, Authenticated, Identity};
use crate::store::{StoreObserver, Work, WorkOutcome};
use crate::telemetry::metrics::{CallOutcome, ExchangeOutcome, Limit, StoreOutcome, StoreWork, Trespass};
use crate::telemetry::{Metrics, trespassed_on};
use crate::transport::{AuthFailure, Authenticate, Outcome, OverLimit};

/// Counts an answered call.
pub(super) fn answer(metrics: &Metrics, tool: &str, outcome: Outcome, took: Duration) {
    let counted = match outcome {
        Outcome::Succeeded => CallOutcome::Ok,
        Outcome::Panicked | Outcome::Failed(ErrorCode::Internal) => CallOutcome::Fault,
        Outcome::Failed(ErrorCode::AccessDenied | ErrorCode::CredentialsUnavailable) => CallOutcome::Denied,
        Outcome::Failed(ErrorCode::Cancelled) => CallOutcome::Cancelled,
        Outcome::TimedOut => CallOutcome::TimedOut,
        Outcome::Failed(_) => CallOutcome::Failed,
    };
    metrics.call_finished(tool, counted, took);
    match outcome {
        Outcome::Succeeded => {}
        Outcome::Failed(code) => metrics.call_failed(code),
        Outcome::TimedOut => metrics.call_failed(ErrorCode::Cancelled),
        Outcome::Panicked => metrics.call_failed(ErrorCode::Internal),
    }
}

/// Counts a request that was refused because of a limit.
pub(super) fn over_limit(metrics: &Metrics, limit: OverLimit) {
    metrics.request_refused(match limit {
        OverLimit::PrincipalRate => Limit::PrincipalRate,
        OverLimit::TenantRate => Limit::TenantRate,
        OverLimit::PrincipalSessions => Limit::PrincipalSessions,
        OverLimit::AllSessions => Limit::AllSessions,
    });
}

/// Counts the exchanges of another source.
pub(super) struct Source {
    pub(super) source: Box<dyn CredentialSource>,
    pub(super) metrics: Arc<Metrics>,
}

impl CredentialSource for Source {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let started = Instant::now();
            let result = self.source.credentials(principal, grant, request).await;
            let outcome = match &result {
                Ok(_) => ExchangeOutcome::Ok,
                Err(error) if error.code() == ErrorCode::CredentialsUnavailable => ExchangeOutcome::Denied,
                Err(_) => ExchangeOutcome::Failed,
            };
            self.metrics.credential_exchange(outcome, started.elapsed());
            result
        })
    }
}

/// Asks `identity` who comes, and counts those it refuses.
pub(super) struct Doorkeeper {
    pub(super) identity: Arc<Identity>,
    pub(super) metrics: Arc<Metrics>,
}

impl Authenticate for Doorkeeper {
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Authenticated, AuthFailure>> {
        let refused = |reason: AuthError| {
            self.metrics.auth_failed(reason);
            if let Some(on) = Trespass::of(reason) {
                trespassed_on(on.as_str());
            }
            AuthFailure { why: reason.as_str().to_owned(), retry_after: reason.retry_after() }
        };
        async move { self.identity.authenticate(headers).await.map_err(refused) }.boxed()
    }
}

/// Counts the work of the workflow store.
pub(super) struct Store(pub(super) Arc<Metrics>);

impl StoreObserver for Store {
    fn waits(&self) {
        self.0.store.waits();
    }

    fn waited(&self, how_long: Duration) {
        self.0.store.waited(how_long);
    }

    fn worked(&self, work: Work, outcome: WorkOutcome, took: Duration) {
        let work = match work {
            Work::Read => StoreWork::Read,
            Work::Write => StoreWork::Write,
        };
        let outcome = match outcome {
            WorkOutcome::Done => StoreOutcome::Done,
            WorkOutcome::Refused => StoreOutcome::Refused,
            WorkOutcome::Busy => StoreOutcome::Busy,
            WorkOutcome::Full => StoreOutcome::Full,
            WorkOutcome::Damaged => StoreOutcome::Damaged,
            WorkOutcome::Failed => StoreOutcome::Failed,
        };
        self.0.store.worked(work, outcome, took);
    }

    fn opened(&self) {
        self.0.store.opened();
    }

    fn closed(&self) {
        self.0.store.closed();
    }
}
