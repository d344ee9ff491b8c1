//! Attempts on what is another's are seen as that within five seconds, each of them, and nothing that honest clients do is.
//!
//! The honest part has a long form: `QUILT_SOAK_SECONDS=3600 cargo test --workspace --test it -- trespass --nocapture`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::metrics::Metrics;
use quilt_tests::server::{Plan, Server};
use quilt_tests::token::TokenMint;
use quilt_tests::world::{Person, ServerRights, Wanted, World, ada_and_ben};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::push::merged;
use crate::stage::{Stage, long_form};

/// Within this an attempt is to be seen.
const SOON: Duration = Duration::from_secs(5);
const TRESPASSES: &str = "quilt_mcp_trespasses_total";

/// A server with sessions, and an issuer with keys who vouches for one tenant that nobody is of.
struct Scene {
    stage: Stage,
    issuer: PublishedIssuer,
    http: reqwest::Client,
}

/// What somebody tries: what to call it, what it is seen as, and the request.
type Attack = (&'static str, &'static str, RequestBuilder);

impl Scene {
    async fn of(people: impl IntoIterator<Item = Wanted>, sessions: bool) -> Result<Self> {
        let world = World::of(people, ServerRights::OnlyExchange).await?;
        let issuer = PublishedIssuer::start(&format!("https://keys.{}.test", world.id), "quilt-mcp").await?;
        let table =
            "credentials = \"registry\"\ntenants = [\"elsewhere\"]\nregistry_url = \"http://127.0.0.1:1\"";
        let plan = Plan::multi_tenant(&world)?
            .set("QUILT_MCP_SESSIONS", &sessions.to_string())
            .set("QUILT_MCP_LOG", "warn,quilt_mcp=info")
            .file(&issuer.table(table))?;
        let stage = Stage::start(world, plan).await?;
        Ok(Self { stage, issuer, http: reqwest::Client::new() })
    }

    fn server(&self) -> &Server {
        &self.stage.server
    }

    fn post(&self, token: &str, message: &Value) -> RequestBuilder {
        self.ask(Method::POST, token).json(message)
    }

    fn ask(&self, method: Method, token: &str) -> RequestBuilder {
        self.http
            .request(method, &self.server().url)
            .bearer_auth(token)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
    }

    /// Ben in the session that ada has open, in every way there is to be in one.
    fn on_session(&self, session: &str) -> Vec<Attack> {
        let ben = self.stage.token("ben");
        let message = |method: &str| json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {}});
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "auth_status", "arguments": {}}});
        let cancel =
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
        [
            ("lists in a session of another", self.post(&ben, &message("tools/list"))),
            ("calls in a session of another", self.post(&ben, &call)),
            ("begins a session of another anew", self.post(&ben, &message("initialize"))),
            ("cancels in a session of another", self.post(&ben, &cancel)),
            ("listens to a session of another", self.ask(Method::GET, &ben)),
            ("goes on listening to a session of another", {
                self.ask(Method::GET, &ben).header("last-event-id", "0")
            }),
            ("ends a session of another", self.ask(Method::DELETE, &ben)),
        ]
        .map(|(what, request)| (what, "session", request.header("mcp-session-id", session)))
        .into()
    }

    /// Ben with tokens that are not his to use.
    fn with_tokens(&self) -> Result<Vec<Attack>> {
        let (world, mint) = (&self.stage.world, &self.stage.world.mint);
        let (ada, ben) = (self.stage.person("ada"), self.stage.person("ben"));
        let claims = Value::Object(mint.claims(ada).into_object()).to_string();
        let header = |more: Value| merged(json!({"alg": "HS256", "typ": "JWT"}), more).to_string();
        let elsewhere = TokenMint::with_secret("https://elsewhere.test", &mint.audience, mint.secret());
        let wrong_tenant = self.issuer.good("ES256", ben)?;
        let tokens = [
            ("claims to be another", "forged_token", mint.tampered(ben, ada)),
            ("signs for another", "forged_token", mint.foreign(ada)),
            ("signs nothing", "forged_token", mint.unsigned(ada)),
            (
                "brings a key along",
                "forged_token",
                mint.sign(&header(json!({"jwk": {"kty": "oct", "k": "AAAA"}})), &claims)?,
            ),
            (
                "says where the key is",
                "forged_token",
                mint.sign(&header(json!({"jku": "https://evil.test/keys"})), &claims)?,
            ),
            (
                "has it signed in another way",
                "forged_token",
                self.issuer.key("ES256").sign("ES256", &header(json!({"alg": "ES256"})), &claims)?,
            ),
            (
                "replays a token for another service",
                "foreign_token",
                mint.claims(ben).with("aud", json!("another-service")).signed(),
            ),
            (
                "replays a token for another purpose",
                "foreign_token",
                mint.sign(&header(json!({"typ": "dpop+jwt"})), &claims)?,
            ),
            ("replays a token of others' issuer", "foreign_token", elsewhere.good(ben)),
            ("is in a tenant that is not the issuer's", "tenant", wrong_tenant),
            (
                "takes the role of another tenant",
                "role",
                mint.claims(ben).with("role_arn", json!(ada.role_arn)).signed(),
            ),
        ];
        let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
        let mut attacks: Vec<Attack> =
            tokens.map(|(what, on, token)| (what, on, self.post(&token, &list))).into();
        let both = self.post(&world.token(ben), &list).bearer_auth(world.token(ada));
        attacks.push(("brings two tokens", "several_tokens", both));
        Ok(attacks)
    }

    /// Whether the attempt is refused, and seen as what it is: in the figures, and in the log under the request's id. How long
    /// that took; or what is wrong.
    async fn is_seen(&self, (what, on, request): Attack) -> Result<std::result::Result<Duration, String>> {
        let label = format!("on=\"{on}\"");
        let count = |metrics: &Metrics| (metrics.with(TRESPASSES, &label), metrics.sum(TRESPASSES));
        let before = count(&self.server().metrics().await?);
        let (sent, response) = (Instant::now(), request.send().await?);
        let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(String::from);
        let id = id.ok_or("each answer has an id")?;
        if !response.status().is_client_error() {
            return Ok(Err(format!("who {what} is answered {}", response.status())));
        }
        loop {
            let after = count(&self.server().metrics().await?);
            let is_of_it = |event: &Value| event["request_id"] == *id && event["trespass"] == on;
            let counted = after == (before.0 + 1.0, before.1 + 1.0);
            match (counted && self.server().log.events().iter().any(is_of_it), sent.elapsed()) {
                (true, took) => return Ok(Ok(took)),
                (false, took) if took > SOON => {
                    return Ok(Err(format!("who {what} is not seen: {before:?}, {after:?}")));
                }
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// One round of what `person` does who means no harm, in a session that was opened with an older token.
    async fn honest(&self, person: &Person, session: &Client) -> Result<()> {
        let (url, mint) = (&self.server().url, &self.stage.world.mint);
        let with = |token: &str| Client::unconnected(self.http.clone(), url, Some(token), Era::Stateless);
        let token = self.stage.world.token(person);
        for _ in 0..3 {
            let again =
                with(&token).call("bucket_object_text", json!({"s3_uri": person.first_uri()})).await?;
            assert!(!again.is_error, "{}", again.everything());
        }
        assert!(!session.tools().await?.is_empty());
        let renewed = with(&token).on_session(session.session().ok_or("a session")?);
        assert!(!renewed.call("workflow_list_all", json!({})).await?.is_error);
        // A session that the server no longer has, tokens whose time is over or has not come, none, and a key that is new.
        let mut gone = Client::connect(url, &token, Era::Initialize).await?;
        gone.delete_session().await?;
        assert!(gone.tools().await.is_err());
        gone = with(&token).on_session("00000000-0000-4000-8000-000000000000");
        assert!(gone.tools().await.is_err());
        let early = mint.claims(person).with("nbf", json!(quilt_tests::token::now() + 900)).signed();
        let key = self.issuer.key("EdDSA");
        let new = key.sign(
            "EdDSA",
            &json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "new"}).to_string(),
            &Value::Object(self.issuer.claims(person)).to_string(),
        )?;
        for refused in [mint.expired(person), early, new, "no-token".into()] {
            assert!(with(&refused).tools().await.is_err());
        }
        assert!(Client::unconnected(self.http.clone(), url, None, Era::Stateless).tools().await.is_err());
        // What is not there, what AWS refuses, what makes no sense.
        let other = self.stage.world.people.iter().find(|other| other.subject != person.subject);
        for (tool, arguments) in [
            ("workflow_get_status", json!({"id": "not-there"})),
            ("bucket_object_text", json!({"s3_uri": other.ok_or("several people")?.first_uri()})),
            ("bucket_object_text", json!({"s3_uri": 7})),
        ] {
            assert!(with(&token).call(tool, arguments).await?.is_error);
        }
        assert!(with(&token).call("no_such_tool", json!({})).await.is_err());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_on_what_is_anothers_is_seen_in_time() -> Result<()> {
    let scene = Scene::of(ada_and_ben(), true).await?;
    let ada = scene.stage.client_in("ada", Era::Initialize).await?;
    let mut attacks = scene.on_session(ada.session().ok_or("a session")?);
    attacks.extend(scene.with_tokens()?);
    let (number, mut longest) = (attacks.len(), Duration::ZERO);
    for attack in attacks {
        longest = longest.max(scene.is_seen(attack).await??);
    }
    assert_eq!(number, 19, "docs/security.md says how many kinds");
    assert!(!ada.tools().await?.is_empty(), "the owner's session is as it was");
    // Who asks in the session is known, so the log says who: ben, as a hash.
    let ben = scene.stage.person("ben").log_hash(&scene.stage.world.mint.issuer);
    let of_sessions: Vec<Value> =
        scene.server().log.events().into_iter().filter(|event| event["trespass"] == "session").collect();
    assert_eq!(of_sessions.len(), 7, "{of_sessions:#?}");
    assert!(of_sessions.iter().all(|event| event["user"] == *ben), "{of_sessions:#?}");
    writeln!(std::io::stderr(), "{number} of {number} attempts seen, the last after {longest:?}")?;
    Ok(())
}

/// A server to which sessions mean nothing sees none of the attempts on one: the judge says so of each.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_look_whose_a_session_is_is_caught() -> Result<()> {
    let scene = Scene::of(ada_and_ben(), false).await?;
    for attack in scene.on_session("00000000-0000-4000-8000-000000000000") {
        // What is refused anyway is refused for another reason, and waited for until it is too late: one is enough.
        if attack.0.starts_with("lists") || attack.0.starts_with("ends") {
            assert!(scene.is_seen(attack).await?.is_err());
        }
    }
    Ok(())
}

/// Many people behind one address, who try again, renew their tokens, come too late, and ask for what is not there.
#[tokio::test(flavor = "multi_thread")]
async fn honest_clients_raise_nothing() -> Result<()> {
    let people = (0..20).map(|n| Wanted::new(&format!("tenant{}", n % 4), &format!("user{n}")));
    let scene = Scene::of(people, true).await?;
    let soak = long_form("QUILT_SOAK_SECONDS");
    let end = Instant::now() + soak.map_or(Duration::ZERO, Duration::from_secs);
    let mut sessions = Vec::new();
    for person in &scene.stage.world.people {
        sessions.push((person, scene.stage.client_in(person.name(), Era::Initialize).await?));
    }
    let mut rounds = 0;
    loop {
        let all = stream::iter(&sessions).map(|(person, session)| scene.honest(person, session));
        all.buffer_unordered(8).collect::<Vec<_>>().await.into_iter().collect::<Result<()>>()?;
        rounds += 1;
        if Instant::now() >= end {
            break;
        }
    }
    let metrics = scene.server().metrics().await?;
    assert!(metrics.has(TRESPASSES));
    assert_eq!(metrics.sum(TRESPASSES), 0.0, "{metrics:#?}");
    let seen: Vec<Value> = scene
        .server()
        .log
        .events()
        .into_iter()
        .filter(|event| event["trespass"].as_str().is_some_and(|on| on != "none"))
        .collect();
    assert!(seen.is_empty(), "{seen:#?}");
    let refused = metrics.sum("quilt_mcp_auth_failures_total");
    writeln!(std::io::stderr(), "{rounds} rounds of 20 people, {refused} refusals, no trespass")?;
    Ok(())
}
