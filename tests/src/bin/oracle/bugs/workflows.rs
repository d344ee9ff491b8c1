//! Whose workflows are whose.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use quilt_mcp::app::App;
use quilt_mcp::domain::principal::Principal;
use quilt_mcp::domain::workflow::{Workflow, WorkflowId, WorkflowSummary};
use quilt_mcp::error::ToolError;
use quilt_mcp::store::{Version, Versioned, WorkflowStore};
use quilt_scope::BoxFuture;

use super::{Fault, lock};
use crate::wiring::Scene;

type Key = fn(&Principal) -> String;
type Answer<'a, T> = BoxFuture<'a, Result<T, ToolError>>;

/// All who have the same key have one owner's workflows.
pub(super) struct Filed(pub(super) Key);

/// As [`Filed`] by tenant, but in one place only.
pub(super) struct ListForgets;

struct Store {
    sound: Box<dyn WorkflowStore>,
    key: Key,
    only_lists: bool,
    owners: Mutex<HashMap<String, Arc<Principal>>>,
}

impl Fault for Filed {
    fn app(&self, sound: App, _: &Scene) -> App {
        App { workflows: Box::new(Store::over(sound.workflows, self.0, false)), ..sound }
    }
}

impl Fault for ListForgets {
    fn app(&self, sound: App, _: &Scene) -> App {
        let store = Store::over(sound.workflows, |who| who.tenant().to_owned(), true);
        App { workflows: Box::new(store), ..sound }
    }
}

impl Store {
    fn over(sound: Box<dyn WorkflowStore>, key: Key, only_lists: bool) -> Self {
        Self { sound, key, only_lists, owners: Mutex::default() }
    }

    /// Whoever was the first with this key.
    fn owner(&self, who: &Principal) -> Arc<Principal> {
        let mut owners = lock(&self.owners);
        Arc::clone(owners.entry((self.key)(who)).or_insert_with(|| Arc::new(who.clone())))
    }

    fn owner_of_one(&self, who: &Principal) -> Arc<Principal> {
        let owner = self.owner(who);
        if self.only_lists { Arc::new(who.clone()) } else { owner }
    }
}

impl WorkflowStore for Store {
    fn get<'a>(&'a self, who: &'a Principal, id: &'a WorkflowId) -> Answer<'a, Option<Versioned>> {
        Box::pin(async move { self.sound.get(&self.owner_of_one(who), id).await })
    }

    fn list<'a>(&'a self, who: &'a Principal) -> Answer<'a, Vec<WorkflowSummary>> {
        Box::pin(async move { self.sound.list(&self.owner(who)).await })
    }

    fn create<'a>(&'a self, who: &'a Principal, workflow: &'a Workflow) -> Answer<'a, Version> {
        Box::pin(async move { self.sound.create(&self.owner_of_one(who), workflow).await })
    }

    fn replace<'a>(
        &'a self,
        who: &'a Principal,
        workflow: &'a Workflow,
        expected: Version,
    ) -> Answer<'a, Version> {
        Box::pin(async move { self.sound.replace(&self.owner_of_one(who), workflow, expected).await })
    }

    fn delete<'a>(&'a self, who: &'a Principal, id: &'a WorkflowId) -> Answer<'a, ()> {
        Box::pin(async move { self.sound.delete(&self.owner_of_one(who), id).await })
    }

    fn health(&self) -> Answer<'_, ()> {
        self.sound.health()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.sound.close()
    }
}
