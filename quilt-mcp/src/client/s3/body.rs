//! The content of an object as it arrives.

use std::fmt;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::{S3Client, interrupted, size};
use crate::client::aws::OPERATION;
use crate::client::failure::{self, Target};
use crate::domain::object::S3Uri;
use crate::error::ToolError;

/// The content of an object as it arrives: a piece at a time, so memory does not grow with the object.
pub struct ObjectBody {
    uri: S3Uri,
    body: ByteStream,
    size: u64,
    seen: u64,
}

impl S3Client {
    /// Opens the object to be read from its beginning to its end.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such object or version, or S3 does not answer.
    pub async fn open(&self, uri: &S3Uri) -> Result<ObjectBody, ToolError> {
        let answer = self
            .getting(uri)
            .send()
            .await
            .map_err(|error| failure::of_operation("read", Target::Object(uri), &error))?;
        let size = size(answer.content_length);
        Ok(ObjectBody { uri: uri.clone(), body: answer.body, size, seen: 0 })
    }
}

impl ObjectBody {
    /// How many bytes S3 said there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next piece; none when all of it has come.
    ///
    /// # Errors
    ///
    /// It stopped in the middle, or did not go on in time.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ToolError> {
        // The SDK's timeouts end with the headers.
        let piece = tokio::time::timeout(OPERATION, self.body.try_next())
            .await
            .map_err(|_| interrupted(&self.uri, "the body did not go on in time"))?
            .map_err(|error| interrupted(&self.uri, error))?;
        self.seen += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        if piece.is_none() && self.seen != self.size {
            let detail = format!("{} of {} bytes came", self.seen, self.size);
            return Err(interrupted(&self.uri, detail));
        }
        Ok(piece)
    }
}

impl fmt::Debug for ObjectBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectBody({}, {} of {} bytes)", self.uri, self.seen, self.size)
    }
}
