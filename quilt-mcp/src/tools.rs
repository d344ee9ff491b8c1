//! What a client can call.

pub mod workflow;
