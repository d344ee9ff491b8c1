//! Everything that is claimed of the server, tried on the real one.
//!
//! One binary. A module for each subject; `tools/` mirrors `quilt-mcp/src/tools/`.

mod clients;
mod demo;
mod documents;
mod fallback;
mod format;
mod identity;
mod isolation;
mod load;
mod operator;
mod panics;
mod schemas;
mod scopes;
mod secrets;
mod single_user;
mod stage;
mod structure;
mod substrate;
mod tools;
mod twins;
mod wire;
