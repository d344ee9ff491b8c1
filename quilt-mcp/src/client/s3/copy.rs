//! Copying objects within S3: no byte of them passes through here.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use quilt_package::S3Object;

use super::{S3Client, size, unquoted};
use crate::client::failure::{self, Target};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

/// What S3 knows of the content of an object, from a checksum that it verified itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownHash {
    /// SHA-256 of the whole object.
    Whole([u8; 32]),
    /// SHA-256 of the SHA-256 of each of so many parts.
    Composite([u8; 32], u64),
}

impl KnownHash {
    /// From the value of `x-amz-checksum-sha256`.
    pub(super) fn read(value: &str) -> Option<Self> {
        let (digest, parts) = match value.split_once('-') {
            Some((digest, parts)) => (digest, Some(parts.parse().ok()?)),
            None => (value, None),
        };
        let digest = BASE64_STANDARD.decode(digest).ok()?.try_into().ok()?;
        Some(parts.map_or(Self::Whole(digest), |parts| Self::Composite(digest, parts)))
    }
}

/// One version of an object, and what is needed to copy it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Where it is. It names the version, in a bucket that keeps versions.
    pub uri: S3Uri,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// In bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: Option<String>,
    /// The user's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// Its checksum, if S3 has one of use here.
    pub hash: Option<KnownHash>,
}

/// An object that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its version, in a bucket that keeps versions.
    pub version: Option<String>,
    /// The checksum that S3 computed of the copy.
    pub hash: Option<KnownHash>,
}

impl S3Client {
    /// What there is to copy. None if there is no such object.
    ///
    /// # Errors
    ///
    /// The caller may not, or S3 does not answer.
    pub async fn original(&self, uri: &S3Uri) -> Result<Option<Original>, ToolError> {
        let answer = self.heading(uri).checksum_mode(ChecksumMode::Enabled).send().await;
        let answer = match answer {
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {
                return Ok(None);
            }
            other => other.map_err(|error| failure::of_operation("read", Target::Object(uri), &error))?,
        };
        let pinned = match &answer.version_id {
            Some(version) => {
                uri.clone().with_version(version).map_err(|why| ToolError::internal(why.to_string()))?
            }
            None => uri.clone(),
        };
        Ok(Some(Original {
            uri: pinned,
            etag: unquoted(answer.e_tag.unwrap_or_default()),
            size: size(answer.content_length),
            media_type: answer.content_type,
            metadata: answer.metadata.unwrap_or_default().into_iter().collect(),
            hash: answer.checksum_sha256.as_deref().and_then(KnownHash::read),
        }))
    }

    /// Copies an object in one go, with its metadata. S3 refuses if it changed since it was looked at.
    ///
    /// # Errors
    ///
    /// The caller may not read the one or write the other, it changed, or S3 does not answer.
    pub async fn copy_whole(&self, original: &Original, to: &S3Uri) -> Result<Copied, ToolError> {
        let answer = self
            .client
            .copy_object()
            .copy_source(copy_source(&original.uri))
            .copy_source_if_match(format!("\"{}\"", original.etag))
            .bucket(to.bucket().as_str())
            .key(to.key().as_str())
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .send()
            .await
            .map_err(|error| {
                let doing = format!("copy `{}` to", original.uri);
                failure::of_operation(&doing, Target::Object(to), &error)
            })?;
        let hash = answer.copy_object_result.and_then(|result| result.checksum_sha256);
        Ok(Copied { version: answer.version_id, hash: hash.as_deref().and_then(KnownHash::read) })
    }
}

/// How S3 wants an object named that is to be copied: as in a manifest, without the scheme.
pub(super) fn copy_source(uri: &S3Uri) -> String {
    let object = S3Object {
        bucket: uri.bucket().to_string(),
        key: uri.key().to_string(),
        version: uri.version_id().map(ToOwned::to_owned),
    };
    object.to_string().trim_start_matches("s3://").to_owned()
}

/// Why an object that has to be there is not.
pub fn not_there(uri: &S3Uri) -> ToolError {
    ToolError::new(ErrorCode::NotFound, format!("`{uri}` does not exist"))
        .with_hint("call bucket_objects_list to see which keys exist; keys are case-sensitive")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_tells_of_how_many_parts_it_is() {
        let digest = BASE64_STANDARD.encode([7; 32]);
        assert_eq!(KnownHash::read(&digest), Some(KnownHash::Whole([7; 32])));
        assert_eq!(KnownHash::read(&format!("{digest}-3")), Some(KnownHash::Composite([7; 32], 3)));
        for wrong in ["", "AAAA", "-3", &format!("{digest}-x")] {
            assert_eq!(KnownHash::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_copied_is_named_as_s3_wants_it() {
        let uri: S3Uri = "s3://abc/a b+%C3%A9%3F?versionId=v1".parse().expect("a URI");
        assert_eq!(copy_source(&uri), "abc/a%20b%2B%C3%A9%3F?versionId=v1");
    }
}
