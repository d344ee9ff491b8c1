//! What operators see of a running server: lines that name their request, figures that do not grow with callers.
//!
//! The number of callers has a long form:
//! `QUILT_CALLERS=100000 cargo test --workspace --test it -- the_number_of_series_does_not_grow --nocapture`.

mod counted;
pub(crate) mod lines;
mod trespass;

use std::collections::BTreeSet;
use std::io::Write as _;

use futures_util::{StreamExt, stream};
use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::tools as served;
use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, Wanted, ada_and_ben};
use serde_json::{Value, json};

use crate::stage::{Stage, all_scopes_closed, client_of, long_form};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_request_says_which_and_whose() -> Result<()> {
    let stage = Stage::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    for person in &stage.world.people {
        let client = stage.client(person.name()).await?;
        client.call("bucket_object_text", json!({"s3_uri": person.first_uri()})).await?;
        client.call("bucket_object_text", json!({"s3_uri": "s3://not-mine-at-all/x"})).await?;
        client.call("workflow_create", json!({"workflow_id": "w", "name": "w"})).await?;
    }
    // Refused before it is known who asks.
    let refused = reqwest::Client::new()
        .post(&stage.server.url)
        .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
        .json(&json!({}))
        .send()
        .await?;
    let named =
        refused.headers().get("x-request-id").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    all_scopes_closed(&stage.server, 6).await?;
    let (log, hashes) = (stage.server.log.clone(), {
        let hash = |p: &quilt_tests::world::Person| p.log_hash(&stage.world.mint.issuer);
        stage.world.people.iter().map(hash).collect::<BTreeSet<_>>()
    });
    assert!(stage.server.terminate().await?.success());
    log.closed().await;

    let events = log.events();
    assert_eq!(events.len(), log.lines().len(), "every line is one JSON object");
    let own_lines = |event: &&Value| event["message"].as_str().is_some_and(lines::is_of_the_process);
    let (of_process, of_requests): (Vec<_>, Vec<_>) = events.iter().partition(own_lines);
    assert!(of_process.len() >= 5, "from its start to its end: {of_process:?}");
    let mut scopes = BTreeSet::new();
    for event in of_requests {
        for name in ["request_id", "trace_id"] {
            assert!(event[name].as_str().is_some_and(|id| id.len() == 32), "{name} is not in {event}");
        }
        if event["request_id"] == named.as_str() {
            assert_eq!(event["trace_id"], TRACE);
            continue;
        }
        assert!(event["user"].as_str().is_some_and(|user| hashes.contains(user)), "{event}");
        assert!(event["tenant"].is_string() && event["tool"].is_string(), "{event}");
        scopes.insert(event["scope_id"].as_str().ok_or("a line of a call names its scope")?.to_owned());
    }
    assert_eq!(scopes.len(), 6, "one scope a call");
    assert!(events.iter().any(|event| event["request_id"] == named.as_str()), "the refusal is in the log");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_input_forges_no_line() -> Result<()> {
    let stage = Stage::of_two().await?;
    let hostile = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}[2J\u{2028}\u{202e}";
    let client = stage.client("ada").await?;
    for (tool, arguments) in [
        ("bucket_object_text", json!({"s3_uri": format!("s3://{hostile}/k")})),
        ("workflow_create", json!({"workflow_id": hostile, "name": hostile})),
        (hostile, json!({})),
        ("bucket_objects_list", json!({"bucket": stage.person("ada").bucket, "prefix": hostile})),
    ] {
        // Some are refused by the protocol, some by the tool.
        drop(client.request("tools/call", json!({"name": tool, "arguments": arguments}), Some("x")).await);
    }
    let raw = reqwest::Client::new();
    for header in ["authorization", "origin", "traceparent", "mcp-session-id"] {
        let value = reqwest::header::HeaderValue::from_bytes(b"\xff {\"message\":\"forged\"}\t\x80")?;
        raw.post(&stage.server.url).header(header, value).body("x").send().await?;
    }
    let log = stage.server.log.clone();
    assert!(stage.server.terminate().await?.success());
    log.closed().await;
    assert_eq!(log.events().len(), log.lines().len(), "{}", log.text());
    assert!(log.events().iter().all(|event| event["message"] != "forged"), "{}", log.text());
    assert!(!log.text().chars().any(|c| c != '\n' && (c.is_control() || c == '\u{2028}' || c == '\u{202e}')));
    Ok(())
}

/// Tenants, people, buckets, keys, tools that do not exist: none makes a series.
#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_series_does_not_grow_with_callers() -> Result<()> {
    let people = (0..12).map(|n| Wanted::new(&format!("tenant{n}"), &format!("user{n}")).with_objects(1));
    let stage = Stage::of(people, ServerRights::OnlyExchange).await?;
    let (world, server) = (&stage.world, &stage.server);
    let series = |text: &str| -> BTreeSet<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    };
    let before = series(&server.metrics_text().await?);
    let calls = world.people.iter().flat_map(|person| (0..5).map(move |n| (person, n)));
    stream::iter(calls.map(|(person, n)| async move {
        let client = Client::unconnected(
            reqwest::Client::new(),
            &server.url,
            Some(&world.token(person)),
            Era::Stateless,
        );
        let (tool, arguments) = match n {
            0 => ("bucket_object_text".to_owned(), json!({"s3_uri": person.first_uri()})),
            1 => {
                ("workflow_create".to_owned(), json!({"workflow_id": format!("w{n}"), "name": person.canary}))
            }
            2 => {
                ("bucket_objects_list".to_owned(), json!({"bucket": format!("bucket-of-{}", person.tenant)}))
            }
            3 => (format!("tool_of_{}", person.tenant), json!({})),
            _ => ("workflow_list_all".to_owned(), json!({})),
        };
        drop(client.call(&tool, arguments).await);
        let bad =
            Client::unconnected(reqwest::Client::new(), &server.url, Some(&person.subject), Era::Stateless);
        drop(bad.call("auth_status", json!({})).await);
    }))
    .buffer_unordered(16)
    .collect::<Vec<()>>()
    .await;
    // People who were never seen before, each of whom calls one tool, in turn; most say too little for it.
    let mut tools = served::groups(Deployment::MultiTenant);
    // What completes arguments is asked otherwise.
    tools.retain(|(_, group)| *group != "completion");
    let callers = long_form("QUILT_CALLERS").unwrap_or(2 * tools.len());
    let http = reqwest::Client::new();
    let called = stream::iter(0..callers).map(|n| {
        let like = &world.people[n % world.people.len()];
        let token = world.mint.claims(like).with("sub", json!(format!("caller-{n}"))).signed();
        let client = Client::unconnected(http.clone(), &server.url, Some(&token), Era::Stateless);
        let (tool, _) = tools[n % tools.len()];
        async move { drop(client.call(tool, json!({})).await) }
    });
    called.buffer_unordered(16).collect::<Vec<()>>().await;
    let calls = server.metrics().await?.sum("quilt_mcp_calls_total");
    assert!(calls >= callers as f64, "{calls} calls of {callers} callers were let in");
    let text = server.metrics_text().await?;
    let after = series(&text);
    writeln!(
        std::io::stderr(),
        "{callers} callers, {} series before and {} after",
        before.len(),
        after.len()
    )?;
    assert_eq!(after.difference(&before).collect::<Vec<_>>(), Vec::<&String>::new());
    for person in &world.people {
        for name in [&person.tenant, &person.subject, &person.bucket] {
            assert!(!text.contains(name.as_str()), "{name} is in the metrics");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_of_the_store_are_those_of_the_calls() -> Result<()> {
    let stage = Stage::of_two().await?;
    let client = stage.client("ada").await?;
    for number in 0..3 {
        client.call("workflow_create", json!({"workflow_id": format!("w{number}"), "name": "w"})).await?;
    }
    client.call("workflow_create", json!({"workflow_id": "w0", "name": "again"})).await?;
    let metrics = all_scopes_closed(&stage.server, 4).await?;
    let of = |name: &str, label: &str| metrics.with(name, label);
    assert_eq!(of("quilt_mcp_store_operations_total", "work=\"write\",outcome=\"done\""), 3.0);
    assert_eq!(of("quilt_mcp_store_operations_total", "work=\"write\",outcome=\"refused\""), 1.0);
    assert_eq!(of("quilt_mcp_call_errors_total", "code=\"conflict\""), 1.0);
    assert_eq!(metrics.sum("quilt_mcp_store_open_files"), 1.0);
    assert_eq!(metrics.sum("quilt_mcp_store_waiting"), 0.0);
    assert_eq!(of("quilt_mcp_build_info", env!("CARGO_PKG_VERSION")), 1.0);
    assert!(metrics.sum("process_resident_memory_bytes") > 1e6 && metrics.sum("process_open_fds") > 3.0);
    Ok(())
}

/// Who floods is counted, and named in the log once.
#[tokio::test(flavor = "multi_thread")]
async fn requests_over_a_limit_are_counted_and_told_once() -> Result<()> {
    const ALLOWED: usize = 3;
    const SENT: usize = 20;
    let change = |plan: Plan| plan.set("QUILT_MCP_RATE_LIMIT", &ALLOWED.to_string());
    let stage = Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, change).await?;
    let of = |name| client_of(&stage.world, &stage.server, stage.person(name));
    let mut refused = 0;
    for _ in 0..SENT {
        match of("ada").call("auth_status", json!({})).await {
            Ok(answer) => assert!(!answer.is_error, "{}", answer.everything()),
            Err(error) => {
                assert_eq!(error.status(), Some(reqwest::StatusCode::TOO_MANY_REQUESTS), "{error}");
                refused += 1;
            }
        }
    }
    assert!(!of("ben").call("auth_status", json!({})).await?.is_error, "another is not affected");
    assert!(refused > 0 && refused <= SENT - ALLOWED, "{refused}");
    let metrics = stage.server.metrics().await?;
    let counted = |limit: &str| metrics.with("quilt_mcp_requests_refused_total", limit);
    assert_eq!((counted("principal_rate"), counted("tenant_rate")), (refused as f64, 0.0));
    stage.server.log.event("refused a request over a limit").await?;
    let events = stage.server.log.events();
    let told: Vec<_> = events.iter().filter(|event| event["limit"] == "principal_rate").collect();
    let ada = stage.person("ada");
    for line in &told {
        let user = ada.log_hash(&stage.world.mint.issuer);
        assert_eq!((&line["tenant"], &line["user"]), (&json!(ada.tenant), &json!(user)));
    }
    // Once; a busy machine may need more than the minute.
    assert!((1..4).contains(&told.len()), "{told:?}");
    Ok(())
}
