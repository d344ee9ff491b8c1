//! Which tenants' files are open.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::StoreObserver;
use super::connection::unavailable;
use super::tenant_file::TenantFile;
use crate::error::ToolError;

/// The files in use, and some that may be used again soon.
///
/// The lock guards the table only, for the time of a look-up; nobody waits for a disk or another tenant under it.
pub(super) struct OpenTenants {
    directory: PathBuf,
    capacity: usize,
    observer: Arc<dyn StoreObserver>,
    table: RwLock<Table>,
    clock: AtomicU64,
}

#[derive(Default)]
struct Table {
    files: HashMap<String, Entry>,
    closed: bool,
}

struct Entry {
    file: TenantFile,
    last_used: AtomicU64,
}

impl OpenTenants {
    /// Files under `directory`. At most `capacity` stay open, or as many as are in use if that is more.
    pub(super) fn new(directory: PathBuf, capacity: usize, observer: Arc<dyn StoreObserver>) -> Self {
        Self { directory, capacity, observer, table: RwLock::default(), clock: AtomicU64::new(0) }
    }

    /// The file of `tenant`.
    pub(super) fn get(&self, tenant: &str) -> Result<TenantFile, ToolError> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        {
            let table = self.read();
            if let Some(entry) = table.files.get(tenant) {
                entry.last_used.store(now, Ordering::Relaxed);
                return Ok(entry.file.clone());
            }
        }
        let (file, evicted) = {
            let mut table = self.write();
            if table.closed {
                return Err(unavailable("the workflow store is closed: the server is stopping"));
            }
            let evicted = table.make_room(self.capacity);
            let entry = table.files.entry(tenant.to_owned()).or_insert_with(|| Entry {
                file: TenantFile::new(&self.directory, tenant, &self.observer),
                last_used: AtomicU64::new(now),
            });
            (entry.file.clone(), evicted)
        };
        for file in evicted {
            tokio::spawn(async move { file.close().await });
        }
        Ok(file)
    }

    /// Refuses further use, and hands out what is open.
    pub(super) fn take_all(&self) -> Vec<TenantFile> {
        let mut table = self.write();
        table.closed = true;
        table.files.drain().map(|(_, entry)| entry.file).collect()
    }

    /// Whether [`take_all`](Self::take_all) was called.
    pub(super) fn is_closed(&self) -> bool {
        self.read().closed
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.read().files.keys().cloned().collect();
        names.sort();
        names
    }

    // Nothing under the lock can panic half-way through a change.
    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Takes out the least recently used idle files until another fits. Handles are given out under the lock only, so
    /// an idle one stays idle.
    fn make_room(&mut self, capacity: usize) -> Vec<TenantFile> {
        let excess = (self.files.len() + 1).saturating_sub(capacity);
        let mut idle: Vec<_> = self
            .files
            .iter()
            .filter(|(_, entry)| entry.file.is_idle())
            .map(|(tenant, entry)| (entry.last_used.load(Ordering::Relaxed), tenant.clone()))
            .collect();
        idle.sort();
        idle.into_iter()
            .take(excess)
            .filter_map(|(_, tenant)| self.files.remove(&tenant))
            .map(|entry| entry.file)
            .collect()
    }
}
