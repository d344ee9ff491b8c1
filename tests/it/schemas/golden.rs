//! What a server of each mode lists, held as a file: tools with their schemas, resources, templates, prompts.
//!
//! `TOOLS=overwrite cargo test --workspace --test it -- schemas::golden` writes it anew; read the difference. What a person reads
//! of the same is in `docs/tools.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use crate::held::assert_held;

const GOLDEN: &str = "tests/golden/listed.txt";

/// Everything that `client` is told there is, a line for each part.
async fn listed(client: &Client) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for (method, list, key) in [
        ("tools/list", "tools", "name"),
        ("resources/list", "resources", "uri"),
        ("resources/templates/list", "resourceTemplates", "uriTemplate"),
        ("prompts/list", "prompts", "name"),
    ] {
        let answer = client.request(method, json!({}), None).await?;
        assert!(answer.get("nextCursor").is_none(), "{method} lists everything at once");
        for one in answer[list].as_array().ok_or("a list")? {
            let name = format!("{list} {}", one[key].as_str().ok_or("a name")?);
            lines.push(format!("{name} {}", facts(one, &["inputSchema", "outputSchema", key])));
            for (schema, short) in [("inputSchema", "takes"), ("outputSchema", "gives")] {
                if one.get(schema).is_some() {
                    parts(&one[schema], &format!("{name} {short} "), &mut lines);
                }
            }
        }
    }
    Ok(lines)
}

/// One line for each part of a schema: where it is, `?` if it may be left out, and what is said of it but words.
fn parts(schema: &Value, path: &str, lines: &mut Vec<String>) {
    const INNER: [&str; 7] =
        ["properties", "required", "items", "anyOf", "oneOf", "additionalProperties", "description"];
    lines.push(format!("{path} {}", facts(schema, &INNER)));
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        parts(property, &format!("{path}.{name}{}", if required(name) { "" } else { "?" }), lines);
    }
    if schema["items"].is_object() {
        parts(&schema["items"], &format!("{path}[]"), lines);
    }
    if schema["additionalProperties"].is_object() {
        parts(&schema["additionalProperties"], &format!("{path}.*"), lines);
    }
    for several in ["anyOf", "oneOf"] {
        for (at, choice) in schema[several].as_array().into_iter().flatten().enumerate() {
            parts(choice, &format!("{path}|{at}"), lines);
        }
    }
}

/// The members of an object, without some, on one line.
fn facts(object: &Value, without: &[&str]) -> Value {
    let members = object.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| !without.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What both modes list, and then what only one of them does.
fn written(one: &[String], many: &[String]) -> String {
    let of = |lines: &[String]| lines.iter().cloned().collect::<BTreeSet<_>>();
    let (of_one, of_many) = (of(one), of(many));
    let both = one.iter().filter(|line| of_many.contains(*line));
    let only_one = one.iter().filter(|line| !of_many.contains(*line));
    let only_many = many.iter().filter(|line| !of_one.contains(*line));
    let mut text = String::new();
    for (title, lines) in [
        ("in both modes", both.collect::<Vec<_>>()),
        ("only for one person", only_one.collect()),
        ("only for many", only_many.collect()),
    ] {
        let _ = writeln!(text, "# {title}");
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn what_each_mode_lists_is_held() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let ada = world.person("ada");
    let many = Plan::multi_tenant(&world)?.start().await?;
    let of_many = listed(&Client::connect(&many.url, &world.token(ada), Era::Stateless).await?).await?;
    let one = Plan::single_user(&world, &world.key_of(ada).await?)?.http().start().await?;
    let client = Client::unconnected(reqwest::Client::new(), &one.url, None, Era::Stateless);
    let is = written(&listed(&client).await?, &of_many);
    assert_held(GOLDEN, &is, "schemas::golden")
}

#[test]
fn a_change_of_a_schema_changes_a_line() {
    let schema = json!({
        "type": "object", "description": "words", "required": ["a"],
        "properties": {
            "a": {"type": "array", "items": {"type": "integer", "description": "more words"}},
            "b": {"anyOf": [{"const": 1}, {"type": "string"}]},
        },
    });
    let lines = |schema: &Value| {
        let mut lines = Vec::new();
        parts(schema, "x", &mut lines);
        lines
    };
    let before = lines(&schema);
    assert_eq!(before.len(), 6, "{before:#?}");
    for (pointer, value) in [
        ("/properties/a/items/type", json!("string")),
        ("/properties/b/anyOf/0/const", json!(2)),
        ("/required/0", json!("b")),
    ] {
        let mut changed = schema.clone();
        *changed.pointer_mut(pointer).expect("it is there") = value;
        assert_ne!(lines(&changed), before, "{pointer}");
    }
}
