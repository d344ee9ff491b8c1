//! Everything that is claimed of the server, tried on the real one.
//!
//! One binary. A module for each subject; `tools/` mirrors `quilt-mcp/src/tools/`.

mod alerts;
mod athena;
mod clients;
mod completion;
mod conformance;
mod container;
mod corpus;
mod cves;
mod demo;
mod docs_search;
mod doctor;
mod documents;
mod durability;
mod fallback;
mod format;
mod handles;
mod identity;
mod isolation;
mod issuers;
mod load;
mod memory;
mod migration;
mod node_clients;
mod observability;
mod operation;
mod operator;
mod oracle;
mod panics;
mod process_wide;
mod push;
mod registry;
mod schemas;
mod scopes;
mod search;
mod secrets;
mod single_user;
mod stage;
mod structure;
mod substrate;
mod tools;
mod traces;
mod twins;
mod wire;
