//! Prometheus and promtool: the machine's own, or else Debian's package, unpacked once under the target directory.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::Result;
use crate::made_once::{made_once, run};

/// Debian's package: its version, and the digest of what it must be.
const VERSION: &str = "2.42.0+ds-5+deb12u1";
const DIGEST: &str = "81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55";
/// For which processors that digest holds.
const ARCHITECTURE: &str = "x86_64";
/// Asks for the package as Debian's signed lists have it, but keeps lists and package here, so that nothing of the machine
/// is changed and nobody has to be root.
const FETCH: &str = r#"
set -eu
mkdir -p state/lists/partial cache/archives/partial
: > state/status
own="-o Dir::State=$PWD/state -o Dir::State::status=$PWD/state/status -o Dir::Cache=$PWD/cache"
own="$own -o APT::Sandbox::User=$(id -un) -o Acquire::Languages=none -o DPkg::Post-Invoke= -o APT::Update::Post-Invoke="
apt-get $own -qq update
apt-get $own -qq download "prometheus=$1"
mv prometheus_*.deb prometheus.deb
"#;
const HINT: &str = "the tests need `prometheus` and `promtool`: install them (on Debian and Ubuntu: the package `prometheus`), \
    or let apt reach its archive; if Debian has a newer version, put that and its digest into tests/src/prometheus.rs";

/// `promtool`, to check and test rules with.
///
/// # Errors
/// If it is neither on this machine nor to be had. The message says what to do.
pub fn promtool() -> Result<PathBuf> {
    program("promtool")
}

/// `prometheus`, the server.
///
/// # Errors
/// As [`promtool`].
pub fn server() -> Result<PathBuf> {
    program("prometheus")
}

fn program(name: &str) -> Result<PathBuf> {
    let directories: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    let installed = directories.iter().map(|directory| directory.join(name)).find(|path| path.is_file());
    match installed {
        Some(path) => Ok(path),
        None => Ok(unpacked()?.join(name)),
    }
}

/// Made on first use. Several test processes may ask together: one makes it, the others wait.
fn unpacked() -> Result<&'static Path> {
    static MADE: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
    match MADE.get_or_init(|| make().map_err(|trouble| trouble.to_string())) {
        Ok(path) => Ok(path),
        Err(message) => Err(message.clone().into()),
    }
}

fn make() -> Result<PathBuf> {
    if env::consts::ARCH != ARCHITECTURE {
        return Err(format!("Prometheus's package is known for {ARCHITECTURE} only; {HINT}").into());
    }
    let home = crate::target_directory().join("substrate").join(format!("prometheus-{}", &DIGEST[..12]));
    let programs = home.join("usr").join("bin");
    made_once(&home, &programs, || {
        let fetch = ["-c", FETCH, "sh", VERSION];
        run(Command::new("sh").args(fetch).current_dir(&home), "fetching Prometheus", HINT)?;
        let package = home.join("prometheus.deb");
        let digest = hex::encode(Sha256::digest(fs::read(&package)?));
        if digest != DIGEST {
            return Err(format!("Prometheus's package has the digest {digest}, not {DIGEST}; {HINT}").into());
        }
        let mut unpack = Command::new("dpkg-deb");
        run(unpack.arg("--extract").arg(&package).arg(&home), "unpacking Prometheus", HINT).map(drop)
    })?;
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also where the machine has its own: else nobody would notice that the package is gone.
    #[test]
    fn the_package_can_be_had() -> Result<()> {
        let unpacked = unpacked()?;
        for name in ["prometheus", "promtool"] {
            let said = Command::new(unpacked.join(name)).arg("--version").output()?;
            let version = VERSION.split('+').next().ok_or("a version has a first part")?;
            assert!(String::from_utf8_lossy(&said.stdout).contains(version), "{said:?}");
        }
        Ok(())
    }
}
