//! The container file, held to the program that it is about. It is not built here, since that takes a registry of images.

use std::collections::BTreeMap;
use std::fs;

use clap::Parser as _;
use quilt_mcp::cli::Cli;
use quilt_mcp::config::{Config, Door, Flags};
use quilt_tests::{Result, workspace};

const PATH: &str = "ops/Containerfile";

/// Its instructions, each with its arguments, lines joined.
fn instructions() -> Result<Vec<(String, String)>> {
    let text = fs::read_to_string(workspace().join(PATH))?.replace("\\\n", " ");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split =
        |line: &str| line.split_once(' ').map(|(word, rest)| (word.to_owned(), rest.trim().to_owned()));
    Ok(lines
        .map(|line| split(line).ok_or("an instruction has arguments"))
        .collect::<std::result::Result<_, _>>()?)
}

#[test]
fn what_it_says_of_the_program_is_true() -> Result<()> {
    let all = instructions()?;
    let of = |word: &str| -> Vec<&str> {
        all.iter().filter(|(found, _)| found == word).map(|(_, rest)| rest.as_str()).collect()
    };
    let manifest = fs::read_to_string(workspace().join("Cargo.toml"))?;
    let rust = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .ok_or("a version")?
        .trim_matches('"');
    let [build, base] = of("FROM")[..] else { panic!("two stages: {all:?}") };
    assert!(build.starts_with(&format!("docker.io/library/rust:{rust}-bookworm ")), "{build}");
    assert!(base.starts_with("docker.io/library/debian:bookworm"), "the C library it was built with: {base}");

    let built = of("RUN")[0];
    for flag in ["--release", "--locked", "-p quilt-mcp"] {
        assert!(built.starts_with("cargo build") && built.contains(flag), "{built}");
    }
    let features = fs::read_to_string(workspace().join("quilt-mcp/Cargo.toml"))?;
    for feature in built
        .split("--features ")
        .skip(1)
        .flat_map(|rest| rest.split(' ').next())
        .flat_map(|all| all.split(','))
    {
        assert!(
            features.lines().any(|line| line.starts_with(&format!("{feature} = ["))),
            "no feature {feature}"
        );
    }

    let user = of("USER")[0];
    assert!(
        user.parse::<u32>().is_ok_and(|id| id > 0),
        "a number, so that Kubernetes sees that it is not root: {user}"
    );
    let program =
        of("COPY").into_iter().find_map(|copy| copy.strip_prefix("--from=build ")).ok_or("it is copied")?;
    let (from, to) = program.split_once(' ').ok_or("from and to")?;
    assert_eq!(from, "/src/target/release/quilt-mcp");
    assert_eq!(of("ENTRYPOINT"), [format!("[\"{to}\"]")]);
    let arguments: Vec<String> = serde_json::from_str(of("CMD")[0])?;
    Cli::try_parse_from(std::iter::once("quilt-mcp".to_owned()).chain(arguments))?;

    let environment: BTreeMap<&str, &str> = of("ENV")
        .into_iter()
        .flat_map(str::split_whitespace)
        .filter_map(|pair| pair.split_once('='))
        .collect();
    assert_eq!(of("VOLUME"), [environment["QUILT_MCP_DATA_DIR"]]);
    let config = configured(&environment)?;
    let Door::Http(http) = &config.door else { panic!("a container serves HTTP: {config:?}") };
    let admin = config.admin_listen.ok_or("a container shows its health")?;
    assert!(
        http.listen.ip().is_unspecified() && admin.ip().is_unspecified(),
        "reached from outside: {config:?}"
    );
    assert_eq!(of("EXPOSE"), [format!("{} {}", http.listen.port(), admin.port())]);
    Ok(())
}

/// With what whoever runs it has to add.
fn configured(environment: &BTreeMap<&str, &str>) -> Result<Config> {
    let theirs = [
        ("QUILT_MCP_JWT_SECRET", "0123456789abcdef0123456789ABCDEF"),
        ("QUILT_MCP_JWT_ISSUER", "https://idp.example.com"),
        ("QUILT_MCP_JWT_AUDIENCE", "quilt"),
        ("QUILT_MCP_ALLOWED_ROLES", "acme=arn:aws:iam::123456789012:role/quilt-*"),
        ("QUILT_MCP_ALLOWED_HOSTS", "mcp.example.com"),
    ];
    let all = environment.iter().map(|(name, value)| (*name, *value)).chain(theirs);
    Ok(Config::load(Flags::default(), all.map(|(name, value)| (name.into(), value.into())))?)
}
