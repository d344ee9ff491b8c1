//! What changed between two packages.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::package::{Modified, Only, PackageService};

/// What changed, from the first package to the second.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageDifference {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The first package.
    pub package1: PackageName,
    /// The second package.
    pub package2: PackageName,
    /// The revision of the first.
    pub package1_hash: String,
    /// The revision of the second.
    pub package2_hash: String,
    /// The registry of the first.
    pub registry: BucketName,
    /// The registry of the second.
    pub registry2: BucketName,
    /// Whether nothing differs, neither in entries nor in the packages' own metadata.
    pub identical: bool,
    /// The changes.
    pub diff: Changes,
    /// How many entries were added, deleted, modified, and stayed the same.
    pub counts: Counts,
    /// Whether the packages' own metadata differs.
    pub metadata_changed: bool,
    /// Whether there are more changes than are listed.
    pub truncated: bool,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// The changes, by logical key.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Changes {
    /// What only the second has.
    pub added: Vec<ChangedEntry>,
    /// What only the first has.
    pub deleted: Vec<ChangedEntry>,
    /// What both have, and differs.
    pub modified: Vec<ModifiedEntry>,
}

/// How many there are of each.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Counts {
    /// Only in the second.
    pub added: u64,
    /// Only in the first.
    pub deleted: u64,
    /// In both, and different.
    pub modified: u64,
    /// In both, and the same.
    pub unchanged: u64,
}

/// An entry that only one of them has.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangedEntry {
    /// Where it stands in the package.
    pub logical_key: String,
    /// Bytes.
    pub size: u64,
}

/// An entry that both have.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ModifiedEntry {
    /// Where it stands in the packages.
    pub logical_key: String,
    /// Bytes in the first.
    pub size_before: u64,
    /// Bytes in the second.
    pub size_after: u64,
    /// Whether its bytes differ.
    pub content_changed: bool,
    /// Whether its metadata differs.
    pub metadata_changed: bool,
}

/// Compare two packages, or two revisions of one.
///
/// Returns what was added, deleted and modified on the way from the first to the second, with sizes. The two may be
/// different packages, in different registries. Where the bytes are stored makes no difference; content and metadata do.
#[scoped_tool(read_only, idempotent, open_world, title = "Compare packages")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn package_diff(
    packages: &PackageService<'_>,
    /// The first package, `namespace/name`.
    package1_name: PackageName,
    /// The second package, `namespace/name`; the same to compare two revisions.
    package2_name: PackageName,
    /// The bucket that is the registry of the first, bare or as `s3://name`.
    registry: BucketName,
    /// Which revision of the first: `latest`, or a top hash or its first 6 or more digits.
    #[default(RevisionRef::Latest)]
    package1_hash: RevisionRef,
    /// Which revision of the second.
    #[default(RevisionRef::Latest)]
    package2_hash: RevisionRef,
    /// The registry of the second, if it is another.
    registry2: Option<BucketName>,
    /// The most changes of each kind to list, with 4 MiB of keys at most. All are counted.
    #[default(1000)]
    #[range(1..=10000)]
    limit: u32,
) -> Result<PackageDifference, ToolError> {
    let registry2 = registry2.unwrap_or_else(|| registry.clone());
    let before = packages.revision(&registry, &package1_name, &package1_hash).await?;
    let after = packages.revision(&registry2, &package2_name, &package2_hash).await?;
    let found = packages.diff(&before, &after, limit as usize).await?;
    let counts = Counts {
        added: found.added.count,
        deleted: found.deleted.count,
        modified: found.modified.count,
        unchanged: found.unchanged,
    };
    Ok(PackageDifference {
        success: true,
        package1: package1_name,
        package2: package2_name,
        package1_hash: before.top_hash.to_string(),
        package2_hash: after.top_hash.to_string(),
        registry,
        registry2,
        identical: counts.added + counts.deleted + counts.modified == 0 && !found.metadata_changed,
        truncated: found.added.is_cut() || found.deleted.is_cut() || found.modified.is_cut(),
        diff: Changes {
            added: found.added.shown.iter().map(changed).collect(),
            deleted: found.deleted.shown.iter().map(changed).collect(),
            modified: found.modified.shown.iter().map(modified).collect(),
        },
        counts,
        metadata_changed: found.metadata_changed,
        auth_type: packages.auth_type(),
    })
}

fn changed(entry: &Only) -> ChangedEntry {
    ChangedEntry { logical_key: entry.logical_key.to_string(), size: entry.size }
}

fn modified(entry: &Modified) -> ModifiedEntry {
    ModifiedEntry {
        logical_key: entry.logical_key.to_string(),
        size_before: entry.size_before,
        size_after: entry.size_after,
        content_changed: entry.content_changed,
        metadata_changed: entry.metadata_changed,
    }
}
