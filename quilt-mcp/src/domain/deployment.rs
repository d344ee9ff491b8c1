//! For whom this process works.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// For whom this process works. It decides what may be said about the machine it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deployment {
    /// For one person, on that person's machine.
    SingleUser,
    /// For many callers who may know nothing of each other, nor of the host.
    MultiTenant,
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SingleUser => "single-user",
            Self::MultiTenant => "multi-tenant",
        })
    }
}
