//! The services as they were: one of each for the whole process, made for whoever came first.
//!
//! Each step takes its service away from here; after the last the file is deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::cloud::{self, Credentials};

static AUTH: OnceLock<AuthService> = OnceLock::new();
static PERMISSIONS: OnceLock<PermissionDiscovery> = OnceLock::new();
static WORKFLOWS: OnceLock<WorkflowService> = OnceLock::new();

/// Called when a request comes in. Only the first is heard.
pub fn sign_in(caller: &str) {
    AUTH.get_or_init(|| AuthService { credentials: cloud::exchange(caller) });
}

/// The one for everybody.
///
/// # Panics
///
/// Before anybody has signed in.
pub fn auth_service() -> &'static AuthService {
    AUTH.get().expect("somebody has signed in")
}

/// The one for everybody.
pub fn permission_discovery() -> &'static PermissionDiscovery {
    PERMISSIONS.get_or_init(|| PermissionDiscovery { known: Mutex::default() })
}

/// The one for everybody.
pub fn workflow_service() -> &'static WorkflowService {
    WORKFLOWS.get_or_init(|| WorkflowService { ids: Mutex::default() })
}

/// Credentials.
#[derive(Debug)]
pub struct AuthService {
    credentials: Credentials,
}

impl AuthService {
    /// Those of whoever signed in first.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

/// Rights, and what is remembered of them.
#[derive(Debug)]
pub struct PermissionDiscovery {
    known: Mutex<BTreeMap<String, bool>>,
}

impl PermissionDiscovery {
    /// Whether the caller may read the bucket.
    pub fn may_read(&self, bucket: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || cloud::read(auth_service().credentials(), bucket).is_ok();
        *known.entry(bucket.to_owned()).or_insert_with(look)
    }
}

/// Workflows.
#[derive(Debug)]
pub struct WorkflowService {
    ids: Mutex<BTreeSet<String>>,
}

impl WorkflowService {
    /// Adds one.
    pub fn create(&self, id: &str) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }

    /// All there are.
    pub fn list(&self) -> Vec<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// What is written down of each reading. Far below the tools, so nothing is passed to it.
pub mod audit {
    /// Who is on record.
    pub async fn signature(what: &str) -> String {
        format!("{what}, signed {}", super::auth_service().credentials().user())
    }
}
