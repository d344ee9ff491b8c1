//! `sha2-256-chunked` of files, with more than one thread.
//!
//! What is in memory is a small buffer a thread, however large the file and its chunks are.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{ChunkHasher, ObjectHash, chunks, combine};

/// How much of a file a thread has in memory.
const BUFFER: usize = 256 * 1024;

/// Hashes all of a file, as many chunks at a time as there are `threads`.
///
/// # Errors
/// If the file cannot be read, or loses bytes meanwhile.
pub fn hash(file: &File, threads: NonZeroUsize) -> io::Result<ObjectHash> {
    let chunks: Vec<Range<u64>> = chunks(file.metadata()?.len()).collect();
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<Vec<(usize, [u8; 32])>> {
        let mut digests = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = chunks.get(at) else { return Ok(digests) };
            let digest = hash_chunk(file, chunk.clone());
            if digest.is_err() {
                // Nobody begins another one.
                next.store(chunks.len(), Ordering::Relaxed);
            }
            digests.push((at, digest?));
        }
    };
    let helpers = threads.get().min(chunks.len()).saturating_sub(1);
    let mut digests = thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(work)).collect();
        let mut digests = work()?;
        for helper in helpers {
            digests.extend(helper.join().map_err(|_| io::Error::other("a thread panicked"))??);
        }
        Ok::<_, io::Error>(digests)
    })?;
    digests.sort_unstable_by_key(|(at, _)| *at);
    Ok(combine(digests.iter().map(|(_, digest)| digest)))
}

/// The SHA-256 of some bytes of a file. Reads at its own place, so that others may read the same file.
///
/// # Errors
/// If they cannot be read, or are not all there.
pub fn hash_chunk(file: &File, bytes: Range<u64>) -> io::Result<[u8; 32]> {
    let mut hasher = ChunkHasher::default();
    let mut left = At { file, at: bytes.start }.take(bytes.end.saturating_sub(bytes.start));
    let mut buffer = vec![0; BUFFER];
    loop {
        match left.read(&mut buffer) {
            Ok(0) if left.limit() > 0 => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(0) => return Ok(hasher.finish()),
            Ok(read) => hasher.update(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A place in a file that is nobody else's.
struct At<'f> {
    file: &'f File,
    at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
