//! Who asks, in a variable of the thread, as the older server had it: read after a wait, or on a thread that worked for somebody
//! else before, it names another.

use std::cell::RefCell;

use quilt_mcp::client::registry::passes::RegistryPasses;
use quilt_mcp::client::{CallerCredentials, CredentialSource};
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::registry::{RegistryPass, RegistryUrl};
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::error::ToolError;
use quilt_scope::BoxFuture;

use crate::credentials::exchange;

thread_local! {
    static CURRENT: RefCell<Option<(Principal, Grant)>> = const { RefCell::new(None) };
}

/// Exchanges the grant of whom the thread works for by then.
pub(crate) struct OfThread;

impl CredentialSource for OfThread {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            CURRENT.set(Some((principal.clone(), grant.clone())));
            tokio::task::yield_now().await;
            let current = CURRENT.with_borrow(Clone::clone);
            let (who, theirs) = current.as_ref().map_or((principal, grant), |(who, theirs)| (who, theirs));
            let got = exchange(who, theirs, request).await?;
            // The fault: they may be another's, and are given out as this caller's.
            Ok(CallerCredentials::obtained(got, principal, request))
        })
    }
}

/// The pass of whom the thread worked for last.
pub(crate) struct PassOfThread(pub(crate) Box<dyn RegistryPasses>);

impl RegistryPasses for PassOfThread {
    fn registry(&self, grant: &Grant) -> Option<RegistryUrl> {
        self.0.registry(grant)
    }

    fn pass(&self, principal: &Principal, grant: &Grant) -> Result<RegistryPass, ToolError> {
        match CURRENT.with_borrow(Clone::clone) {
            Some((who, theirs)) => self.0.pass(&who, &theirs),
            None => self.0.pass(principal, grant),
        }
    }
}
