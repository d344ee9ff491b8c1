//! The services as they are to be: each for one request, and gone with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use quilt_scope::service;

use crate::cloud::{self, Credentials};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal(pub String);

/// The caller's credentials.
pub struct AuthService<'req> {
    principal: &'req Principal,
    credentials: Credentials,
}

#[service]
impl<'req> AuthService<'req> {
    /// For the caller of this request.
    pub fn new(principal: &'req Principal) -> Self {
        Self { principal, credentials: cloud::exchange(&principal.0) }
    }

    /// The caller's own.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The caller.
    pub fn principal(&self) -> &'req Principal {
        self.principal
    }
}

/// The caller's rights, remembered for this request.
pub struct PermissionService<'req> {
    auth: &'req AuthService<'req>,
    known: Mutex<BTreeMap<String, bool>>,
}

#[service]
impl<'req> PermissionService<'req> {
    /// Knows nothing yet.
    pub fn new(auth: &'req AuthService<'req>) -> Self {
        Self { auth, known: Mutex::default() }
    }

    /// Whether the caller may read the bucket.
    pub fn may_read(&self, bucket: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || cloud::read(self.auth.credentials(), bucket).is_ok();
        *known.entry(bucket.to_owned()).or_insert_with(look)
    }
}

/// Everybody's workflows, each under its owner. Shared, and holds nobody's authority.
#[derive(Debug, Default)]
pub struct WorkflowStore(Mutex<BTreeMap<Principal, BTreeSet<String>>>);

/// The caller's workflows.
pub struct WorkflowService<'req> {
    principal: &'req Principal,
    store: &'req WorkflowStore,
}

#[service]
impl<'req> WorkflowService<'req> {
    /// For the caller of this request.
    pub fn new(principal: &'req Principal, store: &'req WorkflowStore) -> Self {
        Self { principal, store }
    }

    /// Adds one.
    pub fn create(&self, id: &str) {
        self.of_caller(|ids| ids.insert(id.to_owned()));
    }

    /// All of the caller's.
    pub fn list(&self) -> Vec<String> {
        self.of_caller(|ids| ids.iter().cloned().collect())
    }

    fn of_caller<R>(&self, work: impl FnOnce(&mut BTreeSet<String>) -> R) -> R {
        let mut all = self.store.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(all.entry(self.principal.clone()).or_default())
    }
}
