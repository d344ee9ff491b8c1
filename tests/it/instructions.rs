//! The instructions of a request's way through the server do not grow unnoticed.
//!
//! `request-cost` is stepped through one instruction at a time, as cargo builds it for the tests. `golden/instructions.txt` has for
//! each case what the reference takes and what the server takes. The server is allowed the baseline's *ratio* to the reference on
//! this machine, and 10 % more. Less is good news: bless it, so that it is kept.
//!
//! `BASELINE=overwrite cargo test --workspace --test it -- instructions` writes what is measured. Look at it before you commit it.

use std::path::Path;
use std::sync::OnceLock;

use quilt_scope_cost::{Baseline, Measured, Result, Stepper};
use quilt_tests::workspace;

/// What may be more than the baseline, in parts of it. Ten runs differ by 0.02 %. Between processors with and without instructions
/// for SHA-256 the ratio of `call` differs by up to 8 %, since the reference has more to sign for its length.
const TOLERANCE: f64 = 0.10;

/// The cases that are held to the baseline. One takes a million instructions at most, so each is counted once.
const GUARDED: [&str; 4] = ["call", "list", "token", "link"];

/// Instructions for doing it once. What ends the process cancels out.
fn instructions(case: &str) -> Result<f64> {
    Ok(steps(case, "1")? - steps(case, "0")?)
}

fn steps(case: &str, times: &str) -> Result<f64> {
    static STEPPER: OnceLock<Result<Stepper, String>> = OnceLock::new();
    let compile =
        || Stepper::compiled_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).map_err(|why| why.to_string());
    let stepper = STEPPER.get_or_init(compile).as_ref().map_err(String::as_str)?;
    stepper.steps(Path::new(env!("CARGO_BIN_EXE_request-cost")), &[case, times])
}

/// The work that all are compared with, counted once for all tests.
fn reference() -> Result<f64> {
    static COUNTED: OnceLock<Result<f64, String>> = OnceLock::new();
    let count = || instructions("reference").map_err(|why| why.to_string());
    Ok(COUNTED.get_or_init(count).clone()?)
}

fn measured(case: &str) -> Result<Measured> {
    Ok(Measured { reference: reference()?, ours: instructions(case)? })
}

fn baseline() -> Baseline {
    Baseline {
        file: workspace().join("tests/golden/instructions.txt"),
        head: "# case, instructions of the reference, of the server; see tests/it/instructions.rs",
    }
}

#[test]
fn no_part_of_a_request_takes_more_instructions_than_the_baseline_allows() -> Result {
    // Side by side: where a processor is virtual twice over, a million instructions take 20 s and more.
    let counted = std::thread::scope(|scope| {
        let counting = GUARDED.map(|case| scope.spawn(move || measured(case)));
        counting.map(|counted| counted.join().map_err(|_| "counting panicked"))
    });
    let all = GUARDED.into_iter().zip(counted).map(|(case, counted)| Ok((case, counted??)));
    baseline().hold(&all.collect::<Result<Vec<_>>>()?, TOLERANCE)
}

#[test]
fn a_request_whose_token_is_verified_twice_is_caught() -> Result {
    let twin = measured("twin")?;
    assert_eq!(baseline().grown(&[("call", twin)], TOLERANCE)?.len(), 1, "not caught: {twin:?}");
    Ok(())
}
