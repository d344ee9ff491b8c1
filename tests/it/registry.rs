//! The Quilt registry: asked with the caller's own token and no other, and what happens when it does not answer as it should.

mod administration;
mod browsing;
mod callers;
mod catalog;
mod double;
mod faults;
mod issuers;
mod stock;
mod vouched;

use std::collections::BTreeMap;

use quilt_tests::Result;
use quilt_tests::catalog::digest;
use quilt_tests::judge::Findings;
use quilt_tests::registry::{Mark, Registry};
use quilt_tests::server::Plan;
use quilt_tests::world::{Person, ServerRights, Wanted, World, ada_and_ben};

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

/// How often the registry was asked for what by whom since then, of those to whom these tokens belong. A token that belongs to nobody
/// of them, or to somebody else than it names, is a finding.
async fn asked_by(
    bearers: &[(&Person, &str)],
    registry: &Registry,
    issuer: &str,
    mark: Mark,
    findings: &mut Findings,
) -> Result<BTreeMap<(String, String), usize>> {
    let whose: BTreeMap<String, &str> =
        bearers.iter().map(|(person, token)| (digest(token), person.subject.as_str())).collect();
    let mut times = BTreeMap::new();
    for asked in registry.asked_by(issuer, mark).await? {
        match asked.token_sha256.as_ref().and_then(|digest| whose.get(digest)) {
            Some(&subject) if asked.subject.as_deref() == Some(subject) => {
                *times.entry((subject.to_owned(), asked.operation)).or_default() += 1;
            }
            _ => findings.add(format!("the registry was shown a token of nobody who asked: {asked:?}")),
        }
    }
    Ok(times)
}
