//! What the documents say of the code, where that can be checked.
//!
//! `docs/tools.md` is the golden list of the tools: what clients are told changes only together with that file.
//! `TOOLS=overwrite cargo test --workspace --test it documents` writes it anew; read the difference.

mod authority;
mod figures;
mod inventory;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quilt_mcp::domain::deployment::Deployment;
use quilt_mcp::scope::RequestScope;
use quilt_mcp::tools;
use quilt_mcp::tools::prompts::PROMPTS;
use quilt_mcp::tools::resources::RESOURCES;
use quilt_scope::{Descriptor, Hints, ToolSet};
use quilt_tests::{Result, workspace};
use serde_json::Value;

use crate::held::assert_held;

const TOOL_LIST: &str = "docs/tools.md";

const INTRODUCTION: &str = "\
# Tools

What clients are told, in the order in which they see it. Written from the table in `quilt-mcp/src/tools.rs`; a test fails when
it is out of date, and says how to write it anew. Descriptions are their first lines, types those of JSON Schema.

Services are what a tool takes by reference. Those of the request are made for the call, act with its caller's token or keys, and
are gone with it; those of the process hold nothing of any caller. A tool that takes nothing else is safe for several users, and
`tests/it/tools` has a case for each that shows it. The scope is what a token needs, of an issuer whose tokens are bounded by
scopes: see [identity.md](identity.md).
";

/// What each mode lists. Every tool is in the table for one person; `for_many` names those that are in the other too.
fn tool_list<'a>(tools: impl Iterator<Item = &'a Descriptor>, for_many: &BTreeSet<&str>) -> String {
    let mut text = INTRODUCTION.to_owned();
    for tool in tools {
        let summary = tool.description.lines().next().unwrap_or_default();
        let _ = write!(
            text,
            "\n## {}\n\n{}: {summary}\n\n- hints: {}\n{}",
            tool.name,
            tool.title,
            hints(tool.hints),
            authority::of(tool, for_many.contains(tool.name)),
        );
        let input = Value::Object(tool.input_schema.clone());
        let parameters = input["properties"].as_object().into_iter().flatten();
        let mut rows = parameters.map(|(name, schema)| row(name, schema, &input)).peekable();
        if rows.peek().is_some() {
            text.push_str("\n| parameter | type | default | what it is |\n|---|---|---|---|\n");
            text.extend(rows);
        }
    }
    text.push_str(&resource_list());
    text.push_str(&prompt_list());
    text.push_str(&inventory::absent_list());
    text
}

fn for_many() -> BTreeSet<&'static str> {
    tools::table(Deployment::MultiTenant).descriptors().map(|tool| tool.name).collect()
}

fn resource_list() -> String {
    let mut text = "\n# Resources\n\nEach is what a tool answers, as JSON. A URI with `{..}` stands for many; \
                    clients can have its variables completed.\n\n| URI | tool | what it holds |\n|---|---|---|\n"
        .to_owned();
    for resource in RESOURCES {
        let _ = writeln!(text, "| `{}` | `{}` | {} |", resource.uri, resource.tool, resource.description);
    }
    text
}

fn prompt_list() -> String {
    let mut text = "\n# Prompts\n\nTexts for the usual jobs. What they ask for is done by tools, with the rights of who \
                    uses them; so is completion, which shows what the caller can list.\n"
        .to_owned();
    for prompt in PROMPTS {
        let _ = write!(text, "\n## {}\n\n{}: {}.\n\n", prompt.name, prompt.title, prompt.description);
        text.push_str("| argument | required | completed by | what it is |\n|---|---|---|---|\n");
        for argument in prompt.arguments {
            let required = if argument.required { "yes" } else { "no" };
            let completed = argument.completed.map_or("nothing", |wanted| wanted.as_str());
            let _ = writeln!(
                text,
                "| `{}` | {required} | {completed} | {} |",
                argument.name, argument.description
            );
        }
    }
    text
}

fn hints(hints: Hints) -> String {
    let words = [
        (hints.read_only, "read-only"),
        (hints.destructive, "destructive"),
        (hints.idempotent, "idempotent"),
        (hints.open_world, "open world"),
    ];
    let given: Vec<&str> = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    if given.is_empty() { "none".to_owned() } else { given.join(", ") }
}

fn row(name: &str, schema: &Value, input: &Value) -> String {
    let required =
        input["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name));
    let default = match schema.get("default") {
        Some(default) => format!("`{default}`"),
        None if required => "required".to_owned(),
        None => "none".to_owned(),
    };
    let description =
        schema["description"].as_str().or_else(|| target(schema, input)["description"].as_str());
    let line = description.and_then(|text| text.lines().next()).unwrap_or_default().replace('|', "\\|");
    format!("| `{name}` | {} | {default} | {line} |\n", kind(schema, input))
}

/// What `$ref` stands for, or the schema itself.
fn target<'a>(schema: &'a Value, input: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| input.pointer(pointer)).unwrap_or(schema)
}

fn kind(schema: &Value, input: &Value) -> String {
    let schema = target(schema, input);
    let of_value =
        |value: &Value| value.as_str().map_or_else(|| value.to_string(), |word| format!("`{word}`"));
    if let Some(choices) = schema["enum"].as_array() {
        return choices.iter().map(of_value).collect::<Vec<_>>().join(", ");
    }
    for several in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[several].as_array() {
            let kinds: Vec<String> =
                choices.iter().map(|choice| kind(choice, input)).filter(|kind| kind != "null").collect();
            return kinds.join(", ");
        }
    }
    if let Some(only) = schema.get("const") {
        return of_value(only);
    }
    let name = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect::<Vec<_>>()
            .join(", "),
        _ => "any".to_owned(),
    };
    match (name.as_str(), schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        ("array", ..) => {
            format!("array of {}{}", kind(&schema["items"], input), length(schema, "Items", "items"))
        }
        ("string", ..) => format!("{name}{}", length(schema, "Length", "characters")),
        (_, Some(least), Some(most)) => format!("{name}, {least} to {most}"),
        _ => name,
    }
}

/// `, 1 to 1000 items`, if the schema says so.
fn length(schema: &Value, of: &str, unit: &str) -> String {
    match (schema[format!("min{of}")].as_u64(), schema[format!("max{of}")].as_u64()) {
        (Some(0) | None, Some(most)) => format!(", at most {most} {unit}"),
        (Some(least), Some(most)) => format!(", {least} to {most} {unit}"),
        _ => String::new(),
    }
}

#[test]
fn the_list_of_tools_is_what_clients_are_told() -> Result<()> {
    let is = tool_list(tools::table(Deployment::SingleUser).descriptors(), &for_many());
    assert_held(TOOL_LIST, &is, "documents")
}

#[test]
fn modes_differ_in_what_the_list_says_and_in_nothing_else() {
    let (one, many) = (tools::table(Deployment::SingleUser), tools::table(Deployment::MultiTenant));
    let names = |table: &ToolSet<RequestScope<'static>>| {
        table.descriptors().map(|tool| tool.name).collect::<Vec<_>>()
    };
    let only_for_one = ["catalog_configure", "package_install"];
    let both: Vec<_> = names(&one).into_iter().filter(|name| !only_for_one.contains(name)).collect();
    assert_eq!(names(&many), both, "left: what callers of a shared server see, in order");
    assert!(only_for_one.iter().all(|name| one.descriptor(name).is_some()));
}

#[test]
fn a_changed_tool_changes_the_list() {
    let table = tools::table(Deployment::SingleUser);
    let mut tools: Vec<Descriptor> = table.descriptors().cloned().collect();
    let list = |tools: &[Descriptor]| tool_list(tools.iter(), &for_many());
    let before = list(&tools);
    tools[0].hints.destructive = true;
    assert_ne!(before, list(&tools));
    tools[0].hints.destructive = false;
    let services = std::mem::replace(&mut tools[0].services, &["AuthService"]);
    assert_ne!(before, list(&tools));
    tools[0].services = services;
    let with_parameter =
        tools.iter_mut().find(|tool| tool.name == "bucket_objects_list").expect("it is in the table");
    with_parameter.input_schema["properties"]["max_keys"]["default"] = 7.into();
    assert_ne!(before, list(&tools));
    tools.pop();
    assert_ne!(before, list(&tools));
}

/// The relative links of a document, and what it names in backticks that looks like a file of this project.
fn named_files(document: &str) -> Vec<&str> {
    let links = document.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let inline = document
        .lines()
        .filter(|line| !line.starts_with("```"))
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let own = [
        "quilt-mcp/",
        "quilt-package/",
        "quilt-scope/",
        "quilt-scope-macros/",
        "tests/",
        "ui-tests/",
        "examples/",
        "docs/",
    ];
    let files = inline.filter(move |name| {
        own.iter().any(|folder| name.starts_with(folder)) && !name.contains(['<', ' ', '*'])
    });
    links.filter(|link| !link.contains("://") && !link.starts_with('#')).chain(files).collect()
}

#[test]
fn documents_name_files_and_tests_that_exist() -> Result<()> {
    let mut documents =
        vec!["README.md".into(), "ui-tests/README.md".into(), "tests/substrate/README.md".into()];
    for folder in ["docs", "docs/adr"] {
        let entries = fs::read_dir(workspace().join(folder))?.collect::<std::io::Result<Vec<_>>>()?;
        let files = entries.iter().map(fs::DirEntry::file_name).filter_map(|name| name.into_string().ok());
        documents.extend(
            files
                .filter(|name| Path::new(name).extension().is_some_and(|e| e == "md"))
                .map(|name| format!("{folder}/{name}")),
        );
    }
    let mut missing = Vec::new();
    for document in documents {
        let text = fs::read_to_string(workspace().join(&document))?;
        let beside = workspace().join(&document);
        for name in named_files(&text) {
            // A document may name a heading in a file, or a test.
            let path = name.split('#').next().unwrap_or_default();
            let (path, test) = path.split_once("::").map_or((path, None), |(path, test)| (path, Some(test)));
            let file =
                [workspace().join(path), beside.with_file_name(path)].into_iter().find(|at| at.exists());
            let is_there = match (file, test) {
                (Some(file), Some(test)) => defines(&fs::read_to_string(file)?, test),
                (file, _) => file.is_some(),
            };
            if !is_there {
                missing.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "documents name what does not exist: {missing:#?}");
    Ok(())
}

/// Whether some source has a function of that name.
pub(crate) fn defines(source: &str, function: &str) -> bool {
    source.contains(&format!("fn {function}("))
}

#[test]
fn a_test_that_was_renamed_is_missed() {
    let source = "async fn it_holds() {}";
    assert!(defines(source, "it_holds") && !defines(source, "it_hold"));
}

/// Ten groups of five were asked for.
#[test]
fn every_criterion_has_a_row() -> Result<()> {
    let page = fs::read_to_string(workspace().join("docs/requirements.md"))?;
    let labels: Vec<String> =
        page.lines().filter_map(|line| line.strip_prefix("| ")).map(|row| numbers(row).join(" ")).collect();
    let named: BTreeSet<&str> = labels.iter().flat_map(|label| label.split(' ')).collect();
    for number in (1..=10).flat_map(|group| (1..=5).map(move |one| format!("{group}.{one}"))) {
        assert!(named.contains(number.as_str()), "no row for {number}: {named:?}");
    }
    Ok(())
}

/// The criteria that a row begins with: `1.1`, `1.1, 1.3`, or `1.1 to 1.3`.
fn numbers(row: &str) -> Vec<String> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut through = false;
    for word in row.split_whitespace() {
        let number = word.trim_end_matches(',').split_once('.');
        let number = number.and_then(|(group, one)| Some((group.parse().ok()?, one.parse().ok()?)));
        match (number, found.last().copied()) {
            (Some((group, to)), Some((_, from))) if through => {
                found.extend((from + 1..=to).map(|one| (group, one)));
            }
            (Some(one), _) => found.push(one),
            (None, _) if word != "to" => break,
            (None, _) => {}
        }
        through = word == "to";
    }
    found.into_iter().map(|(group, one)| format!("{group}.{one}")).collect()
}

#[test]
fn a_row_may_be_of_several_criteria() {
    assert_eq!(numbers("2.2 to 2.4 A tool | x |"), ["2.2", "2.3", "2.4"]);
    assert_eq!(numbers("3.1, 3.2 What | x |"), ["3.1", "3.2"]);
    assert_eq!(numbers("A test | 1.1 |"), [""; 0]);
}

#[test]
fn links_and_paths_are_found_in_a_document() {
    let document = "[a](docs/a.md#b) [c](https://d) [e](#f) `tests/it/g.rs` `x` `tests/it/<group>.rs`";
    assert_eq!(named_files(document), ["docs/a.md#b", "tests/it/g.rs"]);
}

#[test]
fn two_commands_of_the_readme_are_enough() -> Result<()> {
    let readme = fs::read_to_string(workspace().join("README.md"))?;
    let commands: Vec<&str> = readme.lines().filter(|line| line.starts_with("cargo ")).collect();
    assert_eq!(commands, ["cargo run -p quilt-mcp -- demo", "cargo test --workspace"]);
    Ok(())
}
