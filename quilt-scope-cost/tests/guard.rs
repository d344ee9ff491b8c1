//! The instructions of the key paths do not grow unnoticed.
//!
//! `baseline.txt` has for each case what hand-written code takes and what the framework takes. How many instructions `malloc`
//! and `memcpy` take differs between machines, so the framework is allowed the baseline's *ratio* to hand-written code on
//! this machine, and 5 % more. Less is good news: bless it, so that it is kept.
//!
//! `BASELINE=overwrite cargo test -p quilt-scope-cost` writes what is measured. Look at it before you commit it.
#![cfg(target_os = "linux")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

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

#[derive(Clone, Copy, Debug)]
struct Measured {
    by_hand: f64,
    ours: f64,
}

impl Measured {
    fn of(case: &str, by_hand: &str) -> Result<Self> {
        Ok(Self { by_hand: instructions(case, by_hand)?, ours: instructions(case, "quilt-scope")? })
    }

    fn ratio(self) -> f64 {
        self.ours / self.by_hand
    }

    /// What it has grown by since `baseline`, in parts.
    fn growth(self, baseline: Self) -> f64 {
        self.ratio() / baseline.ratio() - 1.0
    }
}

/// Instructions for doing it once. What starts and ends the process cancels out.
fn instructions(case: &str, contender: &str) -> Result<f64> {
    let (few, many) = (2, 6);
    Ok((steps(case, contender, many)? - steps(case, contender, few)?) / f64::from(many - few))
}

fn steps(case: &str, contender: &str, times: u32) -> Result<f64> {
    let output = Command::new(stepper()?)
        .arg(env!("CARGO_BIN_EXE_quilt-scope-cost"))
        .args(["step", case, contender, &times.to_string()])
        .output()?;
    if !output.status.success() {
        return Err(format!("{case} by {contender}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// The program that steps, compiled once.
fn stepper() -> Result<&'static Path> {
    static COMPILED: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/steps.c");
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("steps-{}", std::process::id()));
        let compiled = Command::new("cc").arg("-O1").arg("-o").arg(&program).arg(source).output();
        match compiled {
            Ok(output) if output.status.success() => Ok(program),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(format!("the check of the costs needs a C compiler, `cc`: {error}")),
        }
    });
    compiled.as_deref().map_err(|message| message.clone().into())
}

fn baseline_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/baseline.txt")
}

fn baseline(case: &str) -> Result<Measured> {
    let text = std::fs::read_to_string(baseline_file())?;
    for line in text.lines() {
        if let [known, by_hand, ours] = line.split_whitespace().collect::<Vec<_>>()[..]
            && known == case
        {
            return Ok(Measured { by_hand: by_hand.parse()?, ours: ours.parse()? });
        }
    }
    Err(format!("no baseline for `{case}`; see the head of tests/guard.rs").into())
}

#[test]
fn no_key_path_takes_more_instructions_than_the_baseline_allows() -> Result {
    if std::env::var_os("BASELINE").is_some_and(|order| order == "overwrite") {
        return bless();
    }
    let mut grown = String::new();
    for (case, by_hand) in GUARDED {
        let (measured, baseline) = (Measured::of(case, by_hand)?, baseline(case)?);
        if measured.growth(baseline) > TOLERANCE {
            grown += &format!(
                "\n{case}: {:.0} instructions, {:.2} times hand-written code; the baseline says {:.2} times",
                measured.ours,
                measured.ratio(),
                baseline.ratio()
            );
        }
    }
    assert!(grown.is_empty(), "more than {:.0} % above the baseline:{grown}", TOLERANCE * 100.0);
    Ok(())
}

#[test]
fn a_path_with_one_allocation_more_is_caught() -> Result {
    let twin = Measured::of("twin", "by-hand")?;
    assert!(twin.growth(baseline("three")?) > TOLERANCE, "not caught: {twin:?}");
    Ok(())
}

#[test]
fn the_same_work_counts_the_same() -> Result {
    let (first, second) = (instructions("three", "quilt-scope")?, instructions("three", "quilt-scope")?);
    assert!((first / second - 1.0).abs() < TOLERANCE / 10.0, "{first} and {second}");
    Ok(())
}

fn bless() -> Result {
    let mut text = "# case, instructions by hand, by the framework; see guard.rs\n".to_owned();
    for (case, by_hand) in GUARDED {
        let measured = Measured::of(case, by_hand)?;
        text += &format!("{case} {:.0} {:.0}\n", measured.by_hand, measured.ours);
    }
    Ok(std::fs::write(baseline_file(), text)?)
}
