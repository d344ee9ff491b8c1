//! Request-scoped dependency injection that the compiler checks.

mod error;
mod graph;
mod graph_check;
mod join;
mod lazy;
pub mod lifetime;
mod observer;
mod provides;
mod ready;
mod scope;
mod service;
mod slot;
mod tool;
mod tool_set;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use error::{BoxError, ScopeError};
pub use graph::{Dependency, Graph, Node, ServiceInfo};
pub use lazy::Lazy;
pub use observer::{Census, Counted, EndedBy, ScopeEnd, ScopeObserver, Watch};
pub use provides::Provides;
pub use quilt_scope_macros::{Scope, scoped_tool, service};
pub use ready::{BoxFuture, Ready};
pub use scope::{Container, End, Scope, close, run};
pub use service::{Construct, Service};
pub use slot::{Slot, Transient};
pub use tool::{ArgumentError, CallError, Describe, Descriptor, Hints, JsonObject, Named, Tool};
pub use tool_set::ToolSet;
