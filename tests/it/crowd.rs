//! Twenty tenants, every tool, all at once, with the official client.
//!
//! Whatever reaches the registry, its search, Athena, S3 or STS is in the name of who asked, as the server's log says who did; and
//! nobody reads what is another's.

use std::path::Path;

use quilt_tests::Result;
use quilt_tests::judge::{
    Violation, assert_clean, everybody_was_everywhere, log_agrees, record_agrees, registry_agrees,
};
use quilt_tests::server::{Plan, Server};
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{ServerRights, Wanted, World};

use crate::isolation::{Play, play_own};
use crate::tools;
use crate::twins::assert_caught;

const TENANTS: usize = 20;
/// How many are enough to mix up.
const FEW: usize = 4;
/// How many calls are under way at any time: two of everybody.
const EACH: usize = 2;

/// One person a tenant, with everything that the cases of the tools need. Some tools ask about every bucket at the endpoint, so
/// the twins' people have one of their own.
async fn crowd(tenants: usize, endpoint: &'static str) -> Result<World> {
    let wanted = |n: usize| Wanted::new(&format!("t{n:02}"), &format!("p{n:02}")).with_package();
    tools::world_of(Substrate::of(endpoint)?, (0..tenants).map(wanted), ServerRights::Everything).await
}

/// Everybody uses every tool for what is theirs, and then all records are read. Somebody is first, and alone: what a server
/// keeps for the process is theirs by then.
async fn everybody_uses_everything(world: &World, server: Server) -> Result<Vec<Violation>> {
    let registry = world.registry.ok_or("a crowd is at a registry")?;
    let (at_aws, at_registry) = (world.substrate.mark().await?, registry.mark().await?);
    let (people, cases) = (world.people.as_slice(), tools::cases());
    let mut found = Vec::new();
    for (round, people) in [("first", &people[..1]), ("crowd", people)] {
        let how = Play { mode: "2026-07-28", together: EACH * people.len(), round };
        found.extend(play_own(world, &server, &cases, how, people).await?);
    }
    // The log is whole when the server has ended.
    let log = server.log.clone();
    server.terminate().await?;
    log.closed().await;
    let (entries, asked) = (world.substrate.since(at_aws).await?, registry.since(at_registry).await?);
    found.extend(record_agrees(world, &entries));
    found.extend(log_agrees(world, &log, &entries));
    found.extend(registry_agrees(world, &log, &asked));
    found.extend(everybody_was_everywhere(world, &entries, &asked));
    Ok(found)
}

/// What is found about the twin with this fault.
async fn findings_about(fault: &str) -> Result<Vec<Violation>> {
    let world = crowd(FEW, "few").await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let server = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", fault).start().await?;
    everybody_uses_everything(&world, server).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_of_twenty_tenants_at_once_acts_for_its_caller() -> Result<()> {
    let world = crowd(TENANTS, "crowd").await?;
    let server = Plan::multi_tenant(&world)?.start().await?;
    assert_clean("twenty tenants", &everybody_uses_everything(&world, server).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_twin_mixes_nobody_up() -> Result<()> {
    assert_clean("the sound twin", &findings_about("none").await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_session_is_caught() -> Result<()> {
    let found = findings_about("session").await?;
    assert_caught("one session with the registry", &found, "was asked with the token of");
    assert_caught("one session with the registry", &found, "api/search was asked with the token of");
    assert_caught("one session with the registry", &found, "never asked at the registry");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_workgroup_cache_is_caught() -> Result<()> {
    let found = findings_about("workgroups").await?;
    assert_caught("a shared workgroup cache", &found, "athena_query_execute for");
    assert_caught("a shared workgroup cache", &found, "tabulator_bucket_query for");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_without_context_is_caught() -> Result<()> {
    let found = findings_about("thread").await?;
    assert_caught("who asks in a variable of the thread", &found, "acted as");
    assert_caught("who asks in a variable of the thread", &found, "was asked with the token of");
    Ok(())
}
