//! A stock Quilt catalog, whose tokens say neither who issued them nor for whom.

use quilt_tests::Result;
use quilt_tests::catalog::{Asked, CatalogRegistry, digest};
use quilt_tests::client::{Client, Era};
use quilt_tests::judge::{Findings, Violation, assert_caught, assert_clean};
use quilt_tests::key_server::KeyServer;
use quilt_tests::server::{Plan, Server};
use quilt_tests::token::now;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::stage::{self, Seen};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Ada and ben, both people of one catalog, and a server that believes it, beside the issuer of every world.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) registry: CatalogRegistry,
    pub(super) server: Server,
    pub(super) ids: [u64; 2],
}

impl Scene {
    async fn open() -> Result<Self> {
        Self::with(Plan::multi_tenant).await
    }

    pub(super) async fn with(plan: impl FnOnce(&World) -> Result<Plan>) -> Result<Self> {
        Self::trusting(plan, |plan, registry, tenant| {
            let secret = plan.write("catalog-secret", registry.mint.secret())?;
            Ok(registry.table(tenant, &secret))
        })
        .await
    }

    /// With a server that has this table of its catalog.
    pub(super) async fn trusting(
        plan: impl FnOnce(&World) -> Result<Plan>,
        table: impl FnOnce(&Plan, &CatalogRegistry, &str) -> Result<String>,
    ) -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::Everything).await?;
        let registry = CatalogRegistry::start().await?;
        let mut ids = [0; 2];
        for (id, person) in ids.iter_mut().zip(&world.people) {
            *id = registry.enrol(&world, person).await?;
        }
        let plan = plan(&world)?;
        let table = table(&plan, &registry, &world.person("ada").tenant)?;
        let server = plan.file(&table)?.start().await?;
        Ok(Self { world, registry, server, ids })
    }

    /// The first person of the world, or the second, with a new token.
    pub(super) async fn client_of(&self, at: usize) -> Result<Client> {
        self.client(&self.registry.issue(self.ids[at])?, Era::Stateless).await
    }

    async fn client(&self, token: &str, era: Era) -> Result<Client> {
        Ok(Client::connect(&self.server.url, token, era).await?)
    }

    /// Everything that a caller with this token sees of an answer.
    pub(super) async fn seen(&self, token: &str) -> Result<Seen> {
        stage::seen(&reqwest::Client::new(), &self.server.url, token).await
    }

    fn ada(&self) -> &Person {
        &self.world.people[0]
    }
}

/// Reads `of` with `client`; whether their canary came back.
async fn reads(client: &Client, of: &Person) -> Result<bool> {
    let answer = client.call("bucket_object_text", json!({"s3_uri": of.first_uri()})).await?;
    Ok(answer.everything().contains(&of.canary))
}

/// Each reads what is theirs and not what is the other's, at S3 and in the store; and the registry was shown nobody's token
/// but the asker's, once for each call that needs credentials.
async fn each_has_their_own(scene: &Scene) -> Result<Vec<Violation>> {
    let mut findings = Findings::default();
    let mut expected = Vec::new();
    for round in 0..2 {
        for (at, own) in scene.world.people.iter().enumerate() {
            let other = &scene.world.people[1 - at];
            // A new token each time: as after signing in again.
            let token = scene.registry.issue(scene.ids[at])?;
            let client = scene.client(&token, Era::Stateless).await?;
            if !reads(&client, own).await? {
                findings.add(format!("{} does not see what is theirs", own.subject));
            }
            if reads(&client, other).await? {
                findings.add(format!("{} sees an object of {}", own.subject, other.subject));
            }
            let asked = Asked { token_sha256: digest(&token), person: Some(scene.ids[at]) };
            expected.extend(std::iter::repeat_n(asked, 2));
            if round == 0 {
                let workflow = json!({"workflow_id": format!("of-{at}"), "name": own.canary});
                client.call("workflow_create", workflow).await?;
            }
            let all = client.call("workflow_list_all", json!({})).await?.everything();
            if !all.contains(&own.canary) {
                findings.add(format!("{} does not see their workflow with a new token", own.subject));
            }
            if all.contains(&other.canary) {
                findings.add(format!("{} sees a workflow of {}", own.subject, other.subject));
            }
        }
    }
    if scene.registry.asked() != expected {
        findings.add(format!("the registry was asked {:?}, not {expected:?}", scene.registry.asked()));
    }
    Ok(findings.all())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_one_catalog_have_each_their_own() -> Result<()> {
    let scene = Scene::open().await?;
    assert_clean("a catalog", &each_has_their_own(&scene).await?);
    Ok(())
}

/// A server with this setting.
fn set(name: &'static str, value: &'static str) -> impl FnOnce(&World) -> Result<Plan> {
    move |world| Plan::multi_tenant(world).map(|plan| plan.set(name, value))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_all_tokens_have_in_common_is_caught() -> Result<()> {
    assert_clean("the sound twin", &each_has_their_own(&Scene::with(stage::twin("none")).await?).await?);
    let found = each_has_their_own(&Scene::with(stage::twin("principal")).await?).await?;
    assert_caught("one subject", &found, &["sees a workflow of"]);
    Ok(())
}

/// With reuse, what is kept is a token's own: a second one of the same person is shown to the registry again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_kept_by_the_whole_token() -> Result<()> {
    let scene = Scene::with(set("QUILT_MCP_REUSE_CREDENTIALS", "10")).await?;
    let mut tokens = Vec::new();
    for (at, id) in [0, 1, 0].into_iter().map(|at| (at, scene.ids[at])) {
        let token = scene.registry.issue(id)?;
        let client = scene.client(&token, Era::Stateless).await?;
        for _ in 0..2 {
            assert!(reads(&client, &scene.world.people[at]).await?);
            assert!(!reads(&client, &scene.world.people[1 - at]).await?);
        }
        tokens.push(digest(&token));
    }
    let asked: Vec<String> = scene.registry.asked().into_iter().map(|asked| asked.token_sha256).collect();
    assert_eq!(asked, tokens, "once for each token");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_good_token_of_the_catalog_is_refused_like_any_other() -> Result<()> {
    let scene = Scene::open().await?;
    let good = scene.registry.issue(scene.ids[0])?;
    assert_eq!(scene.seen(&good).await?.status, 200);
    let refused = scene.seen("no.token.atall").await?;
    assert_eq!(refused.status, 401);
    let sound =
        json!({"id": scene.ids[0], "uuid": "6f9c1e0e-6c1e-4b7a-9d59-3f2a1b0c4d5e", "exp": now() + 600});
    let with = |name: &str, value: Value| {
        let mut claims = sound.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = sound.clone();
        claims.as_object_mut().expect("an object").remove(name);
        claims
    };
    let mint = &scene.registry.mint;
    let signed = |claims: Value| mint.sign(HEADER, &claims.to_string());
    let (head, rest) = good.split_once('.').ok_or("a token has dots")?;
    let (_, signature) = rest.split_once('.').ok_or("a token has two dots")?;
    let other = scene.registry.issue(scene.ids[1])?;
    let others_claims = other.split('.').nth(1).ok_or("claims")?;
    let bad = [
        ("another's claims", format!("{head}.{others_claims}.{signature}")),
        ("the secret of the issuer beside it", scene.world.mint.sign(HEADER, &sound.to_string())?),
        ("a stranger's secret", CatalogRegistry::start().await?.mint.sign(HEADER, &sound.to_string())?),
        ("expired", signed(with("exp", json!(now() - 31)))?),
        ("for ever", signed(with("exp", json!(now() + 2 * 24 * 3600)))?),
        ("no expiry", signed(without("exp"))?),
        ("an issuer", signed(with("iss", json!(scene.registry.origin())))?),
        ("the issuer beside it", signed(with("iss", json!(scene.world.mint.issuer)))?),
        ("no issuer, but a member", signed(with("iss", json!(null)))?),
        ("an audience", signed(with("aud", json!("quilt-mcp")))?),
        ("a tenant", signed(with("tenant", json!(scene.world.people[1].tenant)))?),
        ("a role", signed(with("role_arn", json!(scene.ada().role_arn)))?),
        ("a scope", signed(with("scope", json!("quilt:admin")))?),
        ("no id", signed(without("id"))?),
        ("an id that is a number in a text", signed(with("id", json!(scene.ids[0].to_string())))?),
        ("an id with a colon", signed(with("id", json!("a:b")))?),
        ("no uuid", signed(without("uuid"))?),
        ("a uuid that is a number", signed(with("uuid", json!(7)))?),
        ("a uuid with a colon", signed(with("uuid", json!("a:b")))?),
        ("a uuid with a new line", signed(with("uuid", json!("a\nb")))?),
        ("unsigned", mint.sign(r#"{"alg":"none"}"#, &sound.to_string())?),
        ("another algorithm", mint.sign(r#"{"alg":"HS512"}"#, &sound.to_string())?),
        ("crit", mint.sign(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, &sound.to_string())?),
    ];
    for (what, token) in &bad {
        assert_eq!(scene.seen(token).await?, refused, "{what}");
    }
    assert_eq!(scene.registry.asked(), [], "what is refused is shown to nobody");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_session_is_as_good_as_none() -> Result<()> {
    let scene = Scene::with(set("QUILT_MCP_SESSIONS", "true")).await?;
    let (one, two) = (scene.registry.issue(scene.ids[0])?, scene.registry.issue(scene.ids[1])?);
    let (ada, ben) = (scene.client(&one, Era::Initialize).await?, scene.client(&two, Era::Initialize).await?);
    let session = ada.session().ok_or("a server with sessions gives one")?;
    let uri = json!({"s3_uri": scene.ada().first_uri()});
    let refused = ben.on_session(session).call("bucket_object_text", uri).await.err();
    assert_eq!(refused.and_then(|error| error.status()), Some(StatusCode::NOT_FOUND));
    // The session is the person's, so that it goes on with their next token.
    let renewed =
        scene.client(&scene.registry.issue(scene.ids[0])?, Era::Initialize).await?.on_session(session);
    assert!(reads(&renewed, scene.ada()).await? && reads(&ada, scene.ada()).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_registry_no_longer_takes_gets_nothing_and_touches_nobody_else() -> Result<()> {
    let scene = Scene::open().await?;
    let ada = scene.client(&scene.registry.issue(scene.ids[0])?, Era::Stateless).await?;
    let ben = scene.client(&scene.registry.issue(scene.ids[1])?, Era::Stateless).await?;
    assert!(reads(&ada, scene.ada()).await?);
    scene.registry.revoke(scene.ids[0]);
    let answer = ada.call("bucket_object_text", json!({"s3_uri": scene.ada().first_uri()})).await?;
    assert_eq!(answer.error_code(), Some("credentials_unavailable"), "{}", answer.everything());
    assert!(answer.everything().contains("no longer accepts your token"), "{}", answer.everything());
    assert!(reads(&ben, &scene.world.people[1]).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_fails_hangs_or_sends_elsewhere_gives_nothing() -> Result<()> {
    let scene = Scene::with(set("QUILT_MCP_REGISTRY_TIMEOUT", "1s")).await?;
    let elsewhere = KeyServer::start().await?;
    elsewhere.answers(200, &scene.world.registry_credentials(scene.ada()).await?);
    let ada = scene.client(&scene.registry.issue(scene.ids[0])?, Era::Stateless).await?;
    let refused = async |what: &str| -> Result<()> {
        let before = scene.registry.asked().len();
        let answer = ada.call("bucket_object_text", json!({"s3_uri": scene.ada().first_uri()})).await?;
        assert_eq!(answer.error_code(), Some("credentials_unavailable"), "{what}: {}", answer.everything());
        assert!(scene.registry.asked().len() > before, "{what}: nobody met it");
        Ok(())
    };
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        scene
            .registry
            .says(&format!("{status}\r\nlocation: {}/api/auth/get_credentials", elsewhere.origin()));
        refused(status).await?;
    }
    for status in ["403 Forbidden", "429 Too Many Requests", "500 Internal Server Error"] {
        scene.registry.says(status);
        refused(status).await?;
    }
    scene.registry.hangs();
    refused("a registry that hangs").await?;
    assert_eq!(elsewhere.asked().len(), 0);
    scene.registry.recovers();
    assert!(reads(&ada, scene.ada()).await?);
    Ok(())
}
