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

use quilt_mcp::config::{Config, Flags};

use crate::Result;

/// Whose tokens these doors take.
pub(crate) const ISSUER: &str = "https://idp.example.com";
pub(crate) const AUDIENCE: &str = "quilt-mcp";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/quilt-ada";
const ALLOWED_ROLES: &str = "acme=arn:aws:iam::123456789012:role/quilt-*";

/// Known to whoever reads this: what is tried here is the judging, and no fuzzer guesses a signature.
pub(crate) const SECRET: &str = "f0e1d2c3b4a5968778695a4b3c2d1e0f-fuzzing";
/// One issuer, with that secret.
pub(crate) const ONE_ISSUER: [(&str, &str); 4] = [
    ("QUILT_MCP_JWT_SECRET", SECRET),
    ("QUILT_MCP_JWT_ISSUER", ISSUER),
    ("QUILT_MCP_JWT_AUDIENCE", AUDIENCE),
    ("QUILT_MCP_ALLOWED_ROLES", ALLOWED_ROLES),
];

/// A server for many over HTTP, with these settings besides.
pub(crate) fn multi_tenant(settings: &[(&str, &str)]) -> Result<Config> {
    // Reading a configuration writes nothing.
    let data = ("QUILT_MCP_DATA_DIR", "/nonexistent");
    let always = [("QUILT_MCP_MODE", "multi-tenant"), ("QUILT_MCP_TRANSPORT", "http"), data];
    let all = always.iter().chain(settings).map(|(name, value)| (name.into(), value.into()));
    Ok(Config::load(Flags::default(), all)?)
}
