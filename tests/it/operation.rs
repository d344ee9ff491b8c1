//! The commands of an operator, and the page that describes them.

use std::fmt::Write as _;
use std::fs;

use clap::{Arg, CommandFactory as _};
use quilt_mcp::cli::Cli;
use quilt_mcp::config::{IssuerKey, Setting};
use quilt_tests::server::Plan;
use quilt_tests::world::{ServerRights, World, ada_and_ben};
use quilt_tests::{Result, workspace};

/// The tables of all that can be set, as the page has them.
fn tables() -> Result<String> {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").ok_or("there is `serve`")?;
    let mut tables = String::from(
        "| flag | variable | key of the file | default | what it decides |\n|---|---|---|---|---|\n",
    );
    // What is no setting itself, but says where settings are.
    for argument in serve.get_arguments().filter(|argument| setting_of(argument).is_none()) {
        let (flag, about, variable) = described(argument);
        writeln!(tables, "| {flag} | {variable} | not in the file |  | {about}. |")?;
    }
    for setting in Setting::ALL {
        let flag = serve.get_arguments().any(|argument| setting_of(argument) == Some(*setting));
        let flag = if flag { format!("`{}`", setting.flag()) } else { "".to_owned() };
        let key =
            if setting.is_secret() { "not in the file".to_owned() } else { format!("`{}`", setting.key()) };
        let default = setting.default().map_or_else(String::new, |default| format!("`{default}`"));
        writeln!(tables, "| {flag} | `{}` | {key} | {default} | {} |", setting.variable(), setting.about())?;
    }
    tables.push_str("\n| key of `[[issuer]]` | default | what it decides |\n|---|---|---|\n");
    for key in IssuerKey::ALL {
        let default = key.default.map_or_else(String::new, |default| format!("`{default}`"));
        writeln!(tables, "| `{}` | {default} | {} |", key.name, key.about)?;
    }
    tables.push_str("\n| command | argument | what it decides |\n|---|---|---|\n");
    let others = command.get_subcommands().filter(|command| command.get_name() != "serve");
    for other in others {
        for argument in other.get_arguments().filter(|argument| setting_of(argument).is_none()) {
            let (named, about, _) = described(argument);
            // What `serve` takes as well has its row above; the demo's address is its own.
            let is_above = serve.get_arguments().any(|of_serve| of_serve.get_id() == argument.get_id());
            if !is_above || !argument.get_default_values().is_empty() {
                writeln!(tables, "| `{}` | {named} | {about}. |", other.get_name())?;
            }
        }
    }
    Ok(tables)
}

/// The setting that an argument of the command line is.
fn setting_of(argument: &Arg) -> Option<Setting> {
    let name = argument.get_long()?;
    // The demo's address is its own.
    let own_default = !argument.get_default_values().is_empty();
    Setting::from_key(&name.replace('-', "_")).filter(|_| !own_default)
}

/// How an argument is written, what it decides, and its variable.
fn described(argument: &Arg) -> (String, String, String) {
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let (about, variable) = match help.split_once(" [env: ") {
        Some((about, variable)) => (about, format!("`{}`", variable.trim_end_matches(']'))),
        None => (&*help, String::new()),
    };
    let named = match argument.get_long() {
        Some(long) => format!("`--{long}`"),
        None => format!("`{}`", argument.get_id().as_str().to_uppercase()),
    };
    (named, about.to_owned(), variable)
}

#[test]
fn the_page_has_every_flag_variable_and_key() -> Result<()> {
    const BEGIN: &str = "<!-- settings -->\n";
    const END: &str = "<!-- /settings -->\n";
    let path = workspace().join("docs/operations.md");
    let page = fs::read_to_string(&path)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("the page marks where the table begins")?;
    let (found, after) = rest.split_once(END).ok_or("the page marks where the table ends")?;
    let tables = tables()?;
    if std::env::var("SETTINGS").is_ok_and(|how| how == "overwrite") {
        fs::write(&path, format!("{before}{BEGIN}{tables}{END}{after}"))?;
        return Ok(());
    }
    assert_eq!(
        found, tables,
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
