//! Every tool three times: the owner gets what is theirs, a bad token gets nothing, another person gets nothing of it.
//!
//! A tool is described once, as a [`Case`]; the scenarios of `isolation` and `twins` play the same cases.

mod admin;
mod athena;
mod buckets;
mod catalog;
mod changes;
mod metadata;
mod packages;
mod permissions;
mod resources;
mod search;
mod status;
mod summaries;
mod tabulator;
mod visualization;
mod workflow;

use std::collections::BTreeSet;

use quilt_tests::Result;
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::judge::{Violation, assert_clean, nothing_foreign};
use quilt_tests::registry::Registry;
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{Person, ServerRights, Wanted, World, ada_and_ben_with_packages};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::isolation;
use crate::stage::Stage;

/// What a check finds wrong, in words.
pub(crate) type Verdict = std::result::Result<(), String>;

/// How one tool is to behave towards the owner of something and towards others.
pub(crate) struct Case {
    pub(crate) tool: &'static str,
    /// What the owner does first, so that there is something to ask for.
    pub(crate) before: fn(&Turn<'_>) -> Vec<(&'static str, Value)>,
    /// The arguments when `asker` asks for what is `owner`'s.
    pub(crate) ask: fn(&Turn<'_>) -> Value,
    /// Whether the owner got what is theirs.
    pub(crate) own: fn(&Turn<'_>, &Answer) -> Verdict,
    /// What anybody else must get.
    pub(crate) other: Other,
}

/// Who asks for whose.
#[derive(Clone, Copy)]
pub(crate) struct Turn<'w> {
    pub(crate) asker: &'w Person,
    pub(crate) owner: &'w Person,
    /// Different in each play of the cases on one server, to keep names apart.
    pub(crate) round: &'w str,
}

/// What somebody gets who asks for what is another's.
#[derive(Clone, Copy)]
pub(crate) enum Other {
    /// The endpoint refuses, and the tool says so: `access_denied`.
    Refused,
    /// For this caller it is not there: `not_found`.
    NotThere,
    /// An answer about the caller alone; what else must hold.
    OwnAnswer(fn(&Turn<'_>, &Answer) -> Verdict),
}

impl Turn<'_> {
    /// A name for something of the owner's.
    pub(crate) fn named(&self, what: &str) -> String {
        format!("{}-{what}-{}", self.round, self.owner.name())
    }
}

/// Nothing is needed first.
pub(crate) fn nothing(_: &Turn<'_>) -> Vec<(&'static str, Value)> {
    Vec::new()
}

/// That it is an answer is enough.
pub(crate) fn anything(_: &Turn<'_>, _: &Answer) -> Verdict {
    Ok(())
}

pub(crate) fn require(holds: bool, what: &str, answer: &Answer) -> Verdict {
    if holds { Ok(()) } else { Err(format!("{what}: {}", answer.everything())) }
}

/// What an owner does before anybody asks, of all these cases, in order; how each of it went.
pub(crate) async fn prepare(client: &Client, cases: &[&Case], own: &Turn<'_>) -> Vec<Verdict> {
    let mut outcomes = Vec::new();
    for (tool, arguments) in cases.iter().flat_map(|case| (case.before)(own)) {
        outcomes.push(match client.call(tool, arguments).await {
            Ok(answer) if answer.is_error => {
                Err(format!("the preparation by {tool} failed: {}", answer.everything()))
            }
            Ok(_) => Ok(()),
            Err(error) => Err(format!("no answer to the preparation by {tool}: {error}")),
        });
    }
    outcomes
}

/// All cases, in the order of the tools in `quilt-mcp/src/tools.rs`.
pub(crate) fn cases() -> Vec<&'static Case> {
    let groups = [
        buckets::CASES,
        packages::CASES,
        changes::CASES,
        summaries::CASES,
        visualization::CASES,
        metadata::CASES,
        search::CASES,
        catalog::CASES,
        athena::CASES,
        permissions::CASES,
        workflow::CASES,
        tabulator::CASES,
        admin::CASES,
        status::CASES,
        resources::CASES,
    ];
    groups.into_iter().flatten().collect()
}

impl Case {
    /// Whether the answer is what this turn must get. What belongs to a third person is wrong in any case.
    pub(crate) fn judge(&self, world: &World, turn: &Turn<'_>, answer: &Answer) -> Verdict {
        nothing_foreign(world, turn.asker, answer).map_err(|what| format!("{}: {what}", self.tool))?;
        self.judge_kind(turn, answer).map_err(|what| {
            format!("{} for {} about what is {}'s: {what}", self.tool, turn.asker.subject, turn.owner.subject)
        })
    }

    fn judge_kind(&self, turn: &Turn<'_>, answer: &Answer) -> Verdict {
        let failed_with = |code: &str| {
            let as_wanted = answer.is_error && answer.error_code() == Some(code);
            require(
                as_wanted && answer.request_id().is_some(),
                &format!("not refused with {code} and a request id"),
                answer,
            )
        };
        match self.other {
            _ if turn.asker.subject == turn.owner.subject => {
                succeeded(answer)?;
                (self.own)(turn, answer)
            }
            Other::Refused => failed_with("access_denied"),
            Other::NotThere => failed_with("not_found"),
            Other::OwnAnswer(check) => {
                succeeded(answer)?;
                check(turn, answer)
            }
        }
    }
}

fn succeeded(answer: &Answer) -> Verdict {
    let well = !answer.is_error && answer.structured["success"] == true;
    require(well, "it failed", answer)?;
    // Clients without structured content read the text.
    let text: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    require(text == answer.structured, "text and structured content differ", answer)
}

/// Who the cases are played by: ada and ben, with packages, and as administrators of a registry whose index knows their
/// first objects.
pub(crate) async fn world(rights: ServerRights) -> Result<World> {
    world_of(Substrate::of("tools")?, ada_and_ben_with_packages(), rights).await
}

/// The same for others, who need packages too.
pub(crate) async fn world_of(
    substrate: &'static Substrate,
    people: impl IntoIterator<Item = Wanted>,
    rights: ServerRights,
) -> Result<World> {
    let world = World::on(substrate, people, rights).await?;
    let registry = Registry::shared()?;
    let world = world.administering(registry).await?;
    for person in &world.people {
        let object = json!({"key": person.first_key(), "size": 1, "s3_tags": person.canary});
        let details = json!({"index": person.bucket, "documents": [object]});
        registry.tell_of(&world.mint.issuer, "documents", details).await?;
        fill_at_registry(registry, &world.mint.issuer, person).await?;
    }
    Ok(world)
}

/// The registry knows where the files of a person's package are.
pub(crate) async fn fill_at_registry(registry: &Registry, issuer: &str, person: &Person) -> Result<()> {
    let package = person.package();
    let scope = format!("quilt+s3://{}#package={}@{}", person.bucket, package.name, package.latest);
    let files: serde_json::Map<String, Value> = ["notes/note-1.txt", "notes/note-2.txt"]
        .into_iter()
        .map(|key| (key.to_owned(), link_of_registry(person, key).into()))
        .collect();
    registry.tell_of(issuer, "contents", json!({"scope": scope, "files": files})).await
}

/// In the links that the registry signs. Nobody can follow them.
pub(crate) const S3_OF_REGISTRY: &str = ".s3.example.com/";

/// A link that the registry signed.
pub(crate) fn link_of_registry(person: &Person, key: &str) -> String {
    format!("https://{}{S3_OF_REGISTRY}{key}?X-Amz-Expires=900&X-Amz-Signature=0f", person.bucket)
}

/// A stage for cases. Some tools ask about every bucket of the account, so there must not be many.
async fn stage() -> Result<Stage> {
    Stage::start_in(world(ServerRights::Everything).await?).await
}

/// The happy and the isolated case of each tool.
async fn keeps_to_its_caller(cases: &[Case]) -> Result<()> {
    let stage = stage().await?;
    let cases: Vec<&Case> = cases.iter().collect();
    let violations = isolation::each_tool_keeps_to_its_caller(&stage.world, &stage.server, &cases).await?;
    assert_clean("tools keep to their callers", &violations);
    Ok(())
}

/// The denied case of each tool: without a good token nothing happens, neither here nor at the endpoint.
async fn refuses_bad_tokens(cases: &[Case]) -> Result<()> {
    let stage = stage().await?;
    let (world, ada) = (&stage.world, stage.person("ada"));
    let bad = isolation::bad_tokens(world, ada, stage.person("ben"));
    let mark = world.substrate.mark().await?;
    let mut violations = Vec::new();
    for case in cases {
        let turn = Turn { asker: ada, owner: ada, round: "denied" };
        for (what, token) in &bad {
            let client = Client::unconnected(
                reqwest::Client::new(),
                &stage.server.url,
                token.as_deref(),
                Era::Stateless,
            );
            let status =
                client.call(case.tool, (case.ask)(&turn)).await.err().and_then(|error| error.status());
            if status != Some(StatusCode::UNAUTHORIZED) {
                violations.push(Violation(format!("{} with {what} was answered with {status:?}", case.tool)));
            }
        }
    }
    for entry in world.substrate.since(mark).await?.iter().filter(|entry| world.owns(entry)) {
        violations.push(Violation(format!("a bad token led to a request at the endpoint: {entry:?}")));
    }
    assert_clean("tools refuse bad tokens", &violations);
    Ok(())
}

/// A tool without a case is a tool without a proof.
#[tokio::test(flavor = "multi_thread")]
async fn every_tool_has_a_case() -> Result<()> {
    let stage = stage().await?;
    let listed: BTreeSet<String> = stage.client("ada").await?.tools().await?.into_iter().collect();
    let covered: BTreeSet<String> = cases().into_iter().map(|case| case.tool.to_owned()).collect();
    assert_eq!(listed, covered, "left: what the server lists; right: what has a case");
    Ok(())
}
