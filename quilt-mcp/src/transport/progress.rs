//! Carries a tool's progress to the client that asked for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::domain::request::{Progress, ProgressUpdate};

/// How many reports wait for a slow client. Of what comes beyond, only the newest is kept: progress is advice, the tool is
/// the work, but the last report says that it is done.
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
    let reports = Arc::new(Reports::default());
    let progress = {
        let reports = Arc::clone(&reports);
        Progress::to(move |report| reports.add(report))
    };
    let done = CancellationToken::new();
    let mut forward = std::pin::pin!(forward(peer, token, &reports, &done));
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

/// What was reported and not yet sent.
#[derive(Default)]
struct Reports {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Default)]
struct Waiting {
    last: Option<u64>,
    reports: VecDeque<ProgressUpdate>,
}

impl Reports {
    /// Never blocks, and lets only increasing reports pass, as MCP demands.
    fn add(&self, report: ProgressUpdate) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.last.is_some_and(|last| report.done <= last) {
            return;
        }
        waiting.last = Some(report.done);
        if waiting.reports.len() == WAITING {
            waiting.reports.pop_back();
        }
        waiting.reports.push_back(report);
        self.arrived.notify_one();
    }

    fn next(&self) -> Option<ProgressUpdate> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).reports.pop_front()
    }
}

/// Ends when the client cannot be told, or, once `done`, with what was reported.
async fn forward(peer: &Peer<RoleServer>, token: ProgressToken, reports: &Reports, done: &CancellationToken) {
    loop {
        let Some(ProgressUpdate { done: so_far, total, message }) = reports.next() else {
            if done.is_cancelled() {
                return;
            }
            tokio::select! {
                () = reports.arrived.notified() => {}
                () = done.cancelled() => {}
            }
            continue;
        };
        let mut param = ProgressNotificationParam::new(token.clone(), so_far as f64).with_message(message);
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
    fn reports_increase_and_the_newest_is_never_lost() {
        let reports = Arc::new(Reports::default());
        let listener = Arc::clone(&reports);
        let progress = Progress::to(move |report| listener.add(report));
        for done in [1, 1, 0, 2] {
            progress.report(done, None, String::new);
        }
        for done in 3..=1000 {
            progress.report(done, None, String::new);
        }
        let seen: Vec<u64> = std::iter::from_fn(|| reports.next()).map(|report| report.done).collect();
        let kept: Vec<u64> = (1..WAITING as u64).chain([1000]).collect();
        assert_eq!(seen, kept);
    }
}
