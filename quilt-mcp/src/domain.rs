//! The checked vocabulary: a value of one of these types is a valid one. Imports nothing else of this crate.

pub mod access;
pub mod athena;
pub mod bucket;
pub mod catalog;
pub mod deployment;
pub mod docs;
pub mod encoding;
pub mod grant;
pub mod metadata;
pub mod object;
mod origin;
pub mod package;
pub mod palette;
pub mod permission;
pub mod principal;
pub mod registry;
pub mod request;
pub mod search;
pub mod tabulator;
pub mod trace;
pub mod workflow;
