//! Two people, two roles, one server, the official client: own data is given, the other's is refused, in every order.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::client::python::{self, Script};
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::judge::{Findings, Violation, assert_clean, record_agrees};
use quilt_tests::server::{Plan, Server};
use quilt_tests::substrate::Entry;
use quilt_tests::world::{Person, ServerRights, Wanted, World, ada_and_ben};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::stage::Stage;
use crate::tools::{self, Case, S3_OF_REGISTRY, Turn, Verdict};

/// How the cases are played.
#[derive(Clone, Copy)]
pub(crate) struct Play<'p> {
    /// Of the Python client: `auto`, `legacy` or a protocol version.
    pub(crate) mode: &'p str,
    /// How many calls are under way at once.
    pub(crate) together: usize,
    /// Different for each play on one server.
    pub(crate) round: &'p str,
}

/// One after the other, and then all at once.
pub(crate) async fn each_tool_keeps_to_its_caller(
    world: &World,
    server: &Server,
    cases: &[&Case],
) -> Result<Vec<Violation>> {
    let mut violations = play(world, server, cases, Play { mode: "auto", together: 1, round: "one" }).await?;
    violations.extend(play(world, server, cases, Play { mode: "auto", together: 16, round: "all" }).await?);
    Ok(violations)
}

/// The client checks each answer against the output schema of its tool. Plays each case for each pair of people: everybody else
/// asks for what is the owner's, then the owner does.
pub(crate) async fn play(
    world: &World,
    server: &Server,
    cases: &[&Case],
    how: Play<'_>,
) -> Result<Vec<Violation>> {
    play_between(world, server, cases, how, &pairs(world)).await
}

/// Who asks, and for whose: everybody else for what is an owner's, then the owner.
pub(crate) fn pairs(world: &World) -> Vec<(&Person, &Person)> {
    let mut pairs = Vec::new();
    for owner in &world.people {
        let others = world.people.iter().filter(|asker| asker.subject != owner.subject);
        pairs.extend(others.chain([owner]).map(|asker| (asker, owner)));
    }
    pairs
}

/// The same for some of them, and each asks for what is their own: where there are too many pairs.
pub(crate) async fn play_own(
    world: &World,
    server: &Server,
    cases: &[&Case],
    how: Play<'_>,
    people: &[Person],
) -> Result<Vec<Violation>> {
    let pairs: Vec<_> = people.iter().map(|person| (person, person)).collect();
    play_between(world, server, cases, how, &pairs).await
}

/// `pairs`: who asks, and for whose.
async fn play_between(
    world: &World,
    server: &Server,
    cases: &[&Case],
    how: Play<'_>,
    pairs: &[(&Person, &Person)],
) -> Result<Vec<Violation>> {
    let mark = world.substrate.mark().await?;
    let mut findings = Findings::default();
    let mut owners: Vec<&Person> = Vec::new();
    for (_, owner) in pairs {
        if !owners.iter().any(|known| known.subject == owner.subject) {
            owners.push(owner);
        }
    }
    for outcome in prepare(world, server, cases, how.round, &owners).await? {
        findings.check(outcome);
    }
    let mut turns = Vec::new();
    let mut script = connected(world, server, how.mode).concurrently(how.together);
    for case in cases {
        for &(asker, owner) in pairs {
            let turn = Turn { asker, owner, round: how.round };
            script = script.call(&asker.subject, case.tool, &(case.ask)(&turn));
            turns.push((*case, turn));
        }
    }
    let outcomes = script.play().await?;
    let mut answers = Vec::new();
    for ((case, turn), outcome) in turns.iter().zip(outcomes) {
        match python::answer(outcome) {
            Ok(answer) => {
                findings.check(case.judge(world, turn, &answer));
                answers.push((turn, answer));
            }
            Err(what) => findings.add(format!("{} for {}: no answer: {what}", case.tool, turn.asker.subject)),
        }
    }
    let entries = world.substrate.since(mark).await?;
    for (turn, answer) in &answers {
        for what in bad_links(world, turn.asker, answer, &entries).await? {
            findings.add(what);
        }
    }
    let mut violations = findings.all();
    violations.extend(record_agrees(world, &entries));
    Ok(violations)
}

fn connected(world: &World, server: &Server, mode: &str) -> Script {
    let connect = |script: Script, person: &Person| {
        script.over_http(&person.subject, &server.url, &world.token(person), mode)
    };
    world.people.iter().fold(Script::new(), connect)
}

/// What owners do first: all of them at once, each in order.
async fn prepare(
    world: &World,
    server: &Server,
    cases: &[&Case],
    round: &str,
    owners: &[&Person],
) -> Result<Vec<Verdict>> {
    let each = owners.iter().map(|&owner| async move {
        let client = Client::connect(&server.url, &world.token(owner), Era::Stateless).await?;
        let own = Turn { asker: owner, owner, round };
        Result::<_>::Ok(tools::prepare(&client, cases, &own).await)
    });
    Ok(try_join_all(each).await?.concat())
}

/// Tries every signed link in an answer with plain HTTP. It must be signed with a key of the caller's, and give what is the
/// caller's and nothing else. One that the registry signed must be to what is the caller's.
async fn bad_links(world: &World, asker: &Person, answer: &Answer, entries: &[Entry]) -> Result<Vec<String>> {
    let roles: BTreeMap<&str, &str> = entries
        .iter()
        .filter_map(|e| e.issued.as_ref())
        .map(|i| (i.access_key_id.as_str(), i.role_arn.as_str()))
        .collect();
    let mut bad = Vec::new();
    for link in links(&answer.structured) {
        if link.contains(S3_OF_REGISTRY) {
            if !link.starts_with(&format!("https://{}{S3_OF_REGISTRY}", asker.bucket)) {
                bad.push(format!(
                    "{} has a link of the registry's to what is another's: {link}",
                    asker.subject
                ));
            }
            continue;
        }
        let key = link
            .split("X-Amz-Credential=")
            .nth(1)
            .and_then(|rest| rest.split(['%', '/', '&']).next())
            .unwrap_or_default();
        if roles.get(key) != Some(&asker.role_arn.as_str()) {
            bad.push(format!(
                "a link for {} is signed with {key}, a key of {:?}",
                asker.subject,
                roles.get(key)
            ));
        }
        let response = reqwest::get(&link).await?;
        let (status, body) = (response.status(), response.text().await?);
        let own = link.contains(&format!("/{}/", asker.bucket));
        if own && (status != StatusCode::OK || !body.contains(&asker.canary)) {
            bad.push(format!("a link of {} to their own object gives {status}: {body}", asker.subject));
        }
        if !own && status != StatusCode::FORBIDDEN {
            bad.push(format!("a link for {} to the object of another gives {status}: {body}", asker.subject));
        }
    }
    let foreign = world
        .people
        .iter()
        .filter(|p| p.subject != asker.subject)
        .any(|p| answer.everything().contains(&p.canary));
    if foreign {
        bad.push(format!("the answer to {} holds data of another", asker.subject));
    }
    Ok(bad)
}

fn links(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.contains("X-Amz-Signature=") => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(links).collect(),
        Value::Object(fields) => fields.values().flat_map(links).collect(),
        _ => Vec::new(),
    }
}

/// Every way in which a token for `ada` can be no good.
pub(crate) fn bad_tokens(world: &World, ada: &Person, ben: &Person) -> Vec<(&'static str, Option<String>)> {
    let mint = &world.mint;
    vec![
        ("no token", None),
        ("an expired token", Some(mint.expired(ada))),
        ("a token signed by somebody else", Some(mint.foreign(ada))),
        ("a token with another's claims", Some(mint.tampered(ben, ada))),
        ("a token without a signature", Some(mint.unsigned(ada))),
        ("a word that is no token", Some("bearer-of-good-news".into())),
    ]
}

async fn stage_for_all_tools() -> Result<Stage> {
    Stage::start_in(tools::world(ServerRights::Everything).await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_keeps_to_its_caller_in_the_stateless_protocol() -> Result<()> {
    let stage = stage_for_all_tools().await?;
    let play_as = Play { mode: "2026-07-28", together: 1, round: "stateless" };
    assert_clean("stateless", &play(&stage.world, &stage.server, &tools::cases(), play_as).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_keeps_to_its_caller_in_the_older_protocol() -> Result<()> {
    let stage = stage_for_all_tools().await?;
    let play_as = Play { mode: "legacy", together: 1, round: "legacy" };
    assert_clean("legacy", &play(&stage.world, &stage.server, &tools::cases(), play_as).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_keeps_to_its_caller_when_all_call_at_once() -> Result<()> {
    let stage = stage_for_all_tools().await?;
    let play_as = Play { mode: "auto", together: 16, round: "together" };
    assert_clean("together", &play(&stage.world, &stage.server, &tools::cases(), play_as).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_keeps_to_its_caller_within_sessions() -> Result<()> {
    let world = tools::world(ServerRights::Everything).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_SESSIONS", "true");
    let stage = Stage::start(world, plan).await?;
    let play_as = Play { mode: "legacy", together: 16, round: "sessions" };
    assert_clean("sessions", &play(&stage.world, &stage.server, &tools::cases(), play_as).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_of_use_only_to_who_opened_it() -> Result<()> {
    let change = |plan: Plan| plan.set("QUILT_MCP_SESSIONS", "true");
    let stage = Stage::planned(ada_and_ben(), ServerRights::Everything, change).await?;
    let ada = stage.client_in("ada", Era::Initialize).await?;
    let ben = stage.client_in("ben", Era::Initialize).await?;
    let session = ada.session().ok_or("a server with sessions gives one")?;
    assert_ne!(Some(session), ben.session());

    let intruder = ben.on_session(session);
    for owner in ["ada", "ben"] {
        let uri = json!({"s3_uri": stage.person(owner).first_uri()});
        let refused = intruder.call("bucket_object_text", uri).await.err().and_then(|error| error.status());
        assert_eq!(refused, Some(StatusCode::NOT_FOUND), "ben asked for what is {owner}'s on ada's session");
    }
    assert_eq!(intruder.delete_session().await?, StatusCode::NOT_FOUND);

    let answer = ada.call("bucket_object_text", json!({"s3_uri": stage.person("ada").first_uri()})).await?;
    assert!(
        answer.everything().contains(&stage.person("ada").canary),
        "ada's session did not survive: {}",
        answer.everything()
    );
    Ok(())
}

/// Each tool, in both directions, with the official client: on another's session there is nothing, whoever's data is
/// asked for, and nothing of it gets as far as AWS.
#[tokio::test(flavor = "multi_thread")]
async fn no_tool_is_to_be_had_on_anothers_session() -> Result<()> {
    let world = tools::world(ServerRights::Everything).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_SESSIONS", "true");
    let stage = Stage::start(world, plan).await?;
    let world = &stage.world;
    let pairs = [("ada", "ben"), ("ben", "ada")].map(|(one, other)| (world.person(one), world.person(other)));

    let mark = world.substrate.mark().await?;
    let mut script = connected(world, &stage.server, "legacy");
    let mut intrusions = Vec::new();
    for case in tools::cases() {
        for (intruder, host) in pairs {
            for owner in [intruder, host] {
                let turn = Turn { asker: intruder, owner, round: "swapped" };
                script = script.intrude(&intruder.subject, &host.subject, case.tool, &(case.ask)(&turn));
                intrusions.push((case.tool, turn));
            }
        }
    }
    // Afterwards each is well on their own session: in the same processes, on the same connections.
    for person in &world.people {
        let own = json!({"s3_uri": person.first_uri()});
        script = script.call(&person.subject, "bucket_object_text", &own);
    }
    let mut outcomes = script.play().await?;
    let afterwards = outcomes.split_off(intrusions.len());
    let mut findings = Findings::default();
    for ((tool, turn), outcome) in intrusions.iter().zip(outcomes) {
        let intrusion = python::intrusion(outcome)?;
        if intrusion.statuses != [404] {
            findings.add(format!("{tool} for {} on another's session: {intrusion:?}", turn.asker.subject));
        }
    }
    assert_clean("swapped sessions", &findings.all());
    for (person, outcome) in world.people.iter().zip(afterwards) {
        let answer = python::answer(outcome)?;
        assert!(answer.everything().contains(&person.canary), "{}", answer.everything());
    }
    // What reached AWS are the two readings at the end: an exchange and an object each.
    let entries = world.substrate.since(mark).await?;
    let reached: Vec<_> = entries
        .iter()
        .filter(|entry| world.owns(entry))
        .map(|entry| (entry.role().and_then(|role| world.whose_role(role)), entry.action.as_deref()))
        .map(|(person, action)| (person.map(Person::name), action))
        .collect();
    let expected =
        ["ada", "ben"].map(|name| [(Some(name), Some("sts:AssumeRole")), (Some(name), Some("s3:GetObject"))]);
    assert_eq!(reached, expected.concat());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_list_and_not_read_gets_no_working_link() -> Result<()> {
    let people = [Wanted::new("acme", "ada"), Wanted::new("acme", "cleo").who_lists("ada")];
    let stage = Stage::of(people, ServerRights::Everything).await?;
    let (ada, cleo) = (stage.person("ada"), stage.person("cleo"));
    let mark = stage.world.substrate.mark().await?;
    let client = stage.client("cleo").await?;
    let listing = client
        .call("bucket_objects_list", json!({"bucket": ada.bucket, "include_signed_urls": true}))
        .await?;
    assert!(!listing.is_error && listing.everything().contains(&ada.first_key()), "{}", listing.everything());
    let link = client.call("bucket_object_link", json!({"s3_uri": ada.first_uri()})).await?;
    let entries = stage.world.substrate.since(mark).await?;
    for answer in [&listing, &link] {
        assert_eq!(bad_links(&stage.world, cleo, answer, &entries).await?, Vec::<String>::new());
    }
    let text = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    assert_eq!(text.error_code(), Some("access_denied"), "{}", text.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_subject_at_two_tenants_is_two_people() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, ben) = (stage.person("ada"), stage.person("ben"));
    // Ben's tenant and role, and the subject of ada: nothing of hers.
    let impostor = stage.world.mint.claims(ben).with("sub", json!(ada.subject)).signed();
    let impostor = Client::connect(&stage.server.url, &impostor, Era::Stateless).await?;
    let created = stage
        .client("ada")
        .await?
        .call("workflow_create", json!({"workflow_id": "w", "name": ada.canary}))
        .await?;
    assert!(!created.is_error, "{}", created.everything());
    assert_eq!(
        impostor.call("workflow_get_status", json!({"id": "w"})).await?.error_code(),
        Some("not_found")
    );
    let read = impostor.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    assert_eq!(read.error_code(), Some("access_denied"), "{}", read.everything());
    Ok(())
}
