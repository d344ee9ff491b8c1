//! `quilt-mcp`. What it does is in [`quilt_mcp::program`].

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed: tokens and keys pass through buffers of many crates, and not all of those wipe them.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    quilt_mcp::program::main()
}
