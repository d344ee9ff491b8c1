//! Each step builds, serves, and leaks what it is said to leak; and tools move over unchanged.

use std::fs;
use std::path::Path;

use quilt_migration_example::judge::{Leak, assert_isolated, leaks};
use quilt_migration_example::{Serve, step_0, step_1, step_2, step_3, step_4};
use serde_json::{Value, json};

#[tokio::test]
async fn singletons_give_one_callers_everything_to_the_next() {
    let all = [Leak::Credentials, Leak::Audit, Leak::Permissions, Leak::Workflows];
    assert_eq!(leaks(&step_0::Server).await, all);
}

/// The test that the finished server passes fails for the one it began as.
#[tokio::test]
#[should_panic(expected = "what is Ada's reached Ben")]
async fn the_judge_catches_the_singletons() {
    assert_isolated(&step_0::Server).await;
}

#[tokio::test]
async fn after_the_first_step_workflows_are_their_owners() {
    let left = [Leak::Credentials, Leak::Audit, Leak::Permissions];
    assert_eq!(leaks(&step_1::Server::default()).await, left);
}

#[tokio::test]
async fn after_the_second_step_rights_still_stand_on_the_credentials() {
    let left = [Leak::Credentials, Leak::Audit, Leak::Permissions];
    assert_eq!(leaks(&step_2::Server::default()).await, left);
}

#[tokio::test]
async fn after_the_third_step_nothing_leaks() {
    assert_isolated(&step_3::Server::default()).await;
}

#[tokio::test]
async fn at_the_end_nothing_leaks() {
    assert_isolated(&step_4::Server::default()).await;
}

/// What one caller sees, alone with the server.
async fn answers(server: &impl Serve, caller: &str) -> Vec<Result<Value, String>> {
    let of = |bucket: &str| json!({"bucket": bucket});
    vec![
        server.call(caller, "bucket_read", of(caller)).await,
        server.call(caller, "bucket_read", of("somebody")).await,
        server.call(caller, "check_bucket_access", of(caller)).await,
        server.call(caller, "workflow_create", json!({"id": "w"})).await,
        server.call(caller, "workflow_list", json!({})).await,
    ]
}

/// Alone with its server a client notices no step.
#[tokio::test]
async fn clients_are_answered_the_same_at_each_step() {
    let expected = [
        Ok(json!({"text": "the diary of ada", "signed": "bucket_read, signed ada"})),
        Err("access denied".to_owned()),
        Ok(json!({"may_read": true})),
        Ok(json!({"ids": ["w"]})),
        Ok(json!({"ids": ["w"]})),
    ];
    assert_eq!(answers(&step_1::Server::default(), "ada").await, expected);
    assert_eq!(answers(&step_2::Server::default(), "ada").await, expected);
    assert_eq!(answers(&step_3::Server::default(), "ada").await, expected);
    assert_eq!(answers(&step_4::Server::default(), "ada").await, expected);
}

/// The functions of `mod tools`, without what is said about them.
fn functions(step: &str) -> std::io::Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(step);
    let text = fs::read_to_string(path)?;
    let tools = text.split("pub mod tools {").nth(1).and_then(|rest| rest.split("\n}\n").next());
    let lines = tools.unwrap_or_default().lines().map(str::trim);
    let kept = lines.filter(|line| {
        !line.is_empty() && !["use ", "///", "#["].iter().any(|start| line.starts_with(start))
    });
    Ok(kept.collect::<Vec<_>>().join("\n"))
}

#[test]
fn signatures_and_bodies_are_the_same_to_the_letter() -> std::io::Result<()> {
    let before = functions("step_0.rs")?;
    assert!(before.contains("auth_service().credentials()") && before.lines().count() > 15, "{before}");
    for step in ["step_1.rs", "step_2.rs", "step_3.rs"] {
        assert_eq!(functions(step)?, before, "{step}");
    }
    assert_ne!(functions("step_4.rs")?, before);
    Ok(())
}

/// Outside a request there is an error, and not somebody's credentials.
#[tokio::test]
async fn what_asks_outside_a_request_is_told_so() {
    let said = step_3::audit::signature("nothing").await;
    assert!(said.starts_with("nothing, not signed: `AuthService` was asked for outside a request"), "{said}");
}
