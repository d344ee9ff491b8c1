//! Removing packages and revisions.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::push::{PushService, Target};

/// The most objects that an answer names.
const OBJECTS: usize = 1000;

/// A package or a revision that was removed, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageDeleted {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// What was done.
    pub action: DeleteAction,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The revision, if it is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_hash: Option<String>,
    /// The pointers that go; the first 1,000.
    pub removed: Vec<S3Uri>,
    /// How many they are.
    pub removed_count: usize,
    /// The revision that is current afterwards. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
    /// How many entries stay in the package's history.
    pub remaining_revisions: usize,
    /// What stays.
    pub message: String,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum DeleteAction {
    /// It was removed.
    Deleted,
    /// Nothing: this is what would be removed.
    Preview,
}

/// Delete a package, or one revision of it.
///
/// Removes the package, or with `top_hash` one revision, from the registry's lists, and returns every object that went.
/// Manifests and data stay in the bucket: other packages may use them. Use `dry_run` first to see what would go.
#[scoped_tool(destructive, open_world, title = "Delete package")]
pub async fn package_delete(
    pushes: &PushService<'_>,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// The revision to delete: `latest`, or a top hash or its first 6 or more digits. Left out: the package with all of them.
    top_hash: Option<RevisionRef>,
    /// Whether only to tell what would be removed.
    #[default(false)]
    dry_run: bool,
) -> Result<PackageDeleted, ToolError> {
    let target = top_hash.map_or(Target::Package, Target::Revision);
    let removal = pushes.plan_removal(&registry, &package_name, &target).await?;
    let mut removed = removal.objects()?;
    if !dry_run {
        pushes.remove(&removal).await?;
    }
    let removed_count = removed.len();
    removed.truncate(OBJECTS);
    Ok(PackageDeleted {
        success: true,
        action: if dry_run { DeleteAction::Preview } else { DeleteAction::Deleted },
        package_name,
        registry,
        top_hash: removal.top_hash.map(|hash| hash.to_string()),
        removed,
        removed_count,
        latest: removal.latest_after.map(|hash| hash.to_string()),
        remaining_revisions: removal.remaining,
        message: "manifests and data stay in the bucket; other packages may use them".to_owned(),
        auth_type: pushes.auth_type(),
    })
}
