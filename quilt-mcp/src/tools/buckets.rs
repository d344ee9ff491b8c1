//! Buckets and the objects in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::domain::bucket::BucketName;
use crate::domain::encoding::TextEncoding;
use crate::domain::object::{KeyPrefix, ObjectKey, S3Uri};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::object::ObjectService;

mod upload;

pub use upload::UploadItem;

/// How long the links of a listing live, in seconds.
const LISTED_LINK_SECONDS: u32 = 3600;

/// Some of the objects of a bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The bucket.
    pub bucket: BucketName,
    /// What the keys begin with.
    pub prefix: KeyPrefix,
    /// The objects, ordered by key.
    pub objects: Vec<ObjectEntry>,
    /// How many objects this answer has.
    pub count: usize,
    /// Whether there are more.
    pub is_truncated: bool,
    /// Give it as `continuation_token` to get the next objects. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_continuation_token: Option<String>,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// An object in a listing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectEntry {
    /// Its key.
    pub key: ObjectKey,
    /// Its URI, to be given to other tools.
    pub s3_uri: S3Uri,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written, RFC 3339.
    pub last_modified: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// Its storage class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// A link to download it with the caller's rights. Treat it as a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_url: Option<String>,
    /// When the link stops working, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_url_expiry: Option<String>,
}

/// List objects in an S3 bucket.
///
/// Returns keys, URIs, sizes and dates, and by default a download link for each object, ordered by key. Use it to find
/// objects before reading them; give a prefix to look into a folder, and `next_continuation_token` to go on.
#[scoped_tool(read_only, idempotent, open_world, title = "List objects")]
pub async fn bucket_objects_list(
    objects: &ObjectService<'_>,
    /// Bucket name, bare or as `s3://name`.
    bucket: BucketName,
    /// Only keys that begin with this.
    #[default(KeyPrefix::default())]
    prefix: KeyPrefix,
    /// The most objects to return.
    #[default(100)]
    #[range(1..=1000)]
    max_keys: u32,
    /// `next_continuation_token` of the answer before; empty to begin.
    #[default(String::new())]
    continuation_token: String,
    /// Whether to add a download link to each object. Links live an hour, or as long as your credentials.
    #[default(true)]
    include_signed_urls: bool,
) -> Result<ObjectList, ToolError> {
    let after = (!continuation_token.is_empty()).then_some(continuation_token.as_str());
    let listing = objects.list(&bucket, &prefix, max_keys, after).await?;
    let mut entries = Vec::with_capacity(listing.objects.len());
    for object in listing.objects {
        let s3_uri = S3Uri::new(bucket.clone(), object.key.clone());
        let link =
            if include_signed_urls { Some(objects.link(&s3_uri, LISTED_LINK_SECONDS).await?) } else { None };
        let (signed_url, signed_url_expiry) = link.map(|link| (link.url, rfc3339(link.expires_at))).unzip();
        entries.push(ObjectEntry {
            key: object.key,
            s3_uri,
            size: object.size,
            last_modified: object.last_modified,
            etag: object.etag,
            storage_class: object.storage_class,
            signed_url,
            signed_url_expiry,
        });
    }
    Ok(ObjectList {
        success: true,
        bucket,
        prefix,
        count: entries.len(),
        objects: entries,
        is_truncated: listing.next.is_some(),
        next_continuation_token: listing.next,
        auth_type: objects.auth_type(),
    })
}

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
    pub content_type: Option<String>,
    /// When it was written, RFC 3339.
    pub last_modified: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// Its version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// The user's own metadata, name to value.
    pub metadata: std::collections::BTreeMap<String, String>,
    /// Its storage class, if not the standard one.
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

/// The buckets of the caller's account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BucketList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The buckets.
    pub buckets: Vec<BucketEntry>,
    /// How many there are.
    pub count: usize,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// A bucket in a listing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BucketEntry {
    /// Its name.
    pub name: BucketName,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// Its region, if S3 says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// List the buckets of your AWS account.
///
/// Returns names and dates. That a bucket is listed does not mean that you may use it: check_bucket_access tells. Buckets
/// of other accounts are not listed, even those you may use.
#[scoped_tool(read_only, idempotent, open_world, title = "List buckets")]
pub async fn bucket_list(objects: &ObjectService<'_>) -> Result<BucketList, ToolError> {
    let listed = objects.buckets().await?;
    let entry = |bucket: crate::service::object::ListedBucket| BucketEntry {
        name: bucket.name,
        created: bucket.created,
        region: bucket.region,
    };
    Ok(BucketList {
        success: true,
        count: listed.len(),
        buckets: listed.into_iter().map(entry).collect(),
        auth_type: objects.auth_type(),
    })
}

pub(super) fn rfc3339(time: std::time::SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).expect("a time of this millennium has an RFC 3339 form")
}
