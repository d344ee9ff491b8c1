//! A link to a file of a package, from the registry.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::input;
use crate::domain::bucket::BucketName;
use crate::domain::package::{PackageName, RevisionRef};
use crate::error::ToolError;
use crate::service::browsing::BrowsingService;
use crate::service::package::PackageService;

/// A link to download a file of a package.
#[derive(Serialize, JsonSchema)]
#[expect(missing_debug_implementations, reason = "the link is a secret of its caller")]
pub struct PackageFileLink {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The package.
    pub package_name: PackageName,
    /// The bucket that is the registry.
    pub registry: BucketName,
    /// The revision.
    pub top_hash: String,
    /// Where the file stands in the package.
    pub logical_key: String,
    /// The link. Whoever has it can read the file until it expires.
    pub signed_url: String,
    /// How long the link works, in seconds, if it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_seconds: Option<u64>,
}

/// Make a link to download a file of a package, signed by the Quilt registry.
///
/// Returns a presigned HTTPS link. Use it where the links of package_browse are refused because your own AWS rights do not reach
/// the bucket that the file is in, though the catalog shows it. The bucket must be browsable in the catalog.
#[scoped_tool(read_only, open_world, title = "Download link from the registry")]
pub async fn package_file_link(
    packages: &PackageService<'_>,
    browsing: &BrowsingService<'_>,
    /// Package name, `namespace/name`.
    package_name: PackageName,
    /// The bucket that is the registry, bare or as `s3://name`.
    registry: BucketName,
    /// Where the file stands in the package.
    logical_key: String,
    /// Which revision: `latest`, or a top hash or its first 6 or more digits.
    #[default(RevisionRef::Latest)]
    top_hash: RevisionRef,
) -> Result<PackageFileLink, ToolError> {
    let file = input::logical_key(&logical_key)?;
    let revision = packages.revision(&registry, &package_name, &top_hash).await?;
    let link = browsing.link(&revision, &file).await?;
    Ok(PackageFileLink {
        success: true,
        package_name,
        registry,
        top_hash: revision.top_hash.to_string(),
        logical_key: file.to_string(),
        signed_url: link.url,
        expiration_seconds: link.valid_for.map(|time| time.as_secs()),
    })
}
