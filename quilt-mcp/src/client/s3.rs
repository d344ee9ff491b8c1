//! S3 in a caller's name.

mod body;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;

use super::aws::OPERATION;
use super::failure::{self, Target};
use crate::domain::bucket::BucketName;
use crate::domain::object::{KeyPrefix, ObjectKey, S3Uri};
use crate::error::{ErrorCode, ToolError};

pub use body::ObjectBody;

/// S3 in a caller's name. Made by [`AwsEndpoints::s3`](super::AwsEndpoints::s3) from that caller's credentials.
pub struct S3Client {
    client: aws_sdk_s3::Client,
    expires_at: Option<SystemTime>,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPage {
    /// What is on it, in the order of S3.
    pub objects: Vec<ListedObject>,
    /// How to ask for the next page. `None`: this was the last.
    pub next: Option<String>,
}

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: ObjectKey,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written, RFC 3339.
    pub last_modified: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// Its storage class.
    pub storage_class: Option<String>,
}

/// What S3 says of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub content_type: Option<String>,
    /// When it was written, RFC 3339.
    pub last_modified: Option<String>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// Its version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// The user's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// Its storage class, if not the standard one.
    pub storage_class: Option<String>,
}

/// The beginning of an object's content, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether there is more.
    pub truncated: bool,
    /// The object's media type.
    pub content_type: Option<String>,
}

/// An object to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Under which key.
    pub key: ObjectKey,
    /// Its content.
    pub body: Bytes,
    /// Its media type.
    pub content_type: String,
    /// The user's own metadata.
    pub metadata: BTreeMap<String, String>,
}

/// A bucket as the account's listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedBucket {
    /// Its name.
    pub name: BucketName,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// Where it is.
    pub region: Option<String>,
}

/// A link that carries its caller's right to read one object. Not `Debug`: who has it may read.
#[expect(missing_debug_implementations, reason = "the link is a secret of its caller")]
pub struct SignedLink {
    /// The link.
    pub url: String,
    /// When it stops working.
    pub expires_at: SystemTime,
    /// How long it works from now on.
    pub valid_for: Duration,
}

impl S3Client {
    pub(super) fn new(client: aws_sdk_s3::Client, expires_at: Option<SystemTime>) -> Self {
        Self { client, expires_at }
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

    /// One page of the prefixes that end at the next `/` after `prefix`, as a listing of folders shows them, and how to ask
    /// for the next page.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn folders(
        &self,
        bucket: &BucketName,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<(Vec<String>, Option<String>), ToolError> {
        let answer = self
            .client
            .list_objects_v2()
            .bucket(bucket.as_str())
            .prefix(prefix)
            .delimiter("/")
            .set_continuation_token(after.map(ToOwned::to_owned))
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| failure::of_operation("list", Target::Bucket(bucket), &error))?;
        let encoded = answer.encoding_type == Some(EncodingType::Url);
        let next = if answer.is_truncated == Some(true) { answer.next_continuation_token } else { None };
        let folders = answer.common_prefixes.unwrap_or_default().into_iter().filter_map(|folder| {
            let folder = folder.prefix?;
            Some(if encoded { decode_listed(&folder) } else { folder })
        });
        Ok((folders.collect(), next))
    }

    /// What S3 says of the object, without its content.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such object or version, or S3 does not answer.
    pub async fn head(&self, uri: &S3Uri) -> Result<ObjectHead, ToolError> {
        let answer = self
            .client
            .head_object()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_version_id(uri.version_id().map(ToOwned::to_owned))
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
            .client
            .get_object()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_version_id(uri.version_id().map(ToOwned::to_owned))
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

    /// A link to read the object with the caller's rights, for `wanted` or as long as the caller's credentials last,
    /// whichever is shorter. Sends nothing to S3.
    ///
    /// # Errors
    ///
    /// The caller's credentials have ended.
    pub async fn sign(&self, uri: &S3Uri, wanted: Duration) -> Result<SignedLink, ToolError> {
        let now = SystemTime::now();
        let valid_for = link_lifetime(now, wanted, self.expires_at)?;
        let config =
            PresigningConfig::builder().start_time(now).expires_in(valid_for).build().map_err(|error| {
                ToolError::invalid_input(format!("a link may live 1 second to 7 days: {error}"))
            })?;
        let signed = self
            .client
            .get_object()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_version_id(uri.version_id().map(ToOwned::to_owned))
            .presigned(config)
            .await
            .map_err(|error| failure::of_operation("sign a link to", Target::Object(uri), &error))?;
        Ok(SignedLink { url: signed.uri().to_owned(), expires_at: now + valid_for, valid_for })
    }

    /// One page of the buckets of the caller's account, and how to ask for the next.
    ///
    /// # Errors
    ///
    /// The caller may not, or S3 does not answer.
    pub async fn list_buckets(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<ListedBucket>, Option<String>), ToolError> {
        let answer = self
            .client
            .list_buckets()
            .set_continuation_token(after.map(ToOwned::to_owned))
            .send()
            .await
            .map_err(|error| {
                failure::of_operation("list the buckets of your account", Target::Account, &error)
            })?;
        let buckets = answer.buckets.unwrap_or_default().into_iter().filter_map(|bucket| {
            Some(ListedBucket {
                // Buckets from before today's rules have names that cannot be asked for through this server.
                name: bucket.name?.parse().ok()?,
                created: bucket.creation_date.as_ref().and_then(rfc3339),
                region: bucket.bucket_region,
            })
        });
        Ok((buckets.collect(), answer.continuation_token.filter(|token| !token.is_empty())))
    }

    /// Where the bucket is, if S3 tells this caller.
    pub async fn bucket_region(&self, bucket: &BucketName) -> Option<String> {
        let header = "x-amz-bucket-region";
        let told = match self.client.head_bucket().bucket(bucket.as_str()).send().await {
            Ok(answer) => answer.bucket_region,
            // S3 says where the bucket is even when it refuses.
            Err(error) => {
                error.raw_response().and_then(|raw| raw.headers().get(header)).map(ToOwned::to_owned)
            }
        };
        match told {
            Some(region) => Some(region),
            None => self.bucket_location(bucket).await,
        }
    }

    async fn bucket_location(&self, bucket: &BucketName) -> Option<String> {
        let answer = self.client.get_bucket_location().bucket(bucket.as_str()).send().await.ok()?;
        Some(match answer.location_constraint.as_ref().map(AsRef::as_ref) {
            None | Some("") => "us-east-1".to_owned(),
            Some("EU") => "eu-west-1".to_owned(),
            Some(region) => region.to_owned(),
        })
    }
}

impl fmt::Debug for S3Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Client").field("expires_at", &self.expires_at).finish_non_exhaustive()
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

/// The shorter of `wanted` and what is left until `expires_at`, in whole seconds.
fn link_lifetime(
    now: SystemTime,
    wanted: Duration,
    expires_at: Option<SystemTime>,
) -> Result<Duration, ToolError> {
    let Some(expires_at) = expires_at else { return Ok(wanted) };
    let left = expires_at.duration_since(now).unwrap_or_default().as_secs();
    match left {
        0 => Err(ToolError::new(ErrorCode::CredentialsUnavailable, "your credentials have expired")
            .with_hint("obtain a new token and send the call again")),
        left => Ok(wanted.min(Duration::from_secs(left))),
    }
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
mod tests {
    use super::*;
    use crate::client::canned::Canned;
    use crate::domain::principal::Principal;

    fn client(canned: &Canned) -> S3Client {
        canned.endpoints().s3(&Canned::credentials(&Principal::single_user()))
    }

    fn uri(text: &str) -> S3Uri {
        text.parse().expect("a URI")
    }

    #[tokio::test]
    async fn a_listing_is_decoded_and_signed_by_the_caller() -> Result<(), ToolError> {
        let canned = Canned::answering(|_| {
            (
                200,
                "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
                <NextContinuationToken>next</NextContinuationToken><Contents><Key>a%2Bb+c/%E4%BD%A0</Key>\
                <Size>3</Size><ETag>&quot;e&quot;</ETag></Contents></ListBucketResult>"
                    .into(),
            )
        });
        let page =
            client(&canned).list(&"abc".parse().expect("name"), &KeyPrefix::default(), 10, None).await?;
        assert_eq!(page.objects[0].key.as_str(), "a+b c/你");
        assert_eq!(page.objects[0].etag.as_deref(), Some("e"));
        assert_eq!(page.next.as_deref(), Some("next"));
        let sent = canned.requests().pop().expect("one request");
        assert!(sent.signed_by("AKIAlocal"));
        assert!(sent.user_agent.contains("app/quilt-mcp-"), "{}", sent.user_agent);
        assert!(sent.uri.starts_with("http://aws.test/abc/?"), "{}", sent.uri);
        Ok(())
    }

    #[tokio::test]
    async fn keys_that_were_not_encoded_are_left_alone() -> Result<(), ToolError> {
        let canned = Canned::answering(|_| {
            (200, "<ListBucketResult><Contents><Key>a+b%20</Key></Contents></ListBucketResult>".into())
        });
        let page =
            client(&canned).list(&"abc".parse().expect("name"), &KeyPrefix::default(), 10, None).await?;
        assert_eq!(page.objects[0].key.as_str(), "a+b%20");
        assert_eq!(page.next, None);
        Ok(())
    }

    #[tokio::test]
    async fn head_answers_without_a_body_are_understood() {
        for (status, expected) in [(404, ErrorCode::NotFound), (403, ErrorCode::AccessDenied)] {
            let canned = Canned::answering(move |_| (status, String::new()));
            let error = client(&canned).head(&uri("s3://abc/key")).await.expect_err("refused");
            assert_eq!(error.code(), expected);
            assert!(error.message().contains("s3://abc/key"), "{error}");
        }
    }

    #[tokio::test]
    async fn content_is_read_up_to_the_limit() -> Result<(), ToolError> {
        for (limit, expected, truncated) in [(4, "0123", true), (5, "01234", false), (6, "01234", false)] {
            let canned = Canned::answering(|_| (200, "01234".into()));
            let content = client(&canned).get(&uri("s3://abc/key"), limit).await?;
            assert_eq!((content.bytes.as_slice(), content.truncated), (expected.as_bytes(), truncated));
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_link_is_signed_by_the_caller_without_a_call() -> Result<(), ToolError> {
        let canned = Canned::answering(|_| (500, String::new()));
        let link = client(&canned).sign(&uri("s3://abc/a b?versionId=v1"), Duration::from_secs(60)).await?;
        for part in [
            "http://aws.test/abc/a%20b?",
            "X-Amz-Credential=AKIAlocal%2F",
            "X-Amz-Expires=60",
            "versionId=v1",
        ] {
            assert!(link.url.contains(part), "{part} is not in {}", link.url);
        }
        assert!(canned.requests().is_empty());
        Ok(())
    }

    #[test]
    fn a_link_does_not_outlive_the_credentials() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let minute = Duration::from_secs(60);
        let lifetime = |left: u64| {
            link_lifetime(now, minute, Some(now + Duration::from_secs(left))).map_err(|e| e.code())
        };
        assert_eq!(lifetime(30), Ok(Duration::from_secs(30)));
        assert_eq!(lifetime(600), Ok(minute));
        assert_eq!(lifetime(0), Err(ErrorCode::CredentialsUnavailable));
        assert!(link_lifetime(now, minute, Some(now - minute)).is_err());
        assert!(link_lifetime(now, minute, None).is_ok());
    }

    #[tokio::test]
    async fn the_location_is_asked_for_when_head_does_not_tell() {
        let canned = Canned::answering(|sent| {
            if sent.method == "HEAD" {
                (403, String::new())
            } else {
                (200, "<LocationConstraint>EU</LocationConstraint>".into())
            }
        });
        let region = client(&canned).bucket_region(&"abc".parse().expect("name")).await;
        assert_eq!(region.as_deref(), Some("eu-west-1"));
    }
}
