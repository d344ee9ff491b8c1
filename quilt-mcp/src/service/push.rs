//! Changing packages, with the caller's rights.
//!
//! A push is planned first: every object is looked at, every rule held, and nothing written. Then it is performed, in an
//! order in which whatever stops it leaves nothing half visible: objects, the manifest under its hash, the revision's
//! pointer, and at last `latest`. The manifest and both pointers are written on conditions that S3 holds, so of two pushes
//! that meet neither loses a revision. Sent again, a push that was stopped goes on where it was.

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

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use quilt_scope::service;

use super::auth::{AuthService, AuthType};
use super::package::PackageService;
use super::turns::{TenantTurns, TransferTurns};
use crate::client::s3::Multipart;
use crate::domain::bucket::BucketName;
use crate::domain::object::{ObjectKey, S3Uri};
use crate::domain::package::PackageName;
use crate::domain::request::Progress;
use crate::error::{ErrorCode, ToolError};

use steps::Steps;

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
    /// Objects of which parts were written, and that are none yet.
    unfinished: Mutex<Vec<Multipart>>,
}

#[service(close = abandon)]
impl<'req> PushService<'req> {
    /// For the caller of this request.
    pub fn new(
        auth: &'req AuthService<'req>,
        packages: &'req PackageService<'req>,
        progress: &'req Progress,
        turns: &'req TransferTurns,
    ) -> Self {
        let turns = turns.of(auth.principal());
        Self { auth, packages, steps: Steps::new(progress), turns, unfinished: Mutex::default() }
    }

    /// Throws away what was written of objects that did not come about, because a copy failed or the caller cancelled.
    async fn abandon(&self) {
        let unfinished = std::mem::take(&mut *self.unfinished.lock().unwrap_or_else(PoisonError::into_inner));
        let Ok(s3) = self.auth.s3().await else { return };
        for multipart in &unfinished {
            // Nobody sees the parts, and there is nobody left to tell.
            drop(s3.abandon_parts(multipart).await);
        }
    }
}

impl PushService<'_> {
    /// How the caller is authenticated.
    pub fn auth_type(&self) -> AuthType {
        self.auth.auth_type()
    }

    fn begun(&self, multipart: &Multipart) {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).push(multipart.clone());
    }

    fn finished(&self, multipart: &Multipart) {
        let mut unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        unfinished.retain(|other| other != multipart);
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
