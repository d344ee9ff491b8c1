//! What there is: buckets, and objects in one of them.

use quilt_scope::scoped_tool;
use schemars::JsonSchema;
use serde::Serialize;

use super::rfc3339;
use crate::domain::bucket::BucketName;
use crate::domain::object::{KeyPrefix, ObjectKey, S3Uri};
use crate::error::ToolError;
use crate::service::auth::AuthType;
use crate::service::object::{ListedBucket, ObjectService};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Its entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    #[serde(skip_serializing_if = "Option::is_none")]
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
    let entry = |bucket: ListedBucket| BucketEntry {
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
