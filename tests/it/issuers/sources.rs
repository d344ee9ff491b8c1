//! What a token is exchanged for: each way, with a real STS or registry on the other side.

use quilt_tests::Result;
use quilt_tests::key_server::KeyServer;
use quilt_tests::substrate::Entry;
use quilt_tests::world::{Person, World};
use serde_json::{Value, json};

use super::{Scene, roles};

fn tenants(world: &World) -> String {
    let tenants: Vec<&str> = world.people.iter().map(|person| person.tenant.as_str()).collect();
    format!("credentials = \"registry\"\ntenants = {tenants:?}")
}

async fn exchanges(scene: &Scene, since: quilt_tests::substrate::Mark) -> Result<Vec<Entry>> {
    let entries = scene.world.substrate.since(since).await?;
    let named =
        |entry: &Entry| entry.action.as_deref().is_some_and(|action| action.starts_with("sts:AssumeRole"));
    Ok(entries.into_iter().filter(|entry| scene.world.owns(entry) && named(entry)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_is_shown_the_callers_token_and_its_credentials_are_used() -> Result<()> {
    let registry = KeyServer::start().await?;
    let origin = registry.origin();
    let lines = |world: &World| format!("{}\nregistry_url = {origin:?}", tenants(world));
    let scene = Scene::with(lines, |plan| plan).await?;
    let (ada, ben) = (scene.world.person("ada"), scene.world.person("ben"));
    registry.answers(200, &scene.world.registry_credentials(ada).await?);
    let token = scene.issuer.good("RS256", ada)?;
    let mark = scene.world.substrate.mark().await?;
    let client = scene.client_with(&token).await?;
    let own = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    assert!(own.everything().contains(&ada.canary), "{}", own.everything());
    let foreign = client.call("bucket_object_text", json!({"s3_uri": ben.first_uri()})).await?;
    assert_eq!(foreign.error_code(), Some("access_denied"), "{}", foreign.everything());
    assert!(exchanges(&scene, mark).await?.is_empty(), "this server has assumed no role");
    let asked = registry.asked();
    assert_eq!(asked.len(), 2, "once a request");
    for head in &asked {
        assert!(head.starts_with("GET /api/auth/get_credentials HTTP/1.1"), "{head}");
        assert!(head.contains(&format!("Bearer {token}")), "{head}");
    }
    for (status, body) in [(401, "{}"), (403, "{}"), (500, "{}"), (200, "{}"), (200, "<html>")] {
        registry.answers(status, body);
        let answer = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
        assert_eq!(answer.error_code(), Some("credentials_unavailable"), "{status}: {}", answer.everything());
    }
    Ok(())
}

/// CVE-2026-64684: a client that follows a redirect takes its caller's headers along.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_64684_a_token_does_not_follow_a_redirect() -> Result<()> {
    let (registry, elsewhere) = (KeyServer::start().await?, KeyServer::start().await?);
    let origin = registry.origin();
    let lines = |world: &World| format!("{}\nregistry_url = {origin:?}", tenants(world));
    let scene = Scene::with(lines, |plan| plan).await?;
    let ada = scene.world.person("ada");
    elsewhere.answers(200, &scene.world.registry_credentials(ada).await?);
    let client = scene.client("RS256", "ada").await?;
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        registry.answers_with(
            &format!("{status}\r\nlocation: {}/api/auth/get_credentials", elsewhere.origin()),
            "",
        );
        let answer = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
        assert_eq!(answer.error_code(), Some("credentials_unavailable"), "{status}: {}", answer.everything());
    }
    assert_eq!((registry.asked().len(), elsewhere.asked().len()), (4, 0));
    Ok(())
}

/// AWS takes the issuer's tokens.
pub(super) async fn known_at_aws(scene: &Scene) -> Result<()> {
    let provider = scene.world.substrate.iam().create_open_id_connect_provider();
    provider
        .url(&scene.issuer.issuer)
        .client_id_list(&scene.issuer.audience)
        .thumbprint_list("0".repeat(40))
        .send()
        .await?;
    Ok(())
}

/// A role that AWS gives to the bearer of a token of the issuer that names this person, with their rights.
pub(super) async fn role_by_token(scene: &Scene, person: &Person) -> Result<String> {
    let (iam, world) = (scene.world.substrate.iam(), &scene.world);
    let host = scene.issuer.issuer.trim_start_matches("https://");
    let provider = format!("arn:aws:iam::{}:oidc-provider/{host}", world.substrate.account());
    let name = format!("{}-{}-{}-web", world.id, person.tenant, person.name());
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    iam.create_role()
        .role_name(&name)
        .assume_role_policy_document(document(json!({
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {format!("{host}:sub"): person.subject}},
        })))
        .send()
        .await?;
    let own = format!("arn:aws:s3:::{}", person.bucket);
    iam.put_role_policy()
        .role_name(&name)
        .policy_name("rights")
        .policy_document(document(
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": [own, format!("{own}/*")]}),
        ))
        .send()
        .await?;
    Ok(format!("arn:aws:iam::{}:role/{name}", world.substrate.account()))
}

#[tokio::test(flavor = "multi_thread")]
async fn aws_exchanges_the_callers_own_token() -> Result<()> {
    let lines = |world: &World| format!("credentials = \"web-identity\"\n{}", roles(world));
    // The server has no identity of its own, and needs none.
    let without =
        |plan: quilt_tests::server::Plan| plan.unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
    let scene = Scene::with(lines, without).await?;
    let (ada, ben) = (scene.world.person("ada"), scene.world.person("ben"));
    known_at_aws(&scene).await?;
    let role = role_by_token(&scene, ada).await?;
    let token = |person: &Person| {
        let mut claims = scene.issuer.claims(person);
        claims.insert("tenant".into(), json!(ada.tenant));
        claims.insert("role_arn".into(), json!(role));
        scene.issuer.sign("RS256", &claims)
    };
    let client = scene.client_with(&token(ada)?).await?;
    let own = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    assert!(own.everything().contains(&ada.canary), "{}", own.everything());
    let foreign = client.call("bucket_object_text", json!({"s3_uri": ben.first_uri()})).await?;
    assert_eq!(foreign.error_code(), Some("access_denied"), "{}", foreign.everything());
    // AWS, not this server, says who may have the role.
    let ben = scene.client_with(&token(ben)?).await?;
    let refused = ben.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    assert_eq!(refused.error_code(), Some("credentials_unavailable"), "{}", refused.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_policy_takes_rights_away_and_gives_none() -> Result<()> {
    let world =
        World::of(quilt_tests::world::ada_and_ben(), quilt_tests::world::ServerRights::Everything).await?;
    let issuer =
        quilt_tests::issuer::PublishedIssuer::start(&format!("https://keys.{}.test", world.id), "quilt-mcp")
            .await?;
    let plan = quilt_tests::server::Plan::multi_tenant(&world)?.without_the_mint();
    // It allows to read everything there is, also what the role does not reach.
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"},
    ]});
    let path = plan.write("narrow.json", &policy.to_string())?;
    let table = issuer.table(&format!("session_policy_file = {path:?}\n{}", roles(&world)));
    let scene = Scene { server: plan.file(&table)?.start().await?, world, issuer };
    let (ada, ben) = (scene.world.person("ada"), scene.world.person("ben"));
    let client = scene.client("PS256", "ada").await?;
    let read = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
    assert!(read.everything().contains(&ada.canary), "{}", read.everything());
    let item = json!({"key": "x", "text": "x"});
    let put = client.call("bucket_objects_put", json!({"bucket": ada.bucket, "items": [item]})).await?;
    assert!(
        put.everything().contains("access_denied") || put.structured["uploaded"] == 0,
        "{}",
        put.everything()
    );
    let foreign = client.call("bucket_object_text", json!({"s3_uri": ben.first_uri()})).await?;
    assert_eq!(foreign.error_code(), Some("access_denied"), "{}", foreign.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_is_reused_for_the_same_token_only_and_only_if_told_to() -> Result<()> {
    for (reuse, expected) in [("0", 6), ("100", 3)] {
        let scene = Scene::with(roles, |plan| plan.set("QUILT_MCP_REUSE_CREDENTIALS", reuse)).await?;
        let (ada, ben) = (scene.world.person("ada"), scene.world.person("ben"));
        let mark = scene.world.substrate.mark().await?;
        // Two tokens of ada's and one of ben's, each used twice.
        for (algorithm, person) in [("ES256", ada), ("ES384", ada), ("ES256", ben)] {
            let client = scene.client(algorithm, person.name()).await?;
            for _ in 0..2 {
                let own = client.call("bucket_object_text", json!({"s3_uri": person.first_uri()})).await?;
                assert!(own.everything().contains(&person.canary), "{}", own.everything());
            }
        }
        let exchanges = exchanges(&scene, mark).await?;
        assert_eq!(exchanges.len(), expected, "reuse {reuse}: {exchanges:#?}");
    }
    Ok(())
}
