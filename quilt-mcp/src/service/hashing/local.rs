//! Files of this machine.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use quilt_package::ObjectHash;
use quilt_package::hash::{Algorithm, Mismatch, chunks, combine, file::hash_chunk};
use tokio::io::AsyncReadExt;

use super::Pipeline;
use crate::error::ToolError;
use crate::service::threads::TenantThreads;

/// How much of a file is read at once, if it has to be read in its order.
const PIECE: usize = 64 * 1024;

impl TenantThreads<'_> {
    /// What a file of `size` bytes hashes to. Chunk after chunk, so a caller who leaves leaves at most one a thread to end.
    ///
    /// # Errors
    ///
    /// The file cannot be read; `refused` says so to the caller.
    pub(in crate::service) async fn file(
        &self,
        file: File,
        size: u64,
        algorithm: Algorithm,
        refused: impl Fn(io::Error) -> ToolError,
    ) -> Result<Result<ObjectHash, Mismatch>, ToolError> {
        if algorithm != Algorithm::Sha256Chunked {
            return self.in_order(file, algorithm, size, refused).await;
        }
        let file = Arc::new(file);
        let digest = async |bytes: Range<u64>| {
            let file = Arc::clone(&file);
            let hashing = self.begin(move || hash_chunk(&file, bytes)).await?;
            hashing.await.map_err(ToolError::internal)?.map_err(&refused)
        };
        let digests = stream::iter(chunks(size)).map(digest).buffered(self.count());
        let digests: Vec<[u8; 32]> = digests.try_collect().await?;
        Ok(Ok(combine(&digests)))
    }

    async fn in_order(
        &self,
        file: File,
        algorithm: Algorithm,
        size: u64,
        refused: impl Fn(io::Error) -> ToolError,
    ) -> Result<Result<ObjectHash, Mismatch>, ToolError> {
        let mut file = tokio::fs::File::from_std(file);
        let mut pipeline = Pipeline::new(self, algorithm.hasher(size));
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            match file.read_buf(&mut piece).await.map_err(&refused)? {
                0 => return Ok(pipeline.finish().await?.finish()),
                _ => pipeline.update(piece.into()).await?,
            }
        }
    }
}
