//! What is in one object.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::bucket::BucketName;
use crate::domain::encoding::TextEncoding;
use crate::domain::object::{ObjectKey, S3Uri};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::object::ObjectService;

/// What is known about one object.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectInfo {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The object.
    pub object: ObjectMetadata,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// An object's metadata.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectMetadata {
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
    /// The URI that was asked for.
    pub s3_uri: S3Uri,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// When it was written, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Its entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its version, in a bucket that keeps versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The user's own metadata, name to value.
    pub metadata: BTreeMap<String, String>,
    /// Its storage class, if not the standard one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
}

/// Get an object's metadata without its content.
///
/// Returns size, media type, date, entity tag, version and the user's own metadata. Use it to check that an object exists
/// and how large it is before reading it.
#[scoped_tool(read_only, idempotent, open_world, title = "Object metadata")]
pub async fn bucket_object_info(
    objects: &ObjectService<'_>,
    /// The object, `s3://bucket/key`, with `?versionId=..` for one version.
    s3_uri: S3Uri,
) -> Result<ObjectInfo, ToolError> {
    let head = objects.head(&s3_uri).await?;
    Ok(ObjectInfo {
        success: true,
        object: ObjectMetadata {
            bucket: s3_uri.bucket().clone(),
            key: s3_uri.key().clone(),
            s3_uri,
            size: head.size,
            content_type: head.content_type,
            last_modified: head.last_modified,
            etag: head.etag,
            version_id: head.version_id,
            metadata: head.metadata,
            storage_class: head.storage_class,
        },
        auth_type: objects.auth_type(),
    })
}

/// The text of an object.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectText {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
    /// The URI that was asked for.
    pub s3_uri: S3Uri,
    /// The text, with U+FFFD for bytes that are not of the encoding.
    pub text: String,
    /// The encoding it was read with.
    pub encoding: TextEncoding,
    /// How many bytes were read.
    pub bytes_read: usize,
    /// Whether the object goes on.
    pub truncated: bool,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// Read an object as text.
///
/// Returns the text of the first `max_bytes` bytes and whether there is more. Use it for CSV, JSON, logs, README files;
/// use bucket_object_fetch for binary data.
#[scoped_tool(read_only, idempotent, open_world, title = "Read text")]
pub async fn bucket_object_text(
    objects: &ObjectService<'_>,
    /// The object, `s3://bucket/key`, with `?versionId=..` for one version.
    s3_uri: S3Uri,
    /// The most bytes to read.
    #[default(65536)]
    #[range(1..=10485760)]
    max_bytes: u32,
    /// Text encoding, such as `utf-8`, `latin-1` or `utf-16`.
    #[default(TextEncoding::utf_8())]
    encoding: TextEncoding,
) -> Result<ObjectText, ToolError> {
    let read = objects.text(&s3_uri, max_bytes, &encoding).await?;
    Ok(ObjectText {
        success: true,
        bucket: s3_uri.bucket().clone(),
        key: s3_uri.key().clone(),
        s3_uri,
        text: read.text,
        encoding,
        bytes_read: read.bytes_read,
        truncated: read.truncated,
        auth_type: objects.auth_type(),
    })
}

/// The content of an object.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectData {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
    /// The URI that was asked for.
    pub s3_uri: S3Uri,
    /// The content, in base64 if `is_base64`, else as text.
    pub data: String,
    /// Its media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How many bytes were read.
    pub bytes_read: usize,
    /// Whether the object goes on.
    pub truncated: bool,
    /// Whether `data` is base64.
    pub is_base64: bool,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// Read an object's bytes.
///
/// Returns the first `max_bytes` bytes in base64, and whether there is more. With `base64_encode` false, content that is
/// UTF-8 comes as text; `is_base64` tells which it is. Use it for binary data, and bucket_object_text for text.
#[scoped_tool(read_only, idempotent, open_world, title = "Read bytes")]
pub async fn bucket_object_fetch(
    objects: &ObjectService<'_>,
    /// The object, `s3://bucket/key`, with `?versionId=..` for one version.
    s3_uri: S3Uri,
    /// The most bytes to read.
    #[default(65536)]
    #[range(1..=10485760)]
    max_bytes: u32,
    /// Whether to return base64 even if the content is text.
    #[default(true)]
    base64_encode: bool,
) -> Result<ObjectData, ToolError> {
    let content = objects.fetch(&s3_uri, max_bytes).await?;
    let bytes_read = content.bytes.len();
    let text = if base64_encode { Err(content.bytes) } else { utf_8(content.bytes, content.truncated) };
    let (data, is_base64) = match text {
        Ok(text) => (text, false),
        Err(bytes) => (BASE64.encode(bytes), true),
    };
    Ok(ObjectData {
        success: true,
        bucket: s3_uri.bucket().clone(),
        key: s3_uri.key().clone(),
        s3_uri,
        data,
        content_type: content.content_type,
        bytes_read,
        truncated: content.truncated,
        is_base64,
        auth_type: objects.auth_type(),
    })
}

/// `bytes` as text; where they were cut off, without the character that the cut went through. The bytes again if they
/// are no UTF-8.
fn utf_8(mut bytes: Vec<u8>, truncated: bool) -> Result<String, Vec<u8>> {
    if truncated
        && let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes)
}
