//! Who has shown no good token: they make the server grow by nothing, and hold up nobody.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::memory::resident;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{percentile, say, timed};
use crate::stage::Stage;

/// By how much the server may grow: what a hundred thousand may make it by the plan of this project.
const GROWTH: u64 = 32 << 20;
/// After so many it has what it needs.
const WARM: usize = 2_000;
/// How many at once.
const TOGETHER: usize = 32;
/// How many connections say nothing whole.
const SLOW: usize = 1_000;
/// How many begin a request that is too long, and how long it says to be.
const LONG: usize = 50;
const LONG_BODY: usize = 64 << 20;
const LONG_HEAD: usize = 1 << 20;

/// How many bad requests follow: 10,000, or what `STRANGERS` says.
fn requests() -> Result<usize> {
    Ok(std::env::var("STRANGERS").ok().map_or(Ok(10_000), |said| said.parse())?)
}

/// The bad request of this number.
fn bad(http: &reqwest::Client, stage: &Stage, number: usize) -> reqwest::RequestBuilder {
    let post = http.post(&stage.server.url).header("accept", "application/json, text/event-stream");
    let initialize = json!({"jsonrpc": "2.0", "id": number, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"},
    }});
    let forged = || stage.world.mint.foreign(stage.person("ada"));
    match number % 5 {
        0 => post.json(&initialize),
        1 => post.bearer_auth(format!("a.{number}.c")).json(&initialize),
        2 => post.bearer_auth(forged()).json(&initialize),
        3 => {
            let session = format!("{number:032x}");
            post.bearer_auth(forged()).header("mcp-session-id", session).json(&initialize)
        }
        _ => post.bearer_auth("x".repeat(9_000)).body("[".repeat(1_000)),
    }
}

async fn send(http: &reqwest::Client, stage: &Stage, numbers: std::ops::Range<usize>) -> Result<()> {
    let one = |number| async move {
        match bad(http, stage, number).send().await?.status() {
            StatusCode::UNAUTHORIZED => Ok(()),
            status => Err(format!("bad request {number} was told {status}").into()),
        }
    };
    let answers: Vec<Result<()>> = stream::iter(numbers).map(one).buffer_unordered(TOGETHER).collect().await;
    answers.into_iter().collect()
}

/// What the server says to this until it closes the connection.
async fn told(address: &str, request: &str) -> Result<String> {
    let (mut said, mut stream) = (Vec::new(), TcpStream::connect(address).await?);
    // It may close before it has read all of it, which both of these may meet.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.read_to_end(&mut said).await;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn strangers_make_the_server_grow_by_nothing() -> Result<()> {
    let change = |plan: Plan| plan.set("QUILT_MCP_SESSIONS", "true");
    let stage = Stage::planned(ada_and_ben(), ServerRights::Everything, change).await?;
    let http = reqwest::Client::builder().pool_max_idle_per_host(TOGETHER).build()?;
    send(&http, &stage, 0..WARM).await?;
    let before = resident(stage.server.process_id())?;
    let many = requests()?;
    send(&http, &stage, WARM..WARM + many).await?;

    let address = stage.server.url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    for _ in 0..LONG {
        let body = format!("content-length: {LONG_BODY}\r\n\r\n{}", "[".repeat(64 * 1024));
        let head = format!("x-long: {}\r\n\r\n", "x".repeat(LONG_HEAD));
        for (rest, refused) in [(body, "413"), (head, "431")] {
            let told = told(&address, &format!("POST /mcp HTTP/1.1\r\nhost: localhost\r\n{rest}")).await?;
            // It ends the connection with the rest unread, and then the answer may be lost with it.
            assert!(told.is_empty() || told.starts_with(&format!("HTTP/1.1 {refused}")), "{told}");
        }
    }
    let mut slow = Vec::with_capacity(SLOW);
    for _ in 0..SLOW {
        let mut stream = TcpStream::connect(&address).await?;
        stream.write_all(b"POST /mcp HTTP/1.1\r\nhost: localh").await?;
        slow.push(stream);
    }
    // While they are there, somebody with a token is served.
    let took = timed(&stage.client("ada").await?, 50).await?;
    let after = resident(stage.server.process_id())?;
    let growth = after.saturating_sub(before);
    println!(
        "{many} bad requests, {LONG} long heads, {LONG} long bodies and {SLOW} slow heads: {} KiB more, of {} KiB",
        growth / 1024,
        before / 1024
    );
    say("a good client among them", &took);
    assert!(percentile(&took, 50) < Duration::from_secs(1), "{:?}", percentile(&took, 50));
    assert!(growth < GROWTH, "{growth} bytes");
    drop(slow);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_issuer_and_made_up_keys_hold_up_nobody() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::Everything).await?;
    let issuer = PublishedIssuer::start(&format!("https://keys.{}.test", world.id), "quilt-mcp").await?;
    let roles: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
    let plan = Plan::multi_tenant(&world)?.without_the_mint();
    let plan =
        plan.file(&issuer.table(&format!("allowed_roles = {roles:?}")))?.set("QUILT_MCP_RATE_LIMIT", "0");
    let server = plan.start().await?;
    let ada = world.person("ada");
    let client = Client::connect(&server.url, &issuer.good("ES256", ada)?, Era::Stateless).await?;
    timed(&client, 50).await?;
    let well = timed(&client, 300).await?;
    say("the issuer answers", &well);

    issuer.server.hangs(true);
    let claims = serde_json::Value::Object(issuer.claims(ada)).to_string();
    let key = issuer.key("ES256");
    let http = reqwest::Client::new();
    let flood = async {
        for number in 0.. {
            let header = json!({"alg": "ES256", "kid": format!("made-up-{number}")}).to_string();
            let token = key.sign("ES256", &header, &claims)?;
            let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
            let status = http.post(&server.url).bearer_auth(token).json(&ping).send().await?.status();
            assert_eq!(status, StatusCode::UNAUTHORIZED);
        }
        Ok::<_, quilt_tests::Trouble>(())
    };
    let hung = tokio::select! {
        ended = flood => { ended?; return Err("the flood ended".into()) }
        hung = timed(&client, 300) => hung?,
    };
    say("it hangs, and made-up keys are asked for", &hung);
    // Whoever waited for the issuer would wait a second, which is the server's patience.
    assert!(percentile(&hung, 99) < Duration::from_secs(1), "{:?}", percentile(&hung, 99));
    assert!(issuer.server.asked().len() <= 2, "{} fetches", issuer.server.asked().len());
    Ok(())
}
