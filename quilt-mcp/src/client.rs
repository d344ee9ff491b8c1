//! The only place that knows AWS, and that asks other systems over HTTP.
//!
//! What acts for a caller is built from that caller's [`CallerCredentials`] and from nothing else: [`AwsEndpoints`] knows
//! where AWS is, but holds no identity. The server's own identity is private to [`sts::AssumeRoleSource`], which can
//! exchange it for a caller's credentials and do nothing else with it.

use quilt_scope::BoxFuture;

use crate::domain::principal::{Grant, Principal};
use crate::domain::request::RequestId;
use crate::error::ToolError;

pub mod ambient;
pub mod athena;
pub mod aws;
pub mod by_grant;
#[cfg(feature = "otel")]
pub mod collector;
pub mod credentials;
pub mod docs;
mod failure;
pub mod fetch;
pub mod iam;
pub mod kept;
mod process_keys;
mod region;
pub mod registry;
pub mod reuse;
pub mod s3;
mod session;
pub mod sts;
mod traced;
pub mod web_identity;

#[cfg(test)]
pub(crate) mod canned;

pub use aws::AwsEndpoints;
pub use credentials::CallerCredentials;
pub use process_keys::ProcessKeys;

/// Where the AWS credentials of a caller come from.
pub trait CredentialSource: Send + Sync {
    /// The credentials of `principal`, for one request. Costs an exchange, so a request asks once.
    ///
    /// # Errors
    ///
    /// [`CredentialsUnavailable`](crate::error::ErrorCode::CredentialsUnavailable) whatever the reason: a caller whose
    /// credentials cannot be had gets no others.
    fn credentials<'a>(
        &'a self,
        principal: &'a Principal,
        grant: &'a Grant,
        request: RequestId,
    ) -> BoxFuture<'a, Result<CallerCredentials, ToolError>>;
}
