//! A package as files.

use std::path::Path;

use quilt_package::LogicalKey;
use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::deployment::Deployment;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::package::{Overwrite, PackageService};

/// What was installed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackageInstalled {
    /// Always true: everything is there. A failure has another shape.
    pub success: bool,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The revision.
    pub top_hash: String,
    /// The directory.
    pub dest: String,
    /// Files that were written.
    pub files_written: u64,
    /// Files that were there already and say the same.
    pub files_kept: u64,
    /// Bytes of all of them.
    pub total_size: u64,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// Install a package into a local directory.
///
/// Writes the package's files below `dest`, each verified against its hash, and returns how many. Only on a server that
/// works for one person. Files that are there already and say the same are kept, so a repeat goes on where it stopped.
#[scoped_tool(destructive, idempotent, open_world, title = "Install package")]
#[expect(clippy::too_many_arguments, reason = "these are the parameters of the tool")]
pub async fn package_install(
    packages: &PackageService<'_>,
    mode: &Deployment,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// The directory to write into, as an absolute path. It is made if it is not there.
    dest: String,
    /// Which revision: `latest`, or a top hash or its first 6 or more digits.
    #[default(RevisionRef::Latest)]
    top_hash: RevisionRef,
    /// A file or directory of the package; empty for all of it.
    #[default(String::new())]
    path: String,
    /// Whether to replace files that differ. If not, the call is refused before anything is written.
    #[default(false)]
    overwrite: bool,
) -> Result<PackageInstalled, ToolError> {
    let part: Option<LogicalKey> = match path.trim_end_matches('/') {
        "" => None,
        part => Some(part.parse().map_err(|why| ToolError::invalid_input(format!("`path` is {why}")))?),
    };
    packages.may_install(*mode)?;
    let revision = packages.revision(&registry, &package_name, &top_hash).await?;
    let overwrite = if overwrite { Overwrite::Replace } else { Overwrite::Refuse };
    let done = packages.install(&revision, part.as_ref(), Path::new(&dest), overwrite).await?;
    Ok(PackageInstalled {
        success: true,
        package_name,
        registry,
        top_hash: revision.top_hash.to_string(),
        dest,
        files_written: done.written,
        files_kept: done.kept,
        total_size: done.bytes,
        auth_type: packages.auth_type(),
    })
}
