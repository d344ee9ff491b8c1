//! What the process asks of the kernel for the memory that holds secrets.

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

/// Whether what is in memory can get into swap.
#[derive(Debug)]
pub(super) enum Swap {
    /// All pages stay in memory from when they are first used.
    KeptOut,
    /// The operator did not let this process keep so much in memory.
    NotAllowed,
}

/// Locks all pages that this process has and will have, each when it is first used. With a limit on them an allocation would
/// fail one day, so this is done only where there is none.
///
/// # Errors
///
/// The kernel refuses.
#[cfg(target_os = "linux")]
pub(super) fn keep_out_of_swap() -> io::Result<Swap> {
    use rustix::mm::{MlockAllFlags, mlockall};

    if !may_lock_without_limit()? {
        return Ok(Swap::NotAllowed);
    }
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)?;
    Ok(Swap::KeptOut)
}

/// Only Linux locks pages when they are used. All at once would be the gigabyte that the allocator reserves.
#[cfg(not(target_os = "linux"))]
pub(super) fn keep_out_of_swap() -> io::Result<Swap> {
    Ok(Swap::NotAllowed)
}

/// The limit is lifted, or the process got the capability that no limit holds for. Root has that one anyway: there it says
/// nothing of what the operator wants.
#[cfg(target_os = "linux")]
fn may_lock_without_limit() -> io::Result<bool> {
    use rustix::process::{geteuid, getrlimit};
    use rustix::thread::{CapabilitySet, capabilities};

    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    Ok(unlimited || !geteuid().is_root() && capabilities(None)?.effective.contains(CapabilitySet::IPC_LOCK))
}
