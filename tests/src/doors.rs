//! The places where bytes of strangers come in, each as a function of bytes that panics if a rule is broken.
//!
//! `fuzz/` calls them with what a fuzzer makes up, and `it/doors.rs` with what is kept of that: whatever was found once is
//! tried with every run of the tests.

mod configuration;
mod keys;
mod message;
mod token;

pub use configuration::ConfigurationDoor;
pub use keys::KeysDoor;
pub use message::MessageDoor;
pub use token::TokenDoor;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use quilt_mcp::config::{Config, Flags};
use tempfile::TempDir;

use crate::Result;

/// Whose tokens these doors take.
const ISSUER: &str = "https://idp.example.com";
const AUDIENCE: &str = "quilt-mcp";
const ROLE: &str = "arn:aws:iam::123456789012:role/quilt-ada";
const ALLOWED_ROLES: &str = "acme=arn:aws:iam::123456789012:role/quilt-*";

/// In memory where there is such a place: a fuzzer writes often.
fn files() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? })
}

/// A file that nobody else can read: the server takes no other.
fn private(directory: &Path, name: &str, text: &[u8]) -> Result<PathBuf> {
    let path = directory.join(name);
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(path)
}

/// A server for many over HTTP, with these settings besides.
fn multi_tenant(settings: &[(&str, &str)]) -> Result<Config> {
    // Reading a configuration writes nothing.
    let data = ("QUILT_MCP_DATA_DIR", "/nonexistent");
    let always = [("QUILT_MCP_MODE", "multi-tenant"), ("QUILT_MCP_TRANSPORT", "http"), data];
    let all = always.iter().chain(settings).map(|(name, value)| (name.into(), value.into()));
    Ok(Config::load(Flags::default(), all)?)
}
