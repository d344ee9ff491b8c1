//! Request-scoped dependency injection that the compiler checks.
//!
//! A server that acts for many callers must not let one caller's credentials, permissions or caches reach another. With
//! process-wide singletons, thread-locals or task-locals that is a matter of discipline. Here it is a matter of lifetimes:
//! **a program that would carry one caller's service into another caller's request does not compile.**
//!
//! # The idea
//!
//! Services and tools are plain Rust: a struct with a constructor, a function. A *scope* is a struct too. It is a local
//! variable of the future that serves one request, its fields are what that request can ask for, and services borrow from
//! it: `&'req`. A reference to a service cannot outlive the scope, so the borrow checker refuses to spawn it, to store it in
//! a `static` or a singleton, to send it away or to return it. Nothing is reference-counted, looked up in a map, or `dyn
//! Any`: asking for a service is a field access and a once-cell.
//!
//! ```
//! use quilt_scope::{Scope, Slot, ToolSet, run, scoped_tool, service, tool_set};
//!
//! /// For everybody: lives as long as the process.
//! pub struct Pool {
//!     region: &'static str,
//! }
//!
//! #[service(singleton)]
//! impl Pool {
//!     pub fn new() -> Self {
//!         Self { region: "eu" }
//!     }
//! }
//!
//! /// Who asks.
//! pub struct Principal(String);
//!
//! /// For one request: built when it is first asked for, gone with the request.
//! pub struct Auth<'req> {
//!     principal: &'req Principal,
//!     pool: &'req Pool,
//! }
//!
//! #[service]
//! impl<'req> Auth<'req> {
//!     // May be `async`, may return a `Result`. Parameters are injected.
//!     pub async fn new(principal: &'req Principal, pool: &'req Pool) -> Self {
//!         Self { principal, pool }
//!     }
//! }
//!
//! /// Greets whoever asks.
//! // By reference: injected. By value: input.
//! #[scoped_tool(read_only)]
//! async fn greet(auth: &Auth<'_>, #[default("Hello".to_owned())] greeting: String) -> String {
//!     format!("{greeting}, {} in {}", auth.principal.0, auth.pool.region)
//! }
//!
//! #[derive(Scope)]
//! pub struct App {
//!     pool: Slot<Pool>,
//! }
//!
//! #[derive(Scope)]
//! pub struct RequestScope<'req> {
//!     #[scope(parent)]
//!     app: &'req App,
//!     #[scope(seed)]
//!     principal: Principal,
//!     auth: Slot<Auth<'req>>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tools: ToolSet<RequestScope<'static>> = tool_set![RequestScope<'static>: greet];
//! let app = App::open();
//!
//! let scope = RequestScope::open(&app, Principal("Ada".to_owned()));
//! let call = tools.call("greet", &scope, serde_json::Map::new()).ok_or("no such tool")?;
//! let end = run(&scope, call, std::future::pending()).await;
//! assert_eq!(end.finished().ok_or("it was stopped")??, "Hello, Ada in eu");
//! # Ok(()) }
//! ```
//!
//! # What there is
//!
//! | | |
//! |---|---|
//! | [`#[derive(Scope)]`](derive@Scope) | makes a struct a container: root, request, or a narrower scope under a request |
//! | [`#[service]`](macro@service) | marks a constructor: synchronous or not, fallible or not; singleton, request-scoped, transient |
//! | [`#[derive(Secrets)]`](derive@Secrets) | checks that what a service holds is wiped on drop |
//! | [`#[scoped_tool]`](macro@scoped_tool) | makes a function a tool with name, description and schemas |
//! | [`#[scoped_tools]`](macro@scoped_tools) | gives the functions of a module the services that their bodies ask for by name |
//! | [`tool_set!`], [`ToolSet`] | the explicit table of tools |
//! | [`Lazy`] | builds a service only if the body gets as far as needing it |
//! | [`Slot::fill`] | puts a fake in place of a service, in a test |
//! | [`run`], [`close`] | run a body in a scope; tidy up after it, also when it was cancelled or panicked |
//! | [`ScopeObserver`], [`Watch`], [`Census`] | see scopes open, build and close; count them |
//! | [`Graph`] | the container as data: text, DOT, Mermaid |
//!
//! With the feature `ambient` also `ambient`: asking from code that nothing can be passed to.
//!
//! # What is refused when compiling
//!
//! A service that escapes its request. A singleton that asks for something of a request. A dependency that nobody provides,
//! however deep. A circle. Two providers of a type, two tools of a name. A request-scoped service that is `Clone` or
//! `Serialize`. All of it shows in `cargo check`. The programs in `ui-tests` of the repository are the specification.
//!
//! # What it costs
//!
//! Opening a scope and asking for synchronous services allocates nothing. An asynchronous service costs one allocation, a
//! transient instance one. No lock is shared between scopes. `benches/` compares with the same written by hand.
//!
//! # Where it goes wrong
//!
//! - **A service that borrows from its scope cannot have a `Drop` of its own.** It could look at what is gone already. Give
//!   the part that needs one a type that owns its data; tidy up what has to wait with `#[service(close = ..)]`.
//! - **The order of the fields is the order of dropping**, so a service stands above what it borrows. Another order is
//!   refused, with the move to make.
//! - **A scope that has been asked cannot be moved**, since it is borrowed. Open it where it stays.
//! - **Dropping the future that owns a scope skips the asynchronous tidying**; nothing can be awaited then. Give it a task of
//!   its own and stop the body by the `stop` of [`run`]. An observer hears of it as [`EndedBy::Dropped`].
//! - **A forgotten `#[service]`** is reported where a container keeps the type, and once more in a function that is given the
//!   container by value, or by another function; the message at the field is the one.
//! - In a module with `#![no_implicit_prelude]` scopes and services have to say so: `#[scope(no_prelude)]`,
//!   `#[service(no_prelude)]`. Messages are longer there.

#[cfg(feature = "ambient")]
pub mod ambient;
mod arguments;
mod build;
mod built;
mod error;
mod for_tool;
mod gate;
mod graph;
mod graph_check;
mod held_in;
mod input;
mod inputs;
mod join;
mod lazy;
mod length;
pub mod lifetime;
mod names;
mod nested;
mod observer;
mod of;
mod provided_once;
mod provides;
mod queue;
mod ready;
mod running;
mod scope;
mod secrets;
mod service;
mod shared;
mod slot;
mod threads;
mod tool;
mod tool_set;
mod whole;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[doc(hidden)]
pub use build::{build, build_async, build_fallible, close_body, service_body};
pub use error::{BoxError, ScopeError};
pub use for_tool::{ForTool, NamedByOneTable, RemoveTheNameFromTheOther};
pub use graph::{Dependency, Graph, Node, ServiceInfo};
pub use held_in::HeldIn;
pub use input::Input;
pub use lazy::Lazy;
pub use length::Length;
pub use observer::{Census, Counted, EndedBy, ScopeEnd, ScopeObserver, Watch};
pub use provided_once::{ProvidedOnce, SoleProvider};
pub use provides::Provides;
#[doc = include_str!("docs/scope.md")]
pub use quilt_scope_macros::Scope;
#[doc = include_str!("docs/secrets.md")]
pub use quilt_scope_macros::Secrets;
#[doc = include_str!("docs/scoped_tool.md")]
pub use quilt_scope_macros::scoped_tool;
#[doc = include_str!("docs/scoped_tools.md")]
pub use quilt_scope_macros::scoped_tools;
#[doc = include_str!("docs/service.md")]
pub use quilt_scope_macros::service;
pub use ready::{BoxFuture, Ready};
pub use running::Running;
pub use scope::{Container, End, Scope, SharedScope, WholeScope, close, run};
pub use secrets::Secrets;
#[doc(hidden)]
pub use secrets::Wiped;
#[doc(hidden)]
pub use service::The;
pub use service::{Construct, KeptBy, Service};
pub use shared::Shared;
pub use slot::{Place, Slot, Transient};
#[doc(hidden)]
pub use threads::{Sent, changes_threads, given, held};
pub use tool::{
    ArgumentError, CallError, Describe, Descriptor, Failure, Hints, JsonObject, Listed, Named, Output, Tool,
};
#[doc(hidden)]
pub use tool::{tool_body, tool_future};
pub use tool_set::ToolSet;
pub use whole::Shareable;
