//! Going back to an earlier revision.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::push::PushService;

/// A package whose current revision was chosen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageRolledBack {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The revision that was current. Absent if nothing said which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The revision that is current now.
    pub top_hash: String,
    /// Whether that is another one.
    pub changed: bool,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// Make an earlier revision of a package the current one.
///
/// Returns which revision was current and which is now. The history stays as it is, so a rollback can be taken back the same
/// way. The revision must be one of this package's own, and its manifest whole.
#[scoped_tool(destructive, idempotent, open_world, title = "Roll package back")]
pub async fn package_rollback(
    pushes: &PushService<'_>,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// The revision: a top hash, or its first 6 or more digits.
    top_hash: RevisionRef,
) -> Result<PackageRolledBack, ToolError> {
    let done = pushes.roll_back(&registry, &package_name, &top_hash).await?;
    Ok(PackageRolledBack {
        success: true,
        package_name,
        registry,
        previous: done.from.map(|hash| hash.to_string()),
        top_hash: done.to.to_string(),
        changed: done.from != Some(done.to),
        auth_type: pushes.auth_type(),
    })
}
