//! Objects and buckets, with the caller's rights.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use quilt_scope::service;

use super::auth::{AuthService, AuthType};
use crate::domain::bucket::BucketName;
use crate::domain::encoding::{Extent, TextEncoding};
use crate::domain::object::{KeyPrefix, ObjectKey, S3Uri};
use crate::domain::request::Progress;
use crate::error::{ErrorCode, ToolError};

mod upload;

pub use self::upload::MAX_UPLOADS;
pub use crate::client::s3::{Content, ListedBucket, ListedObject, ObjectHead, SignedLink, Upload};

/// The most keys one listing gives.
pub const MAX_KEYS: u32 = 1000;

/// The most bytes of an object that are read into memory.
pub const MAX_BYTES: u32 = 10 * 1024 * 1024;

/// The longest a link may live, in seconds: AWS's own limit.
pub const MAX_LINK_SECONDS: u32 = 7 * 24 * 3600;

/// How many objects are written at a time.
const CONCURRENT_PUTS: usize = 4;

/// The most buckets one listing gives.
const MAX_BUCKETS: usize = 10_000;

/// Objects and buckets, with the caller's rights.
#[derive(Debug)]
pub struct ObjectService<'req> {
    auth: &'req AuthService<'req>,
    progress: &'req Progress,
}

#[service]
impl<'req> ObjectService<'req> {
    /// For the caller of this request.
    pub fn new(auth: &'req AuthService<'req>, progress: &'req Progress) -> Self {
        Self { auth, progress }
    }
}

/// Some of the keys of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The objects, in the order of S3.
    pub objects: Vec<ListedObject>,
    /// Where to go on. `None`: there are no more.
    pub next: Option<String>,
}

/// The text of an object, or its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, with U+FFFD for what is not of the encoding.
    pub text: String,
    /// How many bytes were read.
    pub bytes_read: usize,
    /// Whether there is more.
    pub truncated: bool,
}

/// What became of one object that was to be written.
#[derive(Debug)]
pub struct PutOutcome {
    /// Its key.
    pub key: ObjectKey,
    /// Its size in bytes.
    pub size: usize,
    /// Its media type.
    pub content_type: String,
    /// Its entity tag, or why it was not written.
    pub result: Result<Option<String>, ToolError>,
}

impl ObjectService<'_> {
    /// How the caller is authenticated.
    pub fn auth_type(&self) -> AuthType {
        self.auth.auth_type()
    }

    /// At most `max_keys` objects of `bucket` whose keys begin with `prefix`. S3 may hand them over in several pages.
    ///
    /// # Errors
    ///
    /// `max_keys` is out of range, the caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn list(
        &self,
        bucket: &BucketName,
        prefix: &KeyPrefix,
        max_keys: u32,
        continuation: Option<&str>,
    ) -> Result<Listing, ToolError> {
        let max_keys = within("max_keys", max_keys, MAX_KEYS)?;
        let s3 = self.auth.s3().await?;
        let mut listing = Listing { objects: Vec::new(), next: continuation.map(ToOwned::to_owned) };
        loop {
            let missing = max_keys - u32::try_from(listing.objects.len()).unwrap_or(max_keys);
            let page = s3.list(bucket, prefix, missing, listing.next.as_deref()).await?;
            // A server that repeats itself must not hold us.
            let stuck = page.objects.is_empty() && page.next == listing.next;
            listing.objects.extend(page.objects);
            listing.next = page.next;
            let done = listing.objects.len();
            self.progress.report(done as u64, Some(max_keys.into()), || format!("{done} keys of {bucket}"));
            if listing.next.is_none() || stuck || done >= max_keys as usize {
                return Ok(listing);
            }
        }
    }

    /// What S3 says of one object.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such object or version, or S3 does not answer.
    pub async fn head(&self, uri: &S3Uri) -> Result<ObjectHead, ToolError> {
        self.auth.s3().await?.head(uri).await
    }

    /// The object's text, from its first `max_bytes` bytes. A character that the limit cuts in two is left out.
    ///
    /// # Errors
    ///
    /// `max_bytes` is out of range, and as [`fetch`](Self::fetch).
    pub async fn text(
        &self,
        uri: &S3Uri,
        max_bytes: u32,
        encoding: &TextEncoding,
    ) -> Result<Text, ToolError> {
        let content = self.fetch(uri, max_bytes).await?;
        let extent = if content.truncated { Extent::Cut } else { Extent::Whole };
        Ok(Text {
            text: encoding.decode(&content.bytes, extent),
            bytes_read: content.bytes.len(),
            truncated: content.truncated,
        })
    }

    /// The object's first `max_bytes` bytes.
    ///
    /// # Errors
    ///
    /// `max_bytes` is out of range, the caller may not, there is no such object or version, or S3 does not answer.
    pub async fn fetch(&self, uri: &S3Uri, max_bytes: u32) -> Result<Content, ToolError> {
        let max_bytes = within("max_bytes", max_bytes, MAX_BYTES)?;
        self.auth.s3().await?.get(uri, max_bytes as usize).await
    }

    /// Writes `uploads` to `bucket`, a few at a time, and tells of each what became of it, in the same order. One that
    /// fails does not stop the others.
    ///
    /// # Errors
    ///
    /// Nothing was written: an upload is not one S3 would take, there are too many or too much, two have the same key,
    /// or the caller's credentials cannot be had.
    pub async fn put(&self, bucket: &BucketName, uploads: Vec<Upload>) -> Result<Vec<PutOutcome>, ToolError> {
        upload::check(&uploads)?;
        let s3 = self.auth.s3().await?;
        let total = uploads.len();
        let puts = uploads.into_iter().map(|upload| {
            let (key, size, content_type) =
                (upload.key.clone(), upload.body.len(), upload.content_type.clone());
            async move { PutOutcome { key, size, content_type, result: s3.put(bucket, upload).await } }
        });
        let mut puts = stream::iter(puts).buffered(CONCURRENT_PUTS);
        let mut outcomes = Vec::with_capacity(total);
        while let Some(outcome) = puts.next().await {
            outcomes.push(outcome);
            let done = outcomes.len();
            self.progress
                .report(done as u64, Some(total as u64), || format!("{done} of {total} objects written"));
        }
        Ok(outcomes)
    }

    /// A link to read the object with the caller's rights, for `seconds` or as long as the caller's credentials last.
    ///
    /// Whether there is such an object is not looked at, nor whether the caller may read it: the link can do what the
    /// caller can, no more.
    ///
    /// # Errors
    ///
    /// `seconds` is out of range, or the caller's credentials cannot be had or have ended.
    pub async fn link(&self, uri: &S3Uri, seconds: u32) -> Result<SignedLink, ToolError> {
        let seconds = within("expiration", seconds, MAX_LINK_SECONDS)?;
        self.auth.s3().await?.sign(uri, Duration::from_secs(seconds.into())).await
    }

    /// The buckets of the caller's account.
    ///
    /// # Errors
    ///
    /// The caller may not list them, or S3 does not answer.
    pub async fn buckets(&self) -> Result<Vec<ListedBucket>, ToolError> {
        all_buckets(self.auth).await
    }
}

/// The buckets of the caller's account, page by page.
pub(super) async fn all_buckets(auth: &AuthService<'_>) -> Result<Vec<ListedBucket>, ToolError> {
    let s3 = auth.s3().await?;
    let (mut buckets, mut next) = s3.list_buckets(None).await?;
    while let Some(after) = next.filter(|_| buckets.len() < MAX_BUCKETS) {
        let (more, then) = s3.list_buckets(Some(&after)).await?;
        buckets.extend(more);
        next = then.filter(|then| *then != after);
    }
    Ok(buckets)
}

fn within(parameter: &str, value: u32, max: u32) -> Result<u32, ToolError> {
    if (1..=max).contains(&value) {
        return Ok(value);
    }
    Err(ToolError::new(ErrorCode::InvalidInput, format!("`{parameter}` must be 1 to {max}, not {value}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use bytes::Bytes;
    use quilt_scope::Lazy;

    use super::*;
    use crate::client::canned::{Canned, Sent};
    use crate::domain::principal::{Grant, Principal};

    /// Runs `$body` with an [`ObjectService`] over `$canned`.
    macro_rules! with_service {
        ($canned:expr, $progress:expr, |$service:ident| $body:expr) => {{
            let (principal, endpoints, progress) = (Principal::single_user(), $canned.endpoints(), $progress);
            let credentials = Canned::credentials(&principal);
            let auth = AuthService::new(&principal, &Grant::Ambient, Lazy::of(&credentials), &endpoints);
            let $service = ObjectService::new(&auth, &progress);
            $body.await
        }};
    }

    fn bucket() -> BucketName {
        "abc".parse().expect("a name")
    }

    fn upload(key: &str) -> Upload {
        Upload {
            key: ObjectKey::try_from(key.to_owned()).expect("a key"),
            body: Bytes::from_static(b"body"),
            content_type: "text/plain".into(),
            metadata: BTreeMap::new(),
        }
    }

    #[tokio::test]
    async fn short_pages_are_put_together() -> Result<(), ToolError> {
        let page = |sent: &Sent| {
            let last = sent.uri.contains("continuation-token=two");
            let (key, next) = if last { ("b", "false") } else { ("a", "true") };
            let body = format!(
                "<ListBucketResult><IsTruncated>{next}</IsTruncated><NextContinuationToken>two</NextContinuationToken>\
                 <Contents><Key>{key}</Key></Contents></ListBucketResult>"
            );
            (200, body)
        };
        let canned = Canned::answering(page);
        let listing =
            with_service!(canned, Progress::none(), |s| s.list(&bucket(), &KeyPrefix::default(), 10, None))?;
        assert_eq!(listing.objects.iter().map(|o| o.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(listing.next, None);

        let first =
            with_service!(canned, Progress::none(), |s| s.list(&bucket(), &KeyPrefix::default(), 1, None))?;
        assert_eq!(first.next.as_deref(), Some("two"));
        Ok(())
    }

    #[tokio::test]
    async fn a_number_out_of_range_is_refused_before_aws_is_asked() {
        let canned = Canned::answering(|_| (200, String::new()));
        let uri: S3Uri = "s3://abc/k".parse().expect("a URI");
        for max in [0, MAX_BYTES + 1] {
            let result = with_service!(canned, Progress::none(), |s| s.fetch(&uri, max));
            assert_eq!(result.map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::InvalidInput));
        }
        assert!(canned.requests().is_empty());
    }

    #[tokio::test]
    async fn one_failed_put_does_not_stop_the_others_and_progress_is_told() -> Result<(), ToolError> {
        let canned = Canned::answering(|sent: &Sent| {
            if sent.uri.contains("/denied") { (403, String::new()) } else { (200, String::new()) }
        });
        let told = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&told);
        let progress = Progress::to(move |update| listener.lock().expect("not poisoned").push(update.done));
        let uploads = vec![upload("one"), upload("denied"), upload("three")];
        let outcomes = with_service!(canned, progress, |s| s.put(&bucket(), uploads))?;
        let results: Vec<_> =
            outcomes.iter().map(|o| o.result.as_ref().map(|_| ()).map_err(ToolError::code)).collect();
        assert_eq!(results, [Ok(()), Err(ErrorCode::AccessDenied), Ok(())]);
        assert_eq!(*told.lock().expect("not poisoned"), [1, 2, 3]);
        Ok(())
    }

    #[tokio::test]
    async fn nothing_is_written_when_one_upload_is_bad() {
        let canned = Canned::answering(|_| (200, String::new()));
        let uploads = vec![upload("one"), upload("one")];
        let result = with_service!(canned, Progress::none(), |s| s.put(&bucket(), uploads));
        assert_eq!(result.map(|_| ()).map_err(|e| e.code()), Err(ErrorCode::InvalidInput));
        assert!(canned.requests().is_empty());
    }

    #[tokio::test]
    async fn buckets_come_in_pages() -> Result<(), ToolError> {
        let canned = Canned::answering(|sent: &Sent| {
            let (name, token) = if sent.uri.contains("continuation-token=") {
                ("bucket-b", "")
            } else {
                ("bucket-a", "<ContinuationToken>t</ContinuationToken>")
            };
            let body = format!(
                "<ListAllMyBucketsResult><Buckets><Bucket><Name>{name}</Name></Bucket></Buckets>{token}</ListAllMyBucketsResult>"
            );
            (200, body)
        });
        let buckets = with_service!(canned, Progress::none(), |s| s.buckets())?;
        assert_eq!(buckets.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["bucket-a", "bucket-b"]);
        Ok(())
    }

    fn assert_send<T: Send>(value: T) -> T {
        value
    }

    #[tokio::test]
    async fn what_it_does_may_move_between_threads() {
        let canned = Canned::answering(|_| (200, String::new()));
        let result =
            with_service!(canned, Progress::none(), |s| assert_send(s.put(&bucket(), vec![upload("k")])));
        assert!(result.is_ok());
    }
}
