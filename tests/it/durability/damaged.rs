//! Files that are damaged while the server has them open: each answer is right or refused, other tenants notice nothing,
//! the doctor names the file, and restoring it ends it, without a restart.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use quilt_tests::Result;
use quilt_tests::client::{Answer, Client};
use quilt_tests::server::{Plan, Server};
use quilt_tests::world::{Person, ServerRights, World, ada_and_ben};
use serde_json::json;

use super::disk::file_of;
use super::volume::{count, create};
use super::{client_of, rounds};

/// How many workflows the tenant has when its file is damaged.
const SAVED: usize = 12;

/// What is overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    /// What tells SQLite what it is.
    Header,
    /// Every page of the database.
    Pages,
    /// The latest changes.
    Log,
    /// The index of the log, which is in the server's memory too.
    Index,
}

const DAMAGES: [Damage; 4] = [Damage::Header, Damage::Pages, Damage::Log, Damage::Index];

impl Damage {
    fn done_to(self, database: &Path, round: usize) -> Result<()> {
        let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", database.display()));
        // Each round elsewhere; what decides where a row is lies at the beginning of each page.
        let shift = (round * 7 % 24) as u64;
        match self {
            Self::Header => flip(database, [shift]),
            Self::Pages => {
                let pages = fs::metadata(database)?.len() / 4096;
                flip(database, (1..pages).map(|page| page * 4096 + shift % 8))
            }
            Self::Log => {
                let log = beside("-wal");
                let length = fs::metadata(&log)?.len();
                flip(&log, (32 + shift..length).step_by(512))
            }
            Self::Index => flip(&beside("-shm"), (shift..136).step_by(8)),
        }
    }
}

/// Has the server read the file anew: somebody else has changed it. What was saved is then in the log, or in the database.
fn make_cold(database: &Path, damage: Damage) -> Result<()> {
    let other = rusqlite::Connection::open(database)?;
    other.busy_timeout(std::time::Duration::from_secs(10))?;
    let change = "UPDATE tenant SET revision = revision + 1; UPDATE workflow SET version = version + 1";
    match damage {
        Damage::Header | Damage::Pages => {
            other.execute_batch(&format!("{change}; PRAGMA wal_checkpoint(TRUNCATE)"))?;
        }
        Damage::Log | Damage::Index => {
            other.execute_batch(&format!("PRAGMA wal_checkpoint(TRUNCATE); {change}"))?;
        }
    }
    Ok(())
}

/// Turns one byte at each place into its opposite.
fn flip(file: &Path, places: impl IntoIterator<Item = u64>) -> Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(file)?;
    for place in places {
        let mut byte = [0];
        file.seek(SeekFrom::Start(place))?;
        if file.read(&mut byte)? == 1 {
            file.seek(SeekFrom::Start(place))?;
            file.write_all(&[!byte[0]])?;
        }
    }
    Ok(())
}

/// Of the file, or of the one row that cannot be understood.
fn is_refusal(answer: &Answer) -> bool {
    matches!(answer.error_code(), Some("unavailable" | "internal"))
}

/// A server with ada's and ben's files open, and a backup of both.
struct Scene {
    world: World,
    plan: Plan,
    server: Server,
    backup: String,
    _copies: tempfile::TempDir,
}

impl Scene {
    async fn start() -> Result<Self> {
        let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
        let plan = Plan::multi_tenant(&world)?.set("QUILT_MCP_LOG", "warn,quilt_mcp=info");
        let server = plan.start().await?;
        let copies = tempfile::tempdir()?;
        let backup = copies.path().join("backup").display().to_string();
        let scene = Self { world, plan, server, backup, _copies: copies };
        for name in ["ada", "ben"] {
            for number in 0..SAVED {
                assert!(!create(&scene.client(name), number).await?.is_error);
            }
        }
        let (status, said) = scene.plan.command_of(&["backup", &scene.backup])?;
        assert!(status.success(), "{said}");
        Ok(scene)
    }

    fn ada(&self) -> &Person {
        self.world.person("ada")
    }

    fn client(&self, name: &str) -> Client {
        client_of(&self.world, &self.server, self.world.person(name))
    }

    /// How many of the answers of a damaged file's tenant were refused; none may be wrong.
    async fn refused(&self) -> Result<usize> {
        let (ada, ben) = (self.client("ada"), self.client("ben"));
        let (mut refused, mut made) = (0, 0);
        for number in 0..3 {
            let answer = ada.call("workflow_list_all", json!({})).await?;
            match answer.structured["workflows"].as_array() {
                Some(list) if !answer.is_error => {
                    assert!(
                        (SAVED + made..=SAVED + number).contains(&list.len()),
                        "a wrong answer: {}",
                        answer.everything()
                    );
                }
                _ => {
                    assert!(is_refusal(&answer), "{}", answer.everything());
                    refused += 1;
                }
            }
            let changed = create(&ada, SAVED + number).await?;
            assert!(!changed.is_error || is_refusal(&changed), "{}", changed.everything());
            refused += usize::from(changed.is_error);
            made += usize::from(!changed.is_error);
            assert_eq!(count(&ben).await?, SAVED, "others notice nothing");
        }
        Ok(refused)
    }

    fn restore(&self) -> Result<()> {
        let (status, said) =
            self.plan.command_of(&["restore", "--tenant", &self.ada().tenant, &self.backup])?;
        assert!(status.success(), "{said}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_damaged_while_it_is_open_stops_its_tenant_at_most() -> Result<()> {
    let scene = Scene::start().await?;
    let database = file_of(&scene.plan.data_directory(), &scene.ada().tenant);
    let mut refused = 0;
    for round in 0..rounds(1) {
        for damage in DAMAGES {
            make_cold(&database, damage)?;
            damage.done_to(&database, round)?;
            refused += scene.refused().await.map_err(|why| format!("{damage:?}, round {round}: {why}"))?;
            scene.restore()?;
            // Before the restored file is used, and while the other may be open: it is this one that counts.
            let ada = scene.client("ada");
            assert_eq!(count(&ada).await?, SAVED, "{damage:?}, round {round}: as in the backup");
            assert!(!create(&ada, SAVED).await?.is_error, "{damage:?}, round {round}");
            assert!(!ada.call("workflow_delete", json!({"id": format!("w{SAVED}")})).await?.is_error);
        }
    }
    assert!(refused > 0, "nothing was damaged");
    super::tell(format_args!("{} damages, {refused} answers refused, 0 wrong", DAMAGES.len() * rounds(1)))
}

/// The server uses the file that was put back, though the one before is open and looks sound to it: otherwise what it
/// acknowledges would be written into a file that has no name any more.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_after_a_restore_is_in_the_restored_file() -> Result<()> {
    let scene = Scene::start().await?;
    let ada = scene.client("ada");
    assert!(!create(&ada, SAVED).await?.is_error, "not in the backup");
    scene.restore()?;
    assert!(!create(&ada, SAVED + 1).await?.is_error, "in the restored file");
    let Scene { world, plan, server, backup: _, _copies } = scene;
    server.kill()?;
    let server = plan.start().await?;
    let answer = client_of(&world, &server, world.person("ada")).call("workflow_list_all", json!({})).await?;
    let said = answer.everything();
    assert_eq!(answer.structured["workflows"].as_array().map(Vec::len), Some(SAVED + 1), "{said}");
    assert!(
        said.contains(&format!("\"w{}\"", SAVED + 1)) && !said.contains(&format!("\"w{SAVED}\"")),
        "{said}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_a_damaged_file_and_no_other() -> Result<()> {
    let scene = Scene::start().await?;
    let database = file_of(&scene.plan.data_directory(), &scene.ada().tenant);
    let (status, said) = scene.plan.command_of(&["doctor"])?;
    make_cold(&database, Damage::Header)?;
    assert!(status.success() && said.contains("2 of 2 tenants' files are sound"), "{said}");
    Damage::Header.done_to(&database, 0)?;
    let (status, said) = scene.plan.command_of(&["doctor"])?;
    let named: Vec<&str> = said.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(!status.success() && named.len() == 1, "{said}");
    assert!(named[0].contains(&database.display().to_string()), "{said}");
    assert!(said.contains("1 of 2 tenants' files are sound"), "{said}");
    Ok(())
}
