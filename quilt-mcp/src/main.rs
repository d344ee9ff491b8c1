//! `quilt-mcp`. What it does is in [`quilt_mcp::program`].

use std::process::ExitCode;

fn main() -> ExitCode {
    quilt_mcp::program::main()
}
