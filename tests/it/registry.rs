//! The Quilt registry: asked with the caller's own token and no other, and what happens when it does not answer as it should.

mod administration;
mod browsing;
mod callers;
mod catalog;
mod double;
mod faults;
mod issuers;
mod stock;

use quilt_tests::Result;
use quilt_tests::registry::Registry;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, Wanted, World, ada_and_ben};

use crate::stage::Stage;

/// Ada and ben with accounts, and a server that waits for the registry as long as `timeout` says.
async fn stage(timeout: &str) -> Result<Stage> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.at(Registry::shared()?).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_REGISTRY_TIMEOUT", timeout);
    Stage::start(world, plan).await
}

/// So many people with accounts, each of another tenant.
async fn crowd(people: usize) -> Result<World> {
    let wanted = |number| Wanted::new(&format!("tenant-{number}"), &format!("p{number}")).with_objects(0);
    World::of((0..people).map(wanted), ServerRights::OnlyExchange).await?.at(Registry::shared()?).await
}
