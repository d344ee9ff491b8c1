//! `quilt-mcp`. What it does is in [`quilt_mcp::program`].

use std::process::ExitCode;

use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed: tokens and keys pass through buffers of many crates, and not all of those wipe them.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> ExitCode {
    quilt_mcp::program::main()
}
