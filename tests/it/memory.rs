//! What must not be kept, and must not be put out: tokens, keys, session tokens.
//!
//! That nothing is put out is checked of every server of every test, when it ends: see `quilt_tests::canary`. Here are the
//! twins that show that both searches find what is there.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use quilt_tests::Result;
use quilt_tests::canary::MARK;
use quilt_tests::memory;
use quilt_tests::server::{Plan, Server, server};
use quilt_tests::substrate::Rule;
use quilt_tests::world::{ServerRights, Wanted, World, ada_and_ben};
use serde_json::json;

use crate::stage::{LIVE, Stage, all_scopes_closed, client_of, metrics_when};

/// In how many requests the calls are made whose secrets are searched for.
const REQUESTS: usize = 1_000;
/// How long freed connections and tasks may take to go.
const SETTLING: Duration = Duration::from_secs(20);

/// How often the secrets of callers are found in the server's memory: of STS, and of tokens.
fn found(server: &Server) -> io::Result<(usize, Vec<usize>)> {
    // A JWT's claims are base64, in which the mark looks different depending on where it begins. What is freed loses its
    // first bytes to the allocator's own lists, so the end of the mark is what is searched for.
    let in_token = |lead: &str| {
        use base64::Engine as _;
        let encoded = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(format!("{lead}{MARK}"));
        encoded[encoded.len() - 18..encoded.len() - 1].to_owned()
    };
    let ends: Vec<String> = [MARK[4..].to_owned()].into_iter().chain(["", "a", "ab"].map(in_token)).collect();
    let texts: Vec<&[u8]> = ends.iter().map(String::as_bytes).collect();
    let seen = memory::search(server.process_id(), &texts)?;
    Ok((seen.bytes, seen.found))
}

/// Looks until nothing is found. The last look: bytes read, finds. `None` if the kernel does not let this user look.
async fn after_settling(server: &Server) -> Result<Option<(usize, Vec<usize>)>> {
    let end = Instant::now() + SETTLING;
    loop {
        match found(server) {
            Err(refused) if refused.kind() == io::ErrorKind::PermissionDenied => {
                // The server is not dumpable: only root may look. That is a guarantee of its own, and all there is to see.
                writeln!(
                    io::stderr(),
                    "the server's memory cannot be read by this user ({refused}): not searched"
                )?;
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
            Ok((bytes, counts)) if counts.iter().sum::<usize>() == 0 || Instant::now() > end => {
                return Ok(Some((bytes, counts)));
            }
            Ok(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// How one of many calls is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Answered,
    Refused,
    Cancelled,
    TimedOut,
    Panicked,
}

/// Four, of whom tim's bucket does not answer, and pam's credentials make a server panic that is made for that.
async fn four() -> Result<World> {
    let [ada, ben] = ada_and_ben();
    World::of([ada, ben, Wanted::new("acme", "tim"), Wanted::new("zeta", "pam")], ServerRights::OnlyExchange)
        .await
}

/// Calls that succeed, are refused, cancelled, run out of time and panic. How many of each.
async fn all_kinds_of_calls(stage: &Stage, requests: usize) -> Result<BTreeMap<Ending, usize>> {
    let (world, server) = (&stage.world, &stage.server);
    let tim = stage.person("tim");
    let hold = world.substrate.inject(Rule::on("s3:ListBucket").in_bucket(&tim.bucket).holds()).await?;
    let one = |number: usize| async move {
        let (ada, ben) = (stage.person("ada"), stage.person("ben"));
        let (person, other) = if number % 20 < 10 { (ada, ben) } else { (ben, ada) };
        let call =
            async |person, tool, arguments| client_of(world, server, person).call(tool, arguments).await;
        match number % 10 {
            0 => call(person, "bucket_object_text", json!({"s3_uri": other.first_uri()})).await.map(Some),
            1 => {
                let patience = Duration::from_millis((number % 30) as u64);
                let call = call(person, "bucket_objects_list", json!({"bucket": person.bucket}));
                tokio::time::timeout(patience, call).await.map_or(Ok(None), |answer| answer.map(Some))
            }
            2 => call(tim, "bucket_objects_list", json!({"bucket": tim.bucket})).await.map(Some),
            3 => {
                let pam = stage.person("pam");
                call(pam, "bucket_object_text", json!({"s3_uri": pam.first_uri()})).await.map(Some)
            }
            _ => call(person, "bucket_object_text", json!({"s3_uri": person.first_uri()})).await.map(Some),
        }
    };
    // Those at once, so that they run out of time together: the deadline is far from what any other call needs.
    let (held, others): (Vec<_>, Vec<_>) = (0..requests).partition(|number| number % 10 == 2);
    let (held, others) = tokio::join!(
        stream::iter(held).map(&one).buffer_unordered(requests).collect::<Vec<_>>(),
        stream::iter(others).map(&one).buffer_unordered(16).collect::<Vec<_>>(),
    );
    let mut ended = BTreeMap::new();
    for answer in held.into_iter().chain(others) {
        let ending = match answer?.as_ref().map(|answer| answer.error_code()) {
            None => Ending::Cancelled,
            Some(None) => Ending::Answered,
            Some(Some("access_denied")) => Ending::Refused,
            Some(Some("cancelled")) => Ending::TimedOut,
            Some(Some("internal")) => Ending::Panicked,
            Some(Some(code)) => return Err(format!("a call ended with `{code}`").into()),
        };
        *ended.entry(ending).or_default() += 1;
    }
    hold.lift().await?;
    Ok(ended)
}

/// What is left of a thousand calls, of which so many panicked.
async fn leave_nothing_in_memory(program: &Path, panics: usize) -> Result<()> {
    let world = four().await?;
    let plan = Plan::multi_tenant_with(program, &world)?
        .set("QUILT_MCP_CALL_TIMEOUT", "30s")
        // Tim's are all held at once, and who went away keeps a place until the call has ended.
        .set("QUILT_MCP_MAX_CONCURRENT_CALLS", "200")
        .set("QUILT_MCP_LOG", "info")
        .set("QUILT_TWIN", "panic")
        .set("QUILT_TWIN_PANICS_FOR", &world.person("pam").subject);
    let stage = Stage::start(world, plan).await?;
    let ended = all_kinds_of_calls(&stage, REQUESTS).await?;
    let of = |ending| ended.get(&ending).copied().unwrap_or_default();
    let (tenth, cancelled) = (REQUESTS / 10, of(Ending::Cancelled));
    assert!(cancelled > 0, "{ended:?}");
    let others = [Ending::Answered, Ending::Refused, Ending::TimedOut, Ending::Panicked].map(of);
    assert_eq!(others, [8 * tenth - cancelled - panics, tenth, tenth, panics], "{ended:?}");
    metrics_when(&stage.server, |m| m.sum(LIVE) == 0.0).await?;
    let Some((bytes, counts)) = after_settling(&stage.server).await? else { return Ok(()) };
    writeln!(
        io::stderr(),
        "{bytes} bytes of the server's memory searched after {REQUESTS} requests, {ended:?}: {counts:?}"
    )?;
    assert!(bytes > 1 << 20, "only {bytes} bytes were read");
    assert_eq!(counts, [0; 4], "of STS; of tokens, in three forms");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_request_is_left_in_memory() -> Result<()> {
    leave_nothing_in_memory(&server()?, 0).await
}

/// The server as it is, but that it panics with one caller's credentials in hand.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_request_is_left_in_memory_though_a_tenth_panicked() -> Result<()> {
    leave_nothing_in_memory(Path::new(env!("CARGO_BIN_EXE_twin")), REQUESTS / 10).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_leaves_nothing_in_memory() -> Result<()> {
    let stage = twin("panic").await?;
    let client = client_of(&stage.world, &stage.server, stage.person("ada"));
    for _ in 0..50 {
        let answer =
            client.call("bucket_objects_list", json!({"bucket": stage.person("ada").bucket})).await?;
        assert_eq!(answer.error_code(), Some("internal"));
    }
    drop(client);
    all_scopes_closed(&stage.server, 50).await?;
    if let Some((_, counts)) = after_settling(&stage.server).await? {
        assert_eq!(counts, [0; 4], "of STS; of tokens, in three forms");
    }
    Ok(())
}

/// Credentials that are kept, and a server whose freed memory is not wiped, are both seen.
#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_what_is_kept_and_what_is_not_wiped() -> Result<()> {
    let keeping = twin("credentials").await?;
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant_with(Path::new(env!("CARGO_BIN_EXE_unwiped")), &world)?;
    let unwiped = Stage::start(world, plan).await?;
    for (stage, what) in [(keeping, "kept"), (unwiped, "not wiped")] {
        for person in &stage.world.people {
            let client = client_of(&stage.world, &stage.server, person);
            for _ in 0..20 {
                drop(client.call("bucket_object_text", json!({"s3_uri": person.first_uri()})).await);
            }
        }
        metrics_when(&stage.server, |m| m.sum(LIVE) == 0.0).await?;
        match found(&stage.server) {
            Err(refused) if refused.kind() == io::ErrorKind::PermissionDenied => {}
            looked => {
                let (_, counts) = looked?;
                assert!(counts.iter().sum::<usize>() > 0, "what is {what} was not found: {counts:?}");
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_of_the_server_shows_no_secret() -> Result<()> {
    let stage = Stage::of_two().await?;
    let environment = std::fs::read(format!("/proc/{}/environ", stage.server.process_id()));
    match environment {
        // Not dumpable: nobody but root sees it at all.
        Err(refused) => assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied),
        Ok(shown) => {
            let shown = String::from_utf8_lossy(&shown);
            assert!(shown.contains("QUILT_MCP_JWT_ISSUER"), "{shown}");
            for secret in [stage.world.mint.secret(), &stage.world.server_key.secret_access_key] {
                assert!(!shown.contains(secret), "the environment shows a secret");
            }
        }
    }
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", stage.server.process_id()))?;
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).ok_or("no such limit")?;
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    // And it works all the same.
    let answer = stage
        .client("ada")
        .await?
        .call("bucket_object_text", json!({"s3_uri": stage.person("ada").first_uri()}))
        .await?;
    assert!(!answer.is_error, "{}", answer.everything());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_logs_its_key_is_caught() -> Result<()> {
    let stage = twin("leak").await?;
    stage.server.log.event("the twin says what it should not").await?;
    let leaks = stage.server.leaks()?;
    assert!(leaks.iter().any(|leak| leak.contains("AWS_SECRET_ACCESS_KEY, in base64")), "{leaks:?}");
    Ok(())
}

async fn twin(fault: &str) -> Result<Stage> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let twin = Path::new(env!("CARGO_BIN_EXE_twin"));
    let plan = Plan::multi_tenant_with(twin, &world)?.set("QUILT_TWIN", fault);
    Stage::start(world, plan).await
}
