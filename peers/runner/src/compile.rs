//! What macros cost the compiler: `cargo check` of generated crates, ours against rmcp's macros and plain functions.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::command::home;
use crate::document;

const KINDS: [&str; 3] = ["quilt-scope", "rmcp", "plain"];
const SIZES: [usize; 3] = [10, 100, 500];
const ROUNDS: usize = 3;

/// Seconds of one `cargo check`.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    processor: f64,
}

pub(crate) fn measure() -> Result {
    let folder = generate()?;
    prebuild(&folder)?;
    let mut text = "\n| tools | | clean, s of processor | to rmcp's | incremental | to rmcp's | clean, s | incremental, s |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for size in SIZES {
        let mut clean: [Vec<Took>; 3] = Default::default();
        let mut touched: [Vec<Took>; 3] = Default::default();
        for round in 0..ROUNDS {
            for (i, kind) in KINDS.iter().enumerate() {
                let name = format!("{kind}-{size}");
                clean[i].push(check_clean(&folder, &name)?);
                change_a_body(&folder.join(&name), round)?;
                touched[i].push(check(&folder, &name)?);
            }
        }
        let figures: Vec<_> = (0..KINDS.len()).map(|i| (median(&clean[i]), median(&touched[i]))).collect();
        let (rmcp_clean, rmcp_touched) = figures[1];
        for (kind, (clean, touched)) in KINDS.iter().zip(&figures) {
            writeln!(
                text,
                "| {size} | {kind} | {:.2} | {:.2}× | {:.2} | {:.2}× | {:.2} | {:.2} |",
                clean.processor,
                clean.processor / rmcp_clean.processor,
                touched.processor,
                touched.processor / rmcp_touched.processor,
                clean.wall,
                touched.wall
            )?;
        }
        // After each size, for the last takes longest.
        document::write("docs/performance.md", "compile", &format!("{text}\n"))?;
    }
    Ok(())
}

fn median(all: &[Took]) -> Took {
    let middle = |of: fn(&Took) -> f64| {
        let mut values: Vec<f64> = all.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Took { wall: middle(|took| took.wall), processor: middle(|took| took.processor) }
}

/// A workspace of its own with a crate for each kind and size.
fn generate() -> Result<PathBuf> {
    let folder = home().join("target/compile");
    let mut members = String::new();
    for kind in KINDS {
        for size in SIZES {
            let name = format!("{kind}-{size}");
            write!(members, "\"{name}\", ")?;
            fs::create_dir_all(folder.join(&name).join("src"))?;
            fs::write(folder.join(&name).join("Cargo.toml"), manifest(kind, &name))?;
            fs::write(folder.join(&name).join("src/lib.rs"), source(kind, size)?)?;
        }
    }
    let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n");
    fs::write(folder.join("Cargo.toml"), workspace)?;
    fs::copy(home().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(folder)
}

fn manifest(kind: &str, name: &str) -> String {
    let own = match kind {
        "quilt-scope" => format!("quilt-scope = {{ path = {:?} }}", home().join("../quilt-scope")),
        "rmcp" => {
            r#"rmcp = { version = "=3.9.0", default-features = false, features = ["server", "macros"] }"#
                .to_owned()
        }
        _ => String::new(),
    };
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"src/lib.rs\"\n\n\
         [dependencies]\nschemars = \"1.2\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\n{own}\n"
    )
}

/// The same tools: two inputs, one service, a structured answer.
fn source(kind: &str, size: usize) -> Result<String> {
    let mut text = "#![allow(missing_docs)]\nuse schemars::JsonSchema;\nuse serde::Serialize;\n\n\
                    #[derive(Serialize, JsonSchema)]\npub struct Answer {\n    pub text: String,\n    pub count: u64,\n}\n\n\
                    pub struct Auth(u64);\n\n"
        .to_owned();
    match kind {
        "quilt-scope" => {
            text += "use quilt_scope::{Scope, Slot, ToolSet, scoped_tool, service, tool_set};\n\n\
                     #[service]\nimpl Auth {\n    pub fn new() -> Self {\n        Self(1)\n    }\n}\n\n\
                     #[derive(Scope)]\npub struct App {}\n\n#[derive(Scope)]\npub struct Request<'req> {\n    \
                     #[scope(parent)]\n    app: &'req App,\n    auth: Slot<Auth>,\n}\n\n";
            for i in 0..size {
                writeln!(
                    text,
                    "/// Counts the words, the {i}th way.\n#[scoped_tool]\npub async fn tool_{i}(\n    auth: &Auth,\n    \
                     /// What is counted.\n    words: String,\n    /// How often at most.\n    limit: Option<u64>,\n) \
                     -> Answer {{\n    {}\n}}\n",
                    body(i)
                )?;
            }
            let names: Vec<_> = (0..size).map(|i| format!("tool_{i}")).collect();
            writeln!(
                text,
                "pub fn tools() -> ToolSet<Request<'static>> {{\n    tool_set![{}]\n}}",
                names.join(", ")
            )?;
        }
        "rmcp" => {
            text += "impl Auth {\n    pub fn new() -> Self {\n        Self(1)\n    }\n}\n\n\
                     use rmcp::handler::server::router::tool::ToolRouter;\n\
                     use rmcp::handler::server::wrapper::{Json, Parameters};\nuse rmcp::{tool, tool_router};\n\
                     use serde::Deserialize;\n\npub struct Server;\n\n";
            for i in 0..size {
                writeln!(
                    text,
                    "#[derive(Deserialize, JsonSchema)]\n#[serde(deny_unknown_fields)]\npub struct Arguments{i} {{\n    \
                     /// What is counted.\n    pub words: String,\n    /// How often at most.\n    #[serde(default)]\n    \
                     pub limit: Option<u64>,\n}}\n"
                )?;
            }
            text += "#[tool_router]\nimpl Server {\n";
            for i in 0..size {
                writeln!(
                    text,
                    "    /// Counts the words, the {i}th way.\n    #[tool]\n    pub async fn tool_{i}(&self, \
                     Parameters(Arguments{i} {{ words, limit }}): Parameters<Arguments{i}>) -> Json<Answer> {{\n        \
                     let auth = &Auth::new();\n        Json({{ {} }})\n    }}\n",
                    body(i)
                )?;
            }
            text += "}\n\npub fn tools() -> ToolRouter<Server> {\n    Server::tool_router()\n}\n";
        }
        _ => {
            for i in 0..size {
                writeln!(
                    text,
                    "/// Counts the words, the {i}th way.\npub async fn tool_{i}(auth: &Auth, words: String, limit: \
                     Option<u64>) -> Answer {{\n    {}\n}}\n",
                    body(i)
                )?;
            }
        }
    }
    Ok(text)
}

fn body(i: usize) -> String {
    format!(
        "let count = words.split(' ').count() as u64 + auth.0 + {i};\n    \
         Answer {{ text: format!(\"{{words}} {{}}\", {i}), count: count.min(limit.unwrap_or(100)) }}"
    )
}

/// Another number in the body of the fifth tool.
fn change_a_body(at: &Path, round: usize) -> Result {
    let path = at.join("src/lib.rs");
    let text = fs::read_to_string(&path)?;
    let start = text.find("count() as u64 + auth.0 + 4").ok_or("the fifth tool is gone")?;
    let end = text[start..].find(';').ok_or("its body is gone")? + start;
    let changed = format!("count() as u64 + auth.0 + 4 + {}", round + 1000);
    Ok(fs::write(&path, format!("{}{changed}{}", &text[..start], &text[end..]))?)
}

fn prebuild(folder: &Path) -> Result {
    let status =
        Command::new("cargo").current_dir(folder).args(["check", "--quiet", "--workspace"]).status()?;
    if status.success() { Ok(()) } else { Err("the generated crates do not compile".into()) }
}

/// Only this crate, without what the compiler remembers of it.
fn check_clean(folder: &Path, name: &str) -> Result<Took> {
    let remembered = folder.join("target/debug/incremental");
    for entry in fs::read_dir(&remembered)? {
        let path = entry?.path();
        let crate_name = name.replace('-', "_") + "-";
        if path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&crate_name)) {
            fs::remove_dir_all(path)?;
        }
    }
    let source = folder.join(name).join("src/lib.rs");
    fs::write(&source, fs::read_to_string(&source)?)?;
    check(folder, name)
}

/// `times` of the shell says what the processor did; it hardly depends on what else the machine does.
fn check(folder: &Path, name: &str) -> Result<Took> {
    let start = Instant::now();
    let script = "cargo check --quiet --offline --package \"$0\" && times";
    let output = Command::new("sh").current_dir(folder).args(["-c", script, name]).output()?;
    let wall = start.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let said = String::from_utf8(output.stdout)?;
    let children = said.lines().last().ok_or("`times` said nothing")?;
    Ok(Took { wall, processor: children.split_whitespace().map(seconds).sum::<Result<f64>>()? })
}

/// `0m1.230000s`
fn seconds(text: &str) -> Result<f64> {
    let (minutes, seconds) = text.split_once('m').ok_or("not a time")?;
    Ok(minutes.parse::<f64>()? * 60.0 + seconds.trim_end_matches('s').parse::<f64>()?)
}
