//! One session with the registry for the whole process, as the older server had: whoever comes first is everybody.

use std::sync::OnceLock;

use quilt_mcp::client::registry::passes::RegistryPasses;
use quilt_mcp::domain::principal::{Grant, Principal};
use quilt_mcp::domain::registry::{RegistryPass, RegistryUrl};
use quilt_mcp::error::ToolError;

/// Keeps the pass of the first caller.
pub(crate) struct FirstComeSession {
    passes: Box<dyn RegistryPasses>,
    first: OnceLock<RegistryPass>,
}

impl FirstComeSession {
    pub(crate) fn over(passes: Box<dyn RegistryPasses>) -> Self {
        Self { passes, first: OnceLock::new() }
    }
}

impl RegistryPasses for FirstComeSession {
    fn registry(&self, grant: &Grant) -> Option<RegistryUrl> {
        self.passes.registry(grant)
    }

    fn pass(&self, principal: &Principal, grant: &Grant) -> Result<RegistryPass, ToolError> {
        let own = self.passes.pass(principal, grant)?;
        // The fault: everybody after the first is given the first one's.
        Ok(self.first.get_or_init(|| own).clone())
    }
}
