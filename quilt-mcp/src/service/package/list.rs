//! Which packages a registry has.

use futures_util::{StreamExt, stream};
use quilt_package::registry::NAMED_PACKAGES;

use super::PackageService;
use crate::client::s3::S3Client;
use crate::domain::bucket::BucketName;
use crate::domain::package::PackageName;
use crate::error::ToolError;

/// The most packages one listing gives.
pub const MAX_PACKAGES: usize = 10_000;
/// How many namespaces are listed at a time.
const CONCURRENT_LISTINGS: usize = 8;

/// Some of the packages of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageList {
    /// Their names, in order.
    pub names: Vec<PackageName>,
    /// Whether there are more.
    pub truncated: bool,
}

impl PackageService<'_> {
    /// At most `limit` packages whose names begin with `prefix`. Namespaces and names are listed as folders, so that the
    /// number of revisions does not matter.
    ///
    /// # Errors
    ///
    /// The caller may not, or the bucket does not exist.
    pub async fn list(
        &self,
        registry: &BucketName,
        prefix: &str,
        limit: usize,
    ) -> Result<PackageList, ToolError> {
        let s3 = self.auth.s3().await?;
        let limit = limit.min(MAX_PACKAGES);
        let below = format!("{NAMED_PACKAGES}{prefix}");
        let namespaces =
            if prefix.contains('/') { vec![below] } else { folders(s3, registry, below, usize::MAX).await? };
        let listings = namespaces.into_iter().map(|namespace| folders(s3, registry, namespace, limit + 1));
        let mut listings = stream::iter(listings).buffered(CONCURRENT_LISTINGS);
        let mut names = Vec::new();
        while let Some(found) = listings.next().await {
            // What is no package's name was put there by something else.
            let name = |folder: &String| folder.strip_prefix(NAMED_PACKAGES)?.strip_suffix('/')?.parse().ok();
            names.extend(found?.iter().filter_map(name));
            let done = names.len();
            self.progress.report(done as u64, None, || format!("{done} packages of {registry}"));
            if done > limit {
                break;
            }
        }
        let truncated = names.len() > limit;
        names.truncate(limit);
        Ok(PackageList { names, truncated })
    }
}

/// The folders below a prefix, at least `enough` of them if there are so many.
async fn folders(
    s3: &S3Client,
    bucket: &BucketName,
    prefix: String,
    enough: usize,
) -> Result<Vec<String>, ToolError> {
    let (mut folders, mut next) = s3.folders(bucket, &prefix, None).await?;
    while let Some(after) = next.filter(|_| folders.len() < enough) {
        let (more, then) = s3.folders(bucket, &prefix, Some(&after)).await?;
        folders.extend(more);
        // A server that repeats itself must not hold us.
        next = then.filter(|then| *then != after);
    }
    Ok(folders)
}
