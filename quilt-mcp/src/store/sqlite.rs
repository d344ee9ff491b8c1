//! Workflows in SQLite, a file for each tenant.
//!
//! One file for all would be simpler, but SQLite has one writer a file, and one tenant's slow write would hold up all
//! others. A file of its own also bounds what a damaged one takes with it, and makes a tenant's data one thing to back
//! up, hand over or erase.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quilt_scope::BoxFuture;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::connection::{self, Failure, unavailable};
use super::open_tenants::OpenTenants;
use super::tenant_file::create_directory;
use super::{
    StoreObserver, Version, Versioned, Work, WorkflowStore, already_exists, changed_meanwhile, not_found,
    too_many,
};
use crate::domain::principal::Principal;
use crate::domain::workflow::limits::MAX_WORKFLOWS_PER_USER;
use crate::domain::workflow::{Workflow, WorkflowId, WorkflowSummary};
use crate::error::ToolError;

/// How many tenants' files stay open. Each takes three file descriptors.
const OPEN_FILES: usize = 256;

/// The store of one data directory.
pub struct SqliteStore {
    data_dir: PathBuf,
    tenants: OpenTenants,
}

impl SqliteStore {
    /// The store in `data_dir`, which is made if it is not there. Opens no tenant's file.
    ///
    /// # Errors
    ///
    /// `unavailable` when the directory cannot be made or read, or SQLite is too old to be trusted.
    pub fn open(data_dir: &Path) -> Result<Self, ToolError> {
        Self::open_observed(data_dir, Arc::new(()))
    }

    /// As [`open`](Self::open), with somebody who hears of its work.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_observed(data_dir: &Path, observer: Arc<dyn StoreObserver>) -> Result<Self, ToolError> {
        Self::with_capacity(data_dir, OPEN_FILES, observer)
    }

    fn with_capacity(
        data_dir: &Path,
        open_files: usize,
        observer: Arc<dyn StoreObserver>,
    ) -> Result<Self, ToolError> {
        connection::check_version(rusqlite::version_number())?;
        let (data_dir, tenants) = lay_out(data_dir).map_err(|error| {
            unavailable("the data directory cannot be used")
                .with_hint("set QUILT_MCP_DATA_DIR to a directory that the server may write to")
                .with_detail(format!("{}: {error}", data_dir.display()))
        })?;
        Ok(Self { data_dir, tenants: OpenTenants::new(tenants, open_files, observer) })
    }

    async fn run<T: Send + 'static>(
        &self,
        kind: Work,
        owner: &Principal,
        work: impl FnOnce(&mut Connection, &Owner) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, ToolError> {
        let user = Owner { issuer: owner.issuer().into(), subject: owner.subject().into() };
        self.tenants.get(owner.tenant())?.run(kind, move |connection| work(connection, &user)).await
    }

    /// [`run`](Self::run) in a transaction that holds the write lock from the beginning, so that what it reads first
    /// still holds when it writes.
    async fn write<T: Send + 'static>(
        &self,
        owner: &Principal,
        work: impl FnOnce(&Transaction<'_>, &Owner) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, ToolError> {
        self.run(Work::Write, owner, move |connection, user| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = work(&transaction, user)?;
            transaction.commit()?;
            Ok(outcome)
        })
        .await
    }
}

impl WorkflowStore for SqliteStore {
    fn get<'a>(
        &'a self,
        owner: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<Option<Versioned>, ToolError>> {
        let id = id.clone();
        Box::pin(self.run(Work::Read, owner, move |connection, user| user.get(connection, &id)))
    }

    fn list<'a>(&'a self, owner: &'a Principal) -> BoxFuture<'a, Result<Vec<WorkflowSummary>, ToolError>> {
        Box::pin(self.run(Work::Read, owner, |connection, user| user.list(connection)))
    }

    fn create<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        let row = Row::of(workflow);
        Box::pin(self.write(owner, move |transaction, user| user.create(transaction, &row)))
    }

    fn replace<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
        expected: Version,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        let row = Row::of(workflow);
        Box::pin(self.write(owner, move |transaction, user| user.replace(transaction, &row, expected)))
    }

    fn delete<'a>(
        &'a self,
        owner: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<(), ToolError>> {
        let id = id.clone();
        Box::pin(self.write(owner, move |transaction, user| user.delete(transaction, &id)))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), ToolError>> {
        Box::pin(async move {
            if self.tenants.is_closed() {
                return Err(unavailable("the workflow store is closed"));
            }
            let probe = self.data_dir.join("write-probe");
            let wrote = tokio::task::spawn_blocking(move || write_probe(&probe)).await;
            let failed = match wrote {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error.to_string(),
                Err(stopped) => stopped.to_string(),
            };
            Err(unavailable("the workflow store cannot write").with_detail(failed))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            for file in self.tenants.take_all() {
                file.close().await;
            }
        })
    }
}

/// Whose rows a statement is about. Every statement on workflows is a method of it and begins its key with it.
struct Owner {
    issuer: String,
    subject: String,
}

/// A workflow, written out.
struct Row {
    id: WorkflowId,
    updated_at: String,
    summary: String,
    record: String,
}

impl Row {
    fn of(workflow: &Workflow) -> Self {
        const ENCODES: &str = "workflows have text keys and finite numbers only";
        Self {
            id: workflow.id().clone(),
            updated_at: workflow.updated_at().to_string(),
            summary: serde_json::to_string(&workflow.summary()).expect(ENCODES),
            record: serde_json::to_string(workflow).expect(ENCODES),
        }
    }
}

impl Owner {
    fn get(&self, connection: &Connection, id: &WorkflowId) -> Result<Option<Versioned>, Failure> {
        let row: Option<(i64, String)> = connection
            .prepare_cached(
                "SELECT version, record FROM workflow WHERE issuer = ?1 AND subject = ?2 AND id = ?3",
            )?
            .query_row(params![self.issuer, self.subject, id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((version, record)) = row else { return Ok(None) };
        let workflow: Workflow = serde_json::from_str(&record).map_err(unreadable)?;
        if workflow.id() != id {
            return Err(unreadable("the record of another id"));
        }
        Ok(Some(Versioned { version: Version(version), workflow }))
    }

    fn list(&self, connection: &Connection) -> Result<Vec<WorkflowSummary>, Failure> {
        let mut statement = connection.prepare_cached(
            "SELECT summary FROM workflow WHERE issuer = ?1 AND subject = ?2 ORDER BY updated_at DESC, id",
        )?;
        let rows = statement.query_map([&self.issuer, &self.subject], |row| row.get::<_, String>(0))?;
        rows.map(|row| serde_json::from_str(&row?).map_err(unreadable)).collect()
    }

    fn create(&self, transaction: &Transaction<'_>, row: &Row) -> Result<Version, Failure> {
        if self.exists(transaction, &row.id)? {
            return Err(already_exists(&row.id).into());
        }
        let count: i64 = transaction
            .prepare_cached("SELECT count(*) FROM workflow WHERE issuer = ?1 AND subject = ?2")?
            .query_row([&self.issuer, &self.subject], |row| row.get(0))?;
        match usize::try_from(count) {
            Ok(count) if count >= MAX_WORKFLOWS_PER_USER => return Err(too_many(count).into()),
            _ => {}
        }
        let version = next_version(transaction)?;
        transaction
            .prepare_cached(
                "INSERT INTO workflow (issuer, subject, id, version, updated_at, summary, record)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                self.issuer,
                self.subject,
                row.id.as_str(),
                version.0,
                row.updated_at,
                row.summary,
                row.record
            ])?;
        Ok(version)
    }

    fn replace(
        &self,
        transaction: &Transaction<'_>,
        row: &Row,
        expected: Version,
    ) -> Result<Version, Failure> {
        let version = next_version(transaction)?;
        let replaced = transaction
            .prepare_cached(
                "UPDATE workflow SET version = ?5, updated_at = ?6, summary = ?7, record = ?8
                 WHERE issuer = ?1 AND subject = ?2 AND id = ?3 AND version = ?4",
            )?
            .execute(params![
                self.issuer,
                self.subject,
                row.id.as_str(),
                expected.0,
                version.0,
                row.updated_at,
                row.summary,
                row.record
            ])?;
        match replaced {
            1 => Ok(version),
            _ if self.exists(transaction, &row.id)? => Err(changed_meanwhile(&row.id).into()),
            _ => Err(not_found(&row.id).into()),
        }
    }

    fn delete(&self, transaction: &Transaction<'_>, id: &WorkflowId) -> Result<(), Failure> {
        let deleted = transaction
            .prepare_cached("DELETE FROM workflow WHERE issuer = ?1 AND subject = ?2 AND id = ?3")?
            .execute(params![self.issuer, self.subject, id.as_str()])?;
        if deleted == 0 { Err(not_found(id).into()) } else { Ok(()) }
    }

    fn exists(&self, connection: &Connection, id: &WorkflowId) -> Result<bool, Failure> {
        Ok(connection
            .prepare_cached("SELECT 1 FROM workflow WHERE issuer = ?1 AND subject = ?2 AND id = ?3")?
            .exists(params![self.issuer, self.subject, id.as_str()])?)
    }
}

fn next_version(transaction: &Transaction<'_>) -> Result<Version, Failure> {
    let revision = transaction
        .prepare_cached("UPDATE tenant SET revision = revision + 1 RETURNING revision")?
        .query_row([], |row| row.get(0))?;
    Ok(Version(revision))
}

/// One row that cannot be understood is no reason to refuse the others of the file.
fn unreadable(why: impl std::fmt::Display) -> Failure {
    Failure::Refused(ToolError::internal(format!("a saved workflow cannot be read: {why}")))
}

/// Makes the data directory and the one for tenants in it. Returns both, free of symbolic links.
fn lay_out(data_dir: &Path) -> io::Result<(PathBuf, PathBuf)> {
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir)?;
    let data_dir = data_dir.canonicalize()?;
    let tenants = data_dir.join("tenants");
    create_directory(&tenants)?;
    std::fs::set_permissions(&tenants, Permissions::from_mode(0o700))?;
    Ok((data_dir, tenants))
}

/// Always the same few bytes, so probes that meet do not matter.
fn write_probe(probe: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(probe)?;
    file.write_all(b"This file is written to see whether the server can write.\n")?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
