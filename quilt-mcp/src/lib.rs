//! A multi-tenant MCP server for Quilt data.
//!
//! A call travels one way: `transport → identity → scope → tool → service → client → AWS`. Authority is created in
//! [`identity`], held by the request's scope, and gone when the scope closes.

pub mod app;
pub mod cli;
pub mod client;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod dispatch;
pub mod doctor;
pub mod domain;
pub mod error;
pub mod identity;
pub mod program;
pub mod scope;
pub mod server;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod tools;
pub mod transport;
