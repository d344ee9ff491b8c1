//! Who waits for whom, and what becomes of work that is given up.

use std::sync::Arc;
use std::time::Duration;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_writers_who_read_the_same_one_wins() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    store.create(&alice, &named("w", "w")).await.unwrap();
    for round in 0..20 {
        let read = store.get(&alice, &id("w")).await.unwrap().unwrap();
        let one = with_step(read.workflow.clone(), &format!("one-{round}"));
        let two = with_step(read.workflow, &format!("two-{round}"));
        let (first, second) = tokio::join!(
            store.replace(&alice, &one, read.version),
            store.replace(&alice, &two, read.version)
        );
        let (winner, loser) = match (&first, &second) {
            (Ok(_), Err(error)) => (one, error),
            (Err(error), Ok(_)) => (two, error),
            both => panic!("{both:?}"),
        };
        assert_eq!(loser.code(), ErrorCode::Conflict);
        assert_eq!(store.get(&alice, &id("w")).await.unwrap().unwrap().workflow, winner);
    }
}

#[tokio::test]
async fn a_version_does_not_recur_when_an_id_does() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    let before = store.create(&alice, &named("w", "before")).await.unwrap();
    store.delete(&alice, &id("w")).await.unwrap();
    store.create(&alice, &named("w", "after")).await.unwrap();
    let error = store.replace(&alice, &named("w", "lost"), before).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("after"));
}

/// One tenant's transaction is open, and much of its work waits. Another tenant's goes through, although the runtime has
/// hardly any threads. Nothing here is a matter of time: the first tenant cannot go on before the second is done.
#[test]
fn a_tenant_does_not_wait_for_another() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(1)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (_directory, store) = store();
        let store = Arc::new(store);
        let (alice, bob) = (user("acme", "alice"), user("globex", "bob"));
        store.create(&alice, &named("w", "w")).await.unwrap();

        let connection = Arc::clone(file_of(&store, "acme").connection());
        let held = Arc::clone(&connection).lock_owned().await;
        held.as_ref().unwrap().execute_batch("BEGIN IMMEDIATE").unwrap();
        let waiting: Vec<_> = (0..50)
            .map(|n| {
                let (store, alice) = (Arc::clone(&store), alice.clone());
                tokio::spawn(async move { store.create(&alice, &named(&format!("w{n}"), "w")).await })
            })
            .collect();
        // The file has one reference, this test two, and each that waits for the lock one.
        while Arc::strong_count(&connection) < 3 + waiting.len() {
            tokio::task::yield_now().await;
        }

        let others = async {
            store.create(&bob, &named("w", "bob's")).await.unwrap();
            store.list(&bob).await.unwrap();
            store.health().await.unwrap();
        };
        // If they do wait, they wait for ever; the time is only for saying so.
        tokio::time::timeout(Duration::from_secs(60), others).await.expect("nobody waits for another tenant");
        assert!(waiting.iter().all(|one| !one.is_finished()));

        held.as_ref().unwrap().execute_batch("ROLLBACK").unwrap();
        drop(held);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert_eq!(store.list(&alice).await.unwrap().len(), 51);
    });
}

/// The same with the lock of the file itself, held by another process as it were.
#[tokio::test]
async fn a_locked_file_does_not_hold_up_another() {
    let (_directory, store) = store();
    let (alice, bob) = (user("acme", "alice"), user("globex", "bob"));
    store.create(&alice, &named("w", "w")).await.unwrap();
    let other = Connection::open(path_of(&store, "acme")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let w = id("w");
    let meanwhile = async {
        store.create(&bob, &named("w", "bob's")).await.unwrap();
        other.execute_batch("ROLLBACK").unwrap();
    };
    let (blocked, ()) = tokio::join!(store.delete(&alice, &w), meanwhile);
    match blocked {
        Ok(()) => assert_eq!(name_of(&store, &alice, "w").await, None),
        // It waits for so long only.
        Err(busy) => assert!(busy.message().contains("busy"), "{busy}"),
    }
}

#[tokio::test]
async fn a_cancelled_call_leaves_nothing_open() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    store.create(&alice, &named("w", "w")).await.unwrap();
    let file = file_of(&store, "acme");

    let w = id("w");

    // Dropped while it waits: nothing happens.
    let held = Arc::clone(file.connection()).lock_owned().await;
    let mut call = store.delete(&alice, &w);
    assert!(futures_util::poll!(&mut call).is_pending());
    drop(call);
    drop(held);
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("w"));

    // Dropped when it has begun (and may even be done): it happens wholly.
    let mut call = store.delete(&alice, &w);
    let _ = futures_util::poll!(&mut call);
    drop(call);
    assert_eq!(name_of(&store, &alice, "w").await, None);
    assert!(file.connection().lock().await.as_ref().unwrap().is_autocommit());
}

#[tokio::test]
async fn a_panic_in_a_transaction_leaves_nothing_open() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    store.create(&alice, &named("w", "w")).await.unwrap();
    let error = store
        .write(&alice, |transaction, user| -> Result<(), Failure> {
            user.delete(transaction, &id("w"))?;
            panic!("in the middle");
        })
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("w"));
    store.delete(&alice, &id("w")).await.unwrap();
}

#[tokio::test]
async fn only_so_many_files_stay_open_and_the_idle_oldest_goes_first() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::with_capacity(directory.path(), 3, Arc::new(())).unwrap();
    let make = async |tenant: &str| store.create(&user(tenant, "u"), &named("w", tenant)).await.unwrap();
    for tenant in ["a", "b", "c"] {
        make(tenant).await;
    }
    let in_use = file_of(&store, "a");
    assert_eq!(name_of(&store, &user("b", "u"), "w").await.as_deref(), Some("b"));
    make("d").await;
    assert_eq!(store.tenants.names(), ["a", "b", "d"], "c was idle longest");
    drop(in_use);
    for tenant in ["a", "b", "c", "d"] {
        assert_eq!(name_of(&store, &user(tenant, "u"), "w").await.as_deref(), Some(tenant));
    }
    assert_eq!(store.tenants.names().len(), 3);
}
