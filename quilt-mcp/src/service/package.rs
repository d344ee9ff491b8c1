//! Packages, with the caller's rights.
//!
//! Manifests are read as streams and hashed on the way, so the memory of a request does not grow with a package, and what is
//! told of a package is what its top hash stands for.

mod browse;
mod diff;
mod install;
mod list;
mod manifest;
mod revision;
mod verify;

#[cfg(test)]
mod tests;

use quilt_package::PhysicalKey;
use quilt_scope::service;

use super::auth::{AuthService, AuthType};
use super::threads::TenantThreads;
use super::turns::{TenantTurns, TurnsByTenant};
use crate::domain::bucket::BucketName;
use crate::domain::object::{ObjectKey, S3Uri};
use crate::domain::request::Progress;
use crate::error::{ErrorCode, ToolError};

pub(crate) use browse::file_type;
pub use browse::{Browsed, Row, Shape, Totals};
pub use diff::{Compared, Modified, Only, Side};
pub use install::{Installed, Overwrite};
pub use list::{MAX_PACKAGES, PackageList};
pub use manifest::ManifestStream;
pub(super) use revision::pointers;
pub use revision::{Revision, Version, Versions};
pub use verify::{Fault, Scope, Verified};

/// Packages, with the caller's rights.
#[derive(Debug)]
pub struct PackageService<'req> {
    auth: &'req AuthService<'req>,
    progress: &'req Progress,
    turns: TenantTurns,
    threads: &'req TenantThreads<'req>,
}

#[service]
impl<'req> PackageService<'req> {
    /// For the caller of this request.
    pub fn new(
        auth: &'req AuthService<'req>,
        progress: &'req Progress,
        turns: &'req TurnsByTenant,
        threads: &'req TenantThreads<'req>,
    ) -> Self {
        Self { auth, progress, turns: turns.of(auth.principal()), threads }
    }
}

impl PackageService<'_> {
    /// How the caller is authenticated.
    pub fn auth_type(&self) -> AuthType {
        self.auth.auth_type()
    }

    /// The manifest of a revision, from its first line on.
    ///
    /// # Errors
    ///
    /// The caller may not read it, there is none, or it is no manifest.
    pub async fn manifest(&self, revision: &Revision) -> Result<ManifestStream, ToolError> {
        ManifestStream::open(self.auth.s3().await?, revision).await
    }
}

/// The object that an entry stands for.
///
/// # Errors
///
/// [`ErrorCode::InvalidState`]: it is a file of the machine that wrote the manifest, or has a name that S3 does not allow.
pub fn object_of(key: &PhysicalKey) -> Result<S3Uri, ToolError> {
    let unreadable =
        |why: String| ToolError::new(ErrorCode::InvalidState, format!("`{key}` cannot be read: {why}"));
    let Some(object) = key.s3() else {
        return Err(unreadable("it is a local file of whoever made the package".into())
            .with_hint("ask them to push the package again, with its files"));
    };
    let uri = S3Uri::new(
        object.bucket.parse().map_err(|why| unreadable(format!("{why}")))?,
        ObjectKey::try_from(object.key.clone()).map_err(|why| unreadable(why.to_string()))?,
    );
    match &object.version {
        Some(version) => uri.with_version(version).map_err(|why| unreadable(why.to_string())),
        None => Ok(uri),
    }
}

/// An object of the registry itself.
fn registry_object(registry: &BucketName, key: String) -> S3Uri {
    S3Uri::new(registry.clone(), ObjectKey::try_from(key).expect("keys of the registry are short"))
}
