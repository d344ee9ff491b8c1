#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::domain::principal::Principal;
use crate::domain::workflow::{NewWorkflow, Timestamp, Workflow, WorkflowId};
use crate::store::{SqliteStore, WorkflowStore};

fn user(tenant: &str) -> Principal {
    Principal::verified("https://idp".into(), tenant.into(), "ada".into())
}

fn workflow(id: &str) -> Workflow {
    let new = NewWorkflow {
        id: WorkflowId::new(id).unwrap(),
        name: id.into(),
        description: "".into(),
        metadata: Default::default(),
    };
    Workflow::create(new, Timestamp::now()).unwrap()
}

async fn ids(data_dir: &Path, tenant: &str) -> Vec<String> {
    let store = SqliteStore::open(data_dir).unwrap();
    let mut ids: Vec<_> =
        store.list(&user(tenant)).await.unwrap().iter().map(|w| w.id.as_str().to_owned()).collect();
    store.close().await;
    ids.sort();
    ids
}

/// A store in use, with a workflow each of two tenants; what is in it is in the logs only.
async fn in_use() -> (tempfile::TempDir, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("data")).unwrap();
    for tenant in ["acme", "zeta"] {
        store.create(&user(tenant), &workflow("first")).await.unwrap();
    }
    (directory, store)
}

#[tokio::test]
async fn a_backup_of_a_store_in_use_is_a_store() {
    let (directory, store) = in_use().await;
    let at = |name: &str| directory.path().join(name);
    assert_eq!(backup(&at("data"), &at("copy")).unwrap(), 2);
    store.create(&user("acme"), &workflow("later")).await.unwrap();
    assert_eq!(restore(&at("copy"), &at("restored")).unwrap(), 2);
    assert_eq!(ids(&at("restored"), "acme").await, ["first"]);
    assert_eq!(ids(&at("restored"), "zeta").await, ["first"]);
    let copied = tenant_files(&at("copy")).unwrap();
    assert!(
        copied
            .iter()
            .all(|file| { at("copy").join(file).metadata().unwrap().permissions().mode() & 0o077 == 0 })
    );
    // The backup did not disturb the original.
    store.create(&user("acme"), &workflow("last")).await.unwrap();
    store.close().await;
    assert_eq!(ids(&at("data"), "acme").await, ["first", "last", "later"]);
}

/// A server that ends, or finds the disk full, before the first change leaves a file in which there is nothing.
#[tokio::test]
async fn a_file_in_which_nothing_was_saved_yet_is_restored_with_the_others() {
    let (directory, store) = in_use().await;
    store.close().await;
    let at = |name: &str| directory.path().join(name);
    let new = path_of(&at("data").join("tenants"), "new");
    fs::create_dir_all(new.parent().unwrap()).unwrap();
    fs::write(&new, []).unwrap();
    assert_eq!(backup(&at("data"), &at("copy")).unwrap(), 3);
    assert_eq!(restore(&at("copy"), &at("restored")).unwrap(), 3);
    assert_eq!(ids(&at("restored"), "acme").await, ["first"]);
    assert_eq!(ids(&at("restored"), "new").await, [""; 0]);
}

/// Its sum is right, and it has a table of the same name.
#[tokio::test]
async fn the_database_of_another_application_is_not_restored() {
    let (directory, store) = in_use().await;
    store.close().await;
    let at = |name: &str| directory.path().join(name);
    let file = path_of(&at("data").join("tenants"), "acme");
    fs::remove_file(&file).unwrap();
    let other = Connection::open(&file).unwrap();
    other.execute_batch("CREATE TABLE tenant (name TEXT); INSERT INTO tenant VALUES ('acme')").unwrap();
    other.close().unwrap();
    backup(&at("data"), &at("copy")).unwrap();
    let error = restore(&at("copy"), &at("restored")).unwrap_err().to_string();
    assert!(error.contains("another application") || error.contains("not of this"), "{error}");
    assert!(!at("restored").join("tenants").exists());
}

#[tokio::test]
async fn one_tenant_is_restored_and_the_others_are_not_touched() {
    let (directory, store) = in_use().await;
    let at = |name: &str| directory.path().join(name);
    backup(&at("data"), &at("copy")).unwrap();
    for tenant in ["acme", "zeta"] {
        store.create(&user(tenant), &workflow("later")).await.unwrap();
    }
    store.close().await;
    let file = path_of(&at("data").join("tenants"), "acme");
    fs::write(&file, b"no database at all").unwrap();
    let kept = restore_tenant(&at("copy"), &at("data"), "acme").unwrap().unwrap();
    assert_eq!(fs::read(kept).unwrap(), b"no database at all");
    assert_eq!(ids(&at("data"), "acme").await, ["first"]);
    assert_eq!(ids(&at("data"), "zeta").await, ["first", "later"]);
    let error = restore_tenant(&at("copy"), &at("data"), "globex").unwrap_err().to_string();
    assert!(error.contains("nothing of the tenant"), "{error}");
}

#[tokio::test]
async fn what_is_not_whole_is_not_restored() {
    let (directory, store) = in_use().await;
    store.close().await;
    let at = |name: &str| directory.path().join(name);
    let refused = |from: &str, because: &str| {
        let error = restore(&at(from), &at("restored")).unwrap_err().to_string();
        assert!(error.contains(because), "{error}");
        assert!(!at("restored").join("tenants").exists(), "nothing is written before all is checked");
    };
    backup(&at("data"), &at("changed")).unwrap();
    let file = at("changed").join(&tenant_files(&at("changed")).unwrap()[0]);
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    refused("changed", "is not what was backed up");

    backup(&at("data"), &at("cut")).unwrap();
    fs::remove_file(at("cut").join(SUMS)).unwrap();
    refused("cut", "no whole backup");

    backup(&at("data"), &at("lacking")).unwrap();
    fs::remove_file(at("lacking").join(&tenant_files(&at("lacking")).unwrap()[0])).unwrap();
    refused("lacking", "No such file");

    backup(&at("data"), &at("leading-out")).unwrap();
    let sums = fs::read_to_string(at("leading-out").join(SUMS)).unwrap();
    fs::write(at("leading-out").join(SUMS), sums.replace("tenants/", "tenants/../../")).unwrap();
    refused("leading-out", "no tenant's file");
}

#[tokio::test]
async fn nothing_that_is_there_is_overwritten() {
    let (directory, store) = in_use().await;
    store.close().await;
    let at = |name: &str| directory.path().join(name);
    backup(&at("data"), &at("copy")).unwrap();
    assert!(backup(&at("data"), &at("copy")).is_err());
    let error = restore(&at("copy"), &at("data")).unwrap_err().to_string();
    assert!(error.contains("there is a store already"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_fails_the_backup_and_is_named() {
    let (directory, store) = in_use().await;
    store.close().await;
    let at = |name: &str| directory.path().join(name);
    let file = path_of(&at("data").join("tenants"), "acme");
    fs::write(&file, [0xff; 8192]).unwrap();
    let error = backup(&at("data"), &at("copy")).unwrap_err().to_string();
    assert!(error.contains(file.to_str().unwrap()), "{error}");
    assert!(!at("copy").join(SUMS).exists());
}
