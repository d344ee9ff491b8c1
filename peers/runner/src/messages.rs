//! The messages for the same mistakes: compiles every program, keeps what the compiler says, and counts.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::command::home;
use crate::document;
use crate::named;

pub(crate) const WHO: [&str; 5] = ["quilt-scope", "nject", "froodi", "shaku", "axum"];
pub(crate) const MISTAKES: [&str; 4] = ["missing", "captive", "cycle", "escape"];

/// Why a mistake cannot be made there.
const IMPOSSIBLE: [(&str, &str); 3] = [
    ("shaku_captive", "there is no request scope"),
    ("axum_captive", "services are not built from each other"),
    ("axum_cycle", "services are not built from each other"),
];

struct Outcome {
    phase: &'static str,
    /// As the compiler says it, without what cargo adds.
    message: String,
}

pub(crate) fn collect() -> Result {
    let folder = home().join("messages");
    std::fs::create_dir_all(folder.join("raw"))?;
    check("--lib", "messages", true)?;
    let mut text =
        "\n| | mistake | phase | lines | errors | first line |\n|---|---|---|---|---|---|\n".to_owned();
    for who in WHO {
        for mistake in MISTAKES {
            let name = format!("{who}_{mistake}");
            if let Some((_, why)) = IMPOSSIBLE.iter().find(|(impossible, _)| *impossible == name) {
                writeln!(text, "| {who} | {mistake} | – | – | – | cannot be written: {why} |")?;
                continue;
            }
            let Outcome { phase, message } = outcome(&name)?;
            std::fs::write(folder.join("raw").join(format!("{name}.txt")), &message)?;
            let errors = message.lines().filter(|line| is_error(line)).count();
            let first = message.lines().find(|line| is_error(line)).map_or("compiles", |line| line);
            let first = first.replace('|', "\\|");
            let lines = message.trim_end().lines().count();
            writeln!(text, "| {who} | {mistake} | {phase} | {lines} | {errors} | {first} |")?;
        }
    }
    writeln!(text)?;
    document::write("docs/guarantees-compared.md", "messages", &text)?;
    named::tabulate()
}

fn is_error(line: &str) -> bool {
    line.starts_with("error")
}

/// `cargo check`, and `cargo build` where that finds nothing.
fn outcome(name: &str) -> Result<Outcome> {
    for (phase, checks) in [("`cargo check`", true), ("`cargo build` only", false)] {
        let (success, message) = check("--example", name, checks)?;
        if !success {
            return Ok(Outcome { phase, message });
        }
    }
    Ok(Outcome { phase: "never", message: String::new() })
}

fn check(kind: &str, name: &str, checks: bool) -> Result<(bool, String)> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(home()).arg(if checks { "check" } else { "build" });
    cargo.args(["--quiet", "--color", "never", "--package", "messages", kind]);
    if kind == "--example" {
        cargo.arg(name);
    }
    let output = cargo.env("RUSTFLAGS", "--cap-lints=allow").output()?;
    Ok((output.status.success(), said_by_rustc(&String::from_utf8(output.stderr)?)))
}

/// Without cargo's own last words and rustc's offers to explain, and without paths of this machine.
fn said_by_rustc(text: &str) -> String {
    let home = home();
    let root = home.parent().unwrap_or(Path::new("/")).display().to_string();
    let registry =
        std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| home + "/.cargo"));
    let cut =
        ["error: could not compile", "error: aborting", "For more information about", "Some errors have"];
    text.lines()
        .filter(|line| !cut.iter().any(|start| line.starts_with(start)))
        .map(|line| {
            line.replace(&root, "$WORKSPACE").replace(&registry.clone().unwrap_or_default(), "$CARGO")
        })
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
        + "\n"
}
