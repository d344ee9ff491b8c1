//! Acknowledged means on the disk: the power is cut at many points of a recorded run, everything that was not synced is lost,
//! and what was acknowledged before that point must be there.
//!
//! `kill -9` cannot show this: the kernel keeps what a killed process wrote. So a library loaded into the server
//! (`tests/substrate/recorder.c`) writes down what it does to its files, and the disks that a power cut could have left are
//! made from that record: each file as of its last sync, with none, all or some of the writes after that.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use quilt_tests::{Result, workspace};
use rusqlite::Connection;
use serde_json::json;

use super::client_of;

/// How many workflows are made, one after the other; `QUILT_ROUNDS` times as many in the long form.
const WRITES: usize = 60;
/// At how many points the power is cut; as many times in the long form.
const CUTS: usize = 330;

/// One thing that was done to a file.
struct Deed {
    kind: u8,
    path: String,
    offset: u64,
    data: Vec<u8>,
    /// Where in the record it ends.
    end: u64,
}

fn read_record(bytes: &[u8]) -> Vec<Deed> {
    let (mut deeds, mut at) = (Vec::new(), 0);
    let number = |from: usize, length: usize| {
        bytes[from..from + length].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    while at + 15 <= bytes.len() {
        let (path, data) = (number(at + 1, 2) as usize, number(at + 11, 4) as usize);
        let (start, end) = (at + 15, at + 15 + path + data);
        deeds.push(Deed {
            kind: bytes[at],
            path: String::from_utf8_lossy(&bytes[start..start + path]).into_owned(),
            offset: number(at + 3, 8),
            data: bytes[start + path..end].to_vec(),
            end: end as u64,
        });
        at = end;
    }
    deeds
}

/// What a power cut takes of the writes that were not synced.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Everything,
    Nothing,
    Part(u64),
}

/// The files as they are on the disk when the power is cut after the first `count` deeds.
fn disk_after(deeds: &[Deed], count: usize, cut: Cut) -> BTreeMap<&str, Vec<u8>> {
    let mut disk: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let mut pending: BTreeMap<&str, Vec<&Deed>> = BTreeMap::new();
    for deed in &deeds[..count] {
        match deed.kind {
            b'S' => {
                let of_file = pending.remove(deed.path.as_str()).unwrap_or_default();
                of_file.into_iter().for_each(|deed| apply(&mut disk, deed));
            }
            // A file that is removed may be back after a cut; that it is gone is the harder case for what comes after.
            b'U' => {
                pending.remove(deed.path.as_str());
                disk.remove(deed.path.as_str());
            }
            _ => pending.entry(&deed.path).or_default().push(deed),
        }
    }
    let mut dice = match cut {
        Cut::Part(seed) => seed | 1,
        _ => 0,
    };
    for deed in pending.into_values().flatten() {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        match cut {
            Cut::Everything => {}
            Cut::Nothing => apply(&mut disk, deed),
            Cut::Part(_) if dice.is_multiple_of(2) => apply(&mut disk, deed),
            Cut::Part(_) => {}
        }
    }
    disk
}

fn apply<'d>(disk: &mut BTreeMap<&'d str, Vec<u8>>, deed: &'d Deed) {
    let file = disk.entry(&deed.path).or_default();
    let offset = usize::try_from(deed.offset).unwrap_or_default();
    if deed.kind == b'T' {
        file.resize(offset, 0);
        return;
    }
    let end = offset + deed.data.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(&deed.data);
}

/// How many of the first `acknowledged` workflows such a disk has lost. All of them if it is not sound.
fn lost(disk: &BTreeMap<&str, Vec<u8>>, acknowledged: usize) -> Result<usize> {
    let directory = tempfile::tempdir()?;
    let mut database: Option<PathBuf> = None;
    for (path, content) in disk {
        let name = Path::new(path).file_name().ok_or("a file has a name")?;
        // The index of the log is memory, and is made anew.
        if !path.ends_with("-shm") {
            fs::write(directory.path().join(name), content)?;
        }
        if path.ends_with(".db") {
            database = Some(directory.path().join(name));
        }
    }
    let Some(database) = database else { return Ok(acknowledged) };
    let found = || -> rusqlite::Result<Vec<String>> {
        let connection = Connection::open(&database)?;
        let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Ok(Vec::new());
        }
        let mut statement = connection.prepare("SELECT id FROM workflow")?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    let found = found().unwrap_or_default();
    Ok((0..acknowledged).filter(|number| !found.contains(&format!("w{number}"))).count())
}

/// The library, built into a directory.
pub(super) fn recorder(directory: &Path) -> Result<PathBuf> {
    let library = directory.join("recorder.so");
    let source = workspace().join("tests/substrate/recorder.c");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let built = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-U_FORTIFY_SOURCE", "-o"])
        .arg(&library)
        .arg(source)
        .arg("-ldl")
        .output()?;
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Ok(library)
}

/// Records a run. The deeds, and for each workflow where in the record the server was when it was acknowledged.
async fn recorded(lies: bool, writes: usize) -> Result<(Vec<Deed>, Vec<u64>)> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let directory = tempfile::tempdir()?;
    let record = directory.path().join("record");
    let text = |path: &Path| path.display().to_string();
    let mut plan = Plan::multi_tenant(&world)?
        .set("QUILT_MCP_LOG", "warn,quilt_mcp=info")
        .set("LD_PRELOAD", &text(&recorder(directory.path())?))
        .set("RECORDER_TO", &text(&record));
    plan = plan.clone().set("RECORDER_BELOW", &text(&plan.data_directory().join("tenants")));
    if lies {
        plan = plan.set("RECORDER_LIES", "1");
    }
    let server = plan.start().await?;
    let client = client_of(&world, &server, &world.people[0]);
    let mut acknowledged = Vec::new();
    for number in 0..writes {
        let new = json!({"workflow_id": format!("w{number}"), "name": "w", "description": "x".repeat(number % WRITES * 40)});
        let answer = client.call("workflow_create", new).await?;
        assert!(!answer.is_error, "{}", answer.everything());
        acknowledged.push(fs::metadata(&record)?.len());
    }
    server.kill()?;
    Ok((read_record(&fs::read(&record)?), acknowledged))
}

/// The worst that a cut did: how many acknowledged workflows were lost, over all cuts.
fn worst(deeds: &[Deed], acknowledged: &[u64], cuts: usize) -> Result<(usize, usize)> {
    let (mut worst, mut tried) = (0, 0);
    // Each at a point of its own.
    let cuts = cuts.min(deeds.len() - 1);
    for number in 0..cuts {
        let count = 1 + number * (deeds.len() - 1) / cuts;
        let known = acknowledged.iter().filter(|at| **at <= deeds[count - 1].end).count();
        for cut in [Cut::Everything, Cut::Nothing, Cut::Part(number as u64 * 2 + 1)] {
            let lost = lost(&disk_after(deeds, count, cut), known)?;
            assert!(
                matches!(cut, Cut::Everything | Cut::Part(_)) || lost == 0,
                "even with nothing lost {lost} are gone"
            );
            worst = worst.max(lost);
            tried += 1;
        }
    }
    Ok((worst, tried))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_survives_a_power_cut() -> Result<()> {
    let rounds = super::rounds(1);
    let (deeds, acknowledged) = recorded(false, WRITES * rounds).await?;
    assert!(deeds.iter().filter(|deed| deed.kind == b'S').count() >= WRITES * rounds, "each write is synced");
    let (worst, tried) = worst(&deeds, &acknowledged, CUTS * rounds)?;
    super::tell(format_args!("{tried} power cuts after {} writes and syncs", deeds.len()))?;
    assert_eq!(worst, 0, "acknowledged workflows lost by one of {tried} power cuts");
    Ok(())
}

/// A disk that takes no notice of syncs, as `synchronous=OFF` would give none: the same check must catch it.
#[tokio::test(flavor = "multi_thread")]
async fn without_syncs_a_power_cut_loses_what_was_acknowledged() -> Result<()> {
    let (deeds, acknowledged) = recorded(true, WRITES).await?;
    let (worst, tried) = worst(&deeds, &acknowledged, CUTS / 5)?;
    assert!(worst > 0, "nothing was lost in {tried} power cuts although nothing was synced");
    Ok(())
}
