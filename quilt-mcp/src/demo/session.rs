//! The scripted session: what two tenants see of each other through one server, which is nothing.
//!
//! Each step is one line of the transcript, and an expectation. A step that does not hold says so.

use std::io::{self, Write};

use http::StatusCode;
use serde_json::{Value, json};

use super::mcp::{Answer, Client};

/// The tokens that the script acts with.
pub(super) struct Tokens<'a> {
    pub(super) alice: &'a str,
    pub(super) carol: &'a str,
    pub(super) bob: &'a str,
}

/// Plays the script against the server at `url`, and returns how many steps did not hold.
///
/// # Errors
/// If the server does not answer, or `out` cannot be written.
pub(super) async fn play(url: &str, tokens: &Tokens<'_>, out: &mut impl Write) -> io::Result<usize> {
    let mut alice = Actor::enter("alice", url, tokens.alice).await?;
    let mut carol = Actor::enter("carol", url, tokens.carol).await?;
    let mut bob = Actor::enter("bob", url, tokens.bob).await?;
    let mut transcript = Transcript { out, broken: 0 };

    buckets(&mut transcript, &mut alice, &mut bob).await?;
    read_only(&mut transcript, &mut alice, &mut carol).await?;
    levels(&mut transcript, [(&mut alice, "full_access"), (&mut carol, "read_only")]).await?;
    workflows(&mut transcript, &mut alice, &mut bob).await?;
    sessions(&mut transcript, &alice, &bob).await?;
    Ok(transcript.broken)
}

async fn buckets<W: Write>(
    transcript: &mut Transcript<'_, W>,
    alice: &mut Actor,
    bob: &mut Actor,
) -> io::Result<()> {
    let seen = alice.call("bucket_list", json!({})).await?;
    let names = listed(&seen, "buckets", "name");
    let held = names == ["lab-a-drafts", "lab-a-plants"];
    transcript.line(held, alice, "bucket_list", &format!("sees {}", list(&names)))?;

    let seen = alice.call("bucket_objects_list", json!({ "bucket": "lab-a-plants" })).await?;
    let keys = listed(&seen, "objects", "key");
    let held = keys.iter().any(|key| key == "README.md");
    transcript.line(held, alice, "bucket_objects_list", &format!("lab-a-plants holds {}", list(&keys)))?;

    let readme = json!({ "s3_uri": "s3://lab-a-plants/README.md" });
    let seen = alice.call("bucket_object_text", readme.clone()).await?;
    let title = first_line(&seen);
    let held = title.as_deref() == Some("# Basil under two lamps");
    transcript.line(
        held,
        alice,
        "bucket_object_text",
        &format!("reads {}", title.as_deref().unwrap_or("nothing")),
    )?;

    for (tool, arguments) in
        [("bucket_objects_list", json!({ "bucket": "lab-a-plants" })), ("bucket_object_text", readme)]
    {
        let seen = bob.call(tool, arguments).await?;
        transcript.refusal(bob, tool, "lab-a-plants", &seen)?;
    }

    let seen = bob.call("bucket_object_text", json!({ "s3_uri": "s3://lab-b-sensors/README.md" })).await?;
    let title = first_line(&seen);
    let held = title.as_deref() == Some("# Cold room sensors");
    transcript.line(
        held,
        bob,
        "bucket_object_text",
        &format!("reads {}", title.as_deref().unwrap_or("nothing")),
    )
}

async fn read_only<W: Write>(
    transcript: &mut Transcript<'_, W>,
    alice: &mut Actor,
    carol: &mut Actor,
) -> io::Result<()> {
    let seen = carol.call("bucket_object_text", json!({ "s3_uri": "s3://lab-a-plants/README.md" })).await?;
    let held = first_line(&seen).is_some();
    transcript.line(held, carol, "bucket_object_text", "reads what her colleague reads")?;

    let item = json!({ "key": "notes/carol.txt", "text": "carol was here" });
    carol.call("bucket_objects_put", json!({ "bucket": "lab-a-plants", "items": [item] })).await?;
    // What the tool says of it is its own affair; whether the object is there is what counts, and alice can tell.
    let seen =
        alice.call("bucket_objects_list", json!({ "bucket": "lab-a-plants", "prefix": "notes/" })).await?;
    let held = matches!(&seen, Answer::Done(_)) && listed(&seen, "objects", "key").is_empty();
    transcript.line(held, carol, "bucket_objects_put", "may not write; nothing was stored")
}

/// What somebody may do can be asked without trying it.
async fn levels<W: Write>(
    transcript: &mut Transcript<'_, W>,
    expected: [(&mut Actor, &str); 2],
) -> io::Result<()> {
    for (actor, level) in expected {
        let seen = actor.call("check_bucket_access", json!({ "bucket": "lab-a-plants" })).await?;
        let told = match &seen {
            Answer::Done(output) => output["permission_level"].as_str().unwrap_or("nothing"),
            Answer::Refused { code, .. } => code.as_str(),
        };
        let outcome = format!("lab-a-plants: {told}");
        transcript.line(told == level, actor, "check_bucket_access", &outcome)?;
    }
    Ok(())
}

async fn workflows<W: Write>(
    transcript: &mut Transcript<'_, W>,
    alice: &mut Actor,
    bob: &mut Actor,
) -> io::Result<()> {
    for (actor, name) in [(&mut *alice, "Basil under two lamps"), (&mut *bob, "Cold room 2, 6 May")] {
        let seen = actor.call("workflow_create", json!({ "workflow_id": "analysis", "name": name })).await?;
        let held = matches!(seen, Answer::Done(_));
        transcript.line(held, actor, "workflow_create", &format!("`analysis`, named {name:?}"))?;
    }
    for (actor, name) in [(alice, "Basil under two lamps"), (bob, "Cold room 2, 6 May")] {
        let seen = actor.call("workflow_list_all", json!({})).await?;
        let names = listed(&seen, "workflows", "name");
        transcript.line(names == [name], actor, "workflow_list_all", &format!("sees {}", list(&names)))?;
    }
    Ok(())
}

async fn sessions<W: Write>(
    transcript: &mut Transcript<'_, W>,
    alice: &Actor,
    bob: &Actor,
) -> io::Result<()> {
    match bob.client.status_in_session_of(&alice.client).await? {
        Some(status) => transcript.line(
            status == StatusCode::NOT_FOUND,
            bob,
            "(alice's session id)",
            &format!("with his own token: HTTP {status}"),
        ),
        None => Ok(()),
    }
}

/// Somebody who takes part.
struct Actor {
    name: &'static str,
    client: Client,
}

impl Actor {
    async fn enter(name: &'static str, url: &str, token: &str) -> io::Result<Self> {
        let client = Client::open(url, token)
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("{name} cannot connect: {error}")))?;
        Ok(Self { name, client })
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> io::Result<Answer> {
        self.client.call(tool, &arguments).await
    }
}

struct Transcript<'a, W> {
    out: &'a mut W,
    broken: usize,
}

impl<W: Write> Transcript<'_, W> {
    fn line(&mut self, held: bool, who: &Actor, what: &str, outcome: &str) -> io::Result<()> {
        let mark = if held {
            "ok  "
        } else {
            self.broken += 1;
            "FAIL"
        };
        writeln!(self.out, "  {mark}  {:<6} {what:<21} {outcome}", who.name)
    }

    fn refusal(&mut self, who: &Actor, tool: &str, what: &str, seen: &Answer) -> io::Result<()> {
        match seen {
            Answer::Refused { code, message } => {
                let held = code == "access_denied";
                self.line(held, who, tool, &format!("{what}: {code} ({message})"))
            }
            Answer::Done(_) => self.line(false, who, tool, &format!("{what}: was NOT refused")),
        }
    }
}

/// `field` of each member of the array `name`; empty if the call was refused.
fn listed(answer: &Answer, name: &str, field: &str) -> Vec<String> {
    let Answer::Done(output) = answer else { return Vec::new() };
    let members = output[name].as_array().map_or(&[][..], Vec::as_slice);
    let mut values: Vec<_> =
        members.iter().filter_map(|member| member[field].as_str()).map(str::to_owned).collect();
    values.sort_unstable();
    values
}

fn list(values: &[String]) -> String {
    if values.is_empty() { "nothing".to_owned() } else { values.join(", ") }
}

fn first_line(answer: &Answer) -> Option<String> {
    let Answer::Done(output) = answer else { return None };
    output["text"].as_str()?.lines().next().map(str::to_owned)
}

#[cfg(test)]
mod tests;
