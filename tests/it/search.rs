//! Searching at the registry: with the caller's own token, what the caller may see, all of it and nothing else.

mod callers;
mod faults;
mod pages;

use quilt_tests::Result;
use quilt_tests::client::{Answer, Client};
use quilt_tests::registry::Registry;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use crate::stage::Stage;

/// Ada and ben with accounts at a registry.
async fn stage() -> Result<(Stage, &'static Registry)> {
    let registry = Registry::shared()?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.at(registry).await?;
    Ok((Stage::start_in(world).await?, registry))
}

/// Puts documents into an index.
async fn index(world: &World, registry: &Registry, name: &str, documents: Vec<Value>) -> Result<()> {
    let details = json!({"index": name, "documents": documents});
    registry.tell_of(&world.mint.issuer, "documents", details).await
}

async fn search(client: &Client, arguments: Value) -> Result<Answer> {
    Ok(client.call("search_catalog", arguments).await?)
}

/// The names of what was found, in order.
fn names(answer: &Answer) -> Vec<&str> {
    answer.structured["results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|hit| hit["name"].as_str())
        .collect()
}
