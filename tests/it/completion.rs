//! Prompts and completion over HTTP, by two people of two tenants, in both protocols.

use std::path::Path;

use quilt_tests::Result;
use quilt_tests::client::{Client, Era};
use quilt_tests::judge::{Findings, Violation, assert_clean, record_agrees};
use quilt_tests::server::{Plan, Server};
use quilt_tests::substrate::Substrate;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use crate::stage::Stage;

/// The template of packages.
const PACKAGE: &str = "quilt+s3://{registry}#package={+package_name}";

/// The templates of buckets and objects.
const BUCKET: &str = "s3://{bucket}";
const OBJECT: &str = "s3://{bucket}/{+key}";

/// What everybody has.
const NOTES: [&str; 3] = ["notes/note-0.txt", "notes/note-1.txt", "notes/note-2.txt"];

/// What completes `argument` of the prompt.
async fn completed(client: &Client, argument: &str, typed: &str, context: Value) -> Result<Vec<String>> {
    let of = json!({"type": "ref/prompt", "name": "make_package"});
    completed_of(client, of, argument, typed, context).await
}

async fn completed_of(
    client: &Client,
    of: Value,
    argument: &str,
    typed: &str,
    context: Value,
) -> Result<Vec<String>> {
    let params = json!({
        "ref": of,
        "argument": {"name": argument, "value": typed},
        "context": {"arguments": context},
    });
    let result = client.request("completion/complete", params, None).await?;
    Ok(serde_json::from_value(result["completion"]["values"].clone())?)
}

/// What is the same in the names of all buckets of this world.
fn common(person: &Person) -> &str {
    person.bucket.strip_suffix(person.name()).expect("it ends in the person's name")
}

/// Each completes what is theirs, and tries what is the other's.
async fn play(world: &World, server: &Server) -> Result<Vec<Violation>> {
    let mut findings = Findings::default();
    let mark = world.substrate.mark().await?;
    for era in [Era::Stateless, Era::Initialize] {
        for asker in &world.people {
            let client = Client::connect(&server.url, &world.token(asker), era).await?;
            let mut check = |what: &str, found: Vec<String>, wanted: &[&str]| {
                if found != wanted {
                    findings
                        .add(format!("{what} of {} in {era:?}: {found:?}, not {wanted:?}", asker.subject));
                }
            };
            let buckets = completed(&client, "bucket", common(asker), json!({})).await?;
            check("buckets", buckets, &[&asker.bucket]);
            for (uri, argument) in [(BUCKET, "bucket"), (OBJECT, "bucket"), (PACKAGE, "registry")] {
                let template = json!({"type": "ref/resource", "uri": uri});
                let buckets = completed_of(&client, template, argument, common(asker), json!({})).await?;
                check(&format!("buckets in {uri}"), buckets, &[&asker.bucket]);
            }
            for owner in &world.people {
                let own = owner.subject == asker.subject;
                let within = json!({"bucket": owner.bucket});
                let keys = completed(&client, "prefix", "no", within.clone()).await?;
                check("keys", keys, if own { &["notes/"] } else { &[] });
                let packages = completed(&client, "package", "te", within).await?;
                check("packages", packages, if own { &["team/data"] } else { &[] });
                let object = json!({"type": "ref/resource", "uri": OBJECT});
                let within = json!({"bucket": owner.bucket});
                let keys = completed_of(&client, object, "key", "notes/note-", within).await?;
                check("keys in a URI", keys, if own { &NOTES } else { &[] });
                let template = json!({"type": "ref/resource", "uri": PACKAGE});
                let within = json!({"registry": owner.bucket});
                let in_uri = completed_of(&client, template, "package_name", "te", within).await?;
                check("packages in a URI", in_uri, if own { &["team/data"] } else { &[] });
            }
        }
    }
    let mut violations = findings.all();
    violations.extend(record_agrees(world, &world.substrate.since(mark).await?));
    Ok(violations)
}

/// A registry of one package in each bucket, as far as its name goes.
async fn with_packages(world: &World) -> Result<()> {
    for person in &world.people {
        for tag in ["1700000000", "latest"] {
            let key = format!(".quilt/named_packages/team/data/{tag}");
            let body = "0".repeat(64).into_bytes();
            world
                .substrate
                .s3()
                .put_object()
                .bucket(&person.bucket)
                .key(key)
                .body(body.into())
                .send()
                .await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn completion_shows_what_the_caller_can_list_and_nothing_of_another() -> Result<()> {
    let world = World::on(Substrate::of("tools")?, ada_and_ben(), ServerRights::Everything).await?;
    with_packages(&world).await?;
    let stage = Stage::start_in(world).await?;
    assert_clean("completion", &play(&stage.world, &stage.server).await?);
    Ok(())
}

/// What completes is what tools take, and only of packages that are one's own.
#[tokio::test(flavor = "multi_thread")]
async fn revisions_complete_to_latest_and_top_hashes_of_ones_own_packages() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    for (asker, owner) in [("ada", "ada"), ("ada", "ben"), ("ben", "ben"), ("ben", "ada")] {
        let (client, person) = (stage.client(asker).await?, stage.person(owner));
        let package = person.package();
        let within = json!({"bucket": person.bucket, "package": package.name});
        let of = json!({"type": "ref/prompt", "name": "compare_versions"});
        let mark = stage.world.substrate.mark().await?;
        let all = completed_of(&client, of.clone(), "from", "", within.clone()).await?;
        let one = completed_of(&client, of.clone(), "to", &package.first[..4], within.clone()).await?;
        let none = completed_of(&client, of, "from", "1700", within).await?;
        assert_clean("revisions", &record_agrees(&stage.world, &stage.world.substrate.since(mark).await?));
        if asker != owner {
            assert_eq!((all.len(), one.len()), (0, 0), "of {owner} to {asker}: {all:?} {one:?}");
            continue;
        }
        assert_eq!(all, ["latest", &package.latest, &package.first]);
        assert_eq!((one, none), (vec![package.first.clone()], Vec::new()));
        for revision in all {
            let arguments =
                json!({"package_name": package.name, "registry": person.bucket, "top_hash": revision});
            let browsed = client.call("package_browse", arguments).await?;
            assert!(!browsed.is_error, "{revision}: {}", browsed.everything());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn completion_with_shared_credentials_is_caught() -> Result<()> {
    let world = World::on(Substrate::of("tools")?, ada_and_ben(), ServerRights::OnlyExchange).await?;
    with_packages(&world).await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let server = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", "credentials").start().await?;
    let violations = play(&world, &server).await?;
    for what in ["buckets of", "buckets in s3://{bucket} of", "keys of", "keys in a URI of", "packages of"] {
        assert!(violations.iter().any(|v| v.0.starts_with(what)), "not caught at {what}: {violations:#?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_are_the_same_for_all_and_need_somebody_who_asks() -> Result<()> {
    let stage = Stage::of_two().await?;
    let mark = stage.world.substrate.mark().await?;
    let mut texts = Vec::new();
    for era in [Era::Stateless, Era::Initialize] {
        for name in ["ada", "ben"] {
            let client = stage.client_in(name, era).await?;
            let list = client.request("prompts/list", json!({}), None).await?;
            let names: Vec<&str> =
                list["prompts"].as_array().into_iter().flatten().filter_map(|p| p["name"].as_str()).collect();
            assert_eq!(names, ["find_data", "make_package", "compare_versions", "explain_my_rights"]);
            let ask = json!({"name": "find_data", "arguments": {"topic": "sleep"}});
            let prompt = client.request("prompts/get", ask, Some("find_data")).await?;
            texts.push(prompt["messages"][0]["content"]["text"].as_str().ok_or("a text")?.to_owned());
        }
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
    let nobody = Client::unconnected(reqwest::Client::new(), &stage.server.url, None, Era::Stateless);
    for method in ["prompts/list", "completion/complete"] {
        let refused = nobody.request(method, json!({}), None).await.err().and_then(|error| error.status());
        assert_eq!(refused, Some(reqwest::StatusCode::UNAUTHORIZED), "{method}");
    }
    let entries = stage.world.substrate.since(mark).await?;
    assert!(!entries.iter().any(|entry| stage.world.owns(entry)), "a prompt asks nobody: {entries:#?}");
    Ok(())
}
