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

/// A token that SIGTERM or SIGINT (Ctrl-C) fires. A second one ends the process there and then, with the exit code that a
/// shell gives to whom a signal has killed: whoever asks twice does not want to wait.
///
/// # Errors
///
/// If the process cannot listen to signals.
pub fn on_signal() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let fire = token.clone();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("asked to stop");
        fire.cancel();
        let number = signals.next().await;
        tracing::warn!("asked to stop again: what still runs is not waited for");
        std::process::exit(128 + number);
    });
    Ok(token)
}

/// Those that ask to stop.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The number of the next.
    async fn next(&mut self) -> i32 {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// The number that Ctrl-C has elsewhere.
    async fn next(&mut self) -> i32 {
        const INTERRUPT: i32 = 2;
        // It fails only if the process cannot listen, and then there is no way to ask.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }
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
