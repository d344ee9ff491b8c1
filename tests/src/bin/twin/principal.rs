//! Everybody has one name: what comes of a subject that is taken from something that all tokens have in common.

use std::sync::{Arc, OnceLock};

use quilt_mcp::transport::Backend;
use quilt_tests::detour::changing;

/// The name is that of whoever came first. Each has credentials of their own all the same.
pub(crate) fn of_the_first(sound: Arc<dyn Backend>) -> Arc<dyn Backend> {
    let first = OnceLock::new();
    changing(sound, move |call| call.principal = first.get_or_init(|| call.principal.clone()).clone())
}
