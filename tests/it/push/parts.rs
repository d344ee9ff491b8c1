//! Objects that are copied in parts, when something goes wrong in the middle of one: no parts are left behind.

use quilt_tests::Result;
use quilt_tests::client::{Answer, Client};
use quilt_tests::substrate::{Rule, Substrate};
use quilt_tests::world::Person;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::faults::{all_is_there, hash_in, nothing_is_wrong};
use super::{ask, creating, put};
use crate::stage::{Stage, all_scopes_closed};

const LARGE: &str = "raw/large.bin";
/// The object as it comes to be, in a package of it alone.
const COPY: &str = "lab/run/large.bin";

fn pushing(person: &Person) -> Value {
    creating(person, json!({"s3_uris": [format!("s3://{}/{LARGE}", person.bucket)]}))
}

async fn of_a_large_object() -> Result<Stage> {
    let stage = Stage::of_two().await?;
    // Three parts.
    put(&stage, stage.person("ada"), LARGE, vec![7; 17 * 1024 * 1024]).await?;
    Ok(stage)
}

/// The keys of objects of which there are only parts, which nobody sees and somebody pays for.
async fn left_behind(substrate: &Substrate, person: &Person) -> Result<Vec<String>> {
    let listed = substrate.s3().list_multipart_uploads().bucket(&person.bucket).send().await?;
    Ok(listed.uploads().iter().filter_map(|upload| upload.key().map(str::to_owned)).collect())
}

/// What a caller is told, and the operator, of parts that stay.
async fn is_told_of_parts(stage: &Stage, failed: &Answer) -> Result<()> {
    let (said, object) = (failed.everything(), format!("s3://{}/{COPY}", stage.person("ada").bucket));
    assert!(said.contains(&object) && said.contains("AbortIncompleteMultipartUpload"), "{said}");
    // The log tells which object it is to those who know it, and to nobody else.
    let warning = stage.server.log.event("parts of an object could not be thrown away").await?;
    let name = hex::encode(Sha256::digest(&object));
    let line = warning.to_string();
    assert!(line.contains(&name[..16]) && !line.contains(COPY), "{line}");
    Ok(())
}

/// Lets the second part of the copy meet `change`. The answer, and what is left behind once it has come.
async fn failed_in_the_middle(
    stage: &Stage,
    client: &Client,
    rule: Rule,
    code: &str,
) -> Result<(Answer, Vec<String>)> {
    let ada = stage.person("ada");
    let failed = failed_at(stage, client, pushing(ada), rule, code).await?;
    Ok((failed, left_behind(stage.world.substrate, ada).await?))
}

async fn failed_at(
    stage: &Stage,
    client: &Client,
    arguments: Value,
    rule: Rule,
    code: &str,
) -> Result<Answer> {
    let fault = stage.world.substrate.inject(rule).await?;
    let failed = client.call("package_create", arguments).await?;
    assert!(fault.lift().await? > 0, "{code}: no request met the fault");
    assert_eq!(failed.error_code(), Some(code), "{}", failed.everything());
    Ok(failed)
}

/// Writing to the copy, of which the request that begins it is the first.
fn writing(person: &Person) -> Rule {
    Rule::on("s3:PutObject").in_bucket(&person.bucket).on_key(COPY)
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_what_fails_are_thrown_away() -> Result<()> {
    let stage = of_a_large_object().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    for (status, error, code) in [
        (500, "InternalError", "unavailable"),
        (503, "SlowDown", "unavailable"),
        (403, "AccessDenied", "access_denied"),
    ] {
        for after in [1, 2, 4] {
            let rule = writing(ada).after(after).fails(status, error);
            let (failed, left) = failed_in_the_middle(&stage, &client, rule, code).await?;
            assert_eq!(left, Vec::<String>::new(), "{error} after {after} requests");
            let said = failed.everything();
            assert!(!said.contains("AbortIncompleteMultipartUpload"), "nothing is left: {said}");
            nothing_is_wrong(&client, ada, None, error).await?;
        }
    }
    let hash = hash_in(&ask(&client, "package_create", pushing(ada)).await?)?;
    all_is_there(&stage.world, &client, &hash, 1, "afterwards").await
}

/// Parts that cannot be thrown away are left behind, which is seen, and told. The twin of the test before: it sees them.
#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_left_behind_are_seen() -> Result<()> {
    let stage = of_a_large_object().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let kept = Rule::on("s3:AbortMultipartUpload").in_bucket(&ada.bucket).fails(403, "AccessDenied");
    let kept = stage.world.substrate.inject(kept).await?;
    let rule = writing(ada).after(2).fails(500, "InternalError");
    let (failed, left) = failed_in_the_middle(&stage, &client, rule, "unavailable").await?;
    assert!(kept.lift().await? > 0, "nobody tried to throw them away");
    assert_eq!(left, [COPY]);
    is_told_of_parts(&stage, &failed).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_in_the_middle_leaves_no_parts() -> Result<()> {
    for after in [1, 2, 4] {
        let stage = of_a_large_object().await?;
        let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
        let fault = stage.world.substrate.inject(writing(ada).after(after).holds()).await?;
        tokio::select! {
            answer = client.call("package_create", pushing(ada)) => {
                return Err(format!("it was answered: {answer:?}").into());
            }
            held = fault.held(1) => held?,
        }
        fault.dropped(1).await?;
        fault.lift().await?;
        all_scopes_closed(&stage.server, 1).await?;
        let left = left_behind(stage.world.substrate, ada).await?;
        assert_eq!(left, Vec::<String>::new(), "left after {after} requests");
        nothing_is_wrong(&client, ada, None, "after leaving").await?;
    }
    Ok(())
}

/// Credentials end between two parts: nothing can be thrown away with them, and the next call, which has new ones, finishes.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_end_between_two_parts_leave_nothing_visible() -> Result<()> {
    let stage = of_a_large_object().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let fault = stage.world.substrate.inject(writing(ada).after(2).times(1).holds()).await?;
    let (failed, expired) = tokio::join!(client.call("package_create", pushing(ada)), async {
        fault.held(1).await?;
        let expired = stage.world.substrate.expire_sessions(&ada.role_arn).await?;
        fault.lift().await?;
        Ok::<_, quilt_tests::Trouble>(expired)
    });
    let failed = failed?;
    assert!(expired? > 0, "there were no sessions");
    assert_eq!(failed.error_code(), Some("credentials_unavailable"), "{}", failed.everything());
    is_told_of_parts(&stage, &failed).await?;
    nothing_is_wrong(&client, ada, None, "without credentials").await?;
    let hash = hash_in(&ask(&client, "package_create", pushing(ada)).await?)?;
    all_is_there(&stage.world, &client, &hash, 1, "afterwards").await
}

/// The answers to CreateMultipartUpload, UploadPartCopy and CompleteMultipartUpload come in half; the request was served.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_parts_that_is_cut_short_is_not_taken_for_one() -> Result<()> {
    // Which request of the writes is the first whose answer is cut, and what it leaves: of an upload of which no name came
    // back nothing can be thrown away, and what was completed is no longer in parts.
    for (step, after, leaves) in [("begun", 0, true), ("copied", 1, false), ("completed", 4, false)] {
        let stage = of_a_large_object().await?;
        let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
        let rule = writing(ada).after(after).truncates_the_answer();
        let (_, left) = failed_in_the_middle(&stage, &client, rule, "unavailable").await?;
        assert_eq!(!left.is_empty(), leaves, "{step}: {left:?}");
        nothing_is_wrong(&client, ada, None, step).await?;
        let hash = hash_in(&ask(&client, "package_create", pushing(ada)).await?)?;
        all_is_there(&stage.world, &client, &hash, 1, step).await?;
    }
    Ok(())
}

/// The same for CopyObject, which copies in one go.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_a_copy_that_is_cut_short_is_not_taken_for_one() -> Result<()> {
    let stage = Stage::of_two().await?;
    let (ada, client) = (stage.person("ada"), stage.client("ada").await?);
    let rule = Rule::on("s3:PutObject").in_bucket(&ada.bucket).on_key("lab/run/*").truncates_the_answer();
    failed_at(&stage, &client, creating(ada, json!({})), rule, "unavailable").await?;
    nothing_is_wrong(&client, ada, None, "CopyObject").await?;
    let hash = hash_in(&ask(&client, "package_create", creating(ada, json!({}))).await?)?;
    all_is_there(&stage.world, &client, &hash, 1, "CopyObject").await
}
