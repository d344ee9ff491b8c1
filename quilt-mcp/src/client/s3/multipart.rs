//! Objects that are written in parts. Nothing of one is visible before all of it is.

use std::collections::BTreeMap;
use std::ops::Range;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;

use super::conditional::{Attempt, Condition, attempt};
use super::copy::{Original, copy_source};
use super::{KnownHash, S3Client};
use crate::client::failure::{self, Target};
use crate::domain::object::S3Uri;
use crate::error::ToolError;

/// An object of which parts are being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multipart {
    uri: S3Uri,
    id: String,
}

impl Multipart {
    /// The object that will be.
    pub fn uri(&self) -> &S3Uri {
        &self.uri
    }
}

/// A part that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    number: i32,
    etag: Option<String>,
    checksum: Option<String>,
}

impl Part {
    /// The SHA-256 that S3 computed of it.
    pub fn hash(&self) -> Option<[u8; 32]> {
        match KnownHash::read(self.checksum.as_deref()?)? {
            KnownHash::Whole(digest) => Some(digest),
            KnownHash::Composite(..) => None,
        }
    }
}

impl S3Client {
    /// Begins an object of which parts are to be written, each with its SHA-256.
    ///
    /// # Errors
    ///
    /// The caller may not, the bucket does not exist, or S3 does not answer.
    pub async fn begin_parts(
        &self,
        uri: &S3Uri,
        media_type: Option<&str>,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Multipart, ToolError> {
        let answer = self
            .client
            .create_multipart_upload()
            .bucket(uri.bucket().as_str())
            .key(uri.key().as_str())
            .set_content_type(media_type.map(str::to_owned))
            .set_metadata((!metadata.is_empty()).then(|| metadata.clone().into_iter().collect()))
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .send()
            .await
            .map_err(|error| failure::of_operation("write", Target::Object(uri), &error))?;
        let id = answer.upload_id.ok_or_else(|| ToolError::internal("S3 gave no upload id"))?;
        Ok(Multipart { uri: uri.clone(), id })
    }

    /// Copies some bytes of an object as a part. Numbers count from 1.
    ///
    /// # Errors
    ///
    /// The caller may not read them, the object changed, or S3 does not answer.
    pub async fn copy_part(
        &self,
        to: &Multipart,
        number: i32,
        original: &Original,
        bytes: Range<u64>,
    ) -> Result<Part, ToolError> {
        let answer = self
            .client
            .upload_part_copy()
            .copy_source(copy_source(&original.uri))
            .copy_source_if_match(format!("\"{}\"", original.etag))
            .copy_source_range(format!("bytes={}-{}", bytes.start, bytes.end.saturating_sub(1)))
            .bucket(to.uri.bucket().as_str())
            .key(to.uri.key().as_str())
            .upload_id(&to.id)
            .part_number(number)
            .send()
            .await
            .map_err(|error| {
                let doing = format!("copy `{}` to", original.uri);
                failure::of_operation(&doing, Target::Object(&to.uri), &error)
            })?;
        let result = answer.copy_part_result;
        let (etag, checksum) = result.map_or((None, None), |part| (part.e_tag, part.checksum_sha256));
        Ok(Part { number, etag, checksum })
    }

    /// Writes some bytes as a part. Numbers count from 1.
    ///
    /// # Errors
    ///
    /// The caller may not, or S3 does not answer.
    pub async fn put_part(&self, to: &Multipart, number: i32, body: Bytes) -> Result<Part, ToolError> {
        let answer = self
            .client
            .upload_part()
            .bucket(to.uri.bucket().as_str())
            .key(to.uri.key().as_str())
            .upload_id(&to.id)
            .part_number(number)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| failure::of_operation("write", Target::Object(&to.uri), &error))?;
        Ok(Part { number, etag: answer.e_tag, checksum: answer.checksum_sha256 })
    }

    /// Makes one object of the parts, if `condition` holds. It is there from now on.
    ///
    /// # Errors
    ///
    /// The caller may not, a part is not as it was, or S3 does not answer.
    pub async fn complete_parts(
        &self,
        of: &Multipart,
        parts: &[Part],
        condition: Condition<'_>,
    ) -> Result<Attempt, ToolError> {
        let parts = parts.iter().map(|part| {
            CompletedPart::builder()
                .part_number(part.number)
                .set_e_tag(part.etag.clone())
                .set_checksum_sha256(part.checksum.clone())
                .build()
        });
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let answer = self
            .client
            .complete_multipart_upload()
            .bucket(of.uri.bucket().as_str())
            .key(of.uri.key().as_str())
            .upload_id(&of.id)
            .multipart_upload(parts)
            .set_if_none_match(condition.if_none_match())
            .set_if_match(condition.if_match())
            .send()
            .await
            .map_err(|error| failure::of_operation("write", Target::Object(&of.uri), &error));
        attempt(answer, |answer| answer.version_id)
    }

    /// Throws the parts away.
    ///
    /// # Errors
    ///
    /// The caller may not, or S3 does not answer.
    pub async fn abandon_parts(&self, of: &Multipart) -> Result<(), ToolError> {
        self.client
            .abort_multipart_upload()
            .bucket(of.uri.bucket().as_str())
            .key(of.uri.key().as_str())
            .upload_id(&of.id)
            .send()
            .await
            .map(drop)
            .map_err(|error| failure::of_operation("write", Target::Object(&of.uri), &error))
    }
}
