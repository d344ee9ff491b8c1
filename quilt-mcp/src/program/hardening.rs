//! What the process asks of the kernel before it holds a secret.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// No core dumps, and nobody of this user may attach, read `/proc/PID/mem` or `/proc/PID/environ`: root still may.
///
/// # Errors
///
/// The kernel refuses.
pub(super) fn keep_memory_private() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
