//! What is kept of fuzzing, tried with every run: the seeds, what the fuzzer found, and changes of both by chance.

use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use quilt_tests::doors::{ConfigurationDoor, KeysDoor, MessageDoor, TokenDoor};
use quilt_tests::{Result, workspace};

/// Everything that is kept for a target of `fuzz/`.
fn kept(target: &str) -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for kind in ["seeds", "found"] {
        let directory = workspace().join("fuzz").join(kind).join(target);
        for file in fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))? {
            all.push(fs::read(file?.path())?);
        }
    }
    Ok(all)
}

/// Tries what is kept, and as much again in which a part was replaced by a part of another.
fn try_all(target: &str, crossed: u32, knock: impl Fn(&[u8])) -> Result<()> {
    let kept = kept(target)?;
    assert!(kept.len() > 8, "{target}: {} are kept", kept.len());
    for one in &kept {
        knock(one);
    }
    let some = prop::sample::select(kept);
    let part = || (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let mut runner =
        TestRunner::new(Config { cases: crossed, failure_persistence: None, ..Config::default() });
    runner.run(&(some.clone(), part(), some, part()), |(one, (from, to), other, (begin, end))| {
        let range = |from: prop::sample::Index, to: prop::sample::Index, length: usize| {
            let (from, to) = (from.index(length + 1), to.index(length + 1));
            from.min(to)..from.max(to)
        };
        let mut crossed = one;
        let within = range(from, to, crossed.len());
        crossed.splice(within, other[range(begin, end, other.len())].iter().copied());
        knock(&crossed);
        Ok(())
    })?;
    Ok(())
}

#[test]
fn tokens() -> Result<()> {
    let door = TokenDoor::open()?;
    try_all("token", 2_000, |bytes| door.knock(bytes))
}

#[test]
fn published_keys() -> Result<()> {
    let door = KeysDoor::open()?;
    try_all("keys", 200, |bytes| door.knock(bytes))
}

#[test]
fn messages() -> Result<()> {
    let door = MessageDoor::open()?;
    try_all("message", 200, |bytes| door.knock(bytes))
}

#[test]
fn configurations() -> Result<()> {
    let door = ConfigurationDoor::open()?;
    try_all("configuration", 2_000, |bytes| door.knock(bytes))
}
