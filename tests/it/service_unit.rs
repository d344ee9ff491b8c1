//! The systemd unit, its configuration file and the proxy's settings, held to the program that they are about. systemd itself is
//! not asked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use clap::Parser as _;
use quilt_mcp::cli::{Cli, Command};
use quilt_mcp::config::{Config, Deployment, Door, Flags};
use quilt_tests::files::private;
use quilt_tests::{Result, workspace};

fn read(path: &str) -> Result<String> {
    Ok(fs::read_to_string(workspace().join(path))?)
}

/// What stands behind `key=` in the unit, once for each time that it stands there.
fn values<'u>(unit: &'u str, key: &str) -> Vec<&'u str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

/// As the unit starts it, after what the page says to do first.
fn configuration() -> Result<Config> {
    let unit = read("ops/quilt-mcp.service")?;
    let [start] = values(&unit, "ExecStart")[..] else { return Err("one command".into()) };
    let Command::Serve(flags) = Cli::try_parse_from(start.split(' '))?.command else {
        return Err(format!("it serves: {start}").into());
    };
    let installed = flags.into_flags().config.ok_or("it names its file")?;
    let page = read("docs/operations.md")?;
    let (directory, name) =
        (installed.parent().ok_or("in a directory")?, installed.file_name().ok_or("a name")?);
    let step = format!("ops/{} {}/", name.display(), directory.display());
    assert!(page.contains(&step), "nobody is told to install the file that the unit names: {step}");

    let home = tempfile::tempdir()?;
    let secret = private(home.path(), "jwt-secret", "0123456789abcdef0123456789abcdef0123456789abcdef")?;
    let file = home.path().join(name);
    fs::copy(workspace().join("ops").join(name), &file)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
    let [credential] = values(&unit, "LoadCredential")[..] else { return Err("one secret".into()) };
    let handed_over = format!("%d/{}", credential.split(':').next().unwrap_or_default());
    let environment = values(&unit, "Environment").into_iter().filter_map(|pair| pair.split_once('='));
    let environment = environment.map(|(name, value)| {
        (name.into(), value.replace(&handed_over, &secret.display().to_string()).into())
    });
    Ok(Config::load(Flags { config: Some(file), ..Flags::default() }, environment)?)
}

#[test]
fn the_unit_starts_with_the_file_that_is_there_for_it() -> Result<()> {
    let config = configuration()?;
    assert!(matches!(config.deployment, Deployment::MultiTenant(_)), "{config:?}");
    assert!(matches!(config.door, Door::Http(_)), "{config:?}");
    let unit = read("ops/quilt-mcp.service")?;
    let [stop] = values(&unit, "TimeoutStopSec")[..] else { return Err("one time to stop".into()) };
    let drain = config.limits.drain_grace + config.limits.drain_deadline;
    assert!(stop.parse::<u64>()? >= drain.as_secs() + 15, "{stop} s for {drain:?}, and for tidying after it");
    let state = format!("/var/lib/{}", values(&unit, "StateDirectory")[0]);
    assert!(values(&unit, "Environment").contains(&format!("QUILT_MCP_DATA_DIR={state}").as_str()));
    Ok(())
}

/// A proxy that is stricter than the server would refuse, or give up, what the server takes.
#[test]
fn the_proxy_lets_through_what_the_server_takes() -> Result<()> {
    let config = configuration()?;
    let page = read("docs/operations.md")?;
    let of = |name: &str, unit: char| -> Result<u64> {
        let value = page.lines().find_map(|line| line.trim().strip_prefix(name)).ok_or("the page sets it")?;
        Ok(value.trim().trim_end_matches(';').trim_end_matches(unit).parse()?)
    };
    let Door::Http(http) = &config.door else { return Err("over HTTP".into()) };
    assert!(of("client_max_body_size", 'm')? << 20 >= http.max_body_bytes as u64);
    assert!(of("proxy_read_timeout", 's')? > config.limits.call_timeout.as_secs());
    Ok(())
}
