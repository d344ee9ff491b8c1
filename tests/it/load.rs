//! A hundred people at once: nothing is lost, nothing is another's, and what was acknowledged survives.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use quilt_tests::Result;
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::judge::{Violation, assert_clean, nothing_foreign, record_agrees};
use quilt_tests::server::{Plan, Server};
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{Person, ServerRights, Wanted, World};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::stage::all_scopes_closed;

const PEOPLE: usize = 100;
const CALLS: usize = 10;
/// How many calls are under way at any time.
const TOGETHER: usize = 200;
/// Workflows that one person makes in the batch that is cut short.
const CUT_SHORT: usize = 10;

async fn crowd() -> Result<World> {
    let people =
        (0..PEOPLE).map(|n| Wanted::new(&format!("tenant{}", n % 7), &format!("user{n}")).with_objects(1));
    World::on(Substrate::of("load")?, people, ServerRights::Everything).await
}

/// The `number`th call of a person.
fn call(person: &Person, number: usize) -> (&'static str, Value) {
    match number % 5 {
        0 => ("bucket_object_text", json!({"s3_uri": person.first_uri()})),
        1 => ("bucket_objects_list", json!({"bucket": person.bucket})),
        2 => ("workflow_create", json!({"workflow_id": format!("batch-{number}"), "name": person.canary})),
        3 => (
            "bucket_objects_put",
            json!({"bucket": person.bucket, "items": [{"key": format!("out/{number}"), "text": person.canary}]}),
        ),
        _ => ("workflow_list_all", json!({})),
    }
}

/// Whether the body is the one that this call of this person must get.
fn check(world: &World, person: &Person, number: usize, answer: &Answer) -> std::result::Result<(), String> {
    nothing_foreign(world, person, answer)?;
    let body = &answer.structured;
    let right = match number % 5 {
        0 => body["text"].as_str().is_some_and(|text| text.contains(&person.canary)),
        1 => body["bucket"] == person.bucket && answer.everything().contains(&person.first_key()),
        2 => body["workflow"]["name"] == person.canary,
        3 => body["uploaded"] == 1 && body["results"][0]["key"] == format!("out/{number}"),
        _ => body["workflows"].as_array().is_some_and(|all| all.iter().all(|w| w["name"] == person.canary)),
    };
    if right && !answer.is_error {
        Ok(())
    } else {
        Err(format!("call {number} of {}: {}", person.subject, answer.everything()))
    }
}

fn clients(world: &World, server: &Server) -> Vec<Arc<Client>> {
    // A pool for each person, as each has a client of their own.
    let of = |person: &Person| {
        Client::unconnected(reqwest::Client::new(), &server.url, Some(&world.token(person)), Era::Stateless)
    };
    world.people.iter().map(|person| Arc::new(of(person))).collect()
}

/// Each person's workflows, by id.
async fn workflows(world: &World, server: &Server) -> Result<Vec<BTreeSet<String>>> {
    let mut all = Vec::new();
    for (person, client) in world.people.iter().zip(clients(world, server)) {
        let answer = client.call("workflow_list_all", json!({})).await?;
        nothing_foreign(world, person, &answer)?;
        let list = answer.structured["workflows"]
            .as_array()
            .ok_or_else(|| format!("no list: {}", answer.everything()))?;
        all.push(list.iter().filter_map(|w| w["id"].as_str()).map(String::from).collect());
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_people_with_ten_calls_each() -> Result<()> {
    let world = crowd().await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
    let server = plan.start().await?;
    let mark = world.substrate.mark().await?;

    let clients_of_all = clients(&world, &server);
    // Everybody's first call, then everybody's second: neighbours are always of different people.
    let calls = (0..CALLS).flat_map(|number| (0..PEOPLE).map(move |who| (who, number)));
    let answers: Vec<_> = stream::iter(calls)
        .map(|(who, number)| {
            let (client, (tool, arguments)) =
                (Arc::clone(&clients_of_all[who]), call(&world.people[who], number));
            async move { (who, number, client.call(tool, arguments).await) }
        })
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    assert_eq!(answers.len(), PEOPLE * CALLS);
    let mut violations = Vec::new();
    for (who, number, answer) in answers {
        let person = &world.people[who];
        let verdict = match answer {
            Ok(answer) => check(&world, person, number, &answer),
            Err(error) => Err(format!("call {number} of {} was lost: {error}", person.subject)),
        };
        violations.extend(verdict.err().map(Violation));
    }
    violations.extend(record_agrees(&world, &world.substrate.since(mark).await?));
    assert_clean("the crowd", &violations);
    for (person, client) in world.people.iter().zip(&clients_of_all) {
        let stored = json!({"s3_uri": format!("s3://{}/out/3", person.bucket)});
        let answer = client.call("bucket_object_text", stored).await?;
        assert_eq!(answer.structured["text"], person.canary, "what {} put is what is there", person.subject);
    }
    all_scopes_closed(&server, u32::try_from(PEOPLE * CALLS + PEOPLE)?).await?;

    let made: BTreeSet<String> = (0..CALLS).filter(|n| n % 5 == 2).map(|n| format!("batch-{n}")).collect();
    assert!(server.terminate().await?.success());
    let server = plan.start().await?;
    for (person, found) in world.people.iter().zip(workflows(&world, &server).await?) {
        assert_eq!(found, made, "after a restart, {}", person.subject);
    }
    what_was_acknowledged_survives_a_kill(&world, &plan, server, &made).await
}

/// Everybody makes workflows; the server is killed when half of them are acknowledged. Every acknowledged one is there
/// afterwards, and no person has what is another's.
async fn what_was_acknowledged_survives_a_kill(
    world: &World,
    plan: &Plan,
    server: Server,
    before: &BTreeSet<String>,
) -> Result<()> {
    let (told, mut acknowledgements) = mpsc::unbounded_channel();
    let mut writers = tokio::task::JoinSet::new();
    for (who, client) in clients(world, &server).into_iter().enumerate() {
        let (told, canary) = (told.clone(), world.people[who].canary.clone());
        writers.spawn(async move {
            for number in 0..CUT_SHORT {
                let id = format!("late-{number}");
                match client.call("workflow_create", json!({"workflow_id": id, "name": canary})).await {
                    Ok(answer) if !answer.is_error => told.send((who, id)).expect("the other end waits"),
                    // The server is gone.
                    _ => return,
                }
            }
        });
    }
    drop(told);
    let mut acknowledged = vec![before.clone(); PEOPLE];
    let mut count = 0;
    let mut server = Some(server);
    while let Some((who, id)) = acknowledgements.recv().await {
        acknowledged[who].insert(id);
        count += 1;
        if count >= PEOPLE * CUT_SHORT / 2
            && let Some(server) = server.take()
        {
            server.kill()?;
        }
    }
    while writers.join_next().await.is_some() {}
    assert!(server.is_none(), "only {count} writes were acknowledged, so nothing was cut short");

    let server = plan.start().await?;
    for ((person, acknowledged), found) in
        world.people.iter().zip(acknowledged).zip(workflows(world, &server).await?)
    {
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "{} lost {lost:?}", person.subject);
        // One more may have been written and not acknowledged, never two.
        assert!(found.len() <= acknowledged.len() + 1, "{} has {found:?}", person.subject);
    }
    Ok(())
}
