//! Turns, and where each side's come after the other's.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::endpoint::samples::{COMPARED, GIB, entries_of, manifest};
use crate::peer::{Place, Who};
use crate::process::Process;
use crate::work::{self, Work};

/// The rows of the table, and how many turns each gets.
const ROWS: [(Work, usize); 8] = [
    (Work::Browse(10), 7),
    (Work::Browse(1000), 7),
    (Work::Browse(100_000), 3),
    (Work::PushSmall, 5),
    (Work::PushLarge, 5),
    (Work::List, 7),
    (Work::Diff(COMPARED), 3),
    (Work::HashObject, 3),
];
/// With `PACKAGES_QUICK`: whether all of it works, in a minute, rather than what it costs.
const QUICK: [(Work, usize); 8] = [
    (Work::Browse(10), 1),
    (Work::Browse(1000), 1),
    (Work::Browse(QUICK_ENTRIES), 1),
    (Work::PushSmall, 1),
    (Work::PushLarge, 1),
    (Work::List, 1),
    (Work::Diff(QUICK_ENTRIES), 1),
    (Work::HashObject, 1),
];
const QUICK_ENTRIES: u64 = 10_000;
/// Those of the library by itself.
const FILES: [(Work, usize); 3] = [(Work::Hash, 5), (Work::Compare, 3), (Work::Read(10), 7)];
const LARGEST: u64 = 1_000_000;
/// Of each number of entries but the largest, which takes too long.
const TURNS: usize = 3;

/// The table.
pub(crate) fn rows(server: &str, python: &str) -> Result {
    let (rows, largest) = if is_quick() { (QUICK, QUICK_ENTRIES) } else { (ROWS, COMPARED) };
    at_an_endpoint(largest, server, python, |place| {
        rows.into_iter().try_for_each(|(work, turns)| take(place, work, 0, turns))
    })
}

/// How time and memory grow with the number of entries, for reading and for writing.
pub(crate) fn scaling(server: &str, python: &str) -> Result {
    let (largest, turns) = if is_quick() { (QUICK_ENTRIES, 1) } else { (LARGEST, TURNS) };
    at_an_endpoint(largest, server, python, |place| growing(place, largest, turns, Work::Browse, Work::Add))
}

fn is_quick() -> bool {
    std::env::var_os("PACKAGES_QUICK").is_some()
}

/// The library by itself: its rows, and how they grow.
pub(crate) fn files(python: &str) -> Result {
    in_a_folder(|folder| {
        write_large(&folder.join("large.bin"))?;
        let write = |name: &str, entries: u64, changed: bool| -> Result {
            let file = BufWriter::new(File::create(folder.join(name))?);
            Ok(manifest(file, entries_of(entries, changed))?.0.flush()?)
        };
        let mut entries = 10;
        while entries <= LARGEST {
            write(&work::manifest(entries), entries, false)?;
            entries *= 10;
        }
        write("changed.jsonl", 100_000, true)?;
        let place = Place { server: "", python, endpoint: None, folder };
        FILES.into_iter().try_for_each(|(work, turns)| take(&place, work, 0, turns))?;
        growing(&place, LARGEST, TURNS, Work::Read, Work::Rewrite)
    })
}

fn growing(
    place: &Place<'_>,
    largest: u64,
    turns: usize,
    read: impl Fn(u64) -> Work,
    write: impl Fn(u64) -> Work,
) -> Result {
    let mut entries = 100;
    while entries <= largest {
        let turns = if entries == LARGEST { 1 } else { turns };
        take(place, read(entries), entries, turns)?;
        take(place, write(entries), entries, turns)?;
        entries *= 10;
    }
    Ok(())
}

fn take(place: &Place<'_>, work: Work, entries: u64, turns: usize) -> Result {
    for turn in 0..turns {
        let order = if turn % 2 == 0 { [Who::Ours, Who::Quilt3] } else { [Who::Quilt3, Who::Ours] };
        for who in order {
            let took = place.turn(who, work, turn)?;
            let name = if who == Who::Ours { "ours" } else { "quilt3" };
            println!(
                "{}\t{name}\t{entries}\t{:.6}\t{:.2}\t{:.2}\t{}",
                work.title(),
                took.seconds,
                took.processor,
                took.endpoint,
                took.kibibytes
            );
        }
    }
    Ok(())
}

fn at_an_endpoint(
    largest: u64,
    server: &str,
    python: &str,
    measure: impl FnOnce(&Place<'_>) -> Result,
) -> Result {
    let mut command = Command::new(std::env::current_exe()?);
    let mut endpoint = Process::start(command.args(["endpoint", &largest.to_string()]))?;
    let url = endpoint.hear()?;
    in_a_folder(|folder| measure(&Place { server, python, endpoint: Some((&endpoint, &url)), folder }))
}

fn in_a_folder(measure: impl FnOnce(&Path) -> Result) -> Result {
    let folder = std::env::temp_dir().join(format!("quilt-packages-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&folder);
    drop(std::fs::remove_dir_all(&folder));
    measured
}

fn write_large(path: &Path) -> Result {
    let mut file = File::create(path)?;
    let block: Vec<u8> =
        (0u32..1 << 18).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for _ in 0..GIB / block.len() as u64 {
        file.write_all(&block)?;
    }
    Ok(())
}
