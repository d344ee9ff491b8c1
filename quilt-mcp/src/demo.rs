//! `quilt-mcp demo`.
mod access;
mod buckets;
mod endpoint;
mod keys;
mod sts;
mod wire;
mod world;
