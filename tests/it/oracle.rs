//! The wire oracle: about the server as it is it finds nothing, about the server broken in any way we know of it finds
//! something.
//!
//! These are the quick forms. The long ones, and what they gave, are in `docs/security.md`.

use std::process::Command;

use quilt_tests::Result;

/// What the oracle says, and whether all was as it should be. It prints its seed.
fn oracle(arguments: &[&str]) -> Result<(bool, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_oracle")).args(arguments).output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

#[test]
fn nothing_reaches_the_wrong_one_of_many() -> Result<()> {
    let (clean, said) = oracle(&["--requests", "5000"])?;
    assert!(clean, "{said}");
    Ok(())
}

#[test]
fn nothing_reaches_the_wrong_one_over_sockets() -> Result<()> {
    let (clean, said) = oracle(&["--requests", "1500", "--sockets"])?;
    assert!(clean, "{said}");
    Ok(())
}

/// With the exchange kept between requests, as an operator may have it.
#[test]
fn nothing_reaches_the_wrong_one_when_exchanges_are_reused() -> Result<()> {
    let (clean, said) = oracle(&["--requests", "1500", "--reuse"])?;
    assert!(clean, "{said}");
    Ok(())
}

#[test]
fn every_broken_server_is_caught() -> Result<()> {
    let (caught, said) = oracle(&["--bug", "all", "--people", "16", "--tenants", "4", "--together", "32"])?;
    assert!(caught, "{said}");
    Ok(())
}

/// The document says of each broken server how often it was caught.
#[test]
fn the_document_lists_every_broken_server() -> Result<()> {
    let (_, listed) = oracle(&["--bugs"])?;
    let document = std::fs::read_to_string(quilt_tests::workspace().join("docs/security.md"))?;
    let listed: Vec<&str> = listed.lines().filter_map(|line| line.split('\t').next()).collect();
    assert!(listed.len() >= 24, "{listed:?}");
    let missing: Vec<_> = listed.iter().filter(|name| !document.contains(&format!("| `{name}` |"))).collect();
    assert!(missing.is_empty(), "not in docs/security.md: {missing:?}");
    Ok(())
}
