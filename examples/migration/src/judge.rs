//! Two callers in turns, and what the second gets of the first. The same for every step.

use serde_json::{Value, json};

use crate::Serve;

/// What leaked, by the service that let it through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// Ben read Ada's bucket, or could not read his own.
    Credentials,
    /// Ben is on record as Ada.
    Audit,
    /// Ben was told of Ada's rights.
    Permissions,
    /// Ben saw Ada's workflows.
    Workflows,
}

/// Ada works, then Ben; what he got that is hers.
pub async fn leaks(server: &impl Serve) -> Vec<Leak> {
    let of_ada = json!({"bucket": "ada"});
    let _ = server.call("ada", "bucket_read", of_ada.clone()).await;
    let _ = server.call("ada", "check_bucket_access", of_ada.clone()).await;
    let _ = server.call("ada", "workflow_template_apply", json!({"id": "secret"})).await;

    let stolen = server.call("ben", "bucket_read", of_ada.clone()).await;
    let own = server.call("ben", "bucket_read", json!({"bucket": "ben"})).await;
    let told = server.call("ben", "check_bucket_access", of_ada).await;
    let listed = server.call("ben", "workflow_list", json!({})).await;
    let seen = |answer: &Result<Value, String>, what: &str| {
        answer.as_ref().is_ok_and(|value| value.to_string().contains(what))
    };
    [
        (Leak::Credentials, stolen.is_ok() || own.is_err()),
        (Leak::Audit, seen(&stolen, "signed ada") || seen(&own, "signed ada")),
        (Leak::Permissions, seen(&told, "true")),
        (Leak::Workflows, seen(&listed, "secret")),
    ]
    .into_iter()
    .filter_map(|(leak, happened)| happened.then_some(leak))
    .collect()
}

/// What a server has to pass before it may serve more than one person.
///
/// # Panics
///
/// When something leaks.
pub async fn assert_isolated(server: &impl Serve) {
    let leaks = leaks(server).await;
    assert!(leaks.is_empty(), "what is Ada's reached Ben: {leaks:?}");
}
