//! The rules of a registry: what a package must have before it may be pushed there.
//!
//! They are in `.quilt/workflows/config.yml`. There are five: which workflow may be chosen, whether there has to be a
//! message, what the package may be called, what its metadata and its entries must look like. A package that keeps them says
//! so in its header, with the versions of the configuration and of the schemas, so its top hash depends on them.
//!
//! ```
//! use quilt_package::workflow::{Choice, Config, Submission};
//!
//! let config = Config::parse(b"version: '1'\nworkflows:\n  alpha:\n    name: Alpha\n    handle_pattern: ^lab/\n")?;
//! let rules = config.choose(&Choice::Named("alpha"))?.with_schemas(&[])?;
//! let name = "lab/run".parse()?;
//! rules.check(&Submission { name: &name, message: None, user_meta: None, entries: &serde_json::json!([]) })?;
//! assert_eq!(
//!     rules.header_value("s3://data/.quilt/workflows/config.yml").stored().to_string(),
//!     r#"{"id": "alpha", "config": "s3://data/.quilt/workflows/config.yml"}"#
//! );
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod config;
mod error;
mod rules;
mod schema;

#[cfg(test)]
mod tests;

pub use config::{Choice, Chosen, Config, MAX_CONFIG, Successor, Workflow};
pub use error::{InvalidConfig, Violation};
pub use rules::{LoadedSchema, Rules, Submission, described};
