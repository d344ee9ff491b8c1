//! Full, read-only and damaged: refused clearly, contained, and over when the cause is.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use quilt_tests::Result;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;

use super::client_of;
use crate::stage::Stage;

/// The longest file that the server may write, in bytes: the file system's limit in small.
const ROOM: u64 = 96 * 1024;

/// A file system that takes no more, by the limit of a process: needs no rights and no disk. SQLite sees the same refusal of
/// `write` as on a full disk, under another number.
#[tokio::test(flavor = "multi_thread")]
async fn without_room_changes_are_refused_reads_go_on_and_room_ends_it() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
    let stage = Stage::start(world, plan.after("trap '' XFSZ")).await?;
    let process = Pid::from_raw(i32::try_from(stage.server.process_id())?).ok_or("a process has a number")?;
    let limit = |bytes: Option<u64>| {
        prlimit(Some(process), Resource::Fsize, Rlimit { current: bytes, maximum: None })
    };
    let client = client_of(&stage.world, &stage.server, stage.person("ada"));
    let create = async |number: usize| {
        let padding = "x".repeat(1_000);
        let new = json!({"workflow_id": format!("w{number}"), "name": "w", "description": padding});
        client.call("workflow_create", new).await
    };
    let count = async || -> Result<usize> {
        let answer = client.call("workflow_list_all", json!({})).await?;
        assert!(!answer.is_error, "{}", answer.everything());
        Ok(answer.structured["workflows"].as_array().ok_or("a list")?.len())
    };

    limit(Some(ROOM))?;
    let mut made = 0;
    let refused = loop {
        let answer = create(made).await?;
        if answer.is_error {
            break answer;
        }
        made += 1;
        assert!(made < 500, "the limit does not hold");
    };
    assert_eq!(refused.error_code(), Some("unavailable"), "{}", refused.everything());
    assert!(!refused.everything().contains(".db"), "no path for callers: {}", refused.everything());
    assert!(made > 0);
    assert_eq!(count().await?, made, "reads go on, and nothing acknowledged is missing");
    let metrics = stage.server.metrics().await?;
    let failed = ["full", "failed"].map(|how| metrics.with("quilt_mcp_store_operations_total", how));
    assert!(failed.iter().sum::<f64>() > 0.0, "what the alert looks at: {failed:?}");

    limit(None)?;
    for number in made..made + 3 {
        let answer = create(number).await?;
        assert!(!answer.is_error, "there is room again: {}", answer.everything());
    }
    assert_eq!(count().await?, made + 3);
    assert!(stage.server.terminate().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_cannot_be_written_is_refused_at_the_start() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    // Nobody may make a directory in there, not even root.
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_DATA_DIR", "/proc/quilt-mcp/data");
    let (status, said) = plan.run_to_end().await?;
    assert!(!status.success());
    assert!(said.contains("QUILT_MCP_DATA_DIR") && said.contains("/proc/quilt-mcp/data"), "{said}");
    Ok(())
}

/// Alert, containment, `restore`, recovery: what `docs/runbooks.md` says to do, done while the server runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_stops_its_tenant_only_and_restoring_it_ends_that() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
    let server = plan.start().await?;
    for person in &world.people {
        let client = client_of(&world, &server, person);
        assert!(!client.call("workflow_create", json!({"workflow_id": "kept", "name": "w"})).await?.is_error);
    }
    let copies = tempfile::tempdir()?;
    let copy = copies.path().join("backup");
    let to = copy.to_str().ok_or("a path is text")?;
    let (status, said) = plan.command_of(&["backup", to])?;
    assert!(status.success() && said.contains("2 tenants"), "of a server that runs: {said}");
    assert!(server.terminate().await?.success());

    let [ada, ben] = [&world.people[0], &world.people[1]];
    damage(&file_of(&plan.data_directory(), &ada.tenant))?;
    let server = plan.start().await?;
    let (of_ada, of_ben) = (client_of(&world, &server, ada), client_of(&world, &server, ben));
    for _ in 0..3 {
        let answer = of_ada.call("workflow_list_all", json!({})).await?;
        assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
        assert!(answer.everything().contains("other tenants are not affected"), "{}", answer.everything());
        let answer = of_ben.call("workflow_list_all", json!({})).await?;
        assert_eq!(
            answer.structured["workflows"].as_array().map(Vec::len),
            Some(1),
            "{}",
            answer.everything()
        );
    }
    let metrics = server.metrics().await?;
    assert_eq!(metrics.with("quilt_mcp_store_operations_total", "outcome=\"damaged\""), 3.0);

    let (status, said) = plan.command_of(&["restore", "--tenant", &ada.tenant, to])?;
    assert!(status.success() && said.contains("before-restore"), "{said}");
    let answer = of_ada.call("workflow_list_all", json!({})).await?;
    assert_eq!(answer.structured["workflows"][0]["id"], "kept", "{}", answer.everything());
    assert!(!of_ada.call("workflow_create", json!({"workflow_id": "new", "name": "w"})).await?.is_error);
    Ok(())
}

pub(crate) fn file_of(data: &Path, tenant: &str) -> PathBuf {
    use sha2::{Digest, Sha256};
    let digest = hex::encode(Sha256::digest(tenant));
    data.join("tenants").join(&digest[..2]).join(format!("{digest}.db"))
}

/// Flips bytes throughout, and leaves the header as it is: so it is for the checks to find.
fn damage(file: &Path) -> Result<()> {
    let length = fs::metadata(file)?.len();
    let mut file = fs::OpenOptions::new().write(true).open(file)?;
    for at in (200..length.saturating_sub(64)).step_by(512) {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&[0xa5; 64])?;
    }
    Ok(())
}
