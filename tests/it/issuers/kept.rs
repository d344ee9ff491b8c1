//! Two people at once, by each way in which AWS credentials come with a caller's own token: whoever keeps a grant for more than its
//! bearer is caught, at S3.

use std::path::Path;

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::client::Client;
use quilt_tests::judge::{Findings, Violation, assert_caught, assert_clean};
use quilt_tests::server::Plan;
use quilt_tests::world::{Person, World};
use serde_json::json;

use super::sources::{known_at_aws, role_by_token};
use super::{Scene, catalog, roles};

const ROUNDS: usize = 3;

/// Somebody, the role whose rights are theirs, and the client that they ask with.
struct Caller<'w> {
    person: &'w Person,
    role: String,
    client: Client,
}

impl Caller<'_> {
    /// A key that names who asks for it. There is no such object.
    fn key(&self) -> String {
        format!("asked-by/{}", self.person.name())
    }

    /// Reads what is theirs, and asks in every bucket for what says who asked.
    async fn asks(&self, world: &World) -> Result<Findings> {
        let (person, mut findings) = (self.person, Findings::default());
        let read = async |uri: String| self.client.call("bucket_object_text", json!({"s3_uri": uri})).await;
        for _ in 0..ROUNDS {
            let own = read(person.first_uri()).await?;
            if !own.everything().contains(&person.canary) {
                findings.add(format!("{} does not see what is theirs: {}", person.subject, own.everything()));
            }
            for owner in &world.people {
                read(format!("s3://{}/{}", owner.bucket, self.key())).await?;
            }
            for other in world.people.iter().filter(|other| other.subject != person.subject) {
                let foreign = read(other.first_uri()).await?;
                if foreign.error_code() != Some("access_denied") {
                    findings.add(format!("{} may read of {}", person.subject, other.subject));
                }
            }
        }
        Ok(findings)
    }
}

/// All at once. At S3 the key says who asked, and the record with whose rights.
async fn each_acts_with_their_own(world: &World, callers: &[Caller<'_>]) -> Result<Vec<Violation>> {
    let mark = world.substrate.mark().await?;
    let found = try_join_all(callers.iter().map(|caller| caller.asks(world))).await?;
    let mut found: Vec<Violation> = found.into_iter().flat_map(Findings::all).collect();
    let mut findings = Findings::default();
    let entries = world.substrate.since(mark).await?;
    for caller in callers {
        let asked =
            entries.iter().filter(|entry| world.owns(entry) && entry.key.as_ref() == Some(&caller.key()));
        let roles: Vec<_> = asked.map(|entry| entry.role_arn.as_deref()).collect();
        if roles.len() < ROUNDS * world.people.len() {
            findings.add(format!("S3 was asked {} times by {}", roles.len(), caller.person.subject));
        }
        for role in roles.into_iter().filter(|role| *role != Some(&*caller.role)) {
            findings.add(format!("{} acted with the rights of {role:?}", caller.person.subject));
        }
    }
    found.extend(findings.all());
    Ok(found)
}

/// A server with this fault.
fn twin(plan: Plan, fault: &str) -> Plan {
    plan.program(Path::new(env!("CARGO_BIN_EXE_twin"))).set("QUILT_TWIN", fault)
}

/// With credentials that a registry gives to the people of one catalog, who are of one tenant.
async fn by_a_registry(fault: &'static str) -> Result<Vec<Violation>> {
    let scene = catalog::Scene::with(|world| Ok(twin(Plan::multi_tenant(world)?, fault))).await?;
    let mut callers = Vec::new();
    for (at, person) in scene.world.people.iter().enumerate() {
        callers.push(Caller { person, role: person.role_arn.clone(), client: scene.client_of(at).await? });
    }
    each_acts_with_their_own(&scene.world, &callers).await
}

/// With roles that AWS gives for the callers' own tokens, which say the same tenant.
async fn by_web_identity(fault: &'static str) -> Result<Vec<Violation>> {
    let lines = |world: &World| format!("credentials = \"web-identity\"\n{}", roles(world));
    let scene = Scene::with(lines, |plan| twin(plan, fault)).await?;
    known_at_aws(&scene).await?;
    let tenant = &scene.world.people[0].tenant;
    let mut callers = Vec::new();
    for person in &scene.world.people {
        let role = role_by_token(&scene, &Person { tenant: tenant.clone(), ..person.clone() }).await?;
        let mut claims = scene.issuer.claims(person);
        claims.insert("tenant".into(), json!(tenant));
        claims.insert("role_arn".into(), json!(role));
        let client = scene.client_with(&scene.issuer.sign("RS256", &claims)?).await?;
        callers.push(Caller { person, role, client });
    }
    each_acts_with_their_own(&scene.world, &callers).await
}

/// The sound server passes, and both broken ones are caught.
async fn judged(way: &str, run: impl AsyncFn(&'static str) -> Result<Vec<Violation>>) -> Result<()> {
    assert_clean(way, &run("none").await?);
    for fault in ["grants", "grants-of-tenant"] {
        let words = ["acted with the rights of", "does not see what is theirs", "may read of"];
        assert_caught(&format!("{way}, {fault}"), &run(fault).await?, &words);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_registry_gives_is_its_callers() -> Result<()> {
    judged("registry", by_a_registry).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_gives_for_a_token_is_its_callers() -> Result<()> {
    judged("web identity", by_web_identity).await
}
