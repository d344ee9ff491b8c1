//! The server with one part replaced by one that is broken on purpose.
//!
//! `QUILT_TWIN` says which: `credentials`, `permissions`, `workflows`, `panic`, or `none` for the control. Everything
//! else is the server as it is. `it/twins.rs` holds what must be caught.

mod credentials;
mod permissions;
mod workflows;

use std::process::ExitCode;

use quilt_mcp::app::Parts;

fn main() -> ExitCode {
    let fault = std::env::var("QUILT_TWIN").expect("`it/twins.rs` names the fault in QUILT_TWIN");
    quilt_mcp::run(move |parts| broken(parts, &fault))
}

fn broken(parts: Parts, fault: &str) -> Parts {
    match fault {
        "none" => parts,
        "credentials" => Parts { credentials: Box::new(credentials::FirstComeCell::default()), ..parts },
        "panic" => Parts { credentials: Box::new(credentials::Panicking), ..parts },
        "permissions" => Parts { probe: Box::new(permissions::CacheByBucket::over(parts.probe)), ..parts },
        "workflows" => Parts { workflows: Box::new(workflows::WithoutOwner::over(parts.workflows)), ..parts },
        unknown => panic!("there is no twin with the fault {unknown:?}"),
    }
}
