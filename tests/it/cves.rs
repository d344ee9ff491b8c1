//! What has gone wrong in other MCP servers, tried on this one. Each test has the name of what it repeats.
//!
//! CVE-2026-64684 is in `issuers::sources`; what is wrong with single tokens is in `corpus::forged`.

use futures_util::future::try_join_all;
use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, ada_and_ben};
use serde_json::{Value, json};

use crate::stage::Stage;

async fn with_sessions() -> Result<Stage> {
    let change = |plan: Plan| plan.set("QUILT_MCP_SESSIONS", "true").set("QUILT_MCP_MAX_SESSIONS", "8");
    Stage::planned(ada_and_ben(), ServerRights::OnlyExchange, change).await
}

/// One transport for several clients: an answer went to whoever had last used its id.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_25536_answers_with_equal_ids_go_to_who_asked() -> Result<()> {
    let stage = Stage::of_two().await?;
    // Every client counts its requests from 1, and all share one pool of connections.
    let http = reqwest::Client::new();
    let asked = (0..24).map(|number| {
        let person = stage.person(if number % 2 == 0 { "ada" } else { "ben" });
        let token = stage.world.token(person);
        let client = Client::unconnected(http.clone(), &stage.server.url, Some(&token), Era::Stateless);
        async move {
            let answer = client.call("bucket_object_text", json!({"s3_uri": person.first_uri()})).await?;
            Ok::<_, quilt_tests::Trouble>((person, answer))
        }
    });
    for (person, answer) in try_join_all(asked).await? {
        assert!(answer.everything().contains(&person.canary), "{}", answer.everything());
    }
    Ok(())
}

/// A session's id was enough to act in it: in the Python SDK, in the Ruby SDK, and, on resuming, in agent-router.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_52869_cve_2026_67431_ghsa_953h_535j_jg2v_a_session_is_its_owners() -> Result<()> {
    let stage = with_sessions().await?;
    let ada = stage.client_in("ada", Era::Initialize).await?;
    let session = ada.session().ok_or("a session")?.to_owned();
    let http = reqwest::Client::new();
    let mut answers = Vec::new();
    for id in [session.as_str(), "00000000-0000-4000-8000-000000000000"] {
        for method in ["POST", "GET", "DELETE"] {
            let request = http
                .request(method.parse()?, &stage.server.url)
                .bearer_auth(stage.token("ben"))
                .header("mcp-session-id", id)
                .header("mcp-protocol-version", "2025-11-25")
                .header("last-event-id", "0/0")
                .header("accept", "application/json, text/event-stream")
                .json(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}));
            let answer = request.send().await?;
            answers.push((answer.status().as_u16(), answer.text().await?));
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, 404);
    assert!(!ada.tools().await?.is_empty(), "the owner's session is as it was");
    Ok(())
}

/// rmcp did not look at `Host`: a page could give its own name this machine's address.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_42559_a_foreign_host_is_refused_with_a_good_token() -> Result<()> {
    let stage = Stage::of_two().await?;
    for host in ["evil.test", "evil.test:80", "localhost.evil.test", "127.0.0.1.evil.test", ""] {
        let request = reqwest::Client::new()
            .post(&stage.server.url)
            .bearer_auth(stage.token("ada"))
            .header("host", host)
            .json(&json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}));
        let status = request.send().await?.status().as_u16();
        assert!(matches!(status, 400 | 403), "{host:?}: {status}");
    }
    Ok(())
}

/// rmcp entered a session for everybody who asked, before anybody knew who they were.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_63128_who_is_nobody_opens_no_session() -> Result<()> {
    let stage = with_sessions().await?;
    let http = reqwest::Client::new();
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"},
    }});
    for number in 0..500 {
        let mut request = http.post(&stage.server.url).json(&hello);
        if number % 2 == 0 {
            request = request.bearer_auth(stage.world.mint.foreign(stage.person("ada")));
        }
        let answer = request.send().await?;
        assert_eq!(answer.status(), 401);
        assert!(!answer.headers().contains_key("mcp-session-id"));
    }
    // All eight places are still there.
    let mut open = Vec::new();
    for number in 0..8 {
        open.push(stage.client_in(if number % 2 == 0 { "ada" } else { "ben" }, Era::Initialize).await?);
    }
    assert!(open.iter().all(|client| client.session().is_some()));
    assert!(stage.client_in("ada", Era::Initialize).await.is_err(), "there is no ninth");
    Ok(())
}

/// Envoy crashed when keys could not be fetched and a request carried several tokens.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_64527_several_tokens_while_keys_are_missing() -> Result<()> {
    let stage = Stage::of_two().await?;
    let issuer = quilt_tests::issuer::PublishedIssuer::start("https://down.test", "quilt-mcp").await?;
    issuer.server.answers(503, "");
    let roles: Vec<String> = stage.world.allowed_roles().split(',').map(String::from).collect();
    let file = issuer.table(&format!("allowed_roles = {roles:?}"));
    let server = Plan::multi_tenant(&stage.world)?.file(&file)?.start().await?;
    let ada = stage.person("ada");
    let (down, good) = (issuer.good("RS256", ada)?, stage.token("ada"));
    let ping: Value = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    for tokens in
        [vec![&down], vec![&down, &good], vec![&good, &down], vec![&down, &down], vec![&good, &good]]
    {
        let mut request = reqwest::Client::new().post(&server.url).json(&ping);
        for token in &tokens {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        assert_eq!(request.send().await?.status(), 401);
    }
    let alone = reqwest::Client::new().post(&server.url).bearer_auth(&good).json(&ping).send().await?;
    assert_eq!(alone.status(), 200, "the other issuer's callers are served");
    Ok(())
}
