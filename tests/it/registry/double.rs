//! The tests' registry is not written to please this server: it rejects what the schema rejects, and then changes nothing.

use quilt_tests::Result;
use quilt_tests::registry::Registry;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

/// Status and body of the answer to a GraphQL request of ada's, who administers the registry.
async fn told(world: &World, query: &str, variables: Value) -> Result<(u16, Value)> {
    let registry = world.registry.ok_or("this world is at a registry")?;
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", registry.origin()))
        .bearer_auth(world.token(world.person("ada")))
        .json(&json!({"query": query, "variables": variables}));
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

const SET: &str =
    "mutation($on: Boolean!) { admin { setTabulatorOpenQuery(enabled: $on) { tabulatorOpenQuery } } }";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_schema_does_not_know_is_rejected() -> Result<()> {
    let registry = Registry::shared()?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?.administering(registry).await?;
    let good = told(&world, "{ me { name isAdmin } }", json!({})).await?;
    let me = json!({"name": world.person("ada").subject, "isAdmin": true});
    assert_eq!(good, (200, json!({"data": {"me": me}})));
    let before = registry.state(&world.mint.issuer).await?;
    for (what, query, variables) in [
        ("an unknown field", "{ me { name password } }", json!({})),
        ("an unknown field of a query", "{ everybody { name } }", json!({})),
        ("an unknown argument", "{ bucketConfig(name: \"a\", secret: true) { name } }", json!({})),
        ("a field without its fields", "{ me }", json!({})),
        ("a missing argument", "{ bucketConfig { name } }", json!({})),
        ("a text for a truth value", SET, json!({"on": "true"})),
        ("a number for a truth value", SET, json!({"on": 1})),
        ("no value for a required one", SET, json!({})),
        ("null for a required one", SET, json!({"on": null})),
        (
            "a field at the wrong level",
            "mutation { setTabulatorOpenQuery(enabled: true) { tabulatorOpenQuery } }",
            json!({}),
        ),
        ("no GraphQL", "{ me { name }", json!({})),
    ] {
        let (status, answer) = told(&world, query, variables).await?;
        assert_eq!(status, 400, "{what}: {answer}");
        assert!(answer["errors"][0]["message"].is_string() && answer["data"].is_null(), "{what}: {answer}");
    }
    assert_eq!(registry.state(&world.mint.issuer).await?, before, "what was rejected has changed something");
    let (status, _) = told(&world, SET, json!({"on": true})).await?;
    assert_eq!(status, 200);
    assert_ne!(registry.state(&world.mint.issuer).await?, before, "and what is accepted does");
    Ok(())
}
