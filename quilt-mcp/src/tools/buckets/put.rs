//! Writing objects.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::upload::{self, UploadItem};
use crate::domain::bucket::BucketName;
use crate::domain::object::ObjectKey;
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::object::{MAX_UPLOADS, ObjectService};

/// What became of the objects that were to be written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PutReport {
    /// Always true: at least one object was written. If none was, the call fails.
    pub success: bool,
    /// The bucket.
    pub bucket: BucketName,
    /// How many objects were to be written.
    pub requested: usize,
    /// How many were.
    pub uploaded: usize,
    /// How many were not.
    pub failed: usize,
    /// What became of each, in the order of `items`.
    pub results: Vec<PutResult>,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// What became of one object that was to be written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PutResult {
    /// Its key.
    pub key: ObjectKey,
    /// Its entity tag, if it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its size in bytes, if it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// Its media type, if it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Why it was not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Write objects to an S3 bucket.
///
/// Replaces objects that have these keys already. All items are checked before the first is written; after that one
/// failure does not stop the others, and `results` tells of each. Use it to upload small files, 64 MiB at most together.
#[scoped_tool(destructive, idempotent, open_world, title = "Write objects")]
pub async fn bucket_objects_put(
    objects: &ObjectService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket: BucketName,
    /// The objects to write, 1 to 1000, each with a key of its own.
    #[length(1..=MAX_UPLOADS)]
    items: Vec<UploadItem>,
) -> Result<PutReport, ToolError> {
    let outcomes = objects.put(&bucket, upload::uploads(items)?).await?;
    let requested = outcomes.len();
    let uploaded = outcomes.iter().filter(|outcome| outcome.result.is_ok()).count();
    let mut results = Vec::with_capacity(requested);
    let mut first_failure = None;
    for outcome in outcomes {
        let (etag, error) = match outcome.result {
            Ok(etag) => (etag, None),
            Err(error) => {
                let message = error.message().to_owned();
                first_failure.get_or_insert(error);
                (None, Some(message))
            }
        };
        let written = error.is_none();
        results.push(PutResult {
            key: outcome.key,
            etag,
            size: written.then_some(outcome.size),
            content_type: written.then_some(outcome.content_type),
            error,
        });
    }
    match first_failure {
        Some(failure) if uploaded == 0 => Err(failure),
        _ => Ok(PutReport {
            success: true,
            bucket,
            requested,
            uploaded,
            failed: requested - uploaded,
            results,
            auth_type: objects.auth_type(),
        }),
    }
}
