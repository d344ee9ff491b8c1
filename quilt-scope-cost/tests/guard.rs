//! The instructions of the key paths do not grow unnoticed.
//!
//! `baseline.txt` has for each case what hand-written code takes and what the framework takes. The framework is allowed the
//! baseline's *ratio* to hand-written code on this machine, and 5 % more. Less is good news: bless it, so that it is kept.
//!
//! `BASELINE=overwrite cargo test -p quilt-scope-cost` writes what is measured. Look at it before you commit it.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::OnceLock;

use quilt_scope_cost::{Baseline, Measured, Result, Stepper};

/// What may be more than the baseline, in parts of it.
const TOLERANCE: f64 = 0.05;

/// The cases that are held to the baseline, with the hand-written code that does the most similar thing.
const GUARDED: [(&str, &str); 6] = [
    ("three", "by-hand"),
    ("one-of-three", "by-hand"),
    ("one-of-sixteen", "by-hand"),
    ("nested", "by-hand"),
    ("three-async", "by-hand-boxed"),
    ("tool", "by-hand"),
];

fn measured(case: &str, by_hand: &str) -> Result<Measured> {
    Ok(Measured { reference: instructions(case, by_hand)?, ours: instructions(case, "quilt-scope")? })
}

/// Instructions for doing it once. What starts and ends the process cancels out.
fn instructions(case: &str, contender: &str) -> Result<f64> {
    let (few, many) = (2, 6);
    Ok((steps(case, contender, many)? - steps(case, contender, few)?) / f64::from(many - few))
}

fn steps(case: &str, contender: &str, times: u32) -> Result<f64> {
    static STEPPER: OnceLock<Result<Stepper, String>> = OnceLock::new();
    let compile =
        || Stepper::compiled_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).map_err(|why| why.to_string());
    let program = Path::new(env!("CARGO_BIN_EXE_quilt-scope-cost"));
    let stepper = STEPPER.get_or_init(compile).as_ref().map_err(String::as_str)?;
    stepper.steps(program, &["step", case, contender, &times.to_string()])
}

fn baseline() -> Baseline {
    Baseline {
        file: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/baseline.txt"),
        head: "# case, instructions by hand, by the framework; see guard.rs",
    }
}

#[test]
fn no_key_path_takes_more_instructions_than_the_baseline_allows() -> Result {
    let all: Result<Vec<_>> =
        GUARDED.into_iter().map(|(case, by_hand)| Ok((case, measured(case, by_hand)?))).collect();
    baseline().hold(&all?, TOLERANCE)
}

#[test]
fn a_path_with_one_allocation_more_is_caught() -> Result {
    let twin = measured("twin", "by-hand")?;
    assert_eq!(baseline().grown(&[("three", twin)], TOLERANCE)?.len(), 1, "not caught: {twin:?}");
    Ok(())
}

#[test]
fn the_same_work_counts_the_same() -> Result {
    let (first, second) = (instructions("three", "quilt-scope")?, instructions("three", "quilt-scope")?);
    assert!((first / second - 1.0).abs() < TOLERANCE / 10.0, "{first} and {second}");
    Ok(())
}
