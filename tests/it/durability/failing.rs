//! A disk that fails now and then: for each of the server's writes and syncs there is a round in which just that one is
//! answered with an I/O error. The caller is told, nothing acknowledged is lost, and the next change is made.
//!
//! The errors come from `tests/substrate/recorder.c`, which stands between the server and its files.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use quilt_tests::Result;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use rusqlite::Connection;
use serde_json::json;

use super::crash::recorder;
use super::disk::file_of;
use super::volume::create;
use super::{client_of, rounds, tell};

/// In so many rounds the first, the second, the third .. write or sync fails. A change is about five of them, so that the
/// quick form fails each of a change and of the next.
const ROUNDS: usize = 12;

/// How many workflows are left after a round.
const KEPT: usize = 100;

/// How many writes and syncs go well before one fails; shared with the server.
struct Failure(File);

impl Failure {
    fn at(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        let failure = Self(file);
        failure.comes_with(0)?;
        Ok(failure)
    }

    fn comes_with(&self, nth: i64) -> Result<()> {
        Ok(self.0.write_all_at(&nth.to_ne_bytes(), 0)?)
    }

    fn has_come(&self) -> Result<bool> {
        let mut left = [0; 8];
        self.0.read_exact_at(&mut left, 0)?;
        Ok(i64::from_ne_bytes(left) <= 0)
    }
}

/// What came of it.
#[derive(Debug, Default)]
struct Seen {
    made: usize,
    refused: usize,
    /// What should not have been.
    wrong: Vec<String>,
}

/// Whether a failure is answered as one, or hidden from the server.
#[derive(Clone, Copy, PartialEq)]
enum Disk {
    Says,
    Hides,
}

async fn failing(disk: Disk, rounds: usize) -> Result<Seen> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let directory = tempfile::tempdir()?;
    let number = directory.path().join("until-failure");
    let failure = Failure::at(&number)?;
    let text = |path: &Path| path.display().to_string();
    let mut plan = Plan::multi_tenant(&world)?
        .set("QUILT_MCP_LOG", "warn,quilt_mcp=info")
        .set("LD_PRELOAD", &text(&recorder(directory.path())?))
        .set("RECORDER_TO", &text(&directory.path().join("record")))
        .set("RECORDER_FAILS", &text(&number));
    plan = plan.clone().set("RECORDER_BELOW", &text(&plan.data_directory().join("tenants")));
    if disk == Disk::Hides {
        plan = plan.set("RECORDER_HIDES", "1");
    }
    let server = plan.start().await?;
    let ada = &world.people[0];
    let client = client_of(&world, &server, ada);
    let mut seen = Seen::default();
    let (mut acknowledged, mut next) = (BTreeSet::new(), 0);
    for round in 1..=rounds {
        failure.comes_with(i64::try_from(round)?)?;
        // Until it fails, and then once more.
        let mut well = false;
        while !well && seen.wrong.is_empty() {
            well = failure.has_come()?;
            let answer = create(&client, next).await?;
            if !answer.is_error {
                acknowledged.insert(format!("w{next}"));
            } else if well {
                seen.wrong.push(format!("round {round}: still refused: {}", answer.everything()));
            } else if answer.error_code() == Some("unavailable") && !answer.everything().contains(".db") {
                seen.refused += 1;
            } else {
                seen.wrong.push(format!("round {round}: {}", answer.everything()));
            }
            next += 1;
        }
        // A user may have so many and no more.
        while acknowledged.len() > KEPT
            && let Some(one) = acknowledged.pop_first()
        {
            let answer = client.call("workflow_delete", json!({"id": one})).await?;
            assert!(!answer.is_error, "{}", answer.everything());
        }
    }
    server.kill()?;
    seen.made = next - seen.refused;
    let found = saved(&file_of(&plan.data_directory(), &ada.tenant));
    // A disk that hides its failures may leave a file that is none any more.
    let found = if disk == Disk::Hides { found.unwrap_or_default() } else { found? };
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    if !lost.is_empty() {
        seen.wrong.push(format!("acknowledged and lost: {lost:?}"));
    }
    Ok(seen)
}

/// The workflows in a sound file; none in another.
fn saved(database: &Path) -> rusqlite::Result<BTreeSet<String>> {
    let connection = Connection::open(database)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(BTreeSet::new());
    }
    connection.prepare("SELECT id FROM workflow")?.query_map([], |row| row.get(0))?.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_or_sync_that_fails_is_told_and_loses_nothing() -> Result<()> {
    let rounds = rounds(ROUNDS);
    let seen = failing(Disk::Says, rounds).await?;
    tell(format_args!("{rounds} failed: {} refused, {} made", seen.refused, seen.made))?;
    assert!(seen.wrong.is_empty(), "{:#?}", seen.wrong);
    assert!(seen.refused > rounds / 2, "a failed write is no success: {seen:?}");
    Ok(())
}

/// The twin: a server that takes a failed write for a done one, which is one whose disk hides the failure.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_nobody_hears_of_loses_what_was_acknowledged() -> Result<()> {
    let seen = failing(Disk::Hides, ROUNDS).await?;
    assert!(seen.wrong.iter().any(|what| what.starts_with("acknowledged and lost")), "{seen:?}");
    Ok(())
}
