//! Counts a program's instructions by stepping through it, and holds the counts to a baseline.
//!
//! How many instructions `malloc`, `memcpy` and SHA-256 take differs between machines. So a baseline is a *ratio* to other work
//! that is counted on the same machine.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Of counting.
pub type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Steps through programs: `steps.c`, compiled.
#[derive(Debug)]
pub struct Stepper(PathBuf);

impl Stepper {
    /// Compiles it into `directory`.
    ///
    /// # Errors
    /// There is no C compiler, `cc`, or it cannot write there.
    pub fn compiled_in(directory: &Path) -> Result<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/steps.c");
        let program = directory.join(format!("steps-{}", std::process::id()));
        let compiled = Command::new("cc").arg("-O1").arg("-o").arg(&program).arg(source).output();
        match compiled {
            Ok(output) if output.status.success() => Ok(Self(program)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into()),
            Err(error) => Err(format!("the check of the costs needs a C compiler, `cc`: {error}").into()),
        }
    }

    /// How many instructions `program` executes from when it has said `ready`, and has read a line, until it ends. Those of its
    /// first thread.
    ///
    /// # Errors
    /// It does not end well.
    pub fn steps(&self, program: &Path, arguments: &[&str]) -> Result<f64> {
        let output = Command::new(&self.0).arg(program).args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }
}

/// Instructions of a case, and of the work that it is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Of the work that it is compared with.
    pub reference: f64,
    /// Of the case.
    pub ours: f64,
}

impl Measured {
    /// How many times the reference it takes.
    pub fn ratio(self) -> f64 {
        self.ours / self.reference
    }

    /// What its ratio has grown by since `baseline`, in parts.
    pub fn growth(self, baseline: Self) -> f64 {
        self.ratio() / baseline.ratio() - 1.0
    }
}

/// A file of what was measured once, a line for each case.
#[derive(Debug)]
pub struct Baseline {
    /// Where it is.
    pub file: PathBuf,
    /// Its first line.
    pub head: &'static str,
}

impl Baseline {
    /// What was measured of `case`.
    ///
    /// # Errors
    /// It is not in the file.
    pub fn of(&self, case: &str) -> Result<Measured> {
        let text = std::fs::read_to_string(&self.file)?;
        for line in text.lines() {
            if let [known, reference, ours] = line.split_whitespace().collect::<Vec<_>>()[..]
                && known == case
            {
                return Ok(Measured { reference: reference.parse()?, ours: ours.parse()? });
            }
        }
        Err(format!("no baseline for `{case}`: write one with `BASELINE=overwrite`").into())
    }

    /// Which cases have a ratio that has grown by more than `tolerance`, in parts of it: in words.
    ///
    /// # Errors
    /// One is not in the file.
    pub fn grown(&self, measured: &[(&str, Measured)], tolerance: f64) -> Result<Vec<String>> {
        let mut grown = Vec::new();
        for (case, measured) in measured {
            let baseline = self.of(case)?;
            if measured.growth(baseline) > tolerance {
                grown.push(format!(
                    "{case}: {:.0} instructions, {:.2} times the reference; the baseline says {:.2} times",
                    measured.ours,
                    measured.ratio(),
                    baseline.ratio()
                ));
            }
        }
        Ok(grown)
    }

    /// Holds what was measured to it; or writes it anew, if `BASELINE=overwrite` is set.
    ///
    /// # Errors
    /// Something has [`grown`](Self::grown).
    pub fn hold(&self, measured: &[(&str, Measured)], tolerance: f64) -> Result {
        if std::env::var_os("BASELINE").is_some_and(|order| order == "overwrite") {
            return self.overwrite(measured);
        }
        let grown = self.grown(measured, tolerance)?.join("\n");
        if grown.is_empty() {
            return Ok(());
        }
        Err(format!("more than {:.0} % above {}:\n{grown}", tolerance * 100.0, self.file.display()).into())
    }

    fn overwrite(&self, measured: &[(&str, Measured)]) -> Result {
        let mut text = format!("{}\n", self.head);
        for (case, Measured { reference, ours }) in measured {
            text += &format!("{case} {reference:.0} {ours:.0}\n");
        }
        Ok(std::fs::write(&self.file, text)?)
    }
}
