//! What a caller is told of a failure says what went wrong for this caller, and nothing of the server: no path, no SQL, no name
//! of another, no trace of a stack, no key. Each way of failing, of each tool.

mod revealing;

use std::fs;
use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use quilt_tests::Result;
use quilt_tests::client::{CallError, Client, Era};
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::{Plan, Server, Signal};
use quilt_tests::substrate::Rule;
use quilt_tests::world::{Person, ServerRights};
use serde_json::{Value, json};

use self::revealing::Eye;
use crate::durability::disk::file_of;
use crate::durability::volume::{Scene, create};
use crate::observability::lines::hostile_arguments;
use crate::stage::{Stage, client_of, metrics_when};
use crate::tools::{self, Turn, Verdict};

/// Changes that a disk without room, or one that is read-only, is to refuse.
const REFUSED: u32 = 8;
/// How long an answer is waited for that need not come.
const ANSWER: Duration = Duration::from_secs(3);
/// Tools that wait for S3, and for nothing else before.
const AT_S3: [&str; 5] = [
    "bucket_objects_list",
    "bucket_object_info",
    "bucket_object_text",
    "bucket_object_fetch",
    "package_browse",
];

/// What a failing system behind the server may say, as systems do.
const TELLING: &str = "Traceback (most recent call last):\n  File \"/srv/registry/app.py\", line 7\n\
    sqlalchemy.exc.IntegrityError: UNIQUE constraint failed: users.name [SQL: INSERT INTO users VALUES (?)]\n\
    thread 'main' panicked at /home/builder/src/main.rs:7 arn:aws:iam::999999999999:role/of-another AKIAIOSFODNN7EXAMPLE";

/// What ada asks of each tool: what is hers.
fn own_calls(ada: &Person) -> Vec<(&'static str, Value)> {
    let own = Turn { asker: ada, owner: ada, round: "failures" };
    tools::cases().iter().map(|case| (case.tool, (case.ask)(&own))).collect()
}

/// Everything that ada is told in these calls, looked at. How many failed.
async fn failed_unrevealing(
    what: &str,
    eye: &Eye<'_>,
    client: &Client,
    calls: Vec<(&'static str, Value)>,
) -> Result<usize> {
    let told = stream::iter(calls).map(|(tool, arguments)| async move {
        let told = match client.call(tool, arguments.clone()).await {
            Ok(answer) if answer.is_error => answer.everything(),
            Ok(_) => return Ok((tool, arguments, None)),
            Err(CallError::Transport(what)) => return Err(what),
            Err(error) => error.to_string(),
        };
        Ok((tool, arguments, Some(told)))
    });
    let mut failed = 0;
    for told in told.buffer_unordered(8).collect::<Vec<_>>().await {
        if let (tool, arguments, Some(told)) = told? {
            failed += 1;
            let seen = eye.sees(&told, &arguments);
            assert!(seen.is_empty(), "{what}, {tool}: {seen:?} in {told}");
        }
    }
    Ok(failed)
}

async fn prepared(stage: &Stage) -> Result<Client> {
    let ada = stage.person("ada");
    let client = client_of(&stage.world, &stage.server, ada);
    let own = Turn { asker: ada, owner: ada, round: "failures" };
    tools::prepare(&client, &tools::cases(), &own).await.into_iter().collect::<Verdict>()?;
    Ok(client)
}

/// Of others, of what is not there, of what is malformed, and of what is all right while something behind the server fails.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn no_failure_of_any_tool_reveals_anything() -> Result<()> {
    let stage = Stage::start_in(tools::world(ServerRights::OnlyExchange).await?).await?;
    let (world, ada, ben) = (&stage.world, stage.person("ada"), stage.person("ben"));
    let client = prepared(&stage).await?;
    let eye = Eye::of(world, ada, &stage.server);
    let mut failed = 0;
    let of_ben = Turn { asker: ada, owner: ben, round: "failures" };
    let others = tools::cases().iter().map(|case| (case.tool, (case.ask)(&of_ben))).collect();
    failed += failed_unrevealing("what is another's", &eye, &client, others).await?;
    let malformed = own_calls(ada)
        .into_iter()
        .flat_map(|(tool, good)| hostile_arguments(tool, &good).into_iter().map(move |bad| (tool, bad)))
        .collect();
    failed += failed_unrevealing("hostile arguments", &eye, &client, malformed).await?;
    for action in ["s3:*", "sts:AssumeRole", "athena:*", "iam:*"] {
        for (status, code) in [(500, "InternalError"), (403, "AccessDenied"), (503, "SlowDown")] {
            let fault =
                world.substrate.inject(Rule::on(action).by_role(&ada.role_arn).fails(status, code)).await?;
            let what = format!("{action} fails with {code}");
            failed += failed_unrevealing(&what, &eye, &client, own_calls(ada)).await?;
            assert!(fault.lift().await? > 0, "{what}: nobody met it");
        }
    }
    let registry = Registry::shared()?;
    let graphql = json!({"data": null, "errors": [{"message": TELLING, "path": ["x"]}]}).to_string();
    for (status, body) in [(500, TELLING), (403, TELLING), (200, TELLING), (200, graphql.as_str())] {
        let trouble = Trouble::with("*").of_caller(&ada.subject).answers(status, body);
        let fault = registry.inject(&trouble).await?;
        let what = format!("the registry answers {status}");
        failed += failed_unrevealing(&what, &eye, &client, own_calls(ada)).await?;
        assert!(fault.lift().await? > 0, "{what}: nobody met it");
    }
    println!("{failed} failures, none of which reveals anything");
    assert!(failed > 500, "only {failed} calls failed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_damaged_store_reveals_anything() -> Result<()> {
    let world = tools::world(ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?;
    let stage = Stage::start(world, plan.clone()).await?;
    prepared(&stage).await?;
    let Stage { world, server } = stage;
    assert!(server.terminate().await?.success());
    // The others have saved nothing, and have no file.
    fs::write(file_of(&plan.data_directory(), &world.person("ada").tenant), "no database")?;
    let stage = Stage::start(world, plan).await?;
    let ada = stage.person("ada");
    let client = client_of(&stage.world, &stage.server, ada);
    let eye = Eye::of(&stage.world, ada, &stage.server);
    let calls: Vec<_> =
        own_calls(ada).into_iter().filter(|(tool, _)| tool.starts_with("workflow_")).collect();
    let number = calls.len();
    assert_eq!(failed_unrevealing("a damaged store", &eye, &client, calls).await?, number);
    Ok(())
}

/// A disk that is full, and then one that cannot be written any more: every tool, of which those with workflows fail.
#[tokio::test(flavor = "multi_thread")]
async fn no_disk_reveals_anything() -> Result<()> {
    let scene = Scene::start_in(tools::world(ServerRights::OnlyExchange).await?, 2 << 20).await?;
    let mut made = 0;
    while !create(&scene.client("ada"), made).await?.is_error {
        made += 1;
        assert!(made < 2_000, "the disk is never full");
    }
    // Every tool, and changes that need room, each of which is refused.
    let calls = |ada: &Person| -> Vec<_> {
        let new =
            |n| json!({"workflow_id": format!("more-{n}"), "name": "w", "description": "x".repeat(1_000)});
        own_calls(ada).into_iter().chain((0..REFUSED).map(|n| ("workflow_create", new(n)))).collect()
    };
    let (ada, before) = (scene.world.person("ada"), scene.figure("full").await?);
    let eye = Eye::of(&scene.world, ada, &scene.server);
    failed_unrevealing("a full disk", &eye, &scene.client("ada"), calls(ada)).await?;
    let refused = scene.figure("full").await? - before;
    assert!(refused >= f64::from(REFUSED), "{refused} changes met the full disk");

    let scene = scene.killed_and_started_again().await?;
    scene.volume.remount("ro")?;
    let ada = scene.world.person("ada");
    let eye = Eye::of(&scene.world, ada, &scene.server);
    failed_unrevealing("a read-only disk", &eye, &scene.client("ada"), calls(ada)).await?;
    let refused = scene.figure("failed").await?;
    assert!(refused >= f64::from(REFUSED), "{refused} changes met the read-only disk");
    Ok(())
}

/// Calls that the server cancels because it stops, each of which tells its caller; and one that its caller cancels in a session,
/// of which whatever comes is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn no_cancelled_call_reveals_anything() -> Result<()> {
    let world = tools::world(ServerRights::OnlyExchange).await?;
    let plan =
        Plan::multi_tenant(&world)?.set("QUILT_MCP_SESSIONS", "true").set("QUILT_MCP_DRAIN_DEADLINE", "1s");
    let stage = Stage::start(world, plan).await?;
    let ada = stage.person("ada");
    let eye = Eye::of(&stage.world, ada, &stage.server);
    let hold = stage.world.substrate.inject(Rule::on("s3:*").by_role(&ada.role_arn).holds()).await?;

    let session = stage.client_in("ada", Era::Initialize).await?;
    let uri = json!({"s3_uri": ada.first_uri()});
    let cancelling = async {
        hold.held(1).await?;
        // The session's first request after its beginning.
        let message =
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
        let sent = reqwest::Client::new()
            .post(&stage.server.url)
            .bearer_auth(stage.token("ada"))
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .header("mcp-session-id", session.session().ok_or("a session")?)
            .json(&message);
        assert!(sent.send().await?.status().is_success());
        metrics_when(&stage.server, |m| m.with("quilt_mcp_calls_total", "outcome=\"cancelled\"") == 1.0).await
    };
    // MCP wants no answer to it, so there may be none.
    let going = tokio::time::timeout(ANSWER, session.call("bucket_object_text", uri.clone()));
    let (told, cancelled) = tokio::join!(going, cancelling);
    cancelled?;
    let told = match told {
        Ok(Ok(answer)) => answer.everything(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => String::new(),
    };
    assert_eq!(eye.sees(&told, &uri), [""; 0], "{told}");

    let client = client_of(&stage.world, &stage.server, ada);
    let stopping = async {
        hold.held(1 + AT_S3.len() as u32).await?;
        stage.server.signal(Signal::TERM)
    };
    let calls = own_calls(ada).into_iter().filter(|(tool, _)| AT_S3.contains(tool)).collect();
    let (failed, stopped) = tokio::join!(failed_unrevealing("a stop", &eye, &client, calls), stopping);
    stopped?;
    assert_eq!(failed?, AT_S3.len(), "each is cancelled, and told so");
    hold.lift().await?;
    Ok(())
}

/// Every tool that obtains credentials, in a server that panics with them in hand; and every tool that waits for S3, at its
/// deadline.
#[tokio::test(flavor = "multi_thread")]
async fn no_panic_and_no_deadline_reveals_anything() -> Result<()> {
    let world = tools::world(ServerRights::OnlyExchange).await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let plan = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "panic");
    let stage = Stage::start(world, plan).await?;
    let ada = stage.person("ada");
    let client = client_of(&stage.world, &stage.server, ada);
    let eye = Eye::of(&stage.world, ada, &stage.server);
    assert!(failed_unrevealing("a panic", &eye, &client, own_calls(ada)).await? > 20);

    let world = stage.world;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_CALL_TIMEOUT", "2s");
    let stage = Stage::start(world, plan).await?;
    let ada = stage.person("ada");
    let hold = stage.world.substrate.inject(Rule::on("s3:*").by_role(&ada.role_arn).holds()).await?;
    let client = client_of(&stage.world, &stage.server, ada);
    let eye = Eye::of(&stage.world, ada, &stage.server);
    assert!(failed_unrevealing("a deadline", &eye, &client, own_calls(ada)).await? > 10);
    hold.lift().await?;
    Ok(())
}

/// Before there is a call: tokens, messages, addresses and sizes that are refused.
#[tokio::test(flavor = "multi_thread")]
async fn no_refusal_at_the_door_reveals_anything() -> Result<()> {
    let stage = Stage::start_in(tools::world(ServerRights::OnlyExchange).await?).await?;
    let (ada, http, server): (_, _, &Server) = (stage.person("ada"), reqwest::Client::new(), &stage.server);
    let (token, eye) = (stage.token("ada"), Eye::of(&stage.world, ada, server));
    let post = || http.post(&server.url);
    let site = server.url.trim_end_matches("/mcp");
    let requests = [
        ("no token", post().body("{}")),
        ("a bad token", post().bearer_auth("a.b.c").body("{}")),
        ("a cut token", post().bearer_auth(&token[..token.len() - 5]).body("{}")),
        ("no JSON", post().bearer_auth(&token).header("content-type", "application/json").body("{")),
        ("no message", post().bearer_auth(&token).json(&json!({"x": 1}))),
        (
            "no such method",
            post().bearer_auth(&token).json(&json!({"jsonrpc": "2.0", "id": 1, "method": "x/y"})),
        ),
        ("too much", post().bearer_auth(&token).json(&json!({"x": "y".repeat(5 << 20)}))),
        (
            "too deep",
            post().bearer_auth(&token).header("content-type", "application/json").body("[".repeat(10_000)),
        ),
        ("another site", post().bearer_auth(&token).header("host", "evil.example").body("{}")),
        ("another page", post().bearer_auth(&token).header("origin", "https://evil.example").body("{}")),
        ("another session", post().bearer_auth(&token).header("mcp-session-id", "none").body("{}")),
        ("another method", http.put(&server.url).bearer_auth(&token).body("{}")),
        ("another address", http.get(format!("{site}/etc/passwd")).bearer_auth(&token)),
        (
            "another version",
            post()
                .bearer_auth(&token)
                .header("mcp-protocol-version", "1")
                .json(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"})),
        ),
    ];
    for (what, request) in requests {
        let response = match request.send().await {
            // Refused unread, so that the connection may end before all of it is sent, and with it the answer.
            Err(error) if what == "too much" && error.is_request() => continue,
            answer => answer?,
        };
        let (status, headers) = (response.status(), format!("{:?}", response.headers()));
        let body = response.text().await?;
        assert!(status.is_client_error() || body.contains("\"error\""), "{what}: {status} {body}");
        let seen = eye.sees(&format!("{headers}\n{body}"), &json!({}));
        assert!(seen.is_empty(), "{what}: {seen:?} in {headers} {body}");
    }
    Ok(())
}
