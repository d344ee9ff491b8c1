//! Writing an object only as long as nobody else does.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use bytes::Bytes;

use super::{S3Client, interrupted, read_up_to};
use crate::client::aws::OPERATION;
use crate::client::failure::{self, Target};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

/// What must hold for a write to take place. S3 decides, so two writers cannot both be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition<'a> {
    /// There is no such object.
    Absent,
    /// It still has this entity tag.
    Unchanged(&'a str),
    /// Nothing.
    Always,
}

impl Condition<'_> {
    pub(super) fn if_none_match(self) -> Option<String> {
        (self == Self::Absent).then(|| "*".to_owned())
    }

    pub(super) fn if_match(self) -> Option<String> {
        match self {
            Self::Unchanged(etag) => Some(format!("\"{etag}\"")),
            Self::Absent | Self::Always => None,
        }
    }
}

/// Whether a conditional write took place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Attempt {
    /// It did. The version it made, in a bucket that keeps versions.
    Written {
        /// None in a bucket that never kept versions.
        version: Option<String>,
    },
    /// It did not: the condition does not hold. Or it does because of this very write, if its first answer was lost.
    Refused,
}

/// A small object, as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// Its version, in a bucket that keeps versions.
    pub version: Option<String>,
}

/// A conflict is an outcome of a conditional write, not a failure.
pub(super) fn attempt<T>(
    outcome: Result<T, ToolError>,
    version: impl FnOnce(T) -> Option<String>,
) -> Result<Attempt, ToolError> {
    match outcome {
        Ok(answer) => Ok(Attempt::Written { version: version(answer) }),
        Err(error) if error.code() == ErrorCode::Conflict => Ok(Attempt::Refused),
        Err(error) => Err(error),
    }
}

impl S3Client {
    /// Writes an object, if `condition` holds. S3 checks the bytes against their SHA-256.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn put_if(
        &self,
        uri: &S3Uri,
        body: Bytes,
        media_type: Option<&str>,
        condition: Condition<'_>,
    ) -> Result<Attempt, ToolError> {
        let answer = self
            .client
            .put_object()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_content_type(media_type.map(str::to_owned))
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .set_if_none_match(condition.if_none_match())
            .set_if_match(condition.if_match())
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| failure::of_operation("write", Target::Object(uri), &error));
        attempt(answer, |answer| answer.version_id)
    }

    /// Deletes an object, if `condition` holds. One that is not there is deleted already.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn delete_if(&self, uri: &S3Uri, condition: Condition<'_>) -> Result<Attempt, ToolError> {
        let answer = self
            .client
            .delete_object()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_if_match(condition.if_match())
            .send()
            .await
            .map_err(|error| failure::of_operation("delete", Target::Object(uri), &error));
        attempt(answer, |answer| answer.version_id)
    }

    /// The content of an object of at most `max_bytes`, and what a later write has to be conditional on. None if there is
    /// no such object.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, the object is larger, or S3 does not answer.
    pub async fn snapshot(&self, uri: &S3Uri, max_bytes: usize) -> Result<Option<Snapshot>, ToolError> {
        let answer = self.getting(uri).send().await;
        let answer = match answer {
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                return Ok(None);
            }
            other => other.map_err(|error| failure::of_operation("read", Target::Object(uri), &error))?,
        };
        let (etag, version) = (super::unquoted(answer.e_tag.unwrap_or_default()), answer.version_id);
        let (bytes, truncated) = tokio::time::timeout(OPERATION, read_up_to(answer.body, max_bytes))
            .await
            .map_err(|_| interrupted(uri, "the body did not arrive in time"))?
            .map_err(|error| interrupted(uri, error))?;
        if truncated {
            let message = format!("`{uri}` has more than the {max_bytes} bytes that such an object may have");
            return Err(ToolError::new(ErrorCode::LimitExceeded, message));
        }
        Ok(Some(Snapshot { bytes, etag, version }))
    }
}
