//! Who may administer, and what is refused before anything is sent.

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::registry::{Registry, Trouble};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use super::stage;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_decides_who_administers_it() -> Result<()> {
    let stage = stage("30s").await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let issuer = &stage.world.mint.issuer;
    let client = stage.client("ada").await?;
    let new = json!({"name": "eve", "email": "eve@example.com", "role": "ReadQuiltBuckets"});
    for (tool, arguments) in [
        ("admin_users_list", json!({})),
        ("admin_user_create", new.clone()),
        ("admin_user_delete", json!({"name": stage.person("ben").subject})),
        ("admin_sso_config_set", json!({"config": "version: '1.0'"})),
        ("admin_tabulator_open_query_set", json!({"enabled": true})),
        ("tabulator_open_query_status", json!({})),
    ] {
        let answer = client.call(tool, arguments).await?;
        assert_eq!(answer.error_code(), Some("access_denied"), "{tool}: {}", answer.everything());
    }
    let state = registry.state(issuer).await?;
    assert_eq!(
        (state["users"].as_object().map(serde_json::Map::len), &state["sso"]),
        (Some(2), &json!(null))
    );
    registry.add_user(issuer, &ada.account().who_administers()).await?;
    assert!(!client.call("admin_user_create", new.clone()).await?.is_error);
    assert!(registry.state(issuer).await?["users"]["eve"].is_object());
    // What it refuses, it refuses with a code.
    let again = client.call("admin_user_create", new).await?;
    assert_eq!(again.error_code(), Some("conflict"), "{}", again.everything());
    let nobody = client.call("admin_user_set_active", json!({"name": "nobody", "active": false})).await?;
    assert_eq!(nobody.error_code(), Some("not_found"), "{}", nobody.everything());
    let role = client.call("admin_user_set_role", json!({"name": "eve", "role": "Emperor"})).await?;
    assert_eq!(role.error_code(), Some("not_found"), "{}", role.everything());
    let sso = client.call("admin_sso_config_set", json!({"config": "- a list"})).await?;
    assert_eq!(sso.error_code(), Some("invalid_input"), "{}", sso.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_the_scope_is_refused_before_anybody_is_asked() -> Result<()> {
    // These tokens are signed with published keys, of which the registry knows nothing: whatever comes there is noticed.
    let registry = Registry::start()?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let issuer = PublishedIssuer::start(&format!("https://keys.{}.test", world.id), "quilt-mcp").await?;
    let roles: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
    let lines = format!("scopes = true\nallowed_roles = {roles:?}\nregistry_url = {:?}", registry.origin());
    let plan = Plan::multi_tenant(&world)?.without_the_mint().file(&issuer.table(&lines))?;
    let server = plan.start().await?;
    let token = |scope: &str| {
        let mut claims = issuer.claims(world.person("ada"));
        claims.insert("scope".into(), json!(scope));
        issuer.sign("ES256", &claims)
    };
    let writer = Client::connect(&server.url, &token("quilt:write")?, Era::Stateless).await?;
    let table = json!({"bucket_name": "a-bucket", "table_name": "t"});
    for (tool, arguments) in [
        ("admin_users_list", json!({})),
        ("admin_user_delete", json!({"name": "ben"})),
        ("tabulator_table_delete", table.clone()),
        ("tabulator_open_query_toggle", json!({"enabled": true})),
    ] {
        let error = writer.call(tool, arguments).await.err().ok_or(format!("{tool} was not refused"))?;
        assert_eq!(error.status().map(|status| status.as_u16()), Some(403), "{tool}: {error}");
        assert!(error.to_string().contains("lacks the scope `quilt:admin`"), "{tool}: {error}");
    }
    assert!(registry.since(registry.start_of_record()).await?.is_empty());
    let admin = Client::connect(&server.url, &token("quilt:admin")?, Era::Stateless).await?;
    let asked = admin.call("admin_users_list", json!({})).await?;
    assert_eq!(asked.error_code(), Some("credentials_unavailable"), "{}", asked.everything());
    assert_eq!(
        registry.since(registry.start_of_record()).await?.len(),
        1,
        "with the scope the registry is asked"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_cannot_be_is_refused_before_anybody_is_asked() -> Result<()> {
    let stage = administering().await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let client = stage.client("ada").await?;
    let good = json!({
        "bucket_name": ada.bucket, "table_name": "t", "schema": [{"name": "a", "type": "INT"}],
        "package_pattern": "x", "logical_key_pattern": "y",
    });
    let with = |part: &str, value: serde_json::Value| {
        let mut arguments = good.clone();
        arguments[part] = value;
        arguments
    };
    let mark = registry.mark().await?;
    for (what, arguments) in [
        ("no columns", with("schema", json!([]))),
        ("an unknown type", with("schema", json!([{"name": "a", "type": "TEXT"}]))),
        ("a column in capitals", with("schema", json!([{"name": "A", "type": "INT"}]))),
        (
            "a column twice",
            with("schema", json!([{"name": "a", "type": "INT"}, {"name": "a", "type": "INT"}])),
        ),
        ("no regular expression", with("package_pattern", json!("("))),
        ("a group that is a column", with("logical_key_pattern", json!("(?<a>.)"))),
        ("an unknown format", with("parser_format", json!("xlsx"))),
        ("a long delimiter", with("parser_delimiter", json!("::"))),
        ("a hostile name", with("table_name", json!("t; drop"))),
    ] {
        let answer = client.call("tabulator_table_create", arguments).await?;
        assert_eq!(answer.error_code(), Some("invalid_input"), "{what}: {}", answer.everything());
    }
    assert!(registry.asked_by(&stage.world.mint.issuer, mark).await?.is_empty());
    assert!(!client.call("tabulator_table_create", good.clone()).await?.is_error);
    let again = client.call("tabulator_table_create", good.clone()).await?;
    assert_eq!(again.error_code(), Some("conflict"), "{}", again.everything());
    let over = client.call("tabulator_table_create", with("overwrite", json!(true))).await?;
    assert!(!over.is_error, "{}", over.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_sent_once_however_it_fails() -> Result<()> {
    let stage = administering().await?;
    let (registry, ada) = (Registry::shared()?, stage.person("ada"));
    let client = stage.client("ada").await?;
    for trouble in [
        Trouble::with("TabulatorOpenQuerySet").of_caller(&ada.subject).answers(503, ""),
        Trouble::with("TabulatorOpenQuerySet").of_caller(&ada.subject).answers(200, "").cut(10),
    ] {
        let fault = registry.inject(&trouble).await?;
        let answer = client.call("admin_tabulator_open_query_set", json!({"enabled": true})).await?;
        assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
        assert_eq!(fault.lift().await?, 1, "{trouble:?}");
    }
    Ok(())
}

async fn administering() -> Result<Stage> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    Stage::start_in(world.administering(Registry::shared()?).await?).await
}
