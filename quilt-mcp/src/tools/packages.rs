//! Packages: which there are, what is in them, what changed, and whether they are whole.

mod browse;
mod create;
mod delete;
mod diff;
mod from_s3;
mod input;
mod install;
mod link;
mod pushed;
mod readme;
mod rollback;
mod size;
mod stored;
mod update;

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

pub use browse::{BrowsedEntry, NodeKind, PackageContents, Summary, TreeNode, ViewType, package_browse};
pub use create::package_create;
pub use delete::{DeleteAction, PackageDeleted, package_delete};
pub use diff::{ChangedEntry, Changes, Counts, ModifiedEntry, PackageDifference, package_diff};
pub use from_s3::{FolderOfPackage, PackageFromFolder, package_create_from_s3};
pub use install::{PackageInstalled, package_install};
pub use link::{PackageFileLink, package_file_link};
pub use pushed::{PackagePushed, PushAction, PushedFile, Transfer};
pub use rollback::{PackageRolledBack, package_rollback};
pub use update::{MetadataMode, package_update};

use super::buckets::rfc3339;
use crate::domain::bucket::BucketName;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::package::{Fault, PackageService, Scope};

/// Some of the packages of a registry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackagesFound {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// What the names begin with.
    pub prefix_filter: String,
    /// Their names, in order.
    pub packages: Vec<PackageName>,
    /// How many this answer has.
    pub count: usize,
    /// Whether there are more.
    pub truncated: bool,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// List the packages of a registry.
///
/// Returns their names in order, and whether there are more. Use it to find a package before browsing it; give a prefix
/// such as `namespace/` to look at some of them.
#[scoped_tool(read_only, idempotent, open_world, title = "List packages")]
pub async fn packages_list(
    packages: &PackageService<'_>,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// The most packages to return; 0 for 10,000.
    #[default(0)]
    #[range(0..=10000)]
    limit: u32,
    /// Only packages whose names begin with this.
    #[default(String::new())]
    prefix: String,
) -> Result<PackagesFound, ToolError> {
    let limit = if limit == 0 { usize::MAX } else { limit as usize };
    let found = packages.list(&registry, &prefix, limit).await?;
    Ok(PackagesFound {
        success: true,
        registry,
        prefix_filter: prefix,
        count: found.names.len(),
        packages: found.names,
        truncated: found.truncated,
        auth_type: packages.auth_type(),
    })
}

/// The history of a package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageHistory {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The top hash of the current revision. Absent if nothing says which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
    /// The revisions, newest first.
    pub versions: Vec<PackageVersion>,
    /// How many this answer has.
    pub count: usize,
    /// Whether there are older ones.
    pub truncated: bool,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// A revision in the history of a package.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageVersion {
    /// Its top hash, to be given to other tools.
    pub top_hash: String,
    /// When it was pushed, RFC 3339.
    pub pushed_at: String,
    /// Whether it is what `latest` points to.
    pub is_latest: bool,
}

/// List the revisions of a package.
///
/// Returns each revision's top hash and when it was pushed, newest first, and which one is current. Use it to compare
/// revisions with package_diff or to browse an old one.
#[scoped_tool(read_only, idempotent, open_world, title = "Package history")]
pub async fn package_versions_list(
    packages: &PackageService<'_>,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
) -> Result<PackageHistory, ToolError> {
    let found = packages.versions(&registry, &package_name).await?;
    let version = |version: &crate::service::package::Version| PackageVersion {
        top_hash: version.top_hash.to_string(),
        pushed_at: rfc3339(version.pushed_at),
        is_latest: found.latest == Some(version.top_hash),
    };
    Ok(PackageHistory {
        success: true,
        package_name,
        registry,
        latest: found.latest.map(|hash| hash.to_string()),
        versions: found.versions.iter().map(version).collect(),
        count: found.versions.len(),
        truncated: found.truncated,
        auth_type: packages.auth_type(),
    })
}

/// Whether a package is what its hashes say.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageVerdict {
    /// Always true: the package could be looked at. Whether it is whole is in `verified`.
    pub success: bool,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The revision. The manifest hashes to it; if it did not, the call would fail.
    pub top_hash: String,
    /// Whether every object that was read is what the manifest says.
    pub verified: bool,
    /// Whether every object was read.
    pub complete: bool,
    /// Entries of the manifest.
    pub total_entries: u64,
    /// Objects that were read.
    pub objects_checked: u64,
    /// Bytes that were read.
    pub bytes_checked: u64,
    /// Objects that were not read, because `max_mebibytes` was reached.
    pub objects_skipped: u64,
    /// Objects that differ or could not be read; the first 1,000.
    pub faults: Vec<ObjectFault>,
    /// How many there are.
    pub fault_count: u64,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// An object that is not what the manifest says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectFault {
    /// Where it stands in the package.
    pub logical_key: String,
    /// What is wrong.
    pub problem: String,
}

/// Verify a package against its hashes.
///
/// Returns whether the manifest hashes to its top hash and every object to what the manifest says, and which do not. Reads
/// the objects themselves, up to `max_mebibytes`; with `check_objects` false only the manifest.
#[scoped_tool(read_only, idempotent, open_world, title = "Verify package")]
pub async fn package_verify(
    packages: &PackageService<'_>,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// Which revision: `latest`, or a top hash or its first 6 or more digits.
    #[default(RevisionRef::Latest)]
    top_hash: RevisionRef,
    /// Whether to read the objects too.
    #[default(true)]
    check_objects: bool,
    /// The most MiB of objects to read; larger packages are verified in part.
    #[default(1024)]
    #[range(1..=1048576)]
    max_mebibytes: u32,
) -> Result<PackageVerdict, ToolError> {
    let revision = packages.revision(&registry, &package_name, &top_hash).await?;
    let max_bytes = u64::from(max_mebibytes) << 20;
    let scope = if check_objects { Scope::Objects { max_bytes } } else { Scope::Manifest };
    let found = packages.verify(&revision, scope).await?;
    let fault = |fault: Fault| ObjectFault { logical_key: fault.logical_key, problem: fault.problem };
    Ok(PackageVerdict {
        success: true,
        package_name,
        registry,
        top_hash: revision.top_hash.to_string(),
        verified: found.fault_count == 0,
        complete: found.checked == found.entries,
        total_entries: found.entries,
        objects_checked: found.checked,
        bytes_checked: found.bytes,
        objects_skipped: found.skipped,
        faults: found.faults.into_iter().map(fault).collect(),
        fault_count: found.fault_count,
        auth_type: packages.auth_type(),
    })
}
