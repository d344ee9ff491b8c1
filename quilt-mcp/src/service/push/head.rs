//! The current revision of a package, and what a change of it has to be conditional on.

use quilt_package::TopHash;
use quilt_package::registry::{self, Pointer, Timestamp};

use super::object;
use crate::client::s3::{Condition, S3Client};
use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::package::pointers;

/// A pointer is 64 bytes.
pub(super) const POINTER_BYTES: usize = 256;

/// `latest`, as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// None if it is not there.
    etag: Option<String>,
    /// None if it is not there, or holds no hash.
    pub(super) top_hash: Option<TopHash>,
}

impl Head {
    pub(super) async fn read(
        s3: &S3Client,
        registry: &BucketName,
        name: &PackageName,
    ) -> Result<Self, ToolError> {
        let found = s3.snapshot(&pointer(registry, name, Pointer::Latest)?, POINTER_BYTES).await?;
        Ok(match found {
            Some(found) => Self { top_hash: Pointer::read(&found.bytes), etag: Some(found.etag) },
            None => Self { etag: None, top_hash: None },
        })
    }

    /// Whether `latest` is there, whatever it holds.
    pub(super) fn is_there(&self) -> bool {
        self.etag.is_some()
    }

    /// That `latest` is still as it was.
    pub(super) fn condition(&self) -> Condition<'_> {
        self.etag.as_deref().map_or(Condition::Absent, Condition::Unchanged)
    }
}

/// The newest entry of the history of a package, if it has any.
pub(super) async fn newest(
    s3: &S3Client,
    registry: &BucketName,
    name: &PackageName,
) -> Result<Option<(Timestamp, Option<TopHash>)>, ToolError> {
    let seconds = pointers(s3, registry, name).await?.into_iter().filter_map(|pointer| match pointer {
        Pointer::At(second) => Some(second),
        Pointer::Latest => None,
    });
    let Some(second) = seconds.max() else { return Ok(None) };
    Ok(Some((second, read_pointer(s3, registry, name, Pointer::At(second)).await?)))
}

/// The hash that a pointer holds. None if there is none, or it holds no hash.
pub(super) async fn read_pointer(
    s3: &S3Client,
    registry: &BucketName,
    name: &PackageName,
    which: Pointer,
) -> Result<Option<TopHash>, ToolError> {
    let found = s3.snapshot(&pointer(registry, name, which)?, POINTER_BYTES).await?;
    Ok(found.and_then(|found| Pointer::read(&found.bytes)))
}

pub(super) fn pointer(registry: &BucketName, name: &PackageName, which: Pointer) -> Result<S3Uri, ToolError> {
    object(registry, registry::pointer_key(name.in_format(), which))
}
