//! What callers show to registries, as the configuration says.

use crate::client::registry::passes::{PassesOfGrants, RegistryPasses, no_registry};
use crate::config::{Config, Deployment, OwnRegistry};
use crate::domain::grant::{CallerToken, Grant};
use crate::domain::principal::Principal;
use crate::domain::registry::{RegistryPass, RegistryUrl};
use crate::error::{ErrorCode, ToolError};

pub(super) fn passes(config: &Config) -> Box<dyn RegistryPasses> {
    match config.deployment {
        Deployment::SingleUser { .. } => Box::new(OwnPass(config.registry.own.clone())),
        Deployment::MultiTenant(_) => Box::new(PassesOfGrants),
    }
}

/// The one person's pass: the token that stands in their file when it is needed.
struct OwnPass(Option<OwnRegistry>);

impl RegistryPasses for OwnPass {
    fn registry(&self, _: &Grant) -> Option<RegistryUrl> {
        self.0.as_ref().map(|own| own.url.clone())
    }

    fn pass(&self, _: &Principal, _: &Grant) -> Result<RegistryPass, ToolError> {
        let own = self.0.as_ref().ok_or_else(no_registry)?;
        let token = own.token().map_err(|why| {
            ToolError::new(
                ErrorCode::CredentialsUnavailable,
                "your token for the Quilt registry cannot be read",
            )
            .with_hint("write it into the file that `registry_token_file` names, with mode 0600")
            .with_detail(why)
        })?;
        Ok(RegistryPass { registry: own.url.clone(), token: CallerToken::new(&token) })
    }
}
