//! Packages, pushed by the real quilt3.

mod diff;
mod reading;

use std::fs;

use aws_sdk_s3::primitives::ByteStream;
use quilt_tests::Result;
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::judge::{assert_clean, record_agrees};
use quilt_tests::server::Plan;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben_with_packages};
use serde_json::{Value, json};

use super::{Case, Other, Turn, keeps_to_its_caller, link_of_registry, nothing, refuses_bad_tokens, require};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "packages_list",
        before: nothing,
        ask: |turn| json!({"registry": turn.owner.bucket}),
        own: |turn, answer| {
            let names = answer.structured["packages"].as_array();
            let name = json!(turn.owner.package().name);
            require(names.is_some_and(|names| names.contains(&name)), "not the owner's package", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_browse",
        before: nothing,
        ask: package,
        own: |turn, answer| {
            let body = &answer.structured;
            let keys = keys(&body["entries"]);
            let links = body["entries"].as_array().into_iter().flatten();
            let right = keys == ["notes/note-1.txt", "notes/note-2.txt"]
                && body["message"] == turn.owner.canary
                && body["top_hash"] == turn.owner.package().latest
                && links.into_iter().all(|entry| entry["download_url"].is_string());
            require(right, "not the owner's package", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_versions_list",
        before: nothing,
        ask: package,
        own: |turn, answer| {
            let body = &answer.structured;
            let hashes = [&body["versions"][0]["top_hash"], &body["versions"][1]["top_hash"]];
            let package = turn.owner.package();
            require(hashes == [&package.latest, &package.first], "not the two revisions", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_diff",
        before: nothing,
        ask: difference,
        own: |_, answer| {
            let diff = &answer.structured["diff"];
            let right = keys(&diff["added"]) == ["notes/note-2.txt"]
                && keys(&diff["deleted"]) == ["notes/note-0.txt"]
                && keys(&diff["modified"]).is_empty();
            require(right, "not what changed", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_verify",
        before: nothing,
        ask: package,
        own: |_, answer| {
            let body = &answer.structured;
            let right = body["verified"] == true && body["complete"] == true && body["objects_checked"] == 2;
            require(right, "not verified", answer)
        },
        other: Other::Refused,
    },
    Case {
        tool: "package_file_link",
        before: nothing,
        ask: |turn| {
            let mut ask = package(turn);
            ask["logical_key"] = FILE.into();
            ask
        },
        own: |turn, answer| {
            let body = &answer.structured;
            let link = body["signed_url"] == link_of_registry(turn.owner, FILE);
            require(link && body["expiration_seconds"] == 900, "not the registry's link", answer)
        },
        other: Other::Refused,
    },
];

/// One that every package has.
const FILE: &str = "notes/note-1.txt";

fn package(turn: &Turn<'_>) -> Value {
    json!({"package_name": turn.owner.package().name, "registry": turn.owner.bucket})
}

fn difference(turn: &Turn<'_>) -> Value {
    let package = turn.owner.package();
    json!({
        "package1_name": package.name,
        "package2_name": package.name,
        "registry": turn.owner.bucket,
        "package1_hash": package.first,
    })
}

fn keys(entries: &Value) -> Vec<&str> {
    entries.as_array().into_iter().flatten().filter_map(|entry| entry["logical_key"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn package_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn package_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}

/// A package of ada's with directories, pushed by quilt3 over objects that are put first.
async fn push_tree(stage: &Stage, person: &Person, keys: &[&str]) -> Result<String> {
    let s3 = stage.world.substrate.s3();
    let mut entries = serde_json::Map::new();
    for key in keys {
        let body = ByteStream::from(format!("{} {key}\n", person.canary).into_bytes());
        s3.put_object().bucket(&person.bucket).key(format!("raw/{key}")).body(body).send().await?;
        entries.insert((*key).to_owned(), json!(format!("s3://{}/raw/{key}", person.bucket)));
    }
    let request = json!({
        "do": "push", "registry": format!("s3://{}", person.bucket), "name": "lab/tree", "message": null,
        "user_meta": {"n": 1.0}, "second": 1_700_000_000, "entries": entries,
    });
    let substrate = stage.world.substrate;
    let told = tokio::task::spawn_blocking(move || substrate.quilt3(&request)).await??;
    Ok(told["top_hash"].as_str().ok_or("no hash")?.to_owned())
}

async fn ask(client: &Client, tool: &str, arguments: Value) -> Result<Answer> {
    let answer = client.call(tool, arguments).await?;
    if answer.is_error { Err(answer.everything().into()) } else { Ok(answer) }
}

#[tokio::test(flavor = "multi_thread")]
async fn depth_and_top_show_less_and_count_everything() -> Result<()> {
    let stage = Stage::of_two().await?;
    let ada = stage.person("ada");
    let files = ["a/b/one.csv", "a/b/two.csv", "a/three.txt", "z.md"];
    let top_hash = push_tree(&stage, ada, &files).await?;
    let client = stage.client("ada").await?;
    let browse = async |more: Value| -> Result<Answer> {
        let mut arguments =
            json!({"package_name": "lab/tree", "registry": ada.bucket, "include_signed_urls": false});
        arguments.as_object_mut().ok_or("an object")?.extend(more.as_object().ok_or("an object")?.clone());
        ask(&client, "package_browse", arguments).await
    };
    for (more, shown, truncated) in [
        (json!({}), &["a/b/one.csv", "a/b/two.csv", "a/three.txt", "z.md"][..], false),
        (json!({"recursive": false}), &["a/", "z.md"], false),
        (json!({"max_depth": 1}), &["a/", "z.md"], false),
        (json!({"max_depth": 2}), &["a/b/", "a/three.txt", "z.md"], false),
        (json!({"max_depth": 3}), &["a/b/one.csv", "a/b/two.csv", "a/three.txt", "z.md"], false),
        (json!({"top": 1}), &["a/b/one.csv"], true),
        (json!({"top_hash": &top_hash[..9], "recursive": false, "top": 1}), &["a/"], true),
    ] {
        let answer = browse(more.clone()).await?;
        let body = &answer.structured;
        assert_eq!(keys(&body["entries"]), shown, "{more}");
        assert_eq!(body["truncated"], truncated, "{more}");
        assert_eq!(body["top_hash"], top_hash);
        assert_eq!(body["total_entries"], 4, "{more}");
        assert_eq!(body["summary"]["total_directories"], 2, "{more}");
        assert_eq!(body["summary"]["file_types"], json!(["csv", "md", "txt"]));
        let size: usize = files.iter().map(|key| ada.canary.len() + key.len() + 2).sum();
        assert_eq!(body["summary"]["total_size"], size, "{more}");
        assert!(!answer.everything().contains("X-Amz-"), "no links were wanted");
    }
    let flat = browse(json!({"recursive": false})).await?;
    assert_eq!(flat.structured["entries"][0]["file_count"], 3, "{}", flat.everything());
    let deep = browse(json!({})).await?;
    let leaf = &deep.structured["file_tree"]["a"]["children"]["b"]["children"]["one.csv"];
    assert_eq!(leaf["type"], "file", "{}", deep.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn links_cost_no_request_beyond_pointer_and_manifest() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let ada = stage.person("ada");
    let client = stage.client("ada").await?;
    let mark = stage.world.substrate.mark().await?;
    let arguments = json!({"package_name": ada.package().name, "registry": ada.bucket});
    ask(&client, "package_browse", arguments).await?;
    let entries = stage.world.substrate.since(mark).await?;
    let own: Vec<_> = entries.iter().filter(|entry| stage.world.owns(entry)).collect();
    // The exchange, the pointer and the manifest.
    assert_eq!(own.iter().filter(|entry| entry.is_exchange()).count(), 1, "{own:#?}");
    assert_eq!(own.len(), 3, "{own:#?}");
    assert_clean("browsing", &record_agrees(&stage.world, &entries));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_to_be_not_there() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let name = &ada.package().name;
    for (tool, arguments) in [
        ("package_browse", json!({"package_name": "no/such", "registry": ada.bucket})),
        ("package_versions_list", json!({"package_name": "no/such", "registry": ada.bucket})),
        ("package_browse", json!({"package_name": name, "registry": ada.bucket, "top_hash": "0".repeat(64)})),
        ("package_browse", json!({"package_name": name, "registry": ada.bucket, "top_hash": "000000"})),
    ] {
        let answer = client.call(tool, arguments.clone()).await?;
        assert_eq!(answer.error_code(), Some("not_found"), "{tool} {arguments}: {}", answer.everything());
    }
    let wrong = json!({"package_name": "no-slash", "registry": ada.bucket});
    assert_eq!(client.call("package_browse", wrong).await?.error_code(), Some("invalid_input"));
    Ok(())
}

/// What a tool says of ada's package when its manifest is another one, made of the true one.
async fn after_damage(stage: &Stage, damage: impl FnOnce(String) -> String, tool: &str) -> Result<Answer> {
    let (ada, s3) = (stage.person("ada"), stage.world.substrate.s3());
    let key = format!(".quilt/packages/{}", ada.package().latest);
    let whole = s3.get_object().bucket(&ada.bucket).key(&key).send().await?.body.collect().await?.to_vec();
    let put = async |bytes: Vec<u8>| -> Result<()> {
        s3.put_object().bucket(&ada.bucket).key(&key).body(ByteStream::from(bytes)).send().await?;
        Ok(())
    };
    put(damage(String::from_utf8(whole.clone())?).into_bytes()).await?;
    let arguments = json!({"package_name": ada.package().name, "registry": ada.bucket});
    let answer = stage.client("ada").await?.call(tool, arguments).await?;
    put(whole).await?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_is_not_what_it_is_called_is_refused() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    for damage in [
        |text: String| text.replace("note-1.txt\", \"phys", "note-9.txt\", \"phys"),
        |text: String| text.lines().take(2).fold(String::new(), |all, line| all + line + "\n"),
        |text: String| text.replacen("\"size\": ", "\"size\": 1", 1),
        |text: String| text.replace("notes/note-1.txt\"", "../note-1.txt\""),
        |text: String| text[..text.len() / 2].to_owned(),
    ] {
        for tool in ["package_browse", "package_verify"] {
            let answer = after_damage(&stage, damage, tool).await?;
            assert_eq!(answer.error_code(), Some("invalid_state"), "{tool}: {}", answer.everything());
        }
    }
    let whole = after_damage(&stage, |text| text, "package_browse").await?;
    assert!(!whole.is_error, "{}", whole.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_not_what_the_manifest_says_is_a_fault() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let ada = stage.person("ada");
    // The manifest is of another object: as long, and with a hash of its own.
    let s3 = stage.world.substrate.s3();
    let note = s3.head_object().bucket(&ada.bucket).key("notes/note-0.txt").send().await?;
    let version = note.version_id().ok_or("a version")?.to_owned();
    let point_elsewhere = |text: String| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut entry: Value = serde_json::from_str(&lines[1]).expect("an entry");
        // Where bytes are is not part of the top hash, so this manifest still is what it is called.
        entry["physical_keys"] = json!([format!("s3://{}/notes/note-0.txt?versionId={version}", ada.bucket)]);
        lines[1] = entry.to_string();
        lines.join("\n") + "\n"
    };
    let answer = after_damage(&stage, point_elsewhere, "package_verify").await?;
    let body = &answer.structured;
    assert_eq!(
        (&body["verified"], &body["fault_count"]),
        (&json!(false), &json!(1)),
        "{}",
        answer.everything()
    );
    assert_eq!(body["faults"][0]["logical_key"], "notes/note-1.txt");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_installed_on_ones_own_machine_and_nowhere_else() -> Result<()> {
    let world = World::of(ada_and_ben_with_packages(), ServerRights::OnlyExchange).await?;
    let (ada, ben) = (world.person("ada"), world.person("ben"));
    let server = Plan::single_user(&world, &world.key_of(ada).await?)?.http().start().await?;
    let client = Client::connect_with(reqwest::Client::new(), &server.url, None, Era::Stateless).await?;
    let home = tempfile::tempdir()?;
    let dest = home.path().join("data");
    let install = async |person: &Person, more: Value| -> Result<Answer> {
        let mut arguments =
            json!({"package_name": person.package().name, "registry": person.bucket, "dest": dest});
        arguments.as_object_mut().ok_or("an object")?.extend(more.as_object().ok_or("an object")?.clone());
        Ok(client.call("package_install", arguments).await?)
    };
    assert_eq!(install(ben, json!({})).await?.error_code(), Some("access_denied"));
    assert!(!dest.exists(), "nothing was written");

    let first = install(ada, json!({})).await?;
    assert_eq!(first.structured["files_written"], 2, "{}", first.everything());
    assert!(fs::read_to_string(dest.join("notes/note-2.txt"))?.contains(&ada.canary));
    let again = install(ada, json!({})).await?;
    assert_eq!(again.structured["files_kept"], 2, "{}", again.everything());

    fs::write(dest.join("notes/note-1.txt"), "mine")?;
    assert_eq!(install(ada, json!({})).await?.error_code(), Some("conflict"));
    assert_eq!(fs::read_to_string(dest.join("notes/note-1.txt"))?, "mine");
    let part = json!({"path": "notes/note-1.txt", "overwrite": true});
    assert_eq!(install(ada, part).await?.structured["files_written"], 1);
    assert!(fs::read_to_string(dest.join("notes/note-1.txt"))?.contains(&ada.canary));

    assert_eq!(install(ada, json!({"path": "no/such"})).await?.error_code(), Some("not_found"));
    assert_eq!(install(ada, json!({"dest": "here"})).await?.error_code(), Some("invalid_input"));
    let left = fs::read_dir(dest.join("notes"))?.count();
    assert_eq!(left, 2, "no half-written file is left");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_for_many_installs_nothing() -> Result<()> {
    let stage = Stage::of_two_with_packages().await?;
    let (ada, home) = (stage.person("ada"), tempfile::tempdir()?);
    let client = stage.client("ada").await?;
    assert!(!client.tools().await?.contains(&"package_install".to_owned()));
    let arguments =
        json!({"package_name": ada.package().name, "registry": ada.bucket, "dest": home.path().join("data")});
    assert!(client.call("package_install", arguments).await.is_err(), "there is no such tool");
    assert_eq!(fs::read_dir(home.path())?.count(), 0);
    Ok(())
}
