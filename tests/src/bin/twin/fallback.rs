//! Falls back: whoever cannot have credentials of their own acts with what the process finds.

use quilt_mcp::client::ambient::AmbientSource;
use quilt_mcp::client::{AwsEndpoints, CallerCredentials, CredentialSource};
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::request::RequestId;
use quilt_mcp::error::ToolError;
use quilt_scope::BoxFuture;

/// The real source, and what is tried when it fails.
pub(crate) struct FallsBack(pub(crate) Box<dyn CredentialSource>);

impl CredentialSource for FallsBack {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        Box::pin(async move {
            let own = self.0.credentials(principal, grant, request).await;
            if own.is_ok() {
                return own;
            }
            // The fault.
            let ambient = AmbientSource::from_environment(&AwsEndpoints::from_environment().await?).await;
            ambient.credentials(principal, &Grant::Ambient, request).await
        })
    }
}
