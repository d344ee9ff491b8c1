//! Multi-tenant mode: each grant has its one source. What a source cannot give, no other is asked for.

use std::fmt;

use quilt_scope::BoxFuture;

use super::registry::credentials::RegistrySource;
use super::sts::AssumeRoleSource;
use super::web_identity::WebIdentitySource;
use super::{AwsEndpoints, CallerCredentials, CredentialSource};
use crate::domain::grant::Grant;
use crate::domain::principal::Principal;
use crate::domain::request::RequestId;
use crate::error::ToolError;

/// The sources of multi-tenant mode.
pub struct SourceByGrant {
    assume_role: AssumeRoleSource,
    web_identity: WebIdentitySource,
    registry: RegistrySource,
}

impl SourceByGrant {
    /// With the server's own identity in `assume_role`, and the registry in `registry`; no other source uses either.
    pub fn new(aws: &AwsEndpoints, assume_role: AssumeRoleSource, registry: RegistrySource) -> Self {
        Self { assume_role, web_identity: WebIdentitySource::new(aws), registry }
    }
}

impl CredentialSource for SourceByGrant {
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>> {
        match grant {
            // Refused there: nobody in this mode is given what the process finds.
            Grant::Ambient | Grant::AssumeRole(_) => self.assume_role.credentials(principal, grant, request),
            Grant::WebIdentity(_) => self.web_identity.credentials(principal, grant, request),
            Grant::Registry(_) => self.registry.credentials(principal, grant, request),
        }
    }
}

impl fmt::Debug for SourceByGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceByGrant")
    }
}
