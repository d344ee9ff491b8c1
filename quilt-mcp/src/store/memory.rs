//! Workflows that are gone with the process: for a single user who wants nothing written.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use quilt_scope::BoxFuture;

use super::{Version, Versioned, WorkflowStore, already_exists, changed_meanwhile, not_found, too_many};
use crate::domain::principal::Principal;
use crate::domain::workflow::limits::MAX_WORKFLOWS_PER_USER;
use crate::domain::workflow::{Workflow, WorkflowId, WorkflowSummary};
use crate::error::ToolError;

/// A [`WorkflowStore`] in the memory of the process. Unlike others it does not survive a crash, nor a restart.
#[derive(Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    workflows: BTreeMap<Principal, BTreeMap<WorkflowId, Versioned>>,
    versions: i64,
}

impl Kept {
    fn next_version(&mut self) -> Version {
        self.versions += 1;
        Version(self.versions)
    }

    fn create(&mut self, owner: &Principal, workflow: &Workflow) -> Result<Version, ToolError> {
        let version = self.next_version();
        let own = self.workflows.entry(owner.clone()).or_default();
        let count = own.len();
        match own.entry(workflow.id().clone()) {
            Entry::Occupied(_) => Err(already_exists(workflow.id())),
            Entry::Vacant(_) if count >= MAX_WORKFLOWS_PER_USER => Err(too_many(count)),
            Entry::Vacant(free) => {
                free.insert(Versioned { version, workflow: workflow.clone() });
                Ok(version)
            }
        }
    }

    fn replace(
        &mut self,
        owner: &Principal,
        workflow: &Workflow,
        expected: Version,
    ) -> Result<Version, ToolError> {
        let version = self.next_version();
        match self.workflows.get_mut(owner).and_then(|own| own.get_mut(workflow.id())) {
            Some(old) if old.version == expected => {
                *old = Versioned { version, workflow: workflow.clone() };
                Ok(version)
            }
            Some(_) => Err(changed_meanwhile(workflow.id())),
            None => Err(not_found(workflow.id())),
        }
    }
}

impl MemoryStore {
    /// What takes no time is done at once: nobody can be cancelled in the middle of it.
    fn now<'a, T: Send + 'a>(&'a self, work: impl FnOnce(&mut Kept) -> T) -> BoxFuture<'a, T> {
        let done = work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(std::future::ready(done))
    }
}

impl WorkflowStore for MemoryStore {
    fn get<'a>(
        &'a self,
        owner: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<Option<Versioned>, ToolError>> {
        self.now(|kept| Ok(kept.workflows.get(owner).and_then(|own| own.get(id)).cloned()))
    }

    fn list<'a>(&'a self, owner: &'a Principal) -> BoxFuture<'a, Result<Vec<WorkflowSummary>, ToolError>> {
        self.now(|kept| {
            let own = kept.workflows.get(owner).into_iter().flat_map(BTreeMap::values);
            let mut own: Vec<&Workflow> = own.map(|one| &one.workflow).collect();
            // Stable, so those of the same time stay in the order of their ids.
            own.sort_by_key(|workflow| std::cmp::Reverse(workflow.updated_at()));
            Ok(own.into_iter().map(Workflow::summary).collect())
        })
    }

    fn create<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        self.now(|kept| kept.create(owner, workflow))
    }

    fn replace<'a>(
        &'a self,
        owner: &'a Principal,
        workflow: &'a Workflow,
        expected: Version,
    ) -> BoxFuture<'a, Result<Version, ToolError>> {
        self.now(|kept| kept.replace(owner, workflow, expected))
    }

    fn delete<'a>(
        &'a self,
        owner: &'a Principal,
        id: &'a WorkflowId,
    ) -> BoxFuture<'a, Result<(), ToolError>> {
        self.now(|kept| {
            let gone = kept.workflows.get_mut(owner).and_then(|own| own.remove(id));
            gone.map(|_| ()).ok_or_else(|| not_found(id))
        })
    }

    fn health(&self) -> BoxFuture<'_, Result<(), ToolError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::workflow::{NewWorkflow, Timestamp};
    use crate::error::ErrorCode;
    use crate::store::SqliteStore;

    fn user(name: &str) -> Principal {
        Principal::verified("https://idp".into(), "acme".into(), name.into())
    }

    fn named(id: &str) -> Workflow {
        let new = NewWorkflow {
            id: WorkflowId::new(id).expect("an id"),
            name: id.to_uppercase(),
            description: String::new(),
            metadata: Default::default(),
        };
        Workflow::create(new, Timestamp::now()).expect("a workflow")
    }

    /// What a store answers to all there is to ask of it.
    async fn answers(store: &dyn WorkflowStore) -> Result<Vec<String>, ToolError> {
        let (alice, bob, one) = (user("alice"), user("bob"), named("one"));
        let mut said = Vec::new();
        let mut note = |what: Result<Version, ToolError>| match what {
            Ok(version) => {
                said.push("done".to_owned());
                Some(version)
            }
            Err(error) => {
                said.push(format!("{}: {error}", error.code()));
                None
            }
        };
        let first = note(store.create(&alice, &one).await).ok_or_else(|| ToolError::internal("none"))?;
        note(store.create(&alice, &one).await);
        note(store.create(&alice, &named("two")).await);
        note(store.create(&bob, &named("three")).await);
        let second = note(store.replace(&alice, &one, first).await);
        note(store.replace(&alice, &one, first).await);
        note(store.replace(&bob, &one, first).await);
        note(store.delete(&bob, one.id()).await.map(|()| first));
        assert_eq!(store.get(&alice, one.id()).await?.map(|found| found.version), second);
        assert!(store.get(&bob, one.id()).await?.is_none());
        for owner in [&alice, &bob, &user("carol")] {
            let mut ids: Vec<String> =
                store.list(owner).await?.iter().map(|summary| format!("{summary:?}")).collect();
            ids.sort();
            said.push(ids.len().to_string());
        }
        store.delete(&alice, one.id()).await?;
        said.extend(store.delete(&alice, one.id()).await.err().map(|error| error.to_string()));
        said.extend(store.health().await.err().map(|error| error.to_string()));
        Ok(said)
    }

    #[tokio::test]
    async fn it_answers_as_the_durable_store_does() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let durable = SqliteStore::open(directory.path())?;
        let of_memory = answers(&MemoryStore::default()).await?;
        assert_eq!(of_memory, answers(&durable).await?);
        assert_eq!(of_memory.iter().filter(|said| *said == "done").count(), 4, "{of_memory:?}");
        Ok(())
    }

    #[tokio::test]
    async fn nobody_keeps_more_than_is_allowed() -> Result<(), ToolError> {
        let store = MemoryStore::default();
        for at in 0..MAX_WORKFLOWS_PER_USER {
            store.create(&user("alice"), &named(&format!("w{at}"))).await?;
        }
        let refused = store.create(&user("alice"), &named("more")).await;
        assert_eq!(refused.map_err(|error| error.code()), Err(ErrorCode::LimitExceeded));
        store.create(&user("bob"), &named("more")).await?;
        Ok(())
    }
}
