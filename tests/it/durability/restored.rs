//! A whole backup, put back into a new place: what clients get from there is what they got. And what is no backup, or no
//! longer one, is refused with the reason, and changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quilt_tests::Result;
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client_of;
use super::disk::file_of;
use super::volume::create;

/// How many workflows each has.
const SAVED: usize = 3;

/// All that the two are told of their workflows.
async fn told(world: &World, server: &Server) -> Result<Vec<Value>> {
    let mut told = Vec::new();
    for name in ["ada", "ben"] {
        let client = client_of(world, server, world.person(name));
        let list = client.call("workflow_list_all", json!({})).await?;
        assert!(!list.is_error, "{}", list.everything());
        told.push(list.structured);
        for number in 0..SAVED {
            let one = client.call("workflow_get_status", json!({"id": format!("w{number}")})).await?;
            told.push(one.structured);
        }
    }
    Ok(told)
}

/// Every file below a directory, with a digest of what is in it.
fn files(directory: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let mut all = BTreeMap::new();
    if !directory.exists() {
        return Ok(all);
    }
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else {
            all.insert(path.clone(), hex::encode(Sha256::digest(fs::read(&path)?)));
        }
    }
    Ok(all)
}

/// Two tenants with workflows, and a backup that was made while the server ran.
struct Scene {
    world: World,
    plan: Plan,
    server: Server,
    then: Vec<Value>,
    backup: PathBuf,
    copies: tempfile::TempDir,
}

impl Scene {
    async fn start() -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
        let server = plan.start().await?;
        for name in ["ada", "ben"] {
            for number in 0..SAVED {
                assert!(!create(&client_of(&world, &server, world.person(name)), number).await?.is_error);
            }
        }
        let copies = tempfile::tempdir()?;
        let backup = copies.path().join("backup");
        let then = told(&world, &server).await?;
        let (status, said) = plan.command_of(&["backup", &backup.display().to_string()])?;
        assert!(status.success() && said.contains("files of 2 tenants"), "{said}");
        Ok(Self { world, plan, server, then, backup, copies })
    }

    /// The backup, copied and then changed.
    fn changed(&self, name: &str, change: impl FnOnce(&Path) -> Result<()>) -> Result<String> {
        let copy = self.copies.path().join(name);
        for file in files(&self.backup)?.into_keys() {
            let to = copy.join(file.strip_prefix(&self.backup)?);
            fs::create_dir_all(to.parent().ok_or("a file is in a directory")?)?;
            fs::copy(file, to)?;
        }
        change(&copy)?;
        Ok(copy.display().to_string())
    }

    /// Where the tenants' files of a copy are.
    fn of_both(&self, copy: &Path) -> [PathBuf; 2] {
        ["ada", "ben"].map(|name| file_of(copy, &self.world.person(name).tenant))
    }
}

/// Writes the sums of a copy anew, as somebody would who has nothing against the change.
fn sum_up(copy: &Path) -> Result<()> {
    let mut sums = String::new();
    for (file, sum) in files(&copy.join("tenants"))? {
        sums += &format!("{sum}  {}\n", file.strip_prefix(copy)?.display());
    }
    Ok(fs::write(copy.join("SHA256SUMS"), sums)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_backup_serves_elsewhere_what_was_there() -> Result<()> {
    let scene = Scene::start().await?;
    let ada = client_of(&scene.world, &scene.server, scene.world.person("ada"));
    assert!(!create(&ada, SAVED).await?.is_error, "after the backup");
    assert_ne!(told(&scene.world, &scene.server).await?, scene.then, "the comparison sees a difference");

    let elsewhere = Plan::multi_tenant(&scene.world)?;
    let backup = scene.backup.display().to_string();
    let (status, said) = elsewhere.command_of(&["restore", &backup])?;
    assert!(status.success() && said.contains("restored the files of 2 tenants"), "{said}");
    let server = elsewhere.start().await?;
    assert_eq!(told(&scene.world, &server).await?, scene.then);
    let ada = client_of(&scene.world, &server, scene.world.person("ada"));
    assert!(!create(&ada, SAVED).await?.is_error, "and it can be written to");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_whole_backup_is_refused_and_changes_nothing() -> Result<()> {
    let scene = Scene::start().await?;
    let sums = "SHA256SUMS";
    let swapped = |copy: &Path| -> Result<()> {
        let [adas, bens] = scene.of_both(copy);
        let of_ada = fs::read(&adas)?;
        fs::copy(&bens, &adas)?;
        fs::write(&bens, of_ada)?;
        sum_up(copy)
    };
    let other_thing = scene.copies.path().join("other-thing");
    fs::write(&other_thing, "a file")?;
    let cases = [
        ("cut", scene.changed("cut", |copy| Ok(fs::remove_file(copy.join(sums))?))?, "is no whole backup"),
        (
            "damaged",
            scene.changed("damaged", |copy| {
                let [adas, _] = scene.of_both(copy);
                let mut bytes = fs::read(&adas)?;
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                Ok(fs::write(adas, bytes)?)
            })?,
            "is not what was backed up",
        ),
        (
            "lacking",
            scene.changed("lacking", |copy| Ok(fs::remove_file(&scene.of_both(copy)[1])?))?,
            "No such file",
        ),
        (
            "with more",
            scene.changed("more", |copy| {
                let more = file_of(copy, "more");
                fs::create_dir_all(more.parent().ok_or("a file is in a directory")?)?;
                fs::copy(&scene.of_both(copy)[0], more)?;
                Ok(())
            })?,
            "has other files than",
        ),
        (
            "leading out",
            scene.changed("out", |copy| {
                let text = fs::read_to_string(copy.join(sums))?;
                Ok(fs::write(copy.join(sums), text.replace("tenants/", "tenants/../../"))?)
            })?,
            "is no tenant's file",
        ),
        (
            "no databases",
            scene.changed("nonsense", |copy| {
                fs::write(&scene.of_both(copy)[1], "no database")?;
                sum_up(copy)
            })?,
            "is no file of a tenant's",
        ),
        ("with each other's files", scene.changed("swapped", swapped)?, "is not its tenant's place"),
        ("another thing", other_thing.display().to_string(), "is no whole backup"),
    ];
    for (what, from, why) in &cases {
        let elsewhere = Plan::multi_tenant(&scene.world)?;
        let (status, said) = elsewhere.command_of(&["restore", from])?;
        assert!(!status.success() && said.contains(why) && said.contains(from.as_str()), "{what}: {said}");
        assert_eq!(files(&elsewhere.data_directory())?, BTreeMap::new(), "{what}: nothing is written");
        // One tenant's file is no less looked at.
        let tenant = &scene.world.person("ada").tenant;
        let before = told(&scene.world, &scene.server).await?;
        let (status, said) = scene.plan.command_of(&["restore", "--tenant", tenant, from])?;
        assert!(!status.success() && said.contains(why), "{what}: {said}");
        assert_eq!(told(&scene.world, &scene.server).await?, before, "{what}: nothing is overwritten");
    }
    super::tell(format_args!("{} backups that are none are refused", cases.len()))?;

    // Nor is a good one put over a store that is there.
    let Scene { plan, server, backup, copies: _copies, .. } = scene;
    assert!(server.terminate().await?.success());
    let before = files(&plan.data_directory())?;
    let (status, said) = plan.command_of(&["restore", &backup.display().to_string()])?;
    assert!(!status.success() && said.contains("there is a store already"), "{said}");
    assert_eq!(files(&plan.data_directory())?, before);
    Ok(())
}
