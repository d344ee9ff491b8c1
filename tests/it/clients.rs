//! The clients of these tests, tried on the official Python server: they must be right before they judge.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use quilt_tests::client::python::{Script, answer};
use quilt_tests::client::{CallError, Client, Era};
use quilt_tests::{Result, python};
use serde_json::{Value, json};

/// The process, which ends when it is dropped, and its address.
fn echo_server() -> Result<(Child, String)> {
    let mut process = Command::new(python::interpreter()?)
        .arg(python::script("echo_server.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(process.stdout.take().ok_or("piped")?).read_line(&mut line)?;
    let ready: Value = serde_json::from_str(&line)?;
    Ok((process, ready["listening"].as_str().ok_or("an address")?.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_client_speaks_both_protocols() -> Result<()> {
    let (_process, url) = echo_server()?;
    for era in [Era::Initialize, Era::Stateless] {
        let client = Client::connect(&url, "unused", era).await?;
        assert_eq!(client.session().is_some(), era == Era::Initialize);
        assert_eq!(client.tools().await?, ["echo", "fail"]);
        let said = client.call("echo", json!({"text": "ä\n"})).await?;
        assert_eq!(said.structured, json!({"said": "ä\n"}), "{era:?}");
        let failed = client.call("fail", json!({"text": "why"})).await?;
        assert!(failed.is_error && failed.text.contains("why"), "{era:?}: {failed:?}");
        let unknown = client.request("no/such", json!({}), None).await;
        assert!(matches!(unknown, Err(CallError::Rpc { code: -32601, .. })), "{era:?}: {unknown:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_plays_a_script_in_order() -> Result<()> {
    let (_process, url) = echo_server()?;
    let outcomes = Script::new()
        .over_http("new", &url, "unused", "2026-07-28")
        .over_http("old", &url, "unused", "legacy")
        .over_http("lost", "http://127.0.0.1:1/mcp", "unused", "auto")
        .concurrently(4)
        .step(json!({"client": "new", "do": "about"}))
        .step(json!({"client": "old", "do": "about"}))
        .call("new", "echo", &json!({"text": "one"}))
        .call("lost", "echo", &json!({"text": "two"}))
        .call("old", "echo", &json!({"text": "three"}))
        .play()
        .await?;
    let [new, old, one, two, three] = outcomes.as_slice() else { panic!("five steps: {outcomes:#?}") };
    assert_eq!(new.as_ref().map(|about| &about["protocol_version"]), Ok(&json!("2026-07-28")));
    assert_eq!(old.as_ref().map(|about| &about["protocol_version"]), Ok(&json!("2025-11-25")));
    assert_eq!(answer(one.clone())?.structured["said"], "one");
    assert!(two.is_err(), "nobody listens there: {two:?}");
    assert_eq!(answer(three.clone())?.structured["said"], "three");
    Ok(())
}

/// What this client is answered is searched for secrets: a server that sends somebody's token back is caught.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_an_answer_to_the_python_client_is_caught() -> Result<()> {
    let (_process, url) = echo_server()?;
    let token = "a.b.signature-of-some-length";
    let saying = |text: &str| {
        Script::new().over_http("ada", &url, token, "auto").call("ada", "echo", &json!({ "text": text }))
    };
    assert!(saying("signature-of").play().await.is_ok());
    let caught = saying(token).play().await.expect_err("it is in the answer").to_string();
    assert!(caught.contains("a caller's token"), "{caught}");
    Ok(())
}
