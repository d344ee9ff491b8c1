//! The server as it is: `main.rs` of `quilt-mcp`. A program of this package, so that cargo builds it with the tests.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> ExitCode {
    quilt_mcp::program::main()
}
