//! The server is killed at every request of each tool that changes a package, once before the request is served and once when its
//! answer is lost: what can be seen is whole, and the same call, sent to the next process, finishes.

use aws_sdk_s3::primitives::ByteStream;
use quilt_tests::Result;
use quilt_tests::client::{Answer, Client, Era};
use quilt_tests::server::Plan;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::{Value, json};

use super::{ask, merged};

/// More than any of the changes takes: a server that asks without end is not followed for ever.
const MOST: u32 = 80;

/// A call that changes a package, and what is there before and afterwards.
struct Change {
    tool: &'static str,
    /// How many revisions there are before: the first of one note, the second of two.
    before: usize,
    /// What is asked of a package; with the hashes of those revisions.
    asked: fn(&Person, Value, &[String]) -> Value,
    from: Seen,
    to: Seen,
    /// Fewer requests than this would be another change than what is meant.
    requests: u32,
}

/// What can be seen of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Of the current revision, if there is one.
    entries: Option<u64>,
    revisions: usize,
}

const NOTHING: Seen = Seen { entries: None, revisions: 0 };
const ONE: Seen = Seen { entries: Some(1), revisions: 1 };
const TWO: Seen = Seen { entries: Some(2), revisions: 2 };

const CREATE: Change = Change {
    tool: "package_create",
    before: 0,
    asked: |person, package, _| {
        let uris = uris(person, &["notes/note-0.txt", "raw/large.bin"]);
        merged(package, json!({"s3_uris": uris, "force": true}))
    },
    from: NOTHING,
    to: Seen { entries: Some(2), revisions: 1 },
    requests: 12,
};

const UPDATE: Change = Change {
    tool: "package_update",
    before: 1,
    asked: |person, package, _| merged(package, json!({"s3_uris": uris(person, &["raw/large.bin"])})),
    from: ONE,
    to: TWO,
    requests: 12,
};

const FROM_FOLDER: Change = Change {
    tool: "package_create_from_s3",
    before: 0,
    asked: |person, package, _| {
        json!({
            "package_name": package["package_name"], "source_bucket": person.bucket, "source_prefix": "raw/",
            "force": true,
        })
    },
    from: NOTHING,
    // With README.md and quilt_summarize.json.
    to: Seen { entries: Some(3), revisions: 1 },
    requests: 12,
};

const DELETE: Change = Change {
    tool: "package_delete",
    before: 2,
    asked: |_, package, _| package,
    from: TWO,
    to: NOTHING,
    requests: 5,
};

const DELETE_REVISION: Change = Change {
    tool: "package_delete",
    before: 2,
    asked: |_, package, hashes| merged(package, json!({"top_hash": hashes[1]})),
    from: TWO,
    to: ONE,
    requests: 6,
};

const ROLLBACK: Change = Change {
    tool: "package_rollback",
    before: 2,
    asked: |_, package, hashes| merged(package, json!({"top_hash": hashes[0]})),
    from: TWO,
    to: Seen { entries: Some(1), revisions: 2 },
    requests: 6,
};

fn uris(person: &Person, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| format!("s3://{}/{key}", person.bucket)).collect()
}

fn package(person: &Person, number: u32) -> Value {
    json!({"package_name": format!("lab/run{number}"), "registry": person.bucket})
}

async fn world() -> Result<World> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    // Two chunks, so that it is copied in parts.
    let body = ByteStream::from(vec![7; 9 * 1024 * 1024]);
    let bucket = &world.person("ada").bucket;
    world.substrate.s3().put_object().bucket(bucket).key("raw/large.bin").body(body).send().await?;
    Ok(world)
}

/// What is there before the change. The hashes of its revisions, oldest first.
async fn prepared(
    client: &Client,
    person: &Person,
    package: &Value,
    revisions: usize,
) -> Result<Vec<String>> {
    let mut hashes = Vec::new();
    for (tool, note) in [("package_create", 0), ("package_update", 1)].into_iter().take(revisions) {
        let objects = json!({"s3_uris": uris(person, &[&format!("notes/note-{note}.txt")])});
        let made = ask(client, tool, merged(package.clone(), objects)).await?;
        hashes.push(made.structured["top_hash"].as_str().ok_or("a hash")?.to_owned());
    }
    Ok(hashes)
}

/// What a verification finds: the hash and the entries if it is whole, none if it is not there, or what is wrong with it.
fn judged(answer: &Answer) -> std::result::Result<Option<(Value, u64)>, String> {
    if answer.error_code() == Some("not_found") {
        return Ok(None);
    }
    let body = &answer.structured;
    let entries = body["total_entries"].as_u64().filter(|_| body["verified"] == true);
    entries.map(|entries| Some((body["top_hash"].clone(), entries))).ok_or_else(|| answer.everything())
}

/// What can be seen of a package, the hash of its current revision, and what is wrong with all that.
async fn look(client: &Client, package: &Value) -> Result<(Seen, Option<Value>, Vec<String>)> {
    let mut wrong = Vec::new();
    let current = judged(&client.call("package_verify", package.clone()).await?);
    let current = current.unwrap_or_else(|why| {
        wrong.push(why);
        None
    });
    let listed = client.call("package_versions_list", package.clone()).await?;
    let versions = listed.structured["versions"].as_array().cloned().unwrap_or_default();
    if let Some((hash, _)) = &current
        && versions.iter().all(|version| version["top_hash"] != *hash)
    {
        wrong.push(format!("the current revision {hash} is not in the history"));
    }
    for version in &versions {
        let revision = merged(package.clone(), json!({"top_hash": version["top_hash"]}));
        match judged(&client.call("package_verify", revision).await?) {
            Ok(Some(_)) => {}
            Ok(None) => wrong.push(format!("the history names {version}, which is not there")),
            Err(why) => wrong.push(why),
        }
    }
    let entries = current.as_ref().map(|(_, entries)| *entries);
    Ok((Seen { entries, revisions: versions.len() }, current.map(|(hash, _)| hash), wrong))
}

impl Change {
    /// What is wrong with what can be seen of a package in the middle of it: it is neither as before nor as afterwards.
    async fn wrong_with(&self, client: &Client, package: &Value) -> Result<Vec<String>> {
        let (seen, _, mut wrong) = look(client, package).await?;
        let Self { from, to, .. } = self;
        let [least, most] = [from.revisions.min(to.revisions), from.revisions.max(to.revisions)];
        if ![from.entries, to.entries].contains(&seen.entries) || !(least..=most).contains(&seen.revisions) {
            wrong.push(format!("{seen:?} is none of {from:?} to {to:?}"));
        }
        Ok(wrong)
    }

    /// Sends it to a server that is not stopped. Of a deletion that was finished before there is nothing left to be found.
    async fn finished(&self, client: &Client, arguments: &Value, package: &Value) -> Result<()> {
        let (before, ..) = look(client, package).await?;
        let answer = client.call(self.tool, arguments.clone()).await?;
        let was_done =
            before == self.to && answer.error_code() == Some("not_found") && self.tool == "package_delete";
        if answer.is_error && !was_done { Err(answer.everything().into()) } else { Ok(()) }
    }

    /// Kills a server at each request in turn, as `stop` makes the endpoint hold it. How many there were.
    async fn killed_at_every_request(&self, stop: fn(Rule) -> Rule) -> Result<u32> {
        let world = world().await?;
        let (ada, plan) = (world.person("ada"), Plan::multi_tenant(&world)?);
        let mut results = Vec::new();
        for number in 0..MOST {
            let package = package(ada, number);
            let server = plan.start().await?;
            let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
            let hashes = prepared(&client, ada, &package, self.before).await?;
            let arguments = (self.asked)(ada, package.clone(), &hashes);
            let rule = stop(Rule::on("*").by_role(&ada.role_arn).after(number).times(1));
            let fault = world.substrate.inject(rule).await?;
            let killed = tokio::select! {
                answer = client.call(self.tool, arguments.clone()) => {
                    let answer = answer?;
                    assert!(!answer.is_error, "{}", answer.everything());
                    false
                }
                held = fault.held(1) => {
                    held?;
                    server.kill()?;
                    fault.dropped(1).await?;
                    true
                }
            };
            fault.lift().await?;
            let server = plan.start().await?;
            let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
            if killed {
                let wrong = self.wrong_with(&client, &package).await?;
                assert!(wrong.is_empty(), "{} killed at request {number}: {wrong:#?}", self.tool);
                self.finished(&client, &arguments, &package).await?;
            }
            let (seen, hash, wrong) = look(&client, &package).await?;
            assert!(wrong.is_empty(), "{} sent again after request {number}: {wrong:#?}", self.tool);
            assert_eq!(seen, self.to, "{} sent again after request {number}", self.tool);
            results.push(hash);
            if !killed {
                // A README names the package that it is in.
                let alike =
                    self.tool == "package_create_from_s3" || results.iter().all(|hash| *hash == results[0]);
                assert!(alike, "{results:?}");
                return Ok(number);
            }
        }
        Err(format!("{} takes more than {MOST} requests", self.tool).into())
    }

    async fn leaves_nothing_half_done(&self) -> Result<()> {
        for stop in [Rule::holds, Rule::holds_the_answer] {
            let requests = self.killed_at_every_request(stop).await?;
            assert!(requests >= self.requests, "{} takes more requests than {requests}", self.tool);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_request_of_a_creation_leaves_nothing_half_done() -> Result<()> {
    CREATE.leaves_nothing_half_done().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_request_of_an_update_leaves_nothing_half_done() -> Result<()> {
    UPDATE.leaves_nothing_half_done().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_request_of_a_creation_from_a_folder_leaves_nothing_half_done() -> Result<()> {
    FROM_FOLDER.leaves_nothing_half_done().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_request_of_a_deletion_leaves_nothing_half_done() -> Result<()> {
    DELETE.leaves_nothing_half_done().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_request_of_a_revisions_deletion_leaves_nothing_half_done() -> Result<()> {
    DELETE_REVISION.leaves_nothing_half_done().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_request_of_a_rollback_leaves_nothing_half_done() -> Result<()> {
    ROLLBACK.leaves_nothing_half_done().await
}

/// What is seen in a registry after these keys of a package of two revisions are gone.
async fn wrong_without(gone: impl Fn(&[String]) -> Vec<String>, during: &Change) -> Result<Vec<String>> {
    let world = world().await?;
    let (ada, s3) = (world.person("ada"), world.substrate.s3());
    let server = Plan::multi_tenant(&world)?.start().await?;
    let client = Client::connect(&server.url, &world.token(ada), Era::Stateless).await?;
    let package = package(ada, 0);
    let hashes = prepared(&client, ada, &package, 2).await?;
    assert_eq!(during.wrong_with(&client, &package).await?, Vec::<String>::new());
    for prefix in gone(&hashes) {
        for object in s3.list_objects_v2().bucket(&ada.bucket).prefix(prefix).send().await?.contents() {
            s3.delete_object().bucket(&ada.bucket).set_key(object.key().map(str::to_owned)).send().await?;
        }
    }
    during.wrong_with(&client, &package).await
}

/// The twin: a registry as a push would leave it that wrote what is visible first.
#[tokio::test(flavor = "multi_thread")]
async fn a_pointer_to_what_is_not_there_yet_is_caught() -> Result<()> {
    let wrong = wrong_without(|hashes| vec![format!(".quilt/packages/{}", hashes[1])], &UPDATE).await?;
    assert!(wrong.iter().any(|what| what.contains("the history names")), "{wrong:?}");
    Ok(())
}

/// The twin: a registry as a deletion would leave it that began with the history.
#[tokio::test(flavor = "multi_thread")]
async fn a_current_revision_without_a_history_is_caught() -> Result<()> {
    // Those of seconds, which begin with a digit; `latest` stays.
    let wrong = wrong_without(|_| vec![".quilt/named_packages/lab/run0/1".to_owned()], &DELETE).await?;
    assert!(wrong.iter().any(|what| what.contains("is not in the history")), "{wrong:?}");
    Ok(())
}
