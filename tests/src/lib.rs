//! What the integration tests stand on: a real endpoint, a real server process, real clients, and an oracle at the wire.
//!
//! - [`substrate`]: S3, STS, IAM and Athena with rights enforced, as a process; its record of who asked what; faults on demand
//! - [`registry`]: a Quilt registry with a state for each caller, as a process; its record; faults on demand
//! - [`world`]: tenants and people with a role and a bucket each
//! - [`token`]: their tokens, good and bad
//! - [`catalog`]: a stock Quilt catalog's registry, which issues tokens of its own and gives credentials for them
//! - [`issuer`], [`key_server`]: issuers with keys of every kind, and where they publish them
//! - [`server`]: the server under test, as a process
//! - [`client`]: callers: a quick one in Rust, and the official Python client
//! - [`detour`]: a server whose calls go another way, for twins
//! - [`docs_site`]: what is searched as Quilt's documentation
//! - [`collector`]: where its spans are sent
//! - [`doors`]: where bytes of strangers come in, for what a fuzzer makes up
//! - [`in_process`]: the server's HTTP service in this process, with nobody behind it
//! - [`files`]: files that only their owner reads
//! - [`canary`]: secrets that are recognised wherever they turn up
//! - [`metadata`]: a container's and an instance's metadata service
//! - [`memory`]: a look into the server's memory, from outside
//! - [`node`]: the clients that run on Node.js; [`conformance`]: the official suite among them
//! - [`oracle`]: many people at once, an AWS in this process, and a judge of all that goes over the wire
//! - [`prometheus`]: Prometheus itself, which judges alerts and the dashboard
//! - [`quilt3`]: the real quilt3, for what it makes of our packages and we of its
//! - [`judge`]: what a scenario found wrong, and the checks that scenarios share
//!
//! Scenarios are in `it/`. They take the server as an argument, so that the same code judges the real one and its
//! deliberately broken twins.

pub mod canary;
pub mod catalog;
pub mod client;
pub mod collector;
pub mod conformance;
pub mod detour;
pub mod docs_site;
pub mod doors;
pub mod files;
pub mod in_process;
pub mod issuer;
pub mod judge;
pub mod key_server;
mod made_once;
pub mod memory;
pub mod metadata;
pub mod metrics;
pub mod node;
pub mod oracle;
pub mod prometheus;
pub mod python;
pub mod quilt3;
pub mod registry;
pub mod server;
pub mod substrate;
pub mod token;
pub mod world;

/// What can go wrong with the equipment itself, as opposed to the server under test.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Of the equipment.
pub type Result<T, E = Trouble> = std::result::Result<T, E>;

/// Where cargo builds, and where the tests keep what is costly to make.
pub fn target_directory() -> std::path::PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(chosen) => workspace().join(chosen),
        None => workspace().join("target"),
    }
}

/// The root of the workspace.
pub fn workspace() -> &'static std::path::Path {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}
