//! The work, free of protocol.

pub mod workflow;
