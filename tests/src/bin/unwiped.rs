//! The server as it is, but for the allocator: what is freed is not wiped. `it/secrets.rs` must see the difference.

use std::process::ExitCode;

fn main() -> ExitCode {
    quilt_mcp::program::main()
}
