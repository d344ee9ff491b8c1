//! Request-scoped dependency injection that the compiler checks.

mod error;
mod provides;
mod ready;
mod lazy;

pub use error::{BoxError, ScopeError};
pub use lazy::Lazy;
pub use provides::{Lends, Provides};
pub use quilt_scope_macros::{scoped_tool, service};
pub use ready::{BoxFuture, Ready};
