//! A file system that cannot be written any more: reads go on, changes are refused, and it is over when the cause is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use quilt_tests::Result;
use quilt_tests::client::{Answer, Client};
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::json;

use super::client_of;
use super::volume::{Scene, count, create};

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.error_code(), Some("unavailable"), "{}", answer.everything());
    let said = answer.everything();
    assert!(!said.contains(".db") && !said.contains("/data"), "no path for callers: {said}");
}

/// A file that was put away in order, one as a crash leaves it, and a tenant who has none.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_mounted_read_only_is_read_and_not_changed() -> Result<()> {
    let scene = Scene::start(8 << 20).await?;
    assert!(!create(&scene.client("ada"), 0).await?.is_error);
    let scene = scene.stopped_and_started_again().await?;
    assert!(!create(&scene.client("ben"), 0).await?.is_error);
    // With no file open, or the kernel would not do it.
    let scene = scene.killed_and_started_again().await?;
    scene.volume.remount("ro")?;

    let (ada, ben) = (scene.client("ada"), scene.client("ben"));
    for _ in 0..2 {
        assert_eq!((count(&ada).await?, count(&ben).await?), (1, 1), "reads go on");
        for client in [&ada, &ben] {
            let refused = create(client, 1).await?;
            assert_refused(&refused);
            assert!(refused.everything().contains("nothing was changed"), "{}", refused.everything());
        }
    }
    assert_eq!(scene.figure("failed").await?, 4.0, "what the alert looks at");
    let (status, told) = scene.readiness().await?;
    assert_eq!(status, 503, "{told}");
    let of_ada = scene.world.person("ada");
    let text = ada.call("bucket_object_text", json!({"s3_uri": of_ada.first_uri()})).await?;
    assert!(!text.is_error, "tools that need no store go on: {}", text.everything());

    scene.volume.remount("rw")?;
    for client in [&ada, &ben] {
        let answer = create(client, 1).await?;
        assert!(!answer.is_error, "at once: {}", answer.everything());
    }
    assert_eq!(scene.readiness().await?.0, 200);
    let scene = scene.killed_and_started_again().await?;
    assert_eq!((count(&scene.client("ada")).await?, count(&scene.client("ben")).await?), (2, 2));
    Ok(())
}

/// A disk of its own, in a file, with the file system that servers have. Its mount is seen by the whole machine, and goes
/// with this.
struct Disk {
    image: PathBuf,
    at: PathBuf,
}

impl Disk {
    /// Made by root only: nobody else may mount a disk.
    fn mounted_at(at: &Path, image: &Path) -> Result<Self> {
        fs::File::create(image)?.set_len(16 << 20)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image))?;
        let disk = Self { image: image.into(), at: at.into() };
        disk.mount()?;
        Ok(disk)
    }

    fn mount(&self) -> Result<()> {
        run(Command::new("mount").args(["-o", "loop,errors=remount-ro"]).arg(&self.image).arg(&self.at))
    }

    /// As if the disk had given a wrong answer: the kernel lets nobody write to it any more, whatever is open.
    fn fail(&self) -> Result<()> {
        let output = Command::new("findmnt").args(["-n", "-o", "SOURCE"]).arg(&self.at).output()?;
        let device = String::from_utf8(output.stdout)?;
        let name = device.trim().trim_start_matches("/dev/");
        Ok(fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "1")?)
    }

    /// What an operator does. A copy is repaired: where another test has a mount namespace of its own, which began with this
    /// mount, the kernel has the failed file system still, and would give it again to whoever mounts the same image.
    fn repair(&mut self) -> Result<()> {
        run(Command::new("umount").arg(&self.at))?;
        let copy = self.image.with_extension("repaired");
        fs::copy(&self.image, &copy)?;
        self.image = copy;
        // It says 1 when it has repaired something.
        let status = Command::new("e2fsck").args(["-fy"]).arg(&self.image).output()?.status;
        assert!(matches!(status.code(), Some(0 | 1)), "{status}");
        self.mount()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

/// While the files are open. Needs root, as CI has in its container, and says so to others.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_under_open_files_loses_nothing() -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        return super::tell(format_args!("not run: only root may mount a disk"));
    }
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
    fs::create_dir_all(plan.data_directory())?;
    let images = tempfile::tempdir()?;
    let mut disk = Disk::mounted_at(&plan.data_directory(), &images.path().join("disk"))?;
    let server = plan.start().await?;
    let clients = |server: &Server| -> Vec<Client> {
        world.people.iter().map(|person| client_of(&world, server, person)).collect()
    };
    let callers = clients(&server);
    for client in &callers {
        assert!(!create(client, 0).await?.is_error);
    }
    disk.fail()?;
    for _ in 0..3 {
        for client in &callers {
            assert_refused(&create(client, 1).await?);
            assert_eq!(count(client).await?, 1, "reads go on");
        }
    }
    let metrics = server.metrics().await?;
    assert!(
        metrics.with("quilt_mcp_store_operations_total", "outcome=\"failed\"") > 3.0,
        "the alert's figure"
    );
    assert_eq!(reqwest::get(format!("{}/readyz", server.admin_url)).await?.status(), 503);
    assert!(server.terminate().await?.success());

    disk.repair()?;
    let server = plan.start().await?;
    for client in &clients(&server) {
        assert_eq!(count(client).await?, 1, "what was acknowledged");
        assert!(!create(client, 1).await?.is_error);
    }
    assert!(server.terminate().await?.success());
    Ok(())
}
