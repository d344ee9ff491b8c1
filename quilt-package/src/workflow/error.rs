//! What can be wrong: with the rules themselves, or with a package that is held to them.

use std::fmt;

/// Why the rules of a registry cannot be used. Whoever keeps the registry has to put it right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// It is larger than [`MAX_CONFIG`](super::MAX_CONFIG).
    TooLarge,
    /// It is no YAML, or does not say what it has to.
    Syntax(String),
    /// It is written for a later version.
    Version(String),
    /// A name or pattern in it is none.
    Wrong(String),
    /// A workflow names a schema that is not among the schemas.
    UnknownSchema(String),
    /// A schema was not handed over, or is none that can be used.
    Schema {
        /// Which.
        id: String,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the registry's workflows cannot be used: ")?;
        match self {
            Self::TooLarge => write!(f, "the configuration has more than {} bytes", super::MAX_CONFIG),
            Self::Syntax(why) | Self::Wrong(why) => f.write_str(why),
            Self::Version(version) => write!(f, "version {version} is not known, only 1, 1.0 and 1.1"),
            Self::UnknownSchema(id) => write!(f, "there is no schema `{id}`"),
            Self::Schema { id, why } => write!(f, "the schema `{id}` {why}"),
        }
    }
}

impl std::error::Error for InvalidConfig {}

/// Which rule a package breaks. Whoever pushes it can put it right, and `Display` says how.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A workflow has to be chosen.
    WorkflowRequired {
        /// Those that there are.
        known: Vec<String>,
    },
    /// There is no such workflow.
    UnknownWorkflow {
        /// The one that was asked for.
        asked: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There has to be a message.
    MessageRequired,
    /// The name does not match.
    Name {
        /// What it has to match.
        pattern: String,
    },
    /// The metadata does not match its schema.
    Metadata(String),
    /// The entries do not match their schema.
    Entries(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkflowRequired { known } => {
                write!(f, "this registry requires a workflow; choose one of: {}", known.join(", "))
            }
            Self::UnknownWorkflow { asked, known } => {
                write!(f, "there is no workflow `{asked}`; there is: {}", known.join(", "))
            }
            Self::MessageRequired => f.write_str("the workflow requires a commit message; give one"),
            Self::Name { pattern } => {
                write!(
                    f,
                    "the workflow requires a package name that matches `{pattern}`; choose another name"
                )
            }
            Self::Metadata(why) => write!(f, "the workflow's schema refuses the package's metadata: {why}"),
            Self::Entries(why) => write!(f, "the workflow's schema refuses the package's entries: {why}"),
        }
    }
}

impl std::error::Error for Violation {}
