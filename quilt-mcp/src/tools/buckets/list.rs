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
use crate::service::registry::{CatalogBucket, RegistryService};

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

/// The buckets that the caller may see.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BucketList {
    /// Always true: a failure has another shape.
    pub success: bool,
    /// The buckets.
    pub buckets: Vec<BucketEntry>,
    /// How many there are.
    pub count: usize,
    /// What the registry lists besides, and cannot be used: S3 has no buckets of such names. Shortened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unusable: Vec<String>,
    /// Who named them.
    pub source: BucketSource,
    /// How the caller is authenticated.
    pub auth_type: AuthType,
}

/// Who names the buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum BucketSource {
    /// The Quilt registry: its buckets, of whatever account, that the caller may see.
    Registry,
    /// S3: the buckets of the caller's account.
    S3,
}

/// A bucket in a listing. What only a registry knows is absent from a listing of S3, and the other way round.
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
    /// Its title in the catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A picture of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// How far up the catalog shows it: the larger, the further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevance_score: Option<i64>,
    /// Whether the catalog lets people look into its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browsable: Option<bool>,
    /// Its tags in the catalog.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl From<ListedBucket> for BucketEntry {
    fn from(bucket: ListedBucket) -> Self {
        Self {
            name: bucket.name,
            created: bucket.created,
            region: bucket.region,
            title: None,
            description: None,
            icon_url: None,
            relevance_score: None,
            browsable: None,
            tags: Vec::new(),
        }
    }
}

impl From<CatalogBucket> for BucketEntry {
    fn from(bucket: CatalogBucket) -> Self {
        Self {
            name: bucket.name,
            created: None,
            region: None,
            title: Some(bucket.title),
            description: bucket.description,
            icon_url: bucket.icon_url,
            relevance_score: Some(bucket.relevance_score),
            browsable: Some(bucket.browsable),
            tags: bucket.tags,
        }
    }
}

/// List the buckets that you may see.
///
/// Returns those of your Quilt registry with their titles, the most relevant first; or, if there is no registry for you, those
/// of your AWS account with their dates. `source` says which. That a bucket is listed does not mean that you may use it:
/// check_bucket_access tells.
#[scoped_tool(read_only, idempotent, open_world, title = "List buckets")]
pub async fn bucket_list(
    objects: &ObjectService<'_>,
    registry: &RegistryService<'_>,
) -> Result<BucketList, ToolError> {
    let (source, buckets, unusable): (_, Vec<BucketEntry>, _) = if registry.registry().is_some() {
        let known = registry.buckets().await?;
        (BucketSource::Registry, known.usable.into_iter().map(Into::into).collect(), known.unusable)
    } else {
        (BucketSource::S3, objects.buckets().await?.into_iter().map(Into::into).collect(), Vec::new())
    };
    let count = buckets.len();
    Ok(BucketList { success: true, buckets, count, unusable, source, auth_type: objects.auth_type() })
}
