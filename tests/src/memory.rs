//! A look into another process's memory, from outside.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;

use memchr::memmem;

/// What was seen of a process.
#[derive(Debug)]
pub struct Seen {
    /// How much memory was read.
    pub bytes: usize,
    /// How often each text was found.
    pub found: Vec<usize>,
}

/// Searches all that a process may write to: heap, stacks, static data.
///
/// # Errors
///
/// The kernel does not let this process look: with `PermissionDenied` unless it is root, because the server is not
/// dumpable.
pub fn search(process: u32, texts: &[&[u8]]) -> io::Result<Seen> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let mut seen = Seen { bytes: 0, found: vec![0; texts.len()] };
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else { continue };
        if !rights.starts_with("rw") {
            continue;
        }
        let Some((start, end)) = range.split_once('-').and_then(|(start, end)| {
            Some((u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?))
        }) else {
            continue;
        };
        let mut content = vec![0; usize::try_from(end - start).unwrap_or_default()];
        // A mapping may go away while it is looked at, and the kernel's own cannot be read.
        let Ok(read) = memory.read_at(&mut content, start) else { continue };
        seen.bytes += read;
        for (count, text) in seen.found.iter_mut().zip(texts) {
            *count += memmem::find_iter(&content[..read], text).count();
        }
    }
    Ok(seen)
}

/// How much of a process is in memory, in bytes.
///
/// # Errors
///
/// There is no such process.
pub fn resident(process: u32) -> io::Result<u64> {
    in_status(process, "VmRSS:")
}

/// The most of a process that has been in memory at once, in bytes.
///
/// # Errors
///
/// There is no such process.
pub fn high_water(process: u32) -> io::Result<u64> {
    in_status(process, "VmHWM:")
}

/// How much of a process is locked, so that it cannot get into swap, in bytes.
///
/// # Errors
///
/// There is no such process.
pub fn locked(process: u32) -> io::Result<u64> {
    in_status(process, "VmLck:")
}

fn in_status(process: u32, name: &str) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.map(|kb| kb * 1024).ok_or_else(|| io::Error::other(format!("the kernel does not say {name}")))
}
