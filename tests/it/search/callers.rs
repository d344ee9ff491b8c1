//! Whose documents are found, and with whose token.

use std::path::Path;

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::judge::{Findings, Violation, assert_caught, assert_clean};
use quilt_tests::registry::Registry;
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{ServerRights, Wanted, World};
use serde_json::json;

use super::index;

const ROUNDS: usize = 3;

/// So many people, each with documents about the same thing.
async fn crowd(people: usize) -> Result<World> {
    let registry = Registry::shared()?;
    let wanted = |number| Wanted::new(&format!("tenant-{number}"), &format!("p{number}")).with_objects(0);
    let world = World::of((0..people).map(wanted), ServerRights::OnlyExchange).await?.at(registry).await?;
    for person in &world.people {
        let file = json!({"key": format!("sleep/{}.csv", person.canary), "size": 10, "ext": ".csv"});
        index(&world, registry, &person.bucket, vec![file]).await?;
        let package = json!({"ptr_name": format!("sleep/{}", person.name()), "ptr_tag": "latest"});
        index(&world, registry, &format!("{}_packages", person.bucket), vec![package]).await?;
    }
    Ok(world)
}

/// Everybody searches for the same thing at once, everywhere and in somebody else's bucket.
async fn each_finds_their_own(world: &World, server: &Server) -> Result<Vec<Violation>> {
    let registry = world.registry.ok_or("this world is at a registry")?;
    let mark = registry.mark().await?;
    let people = &world.people;
    let calls = people.iter().enumerate().map(|(at, person)| async move {
        let client = Client::connect(&server.url, &world.token(person), Era::Stateless).await?;
        let next = &people[(at + 1) % people.len()];
        let mut answers = Vec::new();
        for _ in 0..ROUNDS {
            let everywhere = json!({"query": "sleep", "scope": "global"});
            answers.push((person, None, client.call("search_catalog", everywhere).await?));
            let elsewhere = json!({"query": "sleep", "bucket": next.bucket});
            let refused = client.call("search_catalog", elsewhere).await?;
            answers.push((person, Some("access_denied"), refused));
        }
        Ok::<_, quilt_tests::Trouble>(answers)
    });
    let mut findings = Findings::default();
    for (person, refusal, answer) in try_join_all(calls).await?.into_iter().flatten() {
        let everything = answer.everything();
        if answer.error_code() != refusal {
            findings.add(format!("{} is not answered as they should be: {everything}", person.subject));
        }
        if !answer.is_error && answer.structured["total_results"] != 2 {
            findings.add(format!("{} does not find just their own: {everything}", person.subject));
        }
        if !answer.is_error && !everything.contains(&person.canary) {
            findings.add(format!("{} does not find what is theirs: {everything}", person.subject));
        }
        for other in people.iter().filter(|other| other.subject != person.subject) {
            if everything.contains(&other.canary) {
                findings.add(format!("{} finds what is of {}: {everything}", person.subject, other.subject));
            }
        }
    }
    let asked = registry.asked_by(&world.mint.issuer, mark).await?;
    for person in people {
        let own = asked.iter().filter(|asked| {
            asked.operation == "api/search" && asked.subject.as_ref() == Some(&person.subject)
        });
        let times = own.count();
        if times != 2 * ROUNDS {
            findings.add(format!("the index was asked {times} times for {}", person.subject));
        }
    }
    Ok(findings.all())
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_finds_their_own_and_nothing_of_another() -> Result<()> {
    let world = crowd(12).await?;
    let server = Plan::multi_tenant(&world)?.start().await?;
    assert_clean("searches", &each_finds_their_own(&world, &server).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn searching_with_the_first_callers_session_is_caught() -> Result<()> {
    let world = crowd(4).await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let sound = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "none").start().await?;
    assert_clean("the sound twin", &each_finds_their_own(&world, &sound).await?);
    let shared = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "session").start().await?;
    let found = each_finds_their_own(&world, &shared).await?;
    let words = ["finds what is of", "does not find what is theirs", "the index was asked 0 times"];
    assert_caught("one session", &found, &words);
    Ok(())
}
