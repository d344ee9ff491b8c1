//! Twenty callers at once: each query is sent, looked at and read with its caller's own key, in its caller's own workgroup.

use std::collections::BTreeSet;

use quilt_tests::Result;
use quilt_tests::judge::{Findings, assert_clean, nothing_foreign, record_agrees};
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{Person, ServerRights, Wanted, World};
use serde_json::json;

use super::ask;
use crate::stage::Stage;

const CALLERS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_callers_at_once_have_each_their_own() -> Result<()> {
    let people =
        (0..CALLERS).map(|n| Wanted::new(["acme", "zeta", "nova"][n % 3], &format!("p{n}")).with_objects(0));
    let world = World::on(Substrate::of("athena-crowd")?, people, ServerRights::Everything).await?;
    let stage = Stage::start_in(world).await?;
    let (world, mark) = (&stage.world, stage.world.substrate.mark().await?);
    let there = &stage;
    let calls = world.people.iter().map(|person| async move {
        let client = there.client(person.name()).await?;
        let (canary, database) = (&person.canary, person.database());
        let query = format!("SELECT note, '{canary}' AS asked FROM {database}.notes WHERE id = 1");
        let mut answers = vec![ask(&client, json!({"query": query})).await?];
        for tool in ["athena_query_history", "athena_workgroups_list", "athena_databases_list"] {
            answers.push(client.call(tool, json!({})).await?);
        }
        Result::<_>::Ok((person, answers))
    });
    let mut findings = Findings::default();
    for outcome in futures_util::future::join_all(calls).await {
        let (person, answers) = outcome?;
        for answer in &answers {
            findings.check(nothing_foreign(world, person, answer));
            if answer.is_error || !answer.everything().contains(&person.canary) {
                findings.add(format!("{} did not get their own: {}", person.subject, answer.everything()));
            }
        }
    }
    let entries = world.substrate.since(mark).await?;
    let workgroup = |person: &Person| format!("workgroup/{}", person.workgroup());
    let mut started = BTreeSet::new();
    for entry in &entries {
        let action = entry.action.as_deref().unwrap_or_default();
        let Some(person) = entry.role_arn.as_deref().and_then(|role| world.whose_role(role)) else {
            continue;
        };
        let in_a_workgroup = ["StartQuery", "GetQuery", "ListQuery", "BatchGetQuery"];
        if in_a_workgroup.iter().any(|what| action.starts_with(&format!("athena:{what}"))) {
            let own = entry.resource.as_deref().is_some_and(|at| at.ends_with(&workgroup(person)));
            if !own || entry.status != 200 {
                findings.add(format!("{} at another's workgroup: {entry:?}", person.subject));
            }
        }
        if action == "athena:StartQueryExecution" {
            started.insert((&person.subject, entry.access_key_id.as_deref()));
        }
    }
    // A query, a caller, a key.
    let keys: BTreeSet<_> = started.iter().map(|(_, key)| key).collect();
    assert_eq!((started.len(), keys.len()), (CALLERS, CALLERS));
    let mut violations = findings.all();
    violations.extend(record_agrees(world, &entries));
    assert_clean("twenty callers at Athena", &violations);
    Ok(())
}
