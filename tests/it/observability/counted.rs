//! Figures are what happened: a driver counts its own calls of every tool, and `/metrics` must say the same, to the last one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools as served;
use quilt_tests::client::{Answer, Client};
use quilt_tests::metrics::Metrics;
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, ada_and_ben};
use quilt_tests::{Result, prometheus};
use serde_json::{Value, json};

use crate::isolation;
use crate::stage::{CLOSED, LIVE, OPENED, Stage, client_of, metrics_when};
use crate::tools::{self, Turn};

/// Series by their labels.
type Counts = BTreeMap<String, f64>;

/// What the driver knows.
#[derive(Clone, Default)]
struct Account {
    calls: Counts,
    errors: Counts,
    number: f64,
}

impl Account {
    async fn call(&mut self, client: &Client, tool: &str, arguments: Value) -> Result<Answer> {
        let answer = client.call(tool, arguments).await?;
        let outcome = match answer.error_code() {
            None => "ok",
            Some("access_denied" | "credentials_unavailable") => "denied",
            Some("internal") => "fault",
            Some("cancelled") if answer.everything().contains("deadline") => "timed_out",
            Some("cancelled") => "cancelled",
            Some(_) => "failed",
        };
        *self.calls.entry(format!("{{tool=\"{tool}\",outcome=\"{outcome}\"}}")).or_default() += 1.0;
        if let Some(code) = answer.error_code() {
            *self.errors.entry(format!("{{code=\"{code}\"}}")).or_default() += 1.0;
        }
        self.number += 1.0;
        Ok(answer)
    }

    /// The calls by group of tools, as their durations are counted.
    fn groups(&self) -> Counts {
        let groups: BTreeMap<_, _> = served::groups(Deployment::MultiTenant).into_iter().collect();
        let mut calls = Counts::new();
        for (labels, number) in &self.calls {
            let tool = labels.split('"').nth(1).unwrap_or_default();
            *calls.entry(format!("{{group=\"{}\"}}", groups[tool])).or_default() += number;
        }
        calls
    }

    /// Where the figures say something else.
    fn differences(&self, metrics: &Metrics) -> Vec<String> {
        let mut differences = Vec::new();
        let mut same = |what: &str, ours: &Counts, theirs: &Counts| {
            if ours != theirs {
                differences.push(format!("{what}: counted {ours:?}, told {theirs:?}"));
            }
        };
        same("calls", &self.calls, &counted(metrics, "quilt_mcp_calls_total"));
        same("errors", &self.errors, &counted(metrics, "quilt_mcp_call_errors_total"));
        let built = counted(metrics, "quilt_mcp_services_built_total");
        same("services destroyed", &built, &counted(metrics, "quilt_mcp_services_destroyed_total"));
        same("groups", &self.groups(), &counted(metrics, "quilt_mcp_call_duration_seconds_count"));
        same("services live", &Counts::new(), &counted(metrics, "quilt_mcp_services_live"));
        let services: f64 = built.values().sum();
        for (name, number) in [
            (OPENED, self.number),
            (CLOSED, self.number),
            ("quilt_mcp_service_build_duration_seconds_count", services),
            ("quilt_mcp_service_lifetime_seconds_count", services),
        ] {
            let told = metrics.sum(name);
            if told != number {
                differences.push(format!("{name}: counted {number}, told {told}"));
            }
        }
        differences
    }
}

/// The series of a metric that are not 0.
fn counted(metrics: &Metrics, name: &str) -> Counts {
    metrics
        .of(name)
        .filter(|(_, value)| *value != 0.0)
        .map(|(labels, value)| (labels.to_owned(), value))
        .collect()
}

/// OpenMetrics as Prometheus' older text format, which is the one that `promtool check metrics` reads: there a counter is
/// called as its samples are.
fn as_older_text(text: &str) -> String {
    let described = |line: &str, kind: &str| -> Option<String> {
        line.strip_prefix(&format!("# {kind} "))?.split(' ').next().map(String::from)
    };
    let kinds: BTreeMap<String, &str> =
        text.lines().filter_map(|line| Some((described(line, "TYPE")?, line.rsplit(' ').next()?))).collect();
    let mut older = String::new();
    for line in text.lines().filter(|line| *line != "# EOF" && !line.starts_with("# UNIT ")) {
        let Some(name) = described(line, "HELP").or_else(|| described(line, "TYPE")) else {
            older += &format!("{line}\n");
            continue;
        };
        let (suffix, kind) = match kinds.get(&name) {
            Some(&"counter") => ("_total", "counter"),
            Some(&"info") => ("_info", "gauge"),
            Some(&kind) => ("", kind),
            None => ("", "untyped"),
        };
        let line = line.replacen(&name, &format!("{name}{suffix}"), 1);
        let line = if line.starts_with("# TYPE ") { format!("# TYPE {name}{suffix} {kind}") } else { line };
        older += &format!("{line}\n");
    }
    older
}

/// What `promtool check metrics` has against it, in its words; nothing if it is content.
fn faults_by_promtool(text: &str) -> Result<String> {
    let mut checking = Command::new(prometheus::promtool()?)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    checking.stdin.take().ok_or("piped")?.write_all(as_older_text(text).as_bytes())?;
    let said = checking.wait_with_output()?;
    let words = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    Ok(if said.status.success() { words } else { format!("{}: {words}", said.status) })
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_what_the_driver_counted() -> Result<()> {
    const BAD: usize = 7;
    let stage = Stage::start_in(tools::world(ServerRights::OnlyExchange).await?).await?;
    let (world, server) = (&stage.world, &stage.server);
    let mark = world.substrate.mark().await?;
    let mut account = Account::default();
    let cases = tools::cases();
    for owner in &world.people {
        let own = Turn { asker: owner, owner, round: "counted" };
        for case in &cases {
            for (tool, arguments) in (case.before)(&own) {
                account.call(&client_of(world, server, owner), tool, arguments).await?;
            }
        }
    }
    for case in &cases {
        for (asker, owner) in isolation::pairs(world) {
            let turn = Turn { asker, owner, round: "counted" };
            account.call(&client_of(world, server, asker), case.tool, (case.ask)(&turn)).await?;
        }
    }
    // Neither makes a call: one is no tool, the other nobody's.
    let ada = client_of(world, server, stage.person("ada"));
    assert!(ada.call("no_such_tool", json!({})).await.is_err());
    for _ in 0..BAD {
        let nobody = Client::unconnected(
            reqwest::Client::new(),
            &server.url,
            Some("none"),
            quilt_tests::client::Era::Stateless,
        );
        assert!(nobody.call("auth_status", json!({})).await.is_err());
    }
    let metrics = metrics_when(server, |m| m.sum(LIVE) == 0.0 && m.sum(CLOSED) >= account.number).await?;
    assert_eq!(account.differences(&metrics), [""; 0]);
    assert_eq!(metrics.sum("quilt_mcp_auth_failures_total"), BAD as f64);
    let exchanges = world.substrate.since(mark).await?;
    let exchanges = exchanges.iter().filter(|entry| world.owns(entry) && entry.is_exchange()).count();
    assert_eq!(metrics.sum("quilt_mcp_credential_exchanges_total"), exchanges as f64, "as STS counted");
    assert_eq!(metrics.sum("quilt_mcp_credential_exchange_duration_seconds_count"), exchanges as f64);
    writeln!(
        std::io::stderr(),
        "{} calls of {} tools, {exchanges} exchanges, all counted",
        account.number,
        cases.len()
    )?;

    // The comparison can fail: with one call more, with one code for another.
    let mut more = account.clone();
    more.number += 1.0;
    assert_eq!(more.differences(&metrics).len(), 2);
    let mut other = account.clone();
    let (_, first) = other.errors.pop_first().ok_or("some were refused")?;
    other.errors.insert("{code=\"none\"}".to_owned(), first);
    assert_eq!(other.differences(&metrics).len(), 1);

    let text = server.metrics_text().await?;
    assert_eq!(faults_by_promtool(&text)?, "");
    for wrong in [
        "quilt_mcp_undescribed_total 1\n",
        "# HELP quilt_mcp_x_ms x\n# TYPE quilt_mcp_x_ms gauge\nquilt_mcp_x_ms 1\n",
    ] {
        assert_ne!(faults_by_promtool(&text.replace("# EOF", wrong))?, "", "{wrong}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_ran_out_of_time_or_were_given_up_are_counted_as_that() -> Result<()> {
    let change = |plan: Plan| plan.set("QUILT_MCP_CALL_TIMEOUT", "30s");
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, change).await?;
    let ada = stage.person("ada");
    let hold = stage.world.substrate.inject(Rule::on("s3:ListBucket").in_bucket(&ada.bucket).holds()).await?;
    let client = client_of(&stage.world, &stage.server, ada);
    let mut account = Account::default();
    account.call(&client, "bucket_objects_list", json!({"bucket": ada.bucket})).await?;
    let going = client.call("bucket_objects_list", json!({"bucket": ada.bucket}));
    tokio::select! {
        answer = going => return Err(format!("it is held: {answer:?}").into()),
        held = hold.held(2) => held?,
    }
    // Who goes away counts as that, whether or not it would have run out of time.
    let gone = [
        ("calls", "{tool=\"bucket_objects_list\",outcome=\"cancelled\"}"),
        ("errors", "{code=\"cancelled\"}"),
    ];
    *account.calls.entry(gone[0].1.to_owned()).or_default() += 1.0;
    *account.errors.entry(gone[1].1.to_owned()).or_default() += 1.0;
    account.number += 1.0;
    assert_eq!(account.calls.len(), 2, "one ran out of time, one was given up: {:?}", account.calls);
    let metrics = metrics_when(&stage.server, |m| m.sum(LIVE) == 0.0 && m.sum(CLOSED) == 2.0).await?;
    assert_eq!(account.differences(&metrics), [""; 0]);
    hold.lift().await?;
    Ok(())
}

/// As many as one process may have.
const MOST: usize = 1_000;

/// How many samples there are.
fn series(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

/// How many series there are is decided by the tables of tools, their groups and services, and by nothing else. All of them are
/// there from the start, so none is added by a tool that is called, however its call ends.
#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_series_follows_from_the_tables() -> Result<()> {
    /// Outcomes of a call.
    const OF_A_TOOL: usize = 6;
    /// The buckets, sum and count of how long its calls took.
    const OF_A_GROUP: usize = 10 + 2;
    /// Built, destroyed, live, and how long building took.
    const OF_A_SERVICE: usize = 4;
    /// How old services were and how long building one took, of all; everything else.
    const OTHERS: usize = (7 + 2) + (8 + 2) + 135;
    let stage = Stage::start_in(tools::world(ServerRights::OnlyExchange).await?).await?;
    let text = stage.server.metrics_text().await?;
    let services = text.lines().filter(|line| line.starts_with("quilt_mcp_services_live{")).count();
    // And whatever is called that is no tool.
    let tools = served::groups(Deployment::MultiTenant);
    let groups = tools.iter().map(|(_, group)| group).collect::<BTreeSet<_>>().len() + 1;
    let (tools, before) = (tools.len() + 1, series(&text));
    assert!(services > 5, "{services}");
    let bound = tools * OF_A_TOOL + groups * OF_A_GROUP + services * OF_A_SERVICE + OTHERS;
    assert!((bound - 30..=bound).contains(&before), "{before} series, and at most {bound}");

    // Every tool, well and refused, and what is no tool.
    let world = &stage.world;
    for (asker, owner) in isolation::pairs(world) {
        let turn = Turn { asker, owner, round: "series" };
        for case in tools::cases() {
            drop(client_of(world, &stage.server, asker).call(case.tool, (case.ask)(&turn)).await);
        }
        drop(client_of(world, &stage.server, asker).call(&asker.subject, json!({})).await);
    }
    let text = stage.server.metrics_text().await?;
    let after = series(&text);
    writeln!(
        std::io::stderr(),
        "{after} series after every tool was called, of {tools} tools in {groups} groups and {services} services"
    )?;
    assert_eq!(after, before);
    // A server for one person has two tools more.
    assert!(after + 2 * OF_A_TOOL <= MOST, "{after}");
    // A label for who calls, or a histogram for each tool, is seen.
    let by_user = |line: &str| world.people.iter().map(|who| format!("{line},{}", who.subject)).collect();
    let calls = |line: &&str| line.starts_with("quilt_mcp_calls_total");
    let with_user: Vec<Vec<String>> = text.lines().filter(calls).map(by_user).collect();
    assert!(series(&format!("{text}{}", with_user.concat().join("\n"))) > MOST);
    assert!(after + (tools - groups) * OF_A_GROUP > MOST);
    Ok(())
}
