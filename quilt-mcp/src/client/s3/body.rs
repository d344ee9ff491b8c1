//! The content of an object as it arrives.

use std::fmt;
use std::ops::Range;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::{S3Client, interrupted, size, unquoted};
use crate::client::aws::OPERATION;
use crate::client::failure::{self, Target};
use crate::domain::object::S3Uri;
use crate::error::ToolError;

/// After so many bytes others get a turn on this thread, also if more have come already.
const TURN: u64 = 256 * 1024;

/// The content of an object as it arrives: a piece at a time, so memory does not grow with the object.
pub struct ObjectBody {
    uri: S3Uri,
    body: ByteStream,
    size: u64,
    seen: u64,
    /// How many of these since others had a turn.
    since_turn: u64,
}

/// Some bytes of an object, about to be read.
#[derive(Debug)]
pub struct OpenedRange {
    /// They themselves, all of them.
    pub body: ObjectBody,
    /// The object's entity tag, without quotes.
    pub etag: Option<String>,
    /// How many bytes the object has.
    pub whole: u64,
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
        Ok(ObjectBody { uri: uri.clone(), body: answer.body, size, seen: 0, since_turn: 0 })
    }

    /// Opens some bytes of the object, if it still has this entity tag.
    ///
    /// # Errors
    ///
    /// The caller may not, there is no such object or version, it is another by now, or S3 does not answer.
    pub async fn open_range(
        &self,
        uri: &S3Uri,
        bytes: Range<u64>,
        etag: Option<&str>,
    ) -> Result<OpenedRange, ToolError> {
        let answer = self
            .getting(uri)
            .range(format!("bytes={}-{}", bytes.start, bytes.end.saturating_sub(1)))
            .set_if_match(etag.map(|etag| format!("\"{etag}\"")))
            .send()
            .await
            .map_err(|error| failure::of_operation("read", Target::Object(uri), &error))?;
        let size = size(answer.content_length);
        let whole = answer.content_range.as_deref().and_then(|range| whole_of(range, &bytes, size));
        let whole = whole.ok_or_else(|| interrupted(uri, "other bytes came than were asked for"))?;
        let body = ObjectBody { uri: uri.clone(), body: answer.body, size, seen: 0, since_turn: 0 };
        Ok(OpenedRange { body, etag: answer.e_tag.map(unquoted), whole })
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
        // Before anything is taken, so that nothing is lost if this future is dropped here.
        if self.since_turn >= TURN {
            tokio::task::yield_now().await;
            self.since_turn = 0;
        }
        // The SDK's timeouts end with the headers.
        let piece = tokio::time::timeout(OPERATION, self.body.try_next())
            .await
            .map_err(|_| interrupted(&self.uri, "the body did not go on in time"))?
            .map_err(|error| interrupted(&self.uri, error))?;
        let came = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        self.seen += came;
        self.since_turn += came;
        // More is told at once: who keeps what comes has room for as much as was said.
        if self.seen > self.size || (piece.is_none() && self.seen != self.size) {
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

/// How many bytes an object has of which `wanted` were asked for and `size` came, as `Content-Range` says. None if they are
/// others. Only at the end of the object there may be fewer.
fn whole_of(range: &str, wanted: &Range<u64>, size: u64) -> Option<u64> {
    let (bytes, whole) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = bytes.split_once('-')?;
    let (first, last, whole): (u64, u64, u64) =
        (first.parse().ok()?, last.parse().ok()?, whole.parse().ok()?);
    let end = wanted.end.min(whole);
    (first == wanted.start && last.checked_add(1)? == end && end.checked_sub(first)? == size).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: &'static [u8], size: u64) -> ObjectBody {
        let uri = "s3://bucket/key".parse().expect("a URI");
        ObjectBody { uri, body: ByteStream::from_static(bytes), size, seen: 0, since_turn: 0 }
    }

    #[tokio::test]
    async fn no_more_is_given_out_than_was_said_to_come() {
        let mut whole = body(b"four", 4);
        assert_eq!(whole.next().await.expect("as said").as_deref(), Some(&b"four"[..]));
        assert_eq!(whole.next().await.expect("its end"), None);
        // A size of 0 is what an answer without a length says.
        for size in [0, 3] {
            assert!(body(b"four", size).next().await.is_err(), "{size}");
        }
        let mut cut = body(b"four", 5);
        assert!(cut.next().await.expect("the beginning").is_some());
        assert!(cut.next().await.is_err(), "it ends too soon");
    }

    #[test]
    fn only_the_bytes_that_were_asked_for_are_taken() {
        assert_eq!(whole_of("bytes 0-7/20", &(0..8), 8), Some(20));
        assert_eq!(whole_of("bytes 16-19/20", &(16..20), 4), Some(20));
        // The object is shorter than was thought.
        assert_eq!(whole_of("bytes 0-4/5", &(0..8), 5), Some(5));
        for (range, size) in [
            ("bytes 1-8/20", 8),
            ("bytes 0-6/20", 7),
            ("bytes 0-7/20", 20),
            ("bytes 0-7/*", 8),
            ("0-7/20", 8),
            ("bytes 7-0/20", 8),
        ] {
            assert_eq!(whole_of(range, &(0..8), size), None, "{range}");
        }
    }
}
