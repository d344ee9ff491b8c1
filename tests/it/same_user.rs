//! Another process of the server's own user, without any capability: it must not get in, and no core dump may lie there for it.
//! And what is in memory stays there, if the operator allows that.
//!
//! As root the tests become somebody else for this, since root gets in everywhere.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use quilt_tests::server::{Plan, Server, Signal, User, program, server};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use quilt_tests::{Result, memory, python};
use rustix::process::{Resource, getegid, geteuid, getrlimit};
use serde_json::{Value, json};

use crate::stage::{Stage, client_of};

/// How long a process may take to die.
const DYING: Duration = Duration::from_secs(60);

/// What lifts the limit on locked pages, in a unit.
const LIFTED: &str = "LimitMEMLOCK=infinity";

const WAYS: [&str; 5] = ["maps", "environment", "memory", "readv", "attach"];

/// Whom the server runs as.
fn somebody() -> User {
    // As Debian and others number `nobody`. Nothing of the machine belongs to it.
    if geteuid().is_root() { User { id: 65_534, group: 65_534 } } else { ourselves() }
}

fn ourselves() -> User {
    User { id: geteuid().as_raw(), group: getegid().as_raw() }
}

/// How each way in ended, and in how many the secret was seen.
fn intrude(server: &Server, secret: &str) -> Result<(BTreeMap<String, String>, u64)> {
    let user = somebody();
    let mut intruder = Command::new(python::interpreter()?)
        .arg(python::script("intruder.py"))
        .args([user.id, user.group, server.process_id()].map(|number| number.to_string()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    intruder.stdin.take().ok_or("piped")?.write_all(secret.as_bytes())?;
    let output = intruder.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the intruder failed: {}", output.status).into());
    }
    let mut seen: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout)?;
    let found = seen.remove("found").and_then(|found| found.as_u64()).ok_or("a number")?;
    let text = |value: Value| value.as_str().map(String::from).ok_or("a word");
    let ways = seen.into_iter().map(|(way, how)| Ok((way, text(how)?))).collect::<Result<_>>()?;
    Ok((ways, found))
}

/// A server of that user which inherits that core dumps may be as long as this machine allows, in a place where it may write them.
async fn stage_of_somebody(program: &Path) -> Result<(Stage, std::path::PathBuf)> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant_with(program, &world)?.set("QUILT_TWIN", "none");
    let place = plan.data_directory().with_file_name("home");
    let script = format!("ulimit -S -c \"$(ulimit -H -c)\"; cd '{}'", place.display());
    let plan = plan.as_user(somebody())?.after(&script);
    let stage = Stage::start(world, plan).await?;
    let ada = stage.person("ada");
    let answer = client_of(&stage.world, &stage.server, ada)
        .call("bucket_object_text", json!({"s3_uri": ada.first_uri()}))
        .await?;
    assert!(!answer.is_error, "{}", answer.everything());
    Ok((stage, place))
}

/// Why it cannot be known whether the kernel would dump a process that does not keep it from that.
fn may_not_be_dumped() -> Result<Option<String>> {
    let longest = getrlimit(Resource::Core).maximum;
    if longest.is_some_and(|bytes| bytes < 1 << 20) {
        return Ok(Some(format!("the hard limit of core dumps is {longest:?} bytes")));
    }
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern")?;
    // Only a file in its own place is sure to be written. Another place may be missing, or not be its to write to; without a pattern
    // there is no file; and a handler (`|`) is the host's, so that a container neither sees it nor knows whether it is there.
    let sure = !pattern.trim().is_empty() && !pattern.contains(['|', '/']);
    Ok((!sure).then(|| format!("the kernel writes core dumps to {:?}", pattern.trim())))
}

/// Kills it as a failed assertion would. Whether the kernel dumped it, and whether a file came of that.
async fn dumped(stage: &mut Stage, place: &Path) -> Result<(bool, bool)> {
    stage.server.signal(Signal::ABORT)?;
    let status = stage.server.ended(DYING).await?;
    assert_eq!(status.signal(), Some(6), "{status}");
    let files = std::fs::read_dir(place)?.collect::<std::io::Result<Vec<_>>>()?;
    let core = files.iter().any(|file| file.file_name().to_string_lossy().starts_with("core"));
    Ok((status.core_dumped(), core))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_the_same_user_does_not_get_in() -> Result<()> {
    let (mut stage, place) = stage_of_somebody(&server()?).await?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", stage.server.process_id()))?;
    let uid = format!("Uid:\t{0}\t{0}\t{0}\t{0}", somebody().id);
    assert!(status.contains(&uid), "the server runs as that user: {status}");
    let (ways, found) = intrude(&stage.server, stage.world.mint.secret())?;
    let refused = |how: &String| ["EACCES", "EPERM"].contains(&how.as_str());
    assert!(ways.keys().eq(sorted(WAYS)) && ways.values().all(refused), "{ways:?}");
    assert_eq!(found, 0);
    assert_eq!(dumped(&mut stage, &place).await?, (false, false));
    Ok(())
}

/// The control: the same server, but for what it asks of the kernel when it starts.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_shut_them_out_is_entered_by_the_same_intruder() -> Result<()> {
    let (mut stage, place) = stage_of_somebody(&program("twin")?).await?;
    let (ways, found) = intrude(&stage.server, stage.world.mint.secret())?;
    // On some systems Yama lets nobody in whom the process has not named; to look from outside is left.
    let yama = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    let open: &[&str] = if ["", "0"].contains(&yama.trim()) { &WAYS } else { &["maps", "environment"] };
    assert!(open.iter().all(|way| ways.get(*way).is_some_and(|how| how == "in")), "{ways:?}");
    assert!(found >= 1, "the secret is in its environment: {ways:?}");
    let (flagged, _) = dumped(&mut stage, &place).await?;
    match may_not_be_dumped()? {
        None => assert!(flagged, "the kernel dumps what does not keep it from that"),
        Some(why) => {
            writeln!(std::io::stderr(), "not tried whether the twin is dumped, as it may not be: {why}")?;
        }
    }
    Ok(())
}

fn sorted(mut names: [&'static str; 5]) -> [&'static str; 5] {
    names.sort_unstable();
    names
}

/// A plan for a server that may lock all that it has, or `None` where whoever runs the tests can allow nobody that.
fn may_lock(plan: Plan) -> Result<Option<Plan>> {
    let works = |program: &str, arguments: &[String]| {
        Command::new(program)
            .args(arguments)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let unlimited = "ulimit -l unlimited";
    if works("/bin/sh", &["-c".into(), unlimited.into()]) {
        return Ok(Some(plan.after(unlimited)));
    }
    let user = somebody();
    let mut arguments = vec!["--inh-caps=+ipc_lock".to_owned(), "--ambient-caps=+ipc_lock".into()];
    if geteuid().is_root() {
        let ids =
            [format!("--reuid={}", user.id), format!("--regid={}", user.group), "--clear-groups".into()];
        arguments.extend(ids);
    }
    if !works("setpriv", &[arguments.as_slice(), &["true".into()]].concat()) {
        return Ok(None);
    }
    Ok(Some(plan.readable_by(user)?.through("setpriv", arguments)))
}

/// Some calls, so that memory is used. How much of it is in memory then, in bytes.
async fn resident_after_calls(stage: &Stage) -> Result<u64> {
    let ada = stage.person("ada");
    let client = client_of(&stage.world, &stage.server, ada);
    for _ in 0..100 {
        let answer = client.call("bucket_object_text", json!({"s3_uri": ada.first_uri()})).await?;
        assert!(!answer.is_error, "{}", answer.everything());
    }
    Ok(memory::resident(stage.server.process_id())?)
}

/// Which of the two is tried depends on what the machine allows; each has its own truth.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_locked_in_memory_is_and_what_may_not_is_told() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?;
    match may_lock(plan.clone())? {
        Some(plan) => with_the_right_all_is_locked_and_takes_no_more_memory(world, plan).await,
        None => {
            writeln!(
                std::io::stderr(),
                "here nobody can be allowed to lock memory: tried without the right"
            )?;
            without_the_right_nothing_is_locked_and_the_log_says_why(world, plan).await
        }
    }
}

async fn with_the_right_all_is_locked_and_takes_no_more_memory(world: World, plan: Plan) -> Result<()> {
    let stage = Stage::start(world, plan).await?;
    stage.server.log.event("pages are locked: nothing gets into swap").await?;
    let resident = resident_after_calls(&stage).await?;
    let locked = memory::locked(stage.server.process_id())?;

    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.after("ulimit -l 64");
    let free = Stage::start(world, plan).await?;
    let unlocked = resident_after_calls(&free).await?;
    assert_eq!(memory::locked(free.server.process_id())?, 0);
    writeln!(
        std::io::stderr(),
        "{locked} bytes may be used and are locked; in memory are {resident}, and {unlocked} of one that locks nothing"
    )?;
    assert!(locked >= resident / 2, "{locked} of {resident}");
    assert!(resident < unlocked + unlocked / 2, "{resident}, and {unlocked} without");
    Ok(())
}

async fn without_the_right_nothing_is_locked_and_the_log_says_why(world: World, plan: Plan) -> Result<()> {
    let stage = Stage::start(world, plan).await?;
    let event =
        stage.server.log.event("pages are not locked: where there is swap, secrets may get into it").await?;
    assert!(event.to_string().contains(LIFTED), "what is missing: {event}");
    assert!(resident_after_calls(&stage).await? > 0);
    assert_eq!(memory::locked(stage.server.process_id())?, 0);
    Ok(())
}

/// On every machine, as any may take the right away.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_not_lock_its_memory_says_so_and_serves() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.after("ulimit -l 64");
    without_the_right_nothing_is_locked_and_the_log_says_why(world, plan).await?;
    let unit = std::fs::read_to_string(quilt_tests::workspace().join("ops/quilt-mcp.service"))?;
    // It does not want both: what one costs, docs/operations.md says.
    assert!(
        unit.contains(LIFTED) && unit.lines().any(|line| line == "MemorySwapMax=0"),
        "the unit names both"
    );
    Ok(())
}
