//! The tools, a file per group.

pub mod buckets;
pub mod permissions;
pub mod status;
pub mod workflow;
