//! The alerts and the dashboard in `ops/`: they name what there is, each alert is raised by its fault and by nothing near it,
//! and a real Prometheus raises the one that matters most for a scope that is not let go, and none in a clean run.
//!
//! The clean run has a quick form that always runs, and a long one:
//! `QUILT_SOAK_SECONDS=1800 cargo test --workspace --test it -- a_scope_that_is_not_let_go`.

mod runbooks;
mod watched;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use quilt_tests::catalog::table_without_secret;
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::metrics::Metrics;
use quilt_tests::prometheus;
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use quilt_tests::{Result, workspace};
use serde_json::{Value, json};

use self::watched::Prometheus;
use crate::stage::{Stage, client_of, long_form};

/// The alert for services that are not released.
const NOT_RELEASED: &str = "QuiltMcpScopeNotReleased";
/// How long the clean run is; `QUILT_SOAK_SECONDS` says otherwise.
const SOAK: Duration = Duration::from_secs(10);

fn read(path: &str) -> Result<String> {
    Ok(fs::read_to_string(workspace().join(path))?)
}

fn alert_names(rules: &str) -> Vec<&str> {
    rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect()
}

/// The panels' queries.
fn queries() -> Result<Vec<String>> {
    let dashboard: Value = serde_json::from_str(&read("ops/dashboard.json")?)?;
    let panels = dashboard["panels"].as_array().ok_or("the dashboard has panels")?;
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    Ok(targets.filter_map(|target| target["expr"].as_str()).map(String::from).collect())
}

/// The names of our metrics in a text.
fn metric_names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("quilt_mcp_") || word.starts_with("process_")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_panels_name_metrics_that_exist() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::Everything).await?;
    let (plan, _issuer) = with_other_issuers(Plan::multi_tenant(&world)?, &world).await?;
    let stage = Stage::start(world, plan).await?;
    let scraped = stage.server.metrics_text().await?;
    let there: BTreeSet<&str> = scraped
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(['{', ' ']).next())
        .collect();
    let (rules, dashboard) = (read("ops/alerts.yml")?, queries()?.join("\n"));
    let named: BTreeSet<&str> = metric_names(&rules).into_iter().chain(metric_names(&dashboard)).collect();
    assert!(named.len() > 20, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|name| !there.contains(*name)).collect();
    assert!(missing.is_empty(), "not in /metrics: {missing:?}");
    // And the other way round: what is counted is shown or watched.
    let family = |name: &&str| {
        name.trim_end_matches("_bucket").trim_end_matches("_count").trim_end_matches("_sum").to_owned()
    };
    let shown: BTreeSet<String> = named.iter().map(family).collect();
    let unused: BTreeSet<String> = there.iter().map(family).filter(|name| !shown.contains(name)).collect();
    assert!(unused.is_empty(), "neither on the dashboard nor in an alert: {unused:?}");
    Ok(())
}

#[test]
fn every_alert_has_its_tests_and_its_runbook() -> Result<()> {
    let (rules, tests, runbooks) =
        (read("ops/alerts.yml")?, read("ops/alerts_test.yml")?, read("docs/runbooks.md")?);
    let names = alert_names(&rules);
    assert!(names.len() >= 14, "{names:?}");
    for name in &names {
        for test in [format!("- name: {name} is raised"), format!("- name: {name} is quiet")] {
            assert!(tests.contains(&test), "ops/alerts_test.yml has no `{test}`");
        }
        assert!(runbooks.contains(&format!("\n## {name}\n")), "docs/runbooks.md has no `## {name}`");
        assert!(rules.contains(&format!("runbook: docs/runbooks.md#{}", name.to_lowercase())), "{name}");
    }
    let headings = runbooks.lines().filter_map(|line| line.strip_prefix("## QuiltMcp")).count();
    assert_eq!(headings, names.len(), "a runbook for an alert that is not there");
    Ok(())
}

#[test]
fn each_alert_is_raised_by_its_fault_and_by_nothing_near_it() -> Result<()> {
    let promtool = prometheus::promtool()?;
    let run = |arguments: &[&str]| {
        Command::new(&promtool).args(arguments).current_dir(workspace().join("ops")).output()
    };
    let checked = run(&["check", "rules", "alerts.yml"])?;
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let tested = run(&["test", "rules", "alerts_test.yml"])?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&tested.stdout), String::from_utf8_lossy(&tested.stderr));
    assert!(tested.status.success(), "{said}");

    // The tests can fail: without the deadline in the rule, a quiet case is no longer quiet.
    let directory = tempfile::tempdir()?;
    let rules = read("ops/alerts.yml")?;
    let broken =
        rules.replace("> 2 * quilt_mcp_call_deadline_seconds", "> 1 * quilt_mcp_call_deadline_seconds");
    assert_ne!(broken, rules);
    fs::write(directory.path().join("alerts.yml"), broken)?;
    fs::copy(workspace().join("ops/alerts_test.yml"), directory.path().join("alerts_test.yml"))?;
    let caught = Command::new(&promtool)
        .args(["test", "rules", "alerts_test.yml"])
        .current_dir(directory.path())
        .output()?;
    assert!(!caught.status.success(), "a rule that is raised by young scopes passed");
    writeln!(
        std::io::stderr(),
        "promtool ran {} rule tests",
        read("ops/alerts_test.yml")?.matches("- name: ").count()
    )?;
    Ok(())
}

/// Calls that are answered, one after the other, until the time is over.
async fn ordinary_calls(world: &World, server: &Server, person: &Person, time: Duration) -> Result<()> {
    let (end, client) = (Instant::now() + time, client_of(world, server, person));
    let mut number = 0;
    while Instant::now() < end {
        number += 1;
        let id = format!("soak-{number}");
        client.call("bucket_object_text", json!({"s3_uri": person.first_uri()})).await?;
        client.call("workflow_create", json!({"workflow_id": id, "name": id})).await?;
        client.call("workflow_delete", json!({"id": id})).await?;
    }
    Ok(())
}

/// Issuers besides the one with a secret, so that there is something to see of keys and of questions to a registry. Nobody shows a
/// token of the catalog whose registry is not there.
async fn with_other_issuers(plan: Plan, world: &World) -> Result<(Plan, PublishedIssuer)> {
    let issuer = PublishedIssuer::start(&format!("https://keys.{}.test", world.id), "quilt-mcp").await?;
    let roles: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
    let catalog = table_without_secret("http://127.0.0.1:1", "acme");
    let plan = plan.file(&format!("{}\n{catalog}", issuer.table(&format!("allowed_roles = {roles:?}"))))?;
    Ok((plan, issuer))
}

/// What the rule says of one server.
fn scopes_are_kept(metrics: &Metrics) -> bool {
    metrics.sum("quilt_mcp_scope_oldest_age_seconds") > 2.0 * metrics.sum("quilt_mcp_call_deadline_seconds")
}

/// Two servers, of which one keeps a scope.
struct Pair {
    world: World,
    leaking: Server,
    clean: Server,
    _issuer: PublishedIssuer,
}

impl Pair {
    async fn start() -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
        let short = |plan: Plan| plan.set("QUILT_MCP_CALL_TIMEOUT", "2s");
        let leaking =
            short(Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "scopes")).start().await?;
        let (plan, issuer) = with_other_issuers(Plan::multi_tenant(&world)?, &world).await?;
        let clean = short(plan).start().await?;
        Ok(Self { world, leaking, clean, _issuer: issuer })
    }

    /// Ordinary calls to the clean one, until the other has kept its scope for long enough.
    async fn run(&self, soak: Duration) -> Result<()> {
        ordinary_calls(&self.world, &self.clean, &self.world.people[0], soak).await?;
        crate::stage::metrics_when(&self.leaking, scopes_are_kept).await?;
        assert!(!scopes_are_kept(&self.clean.metrics().await?), "the clean server's scopes are let go");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_holds_of_a_scope_that_is_not_let_go_and_not_of_a_clean_run() -> Result<()> {
    let rule = "quilt_mcp_scope_oldest_age_seconds > 2 * quilt_mcp_call_deadline_seconds";
    assert!(read("ops/alerts.yml")?.contains(&format!("expr: {rule}\n")));
    Pair::start().await?.run(Duration::from_secs(2)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_not_let_go_raises_the_alert_and_a_clean_run_raises_none() -> Result<()> {
    let pair = Pair::start().await?;
    let soak = long_form("QUILT_SOAK_SECONDS");
    let soak = soak.map_or(SOAK, Duration::from_secs);
    let prometheus = Prometheus::watching(&[("leaking", &pair.leaking), ("clean", &pair.clean)])?;
    pair.run(soak).await?;
    let firing = prometheus.firing_when(|all| all.iter().any(|(alert, _)| alert == NOT_RELEASED)).await?;
    assert_eq!(
        firing,
        [(NOT_RELEASED.to_owned(), "leaking".to_owned())],
        "this alert for this server, and no other"
    );
    for query in queries()? {
        let samples = prometheus.query(&query.replace("$__rate_interval", "1m")).await?;
        assert!(samples > 0, "no data for {query}");
    }
    writeln!(
        std::io::stderr(),
        "a real Prometheus: {} panel queries have data, a clean run of {soak:?} raised nothing",
        queries()?.len()
    )?;
    Ok(())
}
