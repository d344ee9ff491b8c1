//! Carries a tool's progress to the client that asked for it.

use std::sync::Mutex;
use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::request::{Progress, ProgressUpdate};

/// How many reports wait for a slow client. What comes beyond is dropped: progress is advice, the tool is the work.
const WAITING: usize = 64;

/// How long reports that wait when the tool is done may hold up its answer.
const FLUSH: Duration = Duration::from_millis(500);

/// Runs `work` while its reports go to the client under `token`, and those already made before its answer.
pub(super) async fn relay<F: Future>(
    peer: &Peer<RoleServer>,
    token: Option<ProgressToken>,
    work: impl FnOnce(Progress) -> F,
) -> F::Output {
    let Some(token) = token else { return work(Progress::none()).await };
    let (progress, reports) = channel();
    let done = CancellationToken::new();
    let mut forward = std::pin::pin!(forward(peer, token, reports, &done));
    let mut work = std::pin::pin!(work(progress));
    let output = tokio::select! {
        biased;
        output = &mut work => output,
        () = &mut forward => return work.await,
    };
    done.cancel();
    let _ = tokio::time::timeout(FLUSH, forward).await;
    output
}

/// A listener that never blocks, and lets only increasing reports pass, as MCP demands.
fn channel() -> (Progress, mpsc::Receiver<ProgressUpdate>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let last = Mutex::new(None);
    let progress = Progress::to(move |update| {
        let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.is_none_or(|last| update.done > last) {
            let done = update.done;
            if sender.try_send(update).is_ok() {
                *last = Some(done);
            }
        }
    });
    (progress, receiver)
}

/// Ends when nobody can report any more, when the client cannot be told, or, once `done`, with what was reported.
async fn forward(
    peer: &Peer<RoleServer>,
    token: ProgressToken,
    mut reports: mpsc::Receiver<ProgressUpdate>,
    done: &CancellationToken,
) {
    loop {
        let report = tokio::select! {
            biased;
            report = reports.recv() => report,
            () = done.cancelled(), if !reports.is_closed() => {
                reports.close();
                continue;
            }
        };
        let Some(ProgressUpdate { done, total, message }) = report else { return };
        let mut param = ProgressNotificationParam::new(token.clone(), done as f64).with_message(message);
        param.total = total.map(|total| total as f64);
        if peer.notify_progress(param).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_that_do_not_increase_or_find_no_room_are_dropped() {
        let (progress, mut reports) = channel();
        for done in [1, 1, 0, 2] {
            progress.report(done, None, String::new);
        }
        for done in 3..1000 {
            progress.report(done, None, String::new);
        }
        let mut seen = Vec::new();
        while let Ok(update) = reports.try_recv() {
            seen.push(update.done);
        }
        assert_eq!(seen, (1..=WAITING as u64).collect::<Vec<_>>());
    }
}
