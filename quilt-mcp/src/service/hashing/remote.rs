//! Objects in S3.

use std::ops::Range;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use quilt_package::ObjectHash;
use quilt_package::hash::{Algorithm, ChunkHasher, Mismatch, chunk_size, chunks, combine};

use super::Pipeline;
use crate::client::s3::{ObjectBody, OpenedRange, S3Client};
use crate::domain::object::S3Uri;
use crate::error::ToolError;
use crate::service::threads::TenantThreads;
use crate::service::turns::{TenantTurns, Turn};

/// How many chunks of one object are read at a time.
const CONCURRENT_CHUNKS: usize = 4;

impl TenantThreads<'_> {
    /// What an object hashes to, of which `size` bytes are expected. Each request that reads of it takes one of the turns.
    ///
    /// # Errors
    ///
    /// The caller may not read it, it changes meanwhile, or S3 does not answer.
    pub(in crate::service) async fn object(
        &self,
        s3: &S3Client,
        turns: &TenantTurns,
        uri: &S3Uri,
        size: u64,
        algorithm: Algorithm,
    ) -> Result<Result<ObjectHash, Mismatch>, ToolError> {
        if algorithm == Algorithm::Sha256Chunked && size > chunk_size(size) {
            return self.in_chunks(s3, turns, uri, size).await;
        }
        self.in_one_read(s3, turns, uri, size, algorithm).await
    }

    async fn in_one_read(
        &self,
        s3: &S3Client,
        turns: &TenantTurns,
        uri: &S3Uri,
        size: u64,
        algorithm: Algorithm,
    ) -> Result<Result<ObjectHash, Mismatch>, ToolError> {
        let _turn = turns.next().await?;
        let mut body = s3.open(uri).await?;
        if body.size() != size {
            return Ok(Err(Mismatch::Size { expected: size, found: body.size() }));
        }
        let mut pipeline = Pipeline::new(self, algorithm.hasher(size));
        while let Some(bytes) = body.next().await? {
            pipeline.update(bytes).await?;
        }
        Ok(pipeline.finish().await?.finish())
    }

    async fn in_chunks(
        &self,
        s3: &S3Client,
        turns: &TenantTurns,
        uri: &S3Uri,
        size: u64,
    ) -> Result<Result<ObjectHash, Mismatch>, ToolError> {
        let mut ranges = chunks(size);
        let first = ranges.next().unwrap_or(0..size);
        let turn = turns.next().await?;
        // The first says which object it is; the others are of the same, or refused.
        let OpenedRange { body, etag, whole } = s3.open_range(uri, first.clone(), None).await?;
        if whole != size {
            return Ok(Err(Mismatch::Size { expected: size, found: whole }));
        }
        let Some(etag) = etag else {
            // Nothing would tell the chunks of one object from those of another that took its place.
            drop((body, turn));
            return self.in_one_read(s3, turns, uri, size, Algorithm::Sha256Chunked).await;
        };
        let chunk = async |opened: Option<(Turn, ObjectBody)>, bytes: Range<u64>| {
            let (_turn, body) = match opened {
                Some(opened) => opened,
                None => {
                    let turn = turns.next().await?;
                    (turn, s3.open_range(uri, bytes, Some(&etag)).await?.body)
                }
            };
            self.chunk(body).await
        };
        let (mut reads, mut digests) = (FuturesOrdered::new(), Vec::new());
        reads.push_back(chunk(Some((turn, body)), first));
        loop {
            while reads.len() < CONCURRENT_CHUNKS
                && let Some(bytes) = ranges.next()
            {
                reads.push_back(chunk(None, bytes));
            }
            let Some(digest) = reads.next().await.transpose()? else { return Ok(Ok(combine(&digests))) };
            digests.push(digest);
        }
    }

    async fn chunk(&self, mut body: ObjectBody) -> Result<[u8; 32], ToolError> {
        let mut pipeline = Pipeline::new(self, ChunkHasher::default());
        while let Some(bytes) = body.next().await? {
            pipeline.update(bytes).await?;
        }
        Ok(pipeline.finish().await?.finish())
    }
}
