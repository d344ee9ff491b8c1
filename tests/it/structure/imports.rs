//! Who may import whom: the table of `docs/ARCHITECTURE.md`, against the sources.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Finding, Source};

/// The table of modules.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// By module, what its files may import.
    modules: BTreeMap<String, BTreeSet<String>>,
    /// By file, what it may import besides.
    files: BTreeMap<String, BTreeSet<String>>,
}

const HEADER: &str = "| module | what it holds | may import |";

impl Table {
    /// Reads the table from the document. A cell is names between backticks; after a `;` comes one file of the module
    /// and what that file may import besides.
    pub(super) fn parse(document: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for row in document
            .lines()
            .skip_while(|line| *line != HEADER)
            .skip(2)
            .take_while(|line| line.starts_with('|'))
        {
            let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
            let [module, _, imports] = cells[..] else { return Err(format!("not three cells: {row}")) };
            let [module] = &names(module)[..] else { return Err(format!("not one module: {row}")) };
            let (of_all, of_one) = imports.split_once(';').unwrap_or((imports, ""));
            if let [file, besides @ ..] = &names(of_one)[..] {
                table.files.insert(file.clone(), besides.iter().cloned().collect());
            }
            table.modules.insert(module.clone(), names(of_all).into_iter().collect());
        }
        if table.modules.is_empty() {
            Err(format!("there is no table that begins with {HEADER}"))
        } else {
            Ok(table)
        }
    }

    fn allows(&self, file: &str, module: &str, import: &str) -> bool {
        module == import
            || self.modules.get(module).is_some_and(|allowed| allowed.contains(import))
            || self.files.get(file).is_some_and(|allowed| allowed.contains(import))
    }

    /// Imports of `source`, a file of `quilt-mcp/src`, that the table does not allow.
    pub(super) fn violations(&self, source: &Source) -> Vec<Finding> {
        let file = source.path.trim_start_matches("quilt-mcp/src/");
        let path = module_path(file);
        let Some(module) = path.first() else { return Vec::new() };
        let forbidden =
            imports(source, path.len()).into_iter().filter(|(_, import)| !self.allows(file, module, import));
        forbidden
            .map(|(line, import)| source.finding(line, format!("`{module}` imports `{import}`")))
            .collect()
    }

    /// Differences between the modules that have a row and those that `lib` declares.
    pub(super) fn incomplete(&self, lib: &Source) -> Vec<String> {
        let declared: BTreeSet<&str> =
            lib.positions(&["mod"]).into_iter().map(|at| lib.text(at + 1)).collect();
        let rows: BTreeSet<&str> = self.modules.keys().map(String::as_str).collect();
        let missing = declared.difference(&rows).map(|module| format!("`{module}` has no row"));
        let stale = rows
            .difference(&declared)
            .map(|module| format!("there is a row for `{module}`, which is no module"));
        let named = self.modules.values().flatten().chain(self.files.values().flatten());
        let unknown = named
            .filter(|module| !declared.contains(module.as_str()))
            .map(|module| format!("`{module}` is named, which is no module"));
        missing.chain(stale).chain(unknown).collect()
    }

    /// Modules that import each other in a circle, if what the table allows to all files of a module were done.
    pub(super) fn circle(&self) -> Vec<String> {
        let mut left = self.modules.clone();
        loop {
            let done: Vec<String> =
                left.iter().filter(|(_, to)| to.is_empty()).map(|(module, _)| module.clone()).collect();
            if done.is_empty() {
                return left.into_keys().collect();
            }
            left.retain(|module, to| {
                to.retain(|import| !done.contains(import));
                !done.contains(module)
            });
        }
    }
}

/// What is between backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn module_path(file: &str) -> Vec<&str> {
    let path: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if matches!(path[..], ["lib" | "main"]) { Vec::new() } else { path }
}

/// The modules of this crate that `source` names, from the root (`crate::x`) or by climbing to it (`super::super::x`).
/// `depth` is how deep the file's own module lies.
fn imports(source: &Source, depth: usize) -> Vec<(usize, String)> {
    let (mut found, mut braces, mut inline) = (Vec::new(), 0_usize, Vec::new());
    let mut at = 0;
    while at < source.tokens.len() {
        match source.text(at) {
            "mod" if source.text(at + 2) == "{" => inline.push(braces),
            "{" => braces += 1,
            "}" => {
                braces = braces.saturating_sub(1);
                inline.pop_if(|opened| *opened == braces);
            }
            "crate" if source.text(at + 1) == "::" => found.extend(first_names(source, at + 2)),
            "super" => {
                let mut climbed = 1;
                while source.text(at + 1) == "::" && source.text(at + 2) == "super" {
                    (climbed, at) = (climbed + 1, at + 2);
                }
                if climbed >= depth + inline.len() && source.text(at + 1) == "::" {
                    found.extend(first_names(source, at + 2));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The name that stands at `at`, or the first name of each path of the group that stands there.
fn first_names(source: &Source, at: usize) -> Vec<(usize, String)> {
    let name = |at: usize| source.tokens.get(at).map(|token| (token.line, token.text.clone()));
    if source.text(at) != "{" {
        return name(at).into_iter().collect();
    }
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    for i in at..source.tokens.len() {
        match source.text(i) {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if depth == 1 && matches!(source.text(i - 1), "{" | ",") => found.extend(name(i)),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
| module | what it holds | may import |
|---|---|---|
| `domain` | words | nothing of this crate |
| `service` | work | `client`, `domain` |
| `client` | protocols | `domain` |
| `tools` | tools | `service`; the table itself, `tools.rs`, also `client` |

| `other` | table | |
";

    fn findings(path: &str, text: &str) -> Vec<String> {
        let table = Table::parse(DOCUMENT).expect("a good table");
        table
            .violations(&Source::new(&format!("quilt-mcp/src/{path}"), text))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_forbidden_import_is_found_however_it_is_written() {
        let wrong = "quilt-mcp/src/domain/object.rs:2: `domain` imports `service`";
        for text in [
            "\nuse crate::service::X;",
            "\npub use crate::{domain::A, service::{B, C}};",
            "\nfn f() { crate::service::f() }",
            "\nuse super::super::service;",
            "\nmod inner { use super::super::super::service; }",
            "\nmacro_rules! m { () => { $crate::service::X } }",
        ] {
            assert_eq!(findings("domain/object.rs", text), [wrong], "{text}");
        }
    }

    #[test]
    fn what_the_table_allows_is_no_finding() {
        for text in [
            "use crate::client::X; use crate::domain; use crate::service::{client, tools};",
            "// crate::tools\n#[cfg(test)]\nmod tests { use crate::tools; }",
            "use super::tools; mod inner { use super::super::tools; }",
            "pub(in crate::service) fn f() { \"crate::tools\" }",
        ] {
            assert_eq!(findings("service/object.rs", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn an_exception_holds_for_its_file_alone() {
        assert_eq!(findings("tools.rs", "use crate::client;"), [""; 0]);
        assert_eq!(findings("tools/a.rs", "use crate::client;").len(), 1);
    }

    #[test]
    fn the_table_has_a_row_for_each_module_and_no_other() {
        let table = Table::parse(DOCUMENT).expect("a good table");
        let lib = Source::new("lib.rs", "pub mod domain; pub mod service; pub mod tools; pub mod new;");
        let wrong = ["`new` has no row", "there is a row for `client`, which is no module"];
        assert_eq!(table.incomplete(&lib)[..2], wrong);
        assert!(Table::parse("no table").is_err());
    }

    #[test]
    fn a_circle_in_the_table_is_found() {
        let circle = DOCUMENT.replace("nothing of this crate", "`service`");
        assert_eq!(
            Table::parse(&circle).expect("a table").circle(),
            ["client", "domain", "service", "tools"]
        );
        assert_eq!(Table::parse(DOCUMENT).expect("a table").circle(), [""; 0]);
    }
}
