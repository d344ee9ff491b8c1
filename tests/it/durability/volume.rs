//! A server on a file system of its own, small and real, that fills up while the server runs.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use quilt_tests::Result;
use quilt_tests::client::{Answer, Client};
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use super::client_of;

/// Runs a program in the namespaces of another.
const NSENTER: &str = "nsenter";

/// A file system in memory, mounted in a namespace of its own: whoever is not in there does not see it. It goes with the
/// process that holds the namespace.
pub(crate) struct Volume {
    holder: Child,
    at: PathBuf,
    as_root: bool,
}

impl Volume {
    /// Of so many bytes, at a directory that is there.
    fn mounted_at(at: &Path, bytes: usize) -> Result<Self> {
        // Root needs no user namespace; others are root in one of their own.
        let as_root = rustix::process::geteuid().is_root();
        let mut command = Command::new("unshare");
        if !as_root {
            command.args(["--user", "--map-root-user"]);
        }
        let script =
            format!("mount -t tmpfs -o size={bytes},mode=0700 tmpfs \"$0\" && echo mounted && exec cat");
        command.args(["--mount", "sh", "-c", &script]).arg(at);
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        if let Some(output) = holder.stdout.take() {
            BufReader::new(output).read_line(&mut said)?;
        }
        let volume = Self { holder, at: at.into(), as_root };
        match said.trim() {
            "mounted" => Ok(volume),
            _ => Err(
                "a file system cannot be mounted: these tests need Linux, and either root or user namespaces"
                    .into(),
            ),
        }
    }

    /// The arguments of [`NSENTER`] that lead to where the volume is seen.
    fn inside(&self) -> Vec<String> {
        let mut arguments = vec![format!("--target={}", self.holder.id()), "--mount".into()];
        if !self.as_root {
            arguments.extend(["--user".into(), "--preserve-credentials".into()]);
        }
        arguments
    }

    pub(crate) fn remount(&self, options: &str) -> Result<()> {
        let mut command = Command::new(NSENTER);
        command.args(self.inside()).args(["mount", "-o", &format!("remount,{options}")]).arg(&self.at);
        let output = command.output()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) volume: Volume,
    plan: Plan,
    pub(crate) server: Server,
}

impl Scene {
    pub(super) async fn start(bytes: usize) -> Result<Self> {
        Self::start_in(World::of(ada_and_ben(), ServerRights::OnlyExchange).await?, bytes).await
    }

    pub(crate) async fn start_in(world: World, bytes: usize) -> Result<Self> {
        let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
        std::fs::create_dir_all(plan.data_directory())?;
        let volume = Volume::mounted_at(&plan.data_directory(), bytes)?;
        let plan = plan.through(NSENTER, volume.inside());
        let server = plan.start().await?;
        Ok(Self { world, volume, plan, server })
    }

    pub(crate) fn client(&self, name: &str) -> Client {
        client_of(&self.world, &self.server, self.world.person(name))
    }

    pub(super) async fn readiness(&self) -> Result<(u16, String)> {
        let answer = reqwest::get(format!("{}/readyz", self.server.admin_url)).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    pub(crate) async fn figure(&self, outcome: &str) -> Result<f64> {
        let metrics = self.server.metrics().await?;
        Ok(metrics.with("quilt_mcp_store_operations_total", &format!("outcome=\"{outcome}\"")))
    }

    /// SIGTERM, and the server again on what it put away.
    pub(super) async fn stopped_and_started_again(self) -> Result<Self> {
        let Self { world, volume, plan, server } = self;
        assert!(server.terminate().await?.success());
        let server = plan.start().await?;
        Ok(Self { world, volume, plan, server })
    }

    /// SIGKILL, and the server again on what it left.
    pub(crate) async fn killed_and_started_again(self) -> Result<Self> {
        let Self { world, volume, plan, server } = self;
        server.kill()?;
        let server = plan.start().await?;
        Ok(Self { world, volume, plan, server })
    }
}

pub(crate) async fn create(client: &Client, number: usize) -> Result<Answer> {
    let new = json!({"workflow_id": format!("w{number}"), "name": "w", "description": "x".repeat(1_000)});
    Ok(client.call("workflow_create", new).await?)
}

pub(super) async fn count(client: &Client) -> Result<usize> {
    let answer = client.call("workflow_list_all", json!({})).await?;
    assert!(!answer.is_error, "{}", answer.everything());
    Ok(answer.structured["workflows"].as_array().ok_or("a list")?.len())
}

fn assert_refused_clearly(answer: &Answer) {
    assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
    let said = answer.everything();
    assert!(!said.contains(".db") && !said.contains("/data"), "no path for callers: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_changes_keeps_what_was_acknowledged_and_is_over_when_there_is_room() -> Result<()>
{
    let scene = Scene::start(2 << 20).await?;
    let (ada, ben) = (scene.client("ada"), scene.client("ben"));
    assert!(!create(&ben, 0).await?.is_error);
    let mut made = 0;
    let refused = loop {
        let answer = create(&ada, made).await?;
        if answer.is_error {
            break answer;
        }
        made += 1;
        assert!(made < 2_000, "the disk is never full");
    };
    assert_refused_clearly(&refused);
    assert!(refused.everything().contains("is full; nothing was changed"), "{}", refused.everything());
    assert!(scene.figure("full").await? > 0.0, "what the alert looks at");
    assert_eq!((count(&ada).await?, count(&ben).await?), (made, 1), "reads go on");
    assert_eq!(scene.readiness().await?.0, 503);
    let text =
        ada.call("bucket_object_text", json!({"s3_uri": scene.world.person("ada").first_uri()})).await?;
    assert!(!text.is_error, "tools that need no store go on: {}", text.everything());

    scene.volume.remount("size=16m")?;
    for number in made..made + 3 {
        let answer = create(&ada, number).await?;
        assert!(!answer.is_error, "there is room again: {}", answer.everything());
    }
    let (status, told) = scene.readiness().await?;
    assert_eq!(status, 200, "{told}");
    let scene = scene.killed_and_started_again().await?;
    assert_eq!((count(&scene.client("ada")).await?, count(&scene.client("ben")).await?), (made + 3, 1));
    Ok(())
}
