//! What a request to the fixtures can ask for.

use quilt_mcp::domain::request::Progress;
use quilt_scope::{Scope, Slot, service};

/// Nothing is shared.
#[derive(Scope)]
pub(crate) struct App {}

/// How far a long piece of work is.
pub(crate) struct Reporter<'req> {
    progress: &'req Progress,
}

#[service]
impl<'req> Reporter<'req> {
    /// Has reported nothing yet.
    pub(crate) fn new(progress: &'req Progress) -> Self {
        Self { progress }
    }

    /// Reports that `done` of a hundred is done.
    pub(crate) fn percent(&self, done: u64) {
        self.progress.report(done, Some(100), || format!("{done} of 100"));
    }
}

#[derive(Scope)]
pub(crate) struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    #[scope(seed)]
    progress: Progress,
    reporter: Slot<Reporter<'req>>,
}
