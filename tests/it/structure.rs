//! The structure is a test: who may name whom, what may live as long as the process, how files look.
//!
//! Sources are read as tokens, without comments, strings and what is compiled for tests only. What types can hold is left
//! to the compiler and to `ui-tests`. Each rule is tried on what it must find, beside it.

mod imports;
mod manifest;
mod rules;
mod source;

use std::fmt::Display;
use std::fs;

use quilt_singletons::Allowed;
use quilt_tests::{Result, workspace};

use self::imports::Table;
use self::manifest::Manifest;
use self::rules::Owned;
use self::source::{Finding, Source, rust_files, sources};

/// The folders of the packages.
const MEMBERS: [&str; 9] = [
    "quilt-scope",
    "quilt-scope-cost",
    "quilt-scope-macros",
    "quilt-package",
    "quilt-mcp",
    "singletons",
    "tests",
    "ui-tests",
    "examples/migration",
];

/// What may live as long as the process, and why it holds nothing of a caller's.
const PROCESS_WIDE: &str = "singletons.allow";

/// Files that are longer than [`LONGEST`], and how long they may be. This list only shrinks.
const LONG: &[(&str, usize)] = &[];

/// Lines of a file, tests not counted.
const LONGEST: usize = 400;

/// Fails with all of it, one a line.
fn assert_none(rule: &str, wrong: &[impl Display]) {
    let list: String = wrong.iter().map(|what| format!("  {what}\n")).collect();
    assert!(wrong.is_empty(), "{rule}\n{list}");
}

fn all_sources() -> Result<Vec<Source>> {
    let mut all = Vec::new();
    for member in MEMBERS {
        all.extend(sources(&format!("{member}/src"))?);
    }
    assert!(all.len() > 100, "only {} files were found", all.len());
    Ok(all)
}

fn in_all(sources: &[Source], rule: impl Fn(&Source) -> Vec<Finding>) -> Vec<Finding> {
    sources.iter().flat_map(rule).collect()
}

#[test]
fn modules_import_what_the_architecture_says() -> Result<()> {
    let table = Table::parse(&fs::read_to_string(workspace().join("docs/ARCHITECTURE.md"))?)?;
    let sources = sources("quilt-mcp/src")?;
    let lib = sources.iter().find(|source| source.path.ends_with("src/lib.rs")).ok_or("no lib.rs")?;
    assert_none(
        "the table of docs/ARCHITECTURE.md is not about the modules that there are:",
        &table.incomplete(lib),
    );
    assert_none(
        "modules of the table of docs/ARCHITECTURE.md import each other in a circle:",
        &table.circle(),
    );
    assert_none(
        "the table of docs/ARCHITECTURE.md does not allow:",
        &in_all(&sources, |source| table.violations(source)),
    );
    Ok(())
}

#[test]
fn each_outside_system_has_one_place() -> Result<()> {
    let sources = sources("quilt-mcp/src")?;
    let manifest = Manifest::of("quilt-mcp")?;
    let dependencies = manifest.dependencies();
    let mut wrong = Vec::new();
    for (prefix, by) in [
        ("aws-", &["client", "demo"][..]),
        ("rmcp", &["transport"]),
        ("axum", &["transport", "demo"]),
        ("jsonwebtoken", &["identity", "demo"]),
        ("hyper", &["client", "transport", "demo"]),
        ("rustls", &["client"]),
        ("rusqlite", &["store"]),
        ("s3s", &["demo"]),
        ("prometheus-client", &["telemetry"]),
        ("opentelemetry", &["telemetry", "client"]),
    ] {
        let names: Vec<String> = dependencies
            .iter()
            .filter(|name| name.starts_with(prefix))
            .map(|name| name.replace('-', "_"))
            .collect();
        assert!(!names.is_empty(), "quilt-mcp does not depend on `{prefix}`");
        let owned = Owned { names, by };
        wrong.extend(in_all(&sources, |source| rules::foreign_crate(source, &owned)));
    }
    assert_none("outside systems have one place:", &wrong);
    Ok(())
}

#[test]
fn only_the_verifier_makes_a_principal_of_claims() -> Result<()> {
    let (verifier, others): (Vec<_>, Vec<_>) = sources("quilt-mcp/src")?
        .into_iter()
        .partition(|source| source.path.ends_with("src/identity/verifier.rs"));
    assert_eq!(in_all(&verifier, rules::makes_a_principal).len(), 1, "the verifier makes it in one place");
    assert_none("a Principal stands for verified claims:", &in_all(&others, rules::makes_a_principal));
    Ok(())
}

#[test]
fn nothing_of_a_caller_lives_as_long_as_the_process() -> Result<()> {
    let mut found = Vec::new();
    for member in MEMBERS {
        found.extend(quilt_singletons::find_in(&workspace().join(member))?);
    }
    let root = format!("{}/", workspace().display());
    found.iter_mut().for_each(|one| one.file = one.file.trim_start_matches(&root).to_owned());
    let allowed = Allowed::read(&workspace().join(PROCESS_WIDE))?;
    let verdict = allowed.judge(&found);
    assert_none(
        "what callers may share belongs in `App`, what is a caller's in `RequestScope`:",
        &verdict.unlisted,
    );
    assert_none("singletons.allow allows what there is not:", &verdict.stale);
    Ok(())
}

#[test]
fn what_all_callers_share_holds_no_authority() -> Result<()> {
    let sources = sources("quilt-mcp/src")?;
    let app = sources.iter().find(|source| source.path.ends_with("src/app.rs")).ok_or("no app.rs")?;
    assert_none("`App` holds no authority:", &rules::names_authority(app));
    Ok(())
}

#[test]
fn the_framework_knows_no_protocol_and_spawns_nothing() -> Result<()> {
    let framework = Manifest::of("quilt-scope")?;
    let foreign = |name: &&str| {
        ["rmcp", "aws", "jsonwebtoken", "rusqlite", "axum", "http", "quilt-mcp"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    assert_none(
        "quilt-scope depends on:",
        &framework.dependencies().into_iter().filter(foreign).collect::<Vec<_>>(),
    );
    for alone in ["quilt-scope-macros", "quilt-package"] {
        let manifest = Manifest::of(alone)?;
        let own: Vec<&str> =
            manifest.dependencies().into_iter().filter(|name| name.starts_with("quilt")).collect();
        assert_none(&format!("{alone} depends on:"), &own);
    }
    assert_none("quilt-scope spawns:", &in_all(&sources("quilt-scope/src")?, rules::spawns));
    Ok(())
}

/// What says of itself how long it lives has to be right about it.
#[test]
fn services_are_made_by_the_macro_alone() -> Result<()> {
    let sources = all_sources()?;
    // The one for all that is provided.
    let of_the_library = "impl<'req, T, S> HeldIn<'req, T, S> for &'req T";
    let by_hand = |source: &Source| {
        let text = fs::read_to_string(workspace().join(&source.path)).unwrap_or_default();
        let ours = |line: &str| {
            line != of_the_library
                && ["Service", "Construct", "Provides", "HeldIn", "Outlives"]
                    .iter()
                    .any(|name| implements(line, name))
        };
        text.lines().any(ours).then(|| source.path.clone())
    };
    assert!(implements("impl<'a, T: Into<u8>> quilt_scope::Provides<'a, T> for App {", "Provides"));
    assert!(!implements("impl<'a, T, S: Provides<'a, T>> Lazy<'a, T> for App {", "Provides"));
    assert_none(
        "only the macros implement `Service`, `Construct`, `Provides` and `HeldIn`, and nobody `Outlives`:",
        &sources.iter().filter_map(by_hand).collect::<Vec<_>>(),
    );
    Ok(())
}

/// Whether the line begins an implementation of that trait, and not of what a macro writes.
fn implements(line: &str, name: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("impl") else { return false };
    let mut open = 0;
    let after_generics = rest.char_indices().find(|(_, c)| {
        open += i32::from(*c == '<') - i32::from(*c == '>');
        open == 0
    });
    let of = after_generics.map_or("", |(at, _)| rest[at + 1..].trim_start());
    let path = of.split(['<', ' ']).next().unwrap_or_default();
    path.rsplit("::").next() == Some(name) && line.contains(" for ") && !path.contains('#')
}

#[test]
fn the_format_needs_no_network_and_no_runtime() -> Result<()> {
    let manifest = Manifest::of("quilt-package")?;
    let foreign = |name: &&str| {
        ["tokio", "async", "futures", "aws", "rmcp", "axum", "hyper", "http", "reqwest"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    let outside: Vec<&str> = manifest.dependencies().into_iter().filter(foreign).collect();
    assert_none("quilt-package depends on:", &outside);
    Ok(())
}

#[test]
fn every_package_keeps_the_lints_of_the_workspace() -> Result<()> {
    let root = Manifest::of("")?;
    assert_eq!(root.members(), MEMBERS);
    assert!(root.forbids_unsafe(), "the workspace does not forbid `unsafe`");
    for member in MEMBERS {
        assert!(Manifest::of(member)?.inherits_lints(), "{member} has lints of its own");
    }
    let sources = all_sources()?;
    assert_none("nothing is unsafe:", &in_all(&sources, rules::is_unsafe));
    assert_none("a lint is switched off for a reason:", &in_all(&sources, rules::unreasoned));
    Ok(())
}

#[test]
fn a_file_is_named_for_what_is_in_it() -> Result<()> {
    let wrong: Vec<String> = rust_files()?.into_iter().filter(|path| rules::says_nothing(path)).collect();
    assert_none("names that say nothing:", &wrong);
    Ok(())
}

#[test]
fn files_are_short() -> Result<()> {
    let sources = all_sources()?;
    let allowed =
        |path: &str| LONG.iter().find(|(long, _)| *long == path).map_or(LONGEST, |(_, lines)| *lines);
    let wrong: Vec<String> = sources
        .iter()
        .filter(|source| source.length > allowed(&source.path))
        .map(|source| format!("{}: {} lines", source.path, source.length))
        .collect();
    assert_none("split by subject what is longer than 400 lines:", &wrong);
    let shrunk: Vec<&str> = LONG
        .iter()
        .filter(|(path, lines)| {
            sources.iter().find(|source| source.path == *path).is_none_or(|source| source.length < *lines)
        })
        .map(|(path, _)| *path)
        .collect();
    assert_none("LONG allows more than there is; lower it:", &shrunk);
    Ok(())
}
