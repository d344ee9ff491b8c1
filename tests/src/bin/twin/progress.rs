//! Progress that goes to whoever asked last.

use std::sync::{Arc, Mutex, PoisonError};

use quilt_mcp::domain::request::Progress;
use quilt_mcp::transport::Backend;
use quilt_tests::detour::changing;

/// There is one listener for all calls: the newest.
pub(crate) fn to_the_last(sound: Arc<dyn Backend>) -> Arc<dyn Backend> {
    let newest = Arc::new(Mutex::new(Progress::none()));
    changing(sound, move |call| {
        let own = std::mem::replace(&mut call.progress, Progress::none());
        *newest.lock().unwrap_or_else(PoisonError::into_inner) = own;
        let newest = Arc::clone(&newest);
        call.progress = Progress::to(move |report| {
            let newest = newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
            newest.report(report.done, report.total, || report.message);
        });
    })
}
