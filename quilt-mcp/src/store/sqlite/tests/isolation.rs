//! Whose workflow is whose.

use super::*;
use crate::domain::principal::lookalikes;
use crate::store::MemoryStore;

#[tokio::test]
async fn the_same_id_of_other_people_is_another_workflow() {
    let (_directory, store) = store();
    let people = [
        user("acme", "alice"),
        user("acme", "bob"),
        user("acme", "Alice"),
        user("globex", "alice"),
        user("Acme", "alice"),
        principal("https://other", "acme", "alice"),
        // As it would be if parts were joined carelessly.
        principal("https://idp:acme", "acme", "alice"),
        user("acme", "alice:bob"),
        user("acme:alice", "bob"),
    ];
    for (n, person) in people.iter().enumerate() {
        store.create(person, &named("analysis", &format!("of {n}"))).await.unwrap();
    }
    for (n, person) in people.iter().enumerate() {
        assert_eq!(name_of(&store, person, "analysis").await, Some(format!("of {n}")));
        let list = store.list(person).await.unwrap();
        assert_eq!(list.iter().map(|one| one.name.clone()).collect::<Vec<_>>(), [format!("of {n}")]);
    }
}

/// As many as make more than a million pairs, in both stores.
#[tokio::test]
async fn people_who_look_alike_have_each_their_own() {
    let (_directory, store) = store();
    let (people, stores) = (lookalikes(), [&store as &dyn WorkflowStore, &MemoryStore::default()]);
    for store in stores {
        for (n, person) in people.iter().enumerate() {
            store.create(person, &named("w", &n.to_string())).await.unwrap();
        }
        for (n, person) in people.iter().enumerate() {
            let own: Vec<_> = store.list(person).await.unwrap().into_iter().map(|one| one.name).collect();
            assert_eq!(own, [n.to_string()], "{:?}", (person.issuer(), person.tenant(), person.subject()));
        }
    }
}

#[tokio::test]
async fn deleting_and_replacing_reach_only_ones_own() {
    let (_directory, store) = store();
    let (alice, bob, eve) = (user("acme", "alice"), user("acme", "bob"), user("acme", "eve"));
    let version = store.create(&alice, &named("w", "alice's")).await.unwrap();
    store.create(&bob, &named("w", "bob's")).await.unwrap();

    let foreign = store.delete(&eve, &id("w")).await.unwrap_err();
    let absent = store.delete(&eve, &id("nothing")).await.unwrap_err();
    assert_eq!(foreign.code(), ErrorCode::NotFound);
    assert_eq!(
        foreign.to_string().replace("'w'", "'nothing'"),
        absent.to_string(),
        "no difference to be seen"
    );
    let foreign = store.replace(&eve, &named("w", "eve's"), version).await.unwrap_err();
    assert_eq!(foreign.code(), ErrorCode::NotFound);
    let stolen = store.replace(&bob, &named("w", "with alice's version"), version).await.unwrap_err();
    assert_eq!(stolen.code(), ErrorCode::Conflict);

    store.delete(&bob, &id("w")).await.unwrap();
    assert_eq!(name_of(&store, &bob, "w").await, None);
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("alice's"));
}

#[tokio::test]
async fn an_id_is_created_once() {
    let (_directory, store) = store();
    let alice = user("acme", "alice");
    store.create(&alice, &named("w", "first")).await.unwrap();
    let error = store.create(&alice, &named("w", "second")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert_eq!(name_of(&store, &alice, "w").await.as_deref(), Some("first"));
}

#[tokio::test]
async fn hostile_names_are_only_names() {
    let (directory, store) = store();
    let tenants =
        ["..", "../../x", "/etc/passwd", "a'; DROP TABLE workflow; --", "acme", "ACME", "acme.", "a%2fb"];
    let ids = ["../../w", "'; DELETE FROM workflow; --", "%", "_", "W", "w", "\u{202e}w", "w\u{301}"];
    for tenant in tenants {
        for workflow in ids {
            store.create(&user(tenant, "x' OR '1'='1"), &named(workflow, workflow)).await.unwrap();
        }
    }
    for tenant in tenants {
        let owner = user(tenant, "x' OR '1'='1");
        assert_eq!(store.list(&owner).await.unwrap().len(), ids.len());
        for workflow in ids {
            assert_eq!(name_of(&store, &owner, workflow).await.as_deref(), Some(workflow));
        }
        assert_eq!(store.list(&user(tenant, "x")).await.unwrap(), []);
    }
    let mut top: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    top.sort();
    assert_eq!(top, ["tenants"]);
}

#[tokio::test]
async fn files_are_for_this_user_of_the_machine_only() {
    let (directory, store) = store();
    store.create(&user("acme", "alice"), &named("w", "w")).await.unwrap();
    store.health().await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = path_of(&store, "acme");
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&file.with_extension("db-wal")), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    assert_eq!(mode(&directory.path().join("tenants")), 0o700);
    assert_eq!(mode(&directory.path().join("write-probe")), 0o600);
}

#[tokio::test]
async fn a_user_has_a_bounded_number_and_others_are_not_counted() {
    let (_directory, store) = store();
    let (alice, bob) = (user("acme", "alice"), user("acme", "bob"));
    store
        .write(&alice, |transaction, user| {
            for n in 0..MAX_WORKFLOWS_PER_USER {
                user.create(transaction, &Row::of(&named(&format!("w{n}"), "w")))?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let error = store.create(&alice, &named("one-more", "w")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
    store.create(&bob, &named("first", "w")).await.unwrap();
    store.delete(&alice, &id("w0")).await.unwrap();
    store.create(&alice, &named("one-more", "w")).await.unwrap();
}
