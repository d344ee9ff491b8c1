//! The server as it is: `main.rs` of `quilt-mcp`. A program of this package, so that cargo builds it with the tests.

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    quilt_mcp::program::main()
}
