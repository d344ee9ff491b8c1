//! Links to files of packages that the caller's Quilt registry signs.

use std::fmt;
use std::mem;
use std::time::Duration;

use quilt_package::{LogicalKey, QuiltUri, Revision as Named, UriPackage};
use quilt_scope::service;
use tokio::sync::Mutex;

use super::package::Revision;
use crate::client::registry::RegistryClient;
use crate::client::registry::browsing::{BrowseLink, BrowsingSession};
use crate::error::ToolError;

/// How long ending a session may take: the caller waits for the answer meanwhile.
const DISPOSING: Duration = Duration::from_secs(5);

/// Looks into packages at the caller's registry. A session is opened for each look, and ends with the request.
pub struct BrowsingService<'req> {
    registry: &'req RegistryClient<'req>,
    /// To be ended with the request.
    open: Mutex<Vec<BrowsingSession>>,
}

#[service(close = dispose)]
impl<'req> BrowsingService<'req> {
    /// For the caller of this request. Asks nobody anything yet.
    pub fn new(registry: &'req RegistryClient<'req>) -> Self {
        Self { registry, open: Mutex::default() }
    }

    /// Ends each session whose opening was answered, whatever became of the request. Any other ends by itself, minutes later.
    async fn dispose(&self) {
        for session in &mem::take(&mut *self.open.lock().await) {
            let disposed = tokio::time::timeout(DISPOSING, self.registry.dispose_of_browsing(session)).await;
            let code = match disposed {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.code().as_str(),
                Err(_) => "late",
            };
            // Nobody is left to be told but the operator.
            tracing::warn!(code, "a browsing session at the registry could not be ended");
        }
    }
}

impl BrowsingService<'_> {
    /// A link to a file of a revision.
    ///
    /// # Errors
    ///
    /// There is no registry for this caller; it does not let its callers look into this bucket, knows no such file, or does
    /// not answer.
    pub async fn link(&self, revision: &Revision, file: &LogicalKey) -> Result<BrowseLink, ToolError> {
        // Locked before anything is opened, so that nothing is waited for between the answer and noting it.
        let mut open = self.open.lock().await;
        let session = self.registry.open_browsing(&scope(revision)).await?;
        open.push(session.clone());
        drop(open);
        let cookie = self.registry.browse_cookie().await?;
        self.registry.browse(&session, &cookie, file.as_str()).await
    }
}

/// As the registry's own pages name it.
fn scope(revision: &Revision) -> String {
    let package = UriPackage {
        name: revision.name.in_format().clone(),
        revision: Some(Named::Hash(revision.top_hash.into())),
        path: None,
    };
    QuiltUri { bucket: revision.registry.to_string(), package: Some(package), catalog: None }.to_string()
}

impl fmt::Debug for BrowsingService<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowsingService").field("registry", &self.registry).finish_non_exhaustive()
    }
}
