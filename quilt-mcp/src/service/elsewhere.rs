//! Work that keeps a thread busy, away from the threads that serve requests: whoever shares one would wait for it.

use crate::error::ToolError;

/// What `work` comes to, on a thread of its own. Once begun it runs to its end, also when nobody waits for it any more.
///
/// # Errors
///
/// Those of `work`, or it panicked.
pub async fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ToolError> + Send + 'static,
) -> Result<T, ToolError> {
    tokio::task::spawn_blocking(work).await.map_err(ToolError::internal)?
}
