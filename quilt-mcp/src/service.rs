//! What the server does for a caller, free of any protocol.
//!
//! Each service lives for one request and acts with that request's authority alone.

pub mod admin;
pub mod athena;
pub mod auth;
pub mod browsing;
pub mod catalog;
pub mod chart;
pub mod completion;
pub mod docs;
pub mod drawing;
pub mod hashing;
pub mod host;
pub mod object;
pub mod package;
pub mod permission;
pub mod push;
pub mod registry;
pub mod search;
pub mod summary;
pub mod table;
pub mod tabulator;
pub mod threads;
pub mod turns;
pub mod visualization;
pub mod workflow;
