//! A link to one object, for whoever has it.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::rfc3339;
use crate::domain::bucket::BucketName;
use crate::domain::object::{ObjectKey, S3Uri};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::object::ObjectService;

/// A link to download an object.
#[derive(Serialize, JsonSchema)]
#[expect(missing_debug_implementations, reason = "the link is a secret of its caller")]
pub struct ObjectLink {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
    /// The URI that was asked for.
    pub s3_uri: S3Uri,
    /// The link. Whoever has it can read the object with the caller's rights until it expires.
    pub signed_url: String,
    /// How long the link works, in seconds: as asked for, or until the caller's credentials end.
    pub expiration_seconds: u64,
    /// When the link stops working, RFC 3339.
    pub expires_at: String,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// Make a link to download an object.
///
/// Returns a presigned HTTPS link that works without AWS credentials until it expires. It is signed with the caller's
/// own rights and ends with the caller's credentials at the latest. Whether the object exists is not checked.
#[scoped_tool(read_only, title = "Download link")]
pub async fn bucket_object_link(
    objects: &ObjectService<'_>,
    /// The object, `s3://bucket/key`, with `?versionId=..` for one version.
    s3_uri: S3Uri,
    /// How long the link should work, in seconds.
    #[default(3600)]
    #[range(1..=604800)]
    expiration: u32,
) -> Result<ObjectLink, ToolError> {
    let link = objects.link(&s3_uri, expiration).await?;
    Ok(ObjectLink {
        success: true,
        bucket: s3_uri.bucket().clone(),
        key: s3_uri.key().clone(),
        s3_uri,
        signed_url: link.url,
        expiration_seconds: link.valid_for.as_secs(),
        expires_at: rfc3339(link.expires_at),
        auth_type: objects.auth_type(),
    })
}
