//! Which token of a caller goes to which registry.

use crate::domain::principal::{Grant, Principal};
use crate::domain::registry::{RegistryPass, RegistryUrl};
use crate::error::{ErrorCode, ToolError};

/// Where the passes of callers come from.
pub trait RegistryPasses: Send + Sync {
    /// The registry that callers with this grant have, if they have one. Reads no token.
    fn registry(&self, grant: &Grant) -> Option<RegistryUrl>;

    /// The pass of `principal`. Asks nobody.
    ///
    /// # Errors
    ///
    /// `unsupported`: this caller has no registry. `credentials_unavailable`: there is no token for it.
    fn pass(&self, principal: &Principal, grant: &Grant) -> Result<RegistryPass, ToolError>;
}

/// Each caller's own token, where the caller's issuer has a registry: what is in the grant, and nothing else.
#[derive(Debug)]
pub struct PassesOfGrants;

impl RegistryPasses for PassesOfGrants {
    fn registry(&self, grant: &Grant) -> Option<RegistryUrl> {
        grant.registry_pass().map(|pass| pass.registry)
    }

    fn pass(&self, _: &Principal, grant: &Grant) -> Result<RegistryPass, ToolError> {
        grant.registry_pass().ok_or_else(no_registry)
    }
}

/// For a caller without a registry.
pub fn no_registry() -> ToolError {
    ToolError::new(ErrorCode::Unsupported, "no Quilt registry is configured for your token")
        .with_hint("ask the operator of this server to set `registry_url` for the issuer of your token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_registry_is_told_so_before_anything_is_sent() {
        let nobody = Principal::single_user();
        let error = PassesOfGrants.pass(&nobody, &Grant::Ambient).expect_err("none");
        assert_eq!(error.code(), ErrorCode::Unsupported);
        assert!(PassesOfGrants.registry(&Grant::Ambient).is_none());
    }
}
