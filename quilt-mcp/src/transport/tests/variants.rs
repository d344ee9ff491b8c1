//! Ways around the door, over real connections: other spellings of path, method and head by which somebody without a token
//! might reach a tool, and names by which a web page might.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use http::HeaderMap;

use super::connections::{Running, start_with};
use crate::transport::fake::{Fake, Names, call, identity};
use crate::transport::http::{HttpOptions, ProtectedResource};
use crate::transport::{AuthFailure, Authenticate, Authenticated};

const METADATA: [&str; 2] =
    ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"];

const METHODS: [&str; 8] = ["POST", "post", "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"];

const TARGETS: [&str; 38] = [
    "/mcp",
    "/MCP",
    "//mcp",
    "/mcp/",
    "/mcp//",
    "/./mcp",
    "/../mcp",
    "/x/../mcp",
    "/mcp/.",
    "/mcp/..",
    "/mcp;a=b",
    "/mcp;/..",
    "/mcp/..;/mcp",
    "/%6dcp",
    "/mc%70",
    "/%2fmcp",
    "/mcp%2f",
    "/mcp%00",
    "/mcp%20",
    "/mcp%0d%0aauthorization:%20Bearer%20alice",
    "/mcp?",
    "/mcp?access_token=alice",
    "/mcp?token=alice&authorization=Bearer%20alice",
    "/mcp?x=/.well-known/oauth-protected-resource",
    "/mcp/.well-known/oauth-protected-resource",
    "/\\mcp",
    "http://localhost/mcp",
    "http://alice@localhost/mcp",
    "https://localhost:443/mcp",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-protected-resource/../../mcp",
    "/.well-known/oauth-protected-resource/mcp/../../../mcp",
    "/.well-known/oauth-protected-resource%2f..%2f..%2fmcp",
    "/.well-known/../mcp",
    "/metrics",
    "/sse",
    "*",
];

/// What stands in the head besides, or how the body comes.
const TRICKS: [&str; 20] = [
    "",
    "authorization: Bearer mallory\r\n",
    "authorization: Basic YWxpY2U6YWxpY2U=\r\n",
    "authorization: Bearer mallory\r\nauthorization: Bearer alice\r\n",
    "authorization: Bearer alice\r\nauthorization: Bearer alice\r\n",
    "authorization : Bearer alice\r\n",
    "proxy-authorization: Bearer alice\r\n",
    "x-authorization: Bearer alice\r\nauthentication: Bearer alice\r\n",
    "cookie: authorization=Bearer alice; access_token=alice\r\n",
    "x-forwarded-user: alice\r\nx-remote-user: alice\r\nremote-user: alice\r\n",
    "x-original-url: /.well-known/oauth-protected-resource\r\n",
    "x-rewrite-url: /.well-known/oauth-protected-resource\r\n",
    "x-forwarded-for: 127.0.0.1\r\nx-real-ip: 127.0.0.1\r\nforwarded: for=127.0.0.1\r\n",
    "x-http-method-override: POST\r\nx-method-override: OPTIONS\r\n",
    "origin: http://localhost\r\naccess-control-request-method: POST\r\n",
    "sec-websocket-protocol: bearer, alice\r\nupgrade: websocket\r\n",
    "mcp-session-id: alice\r\nuser-agent: kube-probe/1.29\r\n",
    CHUNKED,
    BOTH,
    HTTP10,
];
/// The body comes in chunks, and with it a trailer.
const CHUNKED: &str = "transfer-encoding: chunked\r\ntrailer: authorization\r\n";
/// Two lengths, as for a proxy that believes the other one.
const BOTH: &str = "transfer-encoding: chunked\r\ncontent-length: 4\r\n";
/// Of the protocol before, which needs no `Host`.
const HTTP10: &str = "x-version: 1.0\r\n";

fn request(method: &str, target: &str, trick: &str) -> String {
    let body = call("echo").to_string();
    let version = if trick == HTTP10 { "1.0" } else { "1.1" };
    let (length, body) = match trick {
        CHUNKED | BOTH => {
            let chunks = format!("{:x}\r\n{body}\r\n0\r\nauthorization: Bearer alice\r\n\r\n", body.len());
            (String::new(), chunks)
        }
        _ => (format!("content-length: {}\r\n", body.len()), body),
    };
    format!(
        "{method} {target} HTTP/{version}\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\n{length}{trick}connection: close\r\n\r\n{body}"
    )
}

fn all_variants() -> Vec<(&'static str, &'static str, &'static str)> {
    let of = |method, target| TRICKS.map(|trick| (method, target, trick));
    METHODS.iter().flat_map(|method| TARGETS.iter().flat_map(move |target| of(*method, *target))).collect()
}

async fn open(backend: &Arc<Fake>, authenticate: Arc<dyn Authenticate>) -> Running {
    let resource = ProtectedResource {
        url: "https://mcp.example.com/mcp".into(),
        authorization_servers: vec!["https://idp.example.com".into()],
        scopes: true,
    };
    let options = HttpOptions { resource: Some(resource), ..HttpOptions::default() };
    start_with(backend, options, authenticate).await
}

/// The status, and whether there is a body.
fn read(answer: &str) -> (u16, bool) {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").is_some_and(|(_, body)| !body.is_empty()))
}

#[tokio::test]
async fn no_variant_of_a_request_gets_past_the_token() {
    let variants = all_variants();
    assert!(variants.len() >= 5_000, "{}", variants.len());
    let (backend, _) = Fake::new();
    let running = open(&backend, Arc::new(Names)).await;
    let answered = stream::iter(&variants).map(async |(method, target, trick)| {
        let answer = running.answer(&request(method, target, trick)).await;
        ((method, target, trick), answer)
    });
    let mut answered = answered.buffer_unordered(16);
    let mut open_to_all = 0;
    while let Some(((method, target, trick), answer)) = answered.next().await {
        let (status, has_body) = read(&answer);
        // What needs no token: a preflight, which says nothing but what pages may send, and the metadata at both places.
        let is_metadata = METADATA.contains(target) && matches!(*method, "GET" | "HEAD");
        let is_preflight = *method == "OPTIONS" && !has_body;
        let told = (200..300).contains(&status);
        assert!(!told || is_metadata || is_preflight, "{method} {target} {trick:?}: {answer}");
        open_to_all += usize::from(told && is_metadata);
    }
    drop(answered);
    assert_eq!(backend.seen(), []);
    assert!(open_to_all >= METADATA.len(), "the metadata is there for everybody");
    running.stop().await;
}

/// Takes a proxy's word for who asks.
struct BelievesProxies;

impl Authenticate for BelievesProxies {
    fn authenticate<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Result<Authenticated, AuthFailure>> {
        let user = headers.get("x-forwarded-user").and_then(|user| user.to_str().ok());
        let found = user.map(identity).ok_or_else(|| AuthFailure { why: "nobody".into(), retry_after: None });
        Box::pin(std::future::ready(found))
    }
}

#[tokio::test]
async fn a_door_that_believes_a_header_is_caught() {
    let (backend, _) = Fake::new();
    let running = open(&backend, Arc::new(BelievesProxies)).await;
    for (method, target, trick) in all_variants().into_iter().filter(|(_, target, _)| *target == "/mcp") {
        running.answer(&request(method, target, trick)).await;
    }
    assert_ne!(backend.seen(), []);
    running.stop().await;
}

/// With a good token, as a page would have whose user is signed in.
fn from_a_page(method: &str, target: &str, head: &str) -> String {
    let body = call("echo").to_string();
    format!(
        "{method} {target} HTTP/1.1\r\n{head}authorization: Bearer alice\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn no_foreign_host_or_origin_gets_past_the_door() {
    const OWN: &str = "host: localhost\r\n";
    const FOREIGN_HOSTS: [&str; 14] = [
        "",
        "host:\r\n",
        "host: evil.example\r\n",
        "host: evil.example:8000\r\n",
        "host: localhost.evil.example\r\n",
        "host: 127.0.0.1.nip.io\r\n",
        "host: localhost@evil.example\r\n",
        "host: localhost, evil.example\r\n",
        "host: localhost evil.example\r\n",
        "host: localhost\r\nhost: evil.example\r\n",
        "host: evil.example\r\nhost: localhost\r\n",
        "host: evil.example\r\nx-forwarded-host: localhost\r\n",
        "host: evil.example\r\nforwarded: host=localhost\r\n",
        "host: 0.0.0.0\r\n",
    ];
    const FOREIGN_ORIGINS: [&str; 12] = [
        "origin:\r\n",
        "origin: null\r\n",
        "origin: http://evil.example\r\n",
        "origin: https://localhost\r\n",
        "origin: http://localhost.evil.example\r\n",
        "origin: http://evil.example:80@localhost.evil.example\r\n",
        "origin: file://\r\n",
        "origin: chrome-extension://abcdefgh\r\n",
        "origin: http://localhost, http://evil.example\r\n",
        "origin: http://localhost\r\norigin: http://evil.example\r\n",
        "origin: http://evil.example\r\norigin: http://localhost\r\n",
        "origin: http://evil.example\r\nx-forwarded-host: evil.example\r\nx-forwarded-proto: http\r\n",
    ];
    let mut attempts: Vec<(&str, String)> = Vec::new();
    for host in FOREIGN_HOSTS {
        let own_origins = ["", "origin: http://localhost\r\n", "origin: null\r\n"];
        attempts.extend(own_origins.map(|origin| ("/mcp", format!("{host}{origin}"))));
        attempts.push(("http://localhost/mcp", host.to_owned()));
    }
    attempts.extend(FOREIGN_ORIGINS.map(|origin| ("/mcp", format!("{OWN}{origin}"))));
    attempts.push(("http://evil.example/mcp", OWN.to_owned()));
    attempts.push(("http://localhost@evil.example/mcp", OWN.to_owned()));
    let (backend, _) = Fake::new();
    let running = open(&backend, Arc::new(Names)).await;
    for method in ["POST", "GET", "DELETE", "OPTIONS"] {
        for (target, head) in &attempts {
            // A host that names none, beside a target that does, is the target's.
            if *target == "http://localhost/mcp" && head.is_empty() {
                continue;
            }
            let answer = running.answer(&from_a_page(method, target, head)).await;
            assert!(matches!(read(&answer).0, 400 | 403), "{method} {target} {head:?}: {answer}");
        }
    }
    assert_eq!(backend.seen(), []);
    // The same request is taken by its own name, from its own page.
    let own = format!("{OWN}origin: http://localhost:6274\r\n");
    assert_eq!(read(&running.answer(&from_a_page("POST", "/mcp", &own)).await), (200, true));
    assert_eq!(backend.seen().len(), 1);
    running.stop().await;
}
