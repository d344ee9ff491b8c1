//! One stream of bytes, hashed in its order while the next bytes come in.

use std::mem;

use bytes::Bytes;
use quilt_package::hash::{ChunkHasher, Hasher};
use tokio::sync::oneshot;

use crate::error::ToolError;
use crate::service::threads::TenantThreads;

/// How much a thread is given at once. A pipeline holds twice that: what is hashed, and what comes in meanwhile.
const BATCH: usize = 256 * 1024;
/// What is less is hashed where it is: a thread would take longer to begin.
const LITTLE: usize = 16 * 1024;

/// What takes bytes in.
pub(in crate::service) trait Absorb: Send + 'static {
    fn absorb(&mut self, bytes: &[u8]);
}

impl Absorb for Hasher {
    fn absorb(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Absorb for ChunkHasher {
    fn absorb(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Hashes a stream of bytes on other threads.
#[derive(Debug)]
pub(in crate::service) struct Pipeline<'t, H> {
    threads: &'t TenantThreads<'t>,
    hasher: Place<H>,
    waiting: Vec<Bytes>,
    held: usize,
}

/// Where the hasher is.
#[derive(Debug)]
enum Place<H> {
    Here(H),
    Away(oneshot::Receiver<H>),
    /// Somebody stopped waiting for it.
    Lost,
}

impl<'t, H: Absorb> Pipeline<'t, H> {
    pub(in crate::service) fn new(threads: &'t TenantThreads<'t>, hasher: H) -> Self {
        Self { threads, hasher: Place::Here(hasher), waiting: Vec::new(), held: 0 }
    }

    /// Adds the next bytes. Waits if hashing does not keep up.
    pub(in crate::service) async fn update(&mut self, bytes: Bytes) -> Result<(), ToolError> {
        self.held += bytes.len();
        self.waiting.push(bytes);
        if self.held < BATCH { Ok(()) } else { self.send().await }
    }

    /// The hasher, which has seen all bytes.
    pub(in crate::service) async fn finish(mut self) -> Result<H, ToolError> {
        if self.held > LITTLE {
            self.send().await?;
        }
        let mut hasher = self.fetch().await?;
        self.waiting.iter().for_each(|bytes| hasher.absorb(bytes));
        Ok(hasher)
    }

    async fn send(&mut self) -> Result<(), ToolError> {
        let mut hasher = self.fetch().await?;
        let batch = mem::take(&mut self.waiting);
        self.held = 0;
        let work = move || {
            batch.iter().for_each(|bytes| hasher.absorb(bytes));
            hasher
        };
        self.hasher = Place::Away(self.threads.begin(work).await?);
        Ok(())
    }

    async fn fetch(&mut self) -> Result<H, ToolError> {
        match mem::replace(&mut self.hasher, Place::Lost) {
            Place::Here(hasher) => Ok(hasher),
            Place::Away(hashing) => hashing.await.map_err(ToolError::internal),
            Place::Lost => Err(ToolError::internal("a hash was asked for that was stopped")),
        }
    }
}
