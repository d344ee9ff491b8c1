//! Stopping: what runs may finish, for a while.

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::calls::Running;

/// How long stopped calls have to tidy up.
pub(super) const TIDYING: Duration = Duration::from_secs(5);

/// What was still running when the server stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Ran past the drain deadline, and were stopped.
    pub stopped: usize,
    /// Had not even ended some seconds after that.
    pub abandoned: usize,
}

/// A token that SIGTERM or SIGINT (Ctrl-C) fires.
///
/// # Errors
///
/// If the process cannot listen to signals.
pub fn on_signal() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let fire = token.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        tracing::info!("asked to stop");
        fire.cancel();
    });
    Ok(token)
}

/// Waits for what runs until `deadline` has passed, then stops it, and waits a little more.
pub(super) async fn drain(running: &Running, deadline: Duration) -> Drained {
    if tokio::time::timeout(deadline, running.idle()).await.is_ok() {
        return Drained::default();
    }
    let stopped = running.calls();
    running.stop();
    let _ = tokio::time::timeout(TIDYING, running.idle()).await;
    let drained = Drained { stopped, abandoned: running.calls() };
    tracing::warn!(drained.stopped, drained.abandoned, "stopped calls that ran past the drain deadline");
    drained
}
