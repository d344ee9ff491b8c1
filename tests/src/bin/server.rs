//! The server as it is: `main` of `quilt-mcp`. A program of this package, so that cargo builds it with the tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    quilt_mcp::program::main()
}
