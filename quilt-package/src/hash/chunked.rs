//! `sha2-256-chunked`: what S3 calls a composite checksum, of chunks whose size follows from the object's.

use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::{Algorithm, ObjectHash};

/// Chunks are this large, 8 MiB, or a power of two times that.
pub const MIN_CHUNK: u64 = 8 * 1024 * 1024;
/// S3 takes no more parts.
const MAX_CHUNKS: u64 = 10_000;

/// The size of the chunks of an object of `size` bytes: 8 MiB, doubled until 10,000 chunks are enough.
///
/// ```
/// # use quilt_package::hash::chunk_size;
/// assert_eq!(chunk_size(83_886_080_000), 8 * 1024 * 1024);
/// assert_eq!(chunk_size(83_886_080_001), 16 * 1024 * 1024);
/// ```
pub fn chunk_size(size: u64) -> u64 {
    let mut chunk = MIN_CHUNK;
    while size.div_ceil(chunk) > MAX_CHUNKS {
        chunk *= 2;
    }
    chunk
}

/// The chunks of an object of `size` bytes, in order, each as the bytes from and up to which it is.
pub fn chunks(size: u64) -> impl Iterator<Item = Range<u64>> {
    let chunk = chunk_size(size);
    (0..size.div_ceil(chunk)).map(move |number| {
        let start = number * chunk;
        start..size.min(start.saturating_add(chunk))
    })
}

/// Hashes one chunk, for who hashes several side by side. [`combine`] makes the hash of the object of their digests.
#[derive(Clone, Debug, Default)]
pub struct ChunkHasher(Sha256);

impl ChunkHasher {
    /// Adds the next bytes of the chunk, however they are cut.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The SHA-256 of the chunk.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The hash of an object from the SHA-256 of each of its chunks, in order; they may have been computed in parallel, or by
/// S3 for parts of exactly [`chunk_size`] bytes. An empty object has no chunks.
pub fn combine<'a>(chunks: impl IntoIterator<Item = &'a [u8; 32]>) -> ObjectHash {
    let all = chunks.into_iter().fold(Sha256::new(), Sha256::chain_update);
    ObjectHash::new(Algorithm::Sha256Chunked.name(), BASE64_STANDARD.encode(all.finalize()))
}

/// Digests of the chunks so far, folded as they come.
#[derive(Clone, Debug)]
pub(super) struct Chunked {
    all: Sha256,
    chunk: Sha256,
    size: u64,
    left: u64,
}

impl Chunked {
    pub(super) fn new(size: u64) -> Self {
        let size = chunk_size(size);
        Self { all: Sha256::new(), chunk: Sha256::new(), size, left: size }
    }

    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let fits = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
            let (now, later) = bytes.split_at(fits);
            self.chunk.update(now);
            self.left -= fits as u64;
            bytes = later;
            if self.left == 0 {
                self.end_chunk();
            }
        }
    }

    pub(super) fn finish(mut self) -> ObjectHash {
        if self.left < self.size {
            self.end_chunk();
        }
        ObjectHash::new(Algorithm::Sha256Chunked.name(), BASE64_STANDARD.encode(self.all.finalize()))
    }

    fn end_chunk(&mut self) {
        self.all.update(self.chunk.finalize_reset());
        self.left = self.size;
    }
}
