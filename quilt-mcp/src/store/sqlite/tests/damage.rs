//! What survives: ends, damage, and a full disk.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use super::*;

#[tokio::test]
async fn workflows_survive_with_and_without_a_clean_end() {
    let (directory, store) = store();
    let (alice, bob) = (user("acme", "alice"), user("globex", "bob"));
    let workflow = with_step(named("w", "alice's"), "a");
    store.create(&alice, &workflow).await.unwrap();
    store.create(&bob, &named("w", "bob's")).await.unwrap();
    let wal = path_of(&store, "acme").with_extension("db-wal");
    store.close().await;
    assert!(!wal.exists(), "a clean end leaves one file");
    assert_eq!(store.get(&alice, &id("w")).await.unwrap_err().code(), ErrorCode::Unavailable);
    assert_eq!(store.health().await.unwrap_err().code(), ErrorCode::Unavailable);

    let store = SqliteStore::open(directory.path()).unwrap();
    assert_eq!(store.get(&alice, &id("w")).await.unwrap().unwrap().workflow, workflow);
    store.create(&alice, &named("v", "later")).await.unwrap();

    // As after a kill: what is on disk, without the process that wrote it.
    let copy = tempfile::tempdir().unwrap();
    copy_tree(directory.path(), copy.path());
    let after_kill = SqliteStore::open(copy.path()).unwrap();
    assert_eq!(name_of(&after_kill, &alice, "v").await.as_deref(), Some("later"));
    assert_eq!(name_of(&after_kill, &bob, "w").await.as_deref(), Some("bob's"));
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn the_list_is_the_latest_first_and_counts_steps() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    for name in ["a", "b", "c"] {
        store.create(&alice, &named(name, name)).await.unwrap();
    }
    let read = store.get(&alice, &id("a")).await.unwrap().unwrap();
    store.replace(&alice, &with_step(read.workflow, "s"), read.version).await.unwrap();
    let list = store.list(&alice).await.unwrap();
    assert_eq!(list.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a", "c", "b"]);
    assert_eq!(list[0].progress.total_steps, 1);
}

#[tokio::test]
async fn a_damaged_file_stops_its_tenant_only_and_heals_when_restored() {
    let (directory, store) = store();
    let (alice, bob) = (user("acme", "alice"), user("globex", "bob"));
    store.create(&alice, &named("w", "alice's")).await.unwrap();
    let file = path_of(&store, "acme");
    store.close().await;
    let sound = std::fs::read(&file).unwrap();

    let mut table = sound.clone();
    for byte in &mut table[4096..] {
        *byte ^= 0x5a;
    }
    let damages: [(&str, Vec<u8>); 4] = [
        ("not a database", b"not a database, but long enough to look like one".repeat(100)),
        ("its tables overwritten", table),
        ("cut off", sound[..sound.len() - 4096].to_vec()),
        ("another application's", other_database()),
    ];
    let store = SqliteStore::open(directory.path()).unwrap();
    for (damage, bytes) in damages {
        std::fs::write(&file, &bytes).unwrap();
        for _ in 0..2 {
            let error = store.get(&alice, &id("w")).await.expect_err(damage);
            assert_eq!(error.code(), ErrorCode::Unavailable, "{damage}: {error:?}");
            assert!(!error.message().contains(file.to_str().unwrap()));
            let write = store.create(&alice, &named("v", "v")).await.expect_err(damage);
            assert_eq!(write.code(), ErrorCode::Unavailable, "{damage}: {write:?}");
        }
        assert!(std::fs::read(&file).unwrap() == bytes, "{damage}: the evidence was changed");
        store.create(&bob, &named(damage, damage)).await.unwrap();
        store.health().await.unwrap();
    }

    std::fs::write(&file, &sound).unwrap();
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("alice's"));
}

fn other_database() -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let connection = Connection::open(file.path()).unwrap();
    connection
        .execute_batch("CREATE TABLE t (x); PRAGMA application_id = 7; PRAGMA user_version = 1")
        .unwrap();
    drop(connection);
    std::fs::read(file.path()).unwrap()
}

/// Whoever puts another file there wants that one used, though the one before is open and sound.
#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_open_is_the_one_that_counts() {
    let (directory, store) = store();
    let alice = user("acme", "alice");
    store.create(&alice, &named("w", "before")).await.unwrap();
    let copy = directory.path().join("copy");
    crate::store::backup(directory.path(), &copy).unwrap();
    store.create(&alice, &named("v", "not in the copy")).await.unwrap();
    crate::store::restore_tenant(&copy, directory.path(), "acme").unwrap();
    store.create(&alice, &named("u", "after")).await.unwrap();
    assert_eq!(store.list(&alice).await.unwrap().len(), 2);
    drop(store);

    let store = SqliteStore::open(directory.path()).unwrap();
    assert_eq!(name_of(&store, &alice, "v").await, None);
    assert_eq!(name_of(&store, &alice, "u").await.as_deref(), Some("after"));
}

/// Between the work and its answer: what was written into the old file is not acknowledged.
#[tokio::test]
async fn a_change_to_a_file_that_is_replaced_meanwhile_is_refused() {
    let (directory, store) = store();
    let alice = user("acme", "alice");
    store.create(&alice, &named("w", "before")).await.unwrap();
    let copy = directory.path().join("copy");
    crate::store::backup(directory.path(), &copy).unwrap();
    let data_dir = directory.path().to_owned();
    let during = store.write(&alice, move |_, _| {
        crate::store::restore_tenant(&copy, &data_dir, "acme").expect("nothing is in the way");
        Ok(())
    });
    let error = during.await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(error.message().contains("restored meanwhile"), "{error}");
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("before"));
}

#[test]
fn an_inspection_names_what_is_unsound_and_whose_it_is() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (directory, store) = store();
    let files = runtime.block_on(async {
        for tenant in ["acme", "globex"] {
            store.create(&user(tenant, "alice"), &named("w", "w")).await.unwrap();
        }
        let files = ["acme", "globex"].map(|tenant| path_of(&store, tenant));
        store.close().await;
        files
    });
    assert_eq!(crate::store::inspect(directory.path()).unwrap(), (2, Vec::new()));
    let mut bytes = std::fs::read(&files[1]).unwrap();
    // The beginning of the last page: what the check finds, and what does not keep the name from being read.
    let length = bytes.len();
    bytes[length - 4096..length - 4000].fill(0xa5);
    std::fs::write(&files[1], bytes).unwrap();
    let (count, unsound) = crate::store::inspect(directory.path()).unwrap();
    assert_eq!((count, unsound.len()), (2, 1), "{unsound:?}");
    assert_eq!((&unsound[0].file, unsound[0].tenant.as_deref()), (&files[1], Some("globex")));
    assert!(!unsound[0].why.is_empty() && unsound[0].damaged);
}

/// Whatever a server would refuse is found; and what is only held by somebody is not called damaged, since a backup in its
/// place would lose what is newer.
#[tokio::test]
async fn an_inspection_finds_what_a_server_would_not_use() {
    let (directory, store) = store();
    for tenant in ["acme", "globex", "initech"] {
        store.create(&user(tenant, "alice"), &named("w", "w")).await.unwrap();
    }
    let [acme, globex, initech] = ["acme", "globex", "initech"].map(|tenant| path_of(&store, tenant));
    store.close().await;
    std::fs::copy(&acme, &globex).unwrap();
    let holder = Connection::open(&initech).unwrap();
    holder
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE tenant SET name = name")
        .unwrap();

    let (count, unsound) = crate::store::inspect(directory.path()).unwrap();
    let found: BTreeMap<_, _> = unsound.iter().map(|one| (one.file.clone(), one.damaged)).collect();
    assert_eq!((count, found), (3, BTreeMap::from([(globex, true), (initech, false)])), "{unsound:?}");
    drop(holder);
    std::fs::write(&acme, other_database()).unwrap();
    let (_, unsound) = crate::store::inspect(directory.path()).unwrap();
    assert!(unsound.iter().any(|one| one.file == acme && one.damaged), "{unsound:?}");
}

#[tokio::test]
async fn the_file_of_another_tenant_in_ones_place_is_refused() {
    let (directory, store) = store();
    store.create(&user("acme", "alice"), &named("w", "acme's")).await.unwrap();
    store.create(&user("globex", "alice"), &named("w", "globex's")).await.unwrap();
    let (acme, globex) = (path_of(&store, "acme"), path_of(&store, "globex"));
    store.close().await;
    std::fs::copy(&acme, &globex).unwrap();

    let store = SqliteStore::open(directory.path()).unwrap();
    let error = store.get(&user("globex", "alice"), &id("w")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    std::fs::remove_file(&globex).unwrap();
    symlink(&acme, &globex).unwrap();
    let error = store.get(&user("globex", "alice"), &id("w")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert_eq!(name_of(&store, &user("acme", "alice"), "w").await.as_deref(), Some("acme's"));
}

#[tokio::test]
async fn an_empty_file_is_migrated_and_a_newer_one_is_refused() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    let file = path_of(&store, "acme");
    create_directory(file.parent().unwrap()).unwrap();
    std::fs::write(&file, b"").unwrap();
    store.create(&alice, &named("w", "w")).await.unwrap();
    file_of(&store, "acme").close().await;

    let connection = Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = store.get(&alice, &id("w")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(error.message().contains("newer server (format 99"), "{error}");
}

#[tokio::test]
async fn a_connection_is_used_again_only_if_its_file_is_sound() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    let failing = async |code: i32| {
        store.create(&alice, &named(&format!("w{code}"), "w")).await.unwrap();
        let failure = move || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        let error = store.write(&alice, move |_, _| -> Result<(), Failure> { Err(failure().into()) }).await;
        assert_eq!(error.unwrap_err().code(), ErrorCode::Unavailable);
        file_of(&store, "acme").connection().lock().await.is_some()
    };
    assert!(failing(rusqlite::ffi::SQLITE_BUSY).await);
    assert!(failing(rusqlite::ffi::SQLITE_FULL).await);
    assert!(!failing(rusqlite::ffi::SQLITE_CORRUPT).await);
    assert!(!failing(rusqlite::ffi::SQLITE_IOERR).await);
    assert_eq!(store.list(&alice).await.unwrap().len(), 4, "and it opens anew");
}

#[tokio::test]
async fn a_full_disk_is_said_and_what_was_saved_stays() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    store.create(&alice, &named("w", "w")).await.unwrap();
    // SQLite's own bound on the file gives the error that a full disk gives.
    let limit = async |pages: i64| {
        let file = file_of(&store, "acme");
        let connection = file.connection().lock().await;
        connection
            .as_ref()
            .unwrap()
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .unwrap();
    };
    limit(1).await;
    let mut refused = None;
    for n in 0..MAX_WORKFLOWS_PER_USER {
        refused = store.create(&alice, &named(&format!("w{n}"), "w")).await.err();
        if refused.is_some() {
            break;
        }
    }
    let error = refused.unwrap();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(error.message().contains("full"), "{error}");
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("w"));
    limit(1_000_000).await;
    store.create(&alice, &named("again", "w")).await.unwrap();
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_used_is_refused_at_the_start() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = SqliteStore::open(file.path()).err().unwrap();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(error.hint().unwrap().contains("QUILT_MCP_DATA_DIR"));
}
