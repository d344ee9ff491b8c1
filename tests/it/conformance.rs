//! The official conformance suite, in every protocol version, against the server and against its fixtures on the same
//! transport. What does not apply is listed with the reason, and an entry that would pass fails the test too.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use quilt_tests::Result;
use quilt_tests::conformance::{self, Check, Verdict};
use quilt_tests::server::{Plan, program};
use quilt_tests::world::{ServerRights, World, ada_and_ben};

/// The versions that the suite has scenarios for.
const VERSIONS: [&str; 3] = ["2025-06-18", "2025-11-25", "2026-07-28"];

/// Scenarios that no fixture makes applicable, and why.
const NOT_APPLICABLE: &[(&str, &str)] = &[
    ("logging-set-level", LOGS_STAY),
    ("tools-call-with-logging", LOGS_STAY),
    (
        "json-schema-2020-12",
        "schemas are made from the parameters: nobody writes one by hand, with `$defs` at its root",
    ),
    ("tools-call-image", STRUCTURED),
    ("tools-call-audio", STRUCTURED),
    ("tools-call-embedded-resource", STRUCTURED),
    ("tools-call-mixed-content", STRUCTURED),
    ("prompts-get-embedded-resource", TEXTS),
    ("prompts-get-with-image", TEXTS),
    ("resources-read-binary", "every resource is the JSON of a read-only tool"),
    ("tools-call-sampling", ASKS_NOTHING),
    ("tools-call-elicitation", ASKS_NOTHING),
    ("elicitation-sep1034-defaults", ASKS_NOTHING),
    ("elicitation-sep1330-enums", ASKS_NOTHING),
    ("resources-subscribe", SUBSCRIBES_NOTHING),
    ("resources-unsubscribe", SUBSCRIBES_NOTHING),
    ("input-required-result-basic-elicitation", ASKS_NOTHING),
    ("input-required-result-basic-sampling", ASKS_NOTHING),
    ("input-required-result-basic-list-roots", ASKS_NOTHING),
    ("input-required-result-request-state", ASKS_NOTHING),
    ("input-required-result-multiple-input-requests", ASKS_NOTHING),
    ("input-required-result-multi-round", ASKS_NOTHING),
    ("input-required-result-non-tool-request", ASKS_NOTHING),
    ("input-required-result-result-type", ASKS_NOTHING),
    ("input-required-result-tampered-state", ASKS_NOTHING),
    ("input-required-result-capability-check", ASKS_NOTHING),
];
const LOGS_STAY: &str =
    "the log belongs to the operator: the logging capability is not declared, and deprecated";
const STRUCTURED: &str = "tools answer with structured content and its text; none has pictures or sounds";
const TEXTS: &str = "prompts are texts";
const ASKS_NOTHING: &str = "no tool asks the client for input: elicitation, sampling and roots are not used";
const SUBSCRIBES_NOTHING: &str =
    "resources change with their reader's rights; subscriptions are not declared";

/// Checks within scenarios that otherwise apply.
const CHECKS_NOT_APPLICABLE: &[(&str, &str)] = &[
    ("sep-2575-server-rejects-undeclared-capability", ASKS_NOTHING),
    ("sep-2575-missing-capability-http-400", ASKS_NOTHING),
];

/// Scenarios that need nothing but a server: the product itself must pass them.
const WITHOUT_FIXTURES: &[&str] = &[
    "server-initialize",
    "server-session-lifecycle",
    "ping",
    "tools-list",
    "resources-list",
    "server-sse-polling",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
    "http-header-validation",
    "sep-2164-resource-not-found",
    "input-required-result-missing-input-response",
    "input-required-result-unsupported-methods",
    "input-required-result-ignore-extra-params",
    "input-required-result-validate-input",
];

/// What the suite holds against a server, besides what does not apply to it.
fn faults<'a>(version: &str, checks: &'a [Check], excused: impl Fn(&Check) -> bool + 'a) -> Vec<String> {
    let failed = |check: &&Check| check.verdict == Verdict::Failure;
    let say = |check: &Check| format!("{version} {}: {}: {}", check.scenario, check.id, check.message);
    checks.iter().filter(failed).filter(|check| !excused(check)).map(say).collect()
}

fn not_applicable(check: &Check) -> bool {
    NOT_APPLICABLE.iter().any(|(scenario, _)| *scenario == check.scenario)
        || CHECKS_NOT_APPLICABLE.iter().any(|(id, _)| *id == check.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_product_passes_what_needs_no_fixture() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let key = world.key_of(world.person("ada")).await?;
    let server = Plan::single_user(&world, &key)?.http().set("QUILT_MCP_SESSIONS", "true").start().await?;
    let mut ran = BTreeSet::new();
    for version in VERSIONS {
        let checks = conformance::run(&server.url, version)?;
        let faults = faults(version, &checks, |check| !WITHOUT_FIXTURES.contains(&check.scenario.as_str()));
        assert!(faults.is_empty(), "{faults:#?}");
        ran.extend(
            checks.into_iter().filter(|check| check.verdict == Verdict::Success).map(|check| check.scenario),
        );
    }
    let silent: Vec<_> = WITHOUT_FIXTURES.iter().filter(|name| !ran.contains(**name)).collect();
    assert!(silent.is_empty(), "no check of these passed in any version: {silent:?}");
    Ok(())
}

/// The process, which ends when it is dropped, and its address.
fn fixtures() -> Result<(Child, String)> {
    let mut process = Command::new(program("conformance-fixtures")?)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut url = String::new();
    BufReader::new(process.stdout.take().ok_or("piped")?).read_line(&mut url)?;
    Ok((process, url.trim().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transport_passes_every_scenario_that_applies() -> Result<()> {
    let (_process, url) = fixtures()?;
    let mut excuses = BTreeSet::new();
    for version in VERSIONS {
        let checks = conformance::run(&url, version)?;
        let faults = faults(version, &checks, not_applicable);
        assert!(faults.is_empty(), "{faults:#?}");
        for check in checks.iter().filter(|check| check.verdict == Verdict::Failure) {
            excuses.insert(check.scenario.clone());
            excuses.insert(check.id.clone());
        }
    }
    let listed = NOT_APPLICABLE.iter().chain(CHECKS_NOT_APPLICABLE);
    let stale: Vec<_> = listed.filter(|(name, _)| !excuses.contains(*name)).collect();
    assert!(stale.is_empty(), "these pass, or are gone: take them off the list: {stale:#?}");
    Ok(())
}
