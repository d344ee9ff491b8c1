//! The bytes of an object, in pieces that copies share.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::stream;
use s3s::dto::StreamingBlob;
use sha2::{Digest as _, Sha256};

/// Some bytes. If they are those of a sample, their digest is known: what S3 computes of a copy, it does not compute on the
/// caller's machine.
#[derive(Clone)]
struct Piece {
    bytes: Bytes,
    digest: Option<[u8; 32]>,
}

/// The bytes of an object or a part.
#[derive(Clone, Default)]
pub(super) struct Content {
    pieces: Vec<Piece>,
    size: u64,
}

impl Content {
    /// So many times the same.
    pub(super) fn repeated(bytes: Bytes, times: usize) -> Self {
        let digest = Some(Sha256::digest(&bytes).into());
        let size = bytes.len() as u64 * times as u64;
        Self { pieces: vec![Piece { bytes, digest }; times], size }
    }

    pub(super) fn push(&mut self, bytes: Bytes) {
        self.size += bytes.len() as u64;
        self.pieces.push(Piece { bytes, digest: None });
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.size += other.size;
        self.pieces.extend_from_slice(&other.pieces);
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn slice(&self, range: Range<u64>) -> Self {
        let mut cut = Self::default();
        let mut start = 0;
        for piece in &self.pieces {
            let end = start + piece.bytes.len() as u64;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if (from, to) == (start, end) {
                cut.size += end - start;
                cut.pieces.push(piece.clone());
            } else if from < to {
                cut.push(piece.bytes.slice((from - start) as usize..(to - start) as usize));
            }
            start = end;
        }
        cut
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        match &self.pieces[..] {
            [Piece { digest: Some(digest), .. }] => *digest,
            pieces => {
                let mut hasher = Sha256::new();
                pieces.iter().for_each(|piece| hasher.update(&piece.bytes));
                hasher.finalize().into()
            }
        }
    }

    pub(super) fn stream(self) -> StreamingBlob {
        let pieces: VecDeque<Bytes> = self.pieces.into_iter().map(|piece| piece.bytes).collect();
        StreamingBlob::wrap(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)))
    }
}

/// As S3 writes a checksum.
pub(super) fn base64(digest: &[u8; 32]) -> String {
    BASE64_STANDARD.encode(digest)
}
