//! S3 in a caller's name.

mod address;
mod body;
mod bucket;
mod conditional;
mod copy;
mod folders;
mod link;
mod multipart;
mod object;

use std::fmt;

use aws_credential_types::Credentials;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::operation::head_object::builders::HeadObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use self::address::Addresses;
pub use self::body::{ObjectBody, OpenedRange};
pub use self::bucket::ListedBucket;
pub use self::conditional::{Attempt, Condition, Snapshot};
pub use self::copy::{Copied, KnownHash, Original, not_there};
pub use self::link::SignedLink;
pub use self::multipart::{Multipart, Part};
pub use self::object::{Content, ListedObject, ListedPage, ObjectHead, Upload};

use super::aws::OPERATION;
use super::failure::{self, Target};
use crate::domain::bucket::BucketName;
use crate::domain::object::{KeyPrefix, ObjectKey, S3Uri};
use crate::error::{ErrorCode, ToolError};

/// S3 in a caller's name. Made by [`AwsEndpoints::s3`](super::AwsEndpoints::s3) from that caller's credentials.
pub struct S3Client {
    client: aws_sdk_s3::Client,
    /// Whom links are signed for.
    identity: Identity,
    addresses: Addresses,
}

impl S3Client {
    pub(super) fn new(client: aws_sdk_s3::Client, credentials: Credentials) -> Self {
        Self { client, identity: credentials.into(), addresses: Addresses::default() }
    }

    /// The object as it is now, or in the version that is named.
    fn getting(&self, uri: &S3Uri) -> GetObjectFluentBuilder {
        self.client
            .get_object()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_version_id(uri.version_id().map(ToOwned::to_owned))
    }

    /// As [`getting`](Self::getting), without the content.
    fn heading(&self, uri: &S3Uri) -> HeadObjectFluentBuilder {
        self.client
            .head_object()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_version_id(uri.version_id().map(ToOwned::to_owned))
    }

    /// One page of at most `max_keys` of the keys in `bucket` that begin with `prefix`, from where `after` points.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn list(
        &self,
        bucket: &BucketName,
        prefix: &KeyPrefix,
        max_keys: u32,
        after: Option<&str>,
    ) -> Result<ListedPage, ToolError> {
        // Encoded, because a key may hold characters that XML cannot.
        let answer = self
            .client
            .list_objects_v2()
            .bucket(bucket.as_str())
            .prefix(prefix.as_str())
            .max_keys(i32::try_from(max_keys).unwrap_or(i32::MAX))
            .set_continuation_token(after.map(ToOwned::to_owned))
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| failure::of_operation("list", Target::Bucket(bucket), &error))?;
        let encoded = answer.encoding_type == Some(EncodingType::Url);
        let next = if answer.is_truncated == Some(true) { answer.next_continuation_token } else { None };
        let objects = answer.contents.unwrap_or_default().into_iter().filter_map(|object| {
            let key = object.key.unwrap_or_default();
            let key = if encoded { decode_listed(&key) } else { key };
            Some(ListedObject {
                key: ObjectKey::try_from(key).ok()?,
                size: size(object.size),
                last_modified: object.last_modified.as_ref().and_then(rfc3339),
                etag: object.e_tag.map(unquoted),
                storage_class: object.storage_class.map(|class| class.as_str().to_owned()),
            })
        });
        Ok(ListedPage { objects: objects.collect(), next })
    }

    /// What S3 says of the object, without its content.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such object or version, or S3 does not answer.
    pub async fn head(&self, uri: &S3Uri) -> Result<ObjectHead, ToolError> {
        let answer = self
            .heading(uri)
            .send()
            .await
            .map_err(|error| failure::of_operation("read", Target::Object(uri), &error))?;
        Ok(ObjectHead {
            size: size(answer.content_length),
            content_type: answer.content_type,
            last_modified: answer.last_modified.as_ref().and_then(rfc3339),
            etag: answer.e_tag.map(unquoted),
            version_id: answer.version_id,
            metadata: answer.metadata.unwrap_or_default().into_iter().collect(),
            storage_class: answer.storage_class.map(|class| class.as_str().to_owned()),
        })
    }

    /// The object's content, up to `max_bytes`.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such object or version, or S3 does not answer or stops in the middle.
    pub async fn get(&self, uri: &S3Uri, max_bytes: usize) -> Result<Content, ToolError> {
        let answer = self
            .getting(uri)
            .send()
            .await
            .map_err(|error| failure::of_operation("read", Target::Object(uri), &error))?;
        let content_type = answer.content_type;
        // The SDK's timeouts end with the headers.
        let (bytes, truncated) = tokio::time::timeout(OPERATION, read_up_to(answer.body, max_bytes))
            .await
            .map_err(|_| interrupted(uri, "the body did not arrive in time"))?
            .map_err(|error| interrupted(uri, error))?;
        Ok(Content { bytes, truncated, content_type })
    }

    /// Writes an object and answers its entity tag.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn put(&self, bucket: &BucketName, upload: Upload) -> Result<Option<String>, ToolError> {
        let uri = S3Uri::new(bucket.clone(), upload.key);
        let answer = self
            .client
            .put_object()
            .bucket(bucket.as_str())
            .key(uri.key().as_str())
            .content_type(upload.content_type)
            .set_metadata((!upload.metadata.is_empty()).then(|| upload.metadata.into_iter().collect()))
            .body(ByteStream::from(upload.body))
            .send()
            .await
            .map_err(|error| failure::of_operation("write", Target::Object(&uri), &error))?;
        Ok(answer.e_tag.map(unquoted))
    }
}

impl fmt::Debug for S3Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Client").field("expires_at", &self.identity.expiration()).finish_non_exhaustive()
    }
}

async fn read_up_to(
    mut body: ByteStream,
    max_bytes: usize,
) -> Result<(Vec<u8>, bool), aws_sdk_s3::primitives::ByteStreamError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.try_next().await? {
        let room = max_bytes - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Ok((bytes, true));
        }
    }
    Ok((bytes, false))
}

fn interrupted(uri: &S3Uri, detail: impl fmt::Display) -> ToolError {
    ToolError::new(ErrorCode::Unavailable, format!("reading `{uri}` was interrupted"))
        .with_hint("send the call again")
        .with_detail(detail)
}

/// S3's encoding of keys in listings, which the SDK leaves to us: as in forms, with `+` for a space.
fn decode_listed(key: &str) -> String {
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

fn rfc3339(time: &DateTime) -> Option<String> {
    time.fmt(Format::DateTime).ok()
}

fn unquoted(etag: String) -> String {
    match etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(bare) => bare.to_owned(),
        None => etag,
    }
}

fn size(length: Option<i64>) -> u64 {
    length.and_then(|n| u64::try_from(n).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
