//! `quilt-mcp doctor`, as a process.

use std::process::{Command, Output};

use quilt_mcp::config::{Config, Deployment, Flags};
use quilt_tests::catalog::{CatalogRegistry, table_without_secret};
use quilt_tests::files::private;
use quilt_tests::issuer::PublishedIssuer;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use quilt_tests::{Result, workspace};

/// What the doctor says of a plan.
fn examine(plan: &Plan, flags: &[&str]) -> Result<(Output, String)> {
    let line = plan.command_line();
    let mut command = Command::new(&line[0]);
    command.arg("doctor").args(flags).env_clear().envs(plan.environment());
    let output = command.output()?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Ok((output, said))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_examined_and_asked_after_only_if_told_to() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let issuer = PublishedIssuer::start("https://keys.test", "quilt-mcp").await?;
    let roles: Vec<String> = world.allowed_roles().split(',').map(String::from).collect();
    let plan = Plan::multi_tenant(&world)?.file(&issuer.table(&format!("allowed_roles = {roles:?}")))?;
    let mark = world.substrate.mark().await?;

    let (output, said) = examine(&plan, &[])?;
    assert!(output.status.success(), "{said}");
    assert!(said.contains("issuer https://keys.test: keys from http://127.0.0.1:"), "{said}");
    assert!(said.contains("no problem found"), "{said}");
    assert!(issuer.server.asked().is_empty());

    let (output, said) = examine(&plan, &["--online"])?;
    assert!(output.status.success(), "{said}");
    assert!(said.contains("issuer https://keys.test: publishes 4 keys that can be used"), "{said}");
    assert!(said.contains(&format!("user/{}-server", world.id)), "{said}");
    assert_eq!(issuer.server.asked().len(), 1);

    issuer.server.answers(500, "");
    let (output, said) = examine(&plan, &["--online"])?;
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("FAIL  issuer https://keys.test: its keys cannot be had: status 500"), "{said}");

    let (output, said) = examine(&plan.clone().set("QUILT_MCP_JWT_AUDIENCE", "*"), &[])?;
    assert!(!output.status.success());
    assert!(said.contains("issued for other servers"), "{said}");
    for secret in [world.mint.secret(), &world.server_key.secret_access_key] {
        assert!(!said.contains(secret));
    }
    let entries = world.substrate.since(mark).await?;
    let asked: Vec<_> =
        entries.iter().filter(|entry| world.owns(entry)).filter_map(|e| e.action.as_deref()).collect();
    assert_eq!(asked, ["sts:GetCallerIdentity", "sts:GetCallerIdentity"], "only --online asks");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_to_vouch_is_asked_about_what_nobody_signed() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let registry = CatalogRegistry::start().await?;
    let plan = Plan::multi_tenant(&world)?.file(&table_without_secret(registry.origin(), "acme"))?;
    let (output, said) = examine(&plan, &[])?;
    assert!(output.status.success(), "{said}");
    let checked = format!("no secret; its tokens are checked by {} at each request", registry.origin());
    assert!(said.contains(&checked), "{said}");
    assert_eq!(registry.asked(), []);

    let (output, said) = examine(&plan, &["--online"])?;
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains(&format!(
            "ok    issuer {}: refused a made-up token that nobody signed",
            registry.origin()
        )),
        "{said}"
    );
    assert_eq!(registry.asked().len(), 1);

    registry.says_all("200 OK", r#"{"data":{"me":{"name":"anybody"}}}"#);
    let (output, said) = examine(&plan, &["--online"])?;
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("takes a token that nobody signed, so anybody could be anybody"), "{said}");

    registry.says("500 Internal Server Error");
    let (output, said) = examine(&plan, &["--online"])?;
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("does not say whether it takes a token"), "{said}");
    Ok(())
}

/// The blocks of a language in a document.
fn blocks<'d>(document: &'d str, language: &str) -> Vec<&'d str> {
    let fence = format!("```{language}\n");
    document.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_example_of_the_document_is_a_good_configuration() -> Result<()> {
    let document = std::fs::read_to_string(workspace().join("docs/identity.md"))?;
    let home = tempfile::tempdir()?;
    let write = |name: &str, text: &str| private(home.path(), name, text);
    write("jwt-secret", "0123456789abcdef0123456789ABCDEF\n")?;
    write("roles", "# batch\nacme=arn:aws:iam::123456789012:role/batch\n")?;
    let policies = blocks(&document, "json");
    assert_eq!(policies.len(), 1);
    write("session-policy.json", policies[0])?;
    let here = |text: &str| text.replace("/etc/quilt-mcp", &home.path().display().to_string());
    let mut read = Vec::new();
    for example in blocks(&document, "toml") {
        let flags = Flags { config: Some(write("config.toml", &here(example))?), ..Flags::default() };
        let config = Config::load(flags, [("HOME".into(), home.path().into())]);
        read.push(config.map_err(|error| format!("{error}\n{example}"))?);
    }
    for example in blocks(&document, "sh") {
        let example = here(example);
        let lines = example.lines().filter_map(|line| line.split_once('='));
        let environment =
            lines.chain([("HOME", "/home/alice")]).map(|(name, value)| (name.into(), value.into()));
        read.push(Config::load(Flags::default(), environment)?);
    }
    let issuers = |config: &Config| match &config.deployment {
        Deployment::MultiTenant(trust) => trust.issuers.len(),
        Deployment::SingleUser { .. } => 0,
    };
    assert_eq!(read.iter().map(issuers).collect::<Vec<_>>(), [2, 1, 1, 1, 1, 1]);
    Ok(())
}
