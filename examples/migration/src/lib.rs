//! A server in the singleton style, and each step by which its services move into request scopes, one at a time.
//!
//! | step | what moved | what still leaks |
//! |---|---|---|
//! | [`step_0`] | nothing: three singletons, as in the older Python server | everything |
//! | [`step_1`] | workflows | credentials, and what stands on them |
//! | [`step_2`] | permissions | the same: a service is as isolated as what it stands on |
//! | [`step_3`] | credentials; what is too deep for an accessor asks for them through `ambient` | nothing |
//! | [`step_4`] | the accessors give way to parameters, as in a tool that is written today | nothing |
//!
//! Dependents move first, for a singleton that held something of a request would not compile. From [`step_0`] to [`step_3`] the
//! tools' signatures and bodies are the same to the letter; `tests/steps.rs` holds that, and counts the leaks of each step by one
//! and the same [`judge`].

pub mod answers;
pub mod cloud;
pub mod judge;
pub mod services;
pub mod singletons;
pub mod step_0;
pub mod step_1;
pub mod step_2;
pub mod step_3;
pub mod step_4;

use std::future::Future;

use serde_json::Value;

/// A server at some step.
pub trait Serve: Sync {
    /// Answers one call of `caller`.
    ///
    /// # Errors
    ///
    /// What the tool refuses, as a text.
    fn call(
        &self,
        caller: &str,
        tool: &str,
        arguments: Value,
    ) -> impl Future<Output = Result<Value, String>> + Send;
}
