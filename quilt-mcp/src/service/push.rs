//! Changing packages, with the caller's rights.
//!
//! A push is planned first: every object is looked at, every rule held, and nothing written. Then it is performed, in an
//! order in which whatever stops it leaves nothing half visible: objects, the manifest under its hash, the revision's
//! pointer, and at last `latest`. The manifest and both pointers are written on conditions that S3 holds, so of two pushes
//! that meet neither loses a revision. Sent again, a push that was stopped goes on where it was.

mod checked;
mod collect;
mod draft;
mod gate;
mod head;
mod merge;
mod organize;
mod plan;
mod publish;
mod remove;
mod request;
mod rollback;
mod steps;
mod transfer;
mod unfinished;

#[cfg(test)]
mod tests;

use std::fmt;

use quilt_scope::service;

use super::auth::{AuthService, AuthType};
use super::package::PackageService;
use super::threads::TenantThreads;
use super::turns::{TenantTurns, TurnsByTenant};
use crate::domain::bucket::BucketName;
use crate::domain::object::{ObjectKey, S3Uri};
use crate::domain::package::PackageName;
use crate::domain::request::Progress;
use crate::error::{ErrorCode, ToolError};

use steps::Steps;
use unfinished::Unfinished;

pub use collect::{Collected, Filter, MAX_COLLECTED};
pub use organize::organized;
pub use plan::{Origin, Plan, Planned};
pub use publish::{ManifestOutcome, Pushed};
pub use remove::{Removal, Target};
pub use request::{Base, CopyMode, MetadataChange, Push, Source, Text, WorkflowChoice};
pub use rollback::RolledBack;

/// Changes packages, with the caller's rights.
pub struct PushService<'req> {
    auth: &'req AuthService<'req>,
    packages: &'req PackageService<'req>,
    steps: Steps<'req>,
    turns: TenantTurns,
    threads: &'req TenantThreads<'req>,
    unfinished: Unfinished,
}

#[service(close = abandon)]
impl<'req> PushService<'req> {
    /// For the caller of this request.
    pub fn new(
        auth: &'req AuthService<'req>,
        packages: &'req PackageService<'req>,
        progress: &'req Progress,
        turns: &'req TurnsByTenant,
        threads: &'req TenantThreads<'req>,
    ) -> Self {
        let turns = turns.of(auth.principal());
        Self {
            auth,
            packages,
            steps: Steps::new(progress),
            turns,
            threads,
            unfinished: Unfinished::default(),
        }
    }

    /// Throws away what was written of objects that did not come about, because a copy failed or the caller cancelled.
    async fn abandon(&self) {
        if self.unfinished.is_empty() {
            return;
        }
        match self.auth.s3().await {
            // There is nobody left to tell but the log, which has it.
            Ok(s3) => drop(self.unfinished.throw_away(s3).await),
            Err(error) => self.unfinished.give_up(&error),
        }
    }
}

impl PushService<'_> {
    /// How the caller is authenticated.
    pub fn auth_type(&self) -> AuthType {
        self.auth.auth_type()
    }
}

impl fmt::Debug for PushService<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushService").field("auth", &self.auth).finish_non_exhaustive()
    }
}

/// An object of a registry.
fn object(registry: &BucketName, key: String) -> Result<S3Uri, ToolError> {
    let key = ObjectKey::try_from(key).map_err(|why| {
        ToolError::invalid_input(format!("an object of the package would have a key that S3 refuses: {why}"))
            .with_hint("shorten the name of the package or the paths in it")
    })?;
    Ok(S3Uri::new(registry.clone(), key))
}

fn changed_meanwhile(registry: &BucketName, name: &PackageName) -> ToolError {
    ToolError::new(
        ErrorCode::Conflict,
        format!("the package `{name}` in `{registry}` changed in the meantime"),
    )
    .with_hint("send the call again: it will build on what is there now")
}

fn no_package(registry: &BucketName, name: &PackageName) -> ToolError {
    ToolError::not_found(format!("there is no package `{name}` in `{registry}`"))
        .with_hint("packages_list shows which there are; package_create makes one")
}
