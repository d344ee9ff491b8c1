//! A tenant whom AWS throttles uses up its own retries, and nobody else's.

use futures_util::{StreamExt as _, stream};
use quilt_tests::Result;
use quilt_tests::client::Answer;
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, ada_and_ben};
use serde_json::json;

use crate::stage::Stage;

/// How many calls of one tenant are throttled, and how many of them at once.
const CALLS: usize = 400;
const TOGETHER: usize = 12;
/// How often a call is tried that has retries left.
const ATTEMPTS: usize = 3;

/// Somebody reads an object.
async fn read(stage: &Stage, name: &str) -> Result<Answer> {
    let uri = json!({"s3_uri": stage.person(name).first_uri()});
    Ok(stage.client(name).await?.call("bucket_object_text", uri).await?)
}

/// The same, of which S3 refuses the first request, so that it takes a retry.
async fn read_with_a_retry(stage: &Stage, name: &str) -> Result<Answer> {
    let role = &stage.person(name).role_arn;
    let once = Rule::on("s3:*").by_role(role).times(1).fails(503, "SlowDown");
    let fault = stage.world.substrate.inject(once).await?;
    let answer = read(stage, name).await?;
    assert!(fault.lift().await? > 0, "S3 has refused nothing of {name}'s");
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn who_is_throttled_uses_up_their_own_retries() -> Result<()> {
    let stage = Stage::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let role = &stage.person("ada").role_arn;
    let throttled = Rule::on("s3:*").by_role(role).fails(503, "SlowDown");
    let fault = stage.world.substrate.inject(throttled).await?;
    let calls = stream::iter(0..CALLS).map(|_| read(&stage, "ada")).buffer_unordered(TOGETHER);
    for answer in calls.collect::<Vec<_>>().await {
        assert!(answer?.is_error);
    }
    let ben = read_with_a_retry(&stage, "ben").await?;
    let refused = usize::try_from(fault.lift().await?)?;
    println!("{refused} throttles of {CALLS} calls of one tenant; another's call is retried all the same");
    assert!(refused >= 500, "{refused} throttles");
    // The control: with all its retries the tenant would have made three requests for each call.
    assert!(refused < ATTEMPTS * CALLS * 5 / 6, "{refused} throttles have used up nothing");
    assert!(!ben.is_error, "{}", ben.everything());
    Ok(())
}
