//! The commands of an operator, and the page that describes them.

use std::fmt::Write as _;
use std::fs;

use clap::CommandFactory as _;
use quilt_mcp::cli::Cli;
use quilt_mcp::config::Setting;
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use quilt_tests::{Result, workspace};

/// The table of all settings, as the page has it.
fn table() -> Result<String> {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").ok_or("there is `serve`")?;
    let mut table = String::from(
        "| flag | variable | key of the file | default | what it decides |\n|---|---|---|---|---|\n",
    );
    for setting in Setting::ALL {
        let name = setting.flag();
        let flag = serve.get_arguments().any(|a| a.get_long() == name.strip_prefix("--"));
        let flag = if flag { format!("`{name}`") } else { "".to_owned() };
        let key =
            if setting.is_secret() { "not in the file".to_owned() } else { format!("`{}`", setting.key()) };
        let default = setting.default().map_or_else(String::new, |default| format!("`{default}`"));
        writeln!(table, "| {flag} | `{}` | {key} | {default} | {} |", setting.variable(), setting.about())?;
    }
    Ok(table)
}

#[test]
fn the_page_has_every_flag_variable_and_key() -> Result<()> {
    const BEGIN: &str = "<!-- settings -->\n";
    const END: &str = "<!-- /settings -->\n";
    let path = workspace().join("docs/operations.md");
    let page = fs::read_to_string(&path)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("the page marks where the table begins")?;
    let (found, after) = rest.split_once(END).ok_or("the page marks where the table ends")?;
    let table = table()?;
    if std::env::var("SETTINGS").is_ok_and(|how| how == "overwrite") {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}"))?;
        return Ok(());
    }
    assert_eq!(
        found, table,
        "docs/operations.md is not up to date: SETTINGS=overwrite cargo test --workspace --test it operation"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_told_at_once() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?
        .set("QUILT_MCP_CALL_TIMEOUT", "soon")
        .set("QUILT_MCP_LISTEN", "nowhere")
        .set("QUILT_MCP_COLOUR", "red");
    let (status, said) = plan.run_to_end().await?;
    assert!(!status.success());
    for part in ["3 settings are wrong:", "QUILT_MCP_CALL_TIMEOUT", "QUILT_MCP_LISTEN", "QUILT_MCP_COLOUR"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert!(!said.contains(world.mint.secret()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_shown_without_secrets() -> Result<()> {
    let world = World::of(ada_and_ben(), ServerRights::OnlyExchange).await?;
    let plan = Plan::multi_tenant(&world)?;
    let (status, shown) = plan.command_of(&["config", "show", "--call-timeout", "7s"])?;
    assert!(status.success(), "{shown}");
    assert!(!shown.contains(world.mint.secret()) && shown.contains("(set, not shown)"), "{shown}");
    for setting in Setting::ALL {
        assert!(shown.contains(&format!("{} = ", setting.key())), "{setting:?} is not in {shown}");
    }
    let line = shown.lines().find(|line| line.starts_with("call_timeout")).ok_or("it is shown")?;
    assert!(line.contains("\"7s\"") && line.ends_with("# --call-timeout"), "{line}");
    Ok(())
}
