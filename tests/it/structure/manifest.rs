//! What a `Cargo.toml` says, as far as the rules ask.

use std::fs;
use std::io;

use quilt_tests::workspace;

/// Sections and their lines, without comments.
pub(super) struct Manifest(Vec<(String, String)>);

impl Manifest {
    /// Of the package in `folder`; of the workspace for an empty one.
    pub(super) fn of(folder: &str) -> io::Result<Self> {
        fs::read_to_string(workspace().join(folder).join("Cargo.toml")).map(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut section = String::new();
        let mut lines = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[') {
                name.trim_end_matches(']').clone_into(&mut section);
                // `[dependencies.x]` and the like.
                if let Some((parent, key)) = section.rsplit_once('.') {
                    lines.push((parent.to_owned(), key.to_owned()));
                }
            } else {
                lines.push((section.clone(), line.to_owned()));
            }
        }
        Self(lines)
    }

    fn section<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(section, _)| section == wanted).map(|(_, line)| line.as_str())
    }

    /// The names of what it depends on outside tests.
    pub(super) fn dependencies(&self) -> Vec<&str> {
        let sections = self.0.iter().filter(|(section, _)| {
            let kind = section.rsplit('.').next().unwrap_or_default();
            matches!(kind, "dependencies" | "build-dependencies") && !section.starts_with("workspace")
        });
        sections.filter_map(|(_, line)| line.split(['.', '=', ' ']).next()).collect()
    }

    /// Whether the lints are those of the workspace.
    pub(super) fn inherits_lints(&self) -> bool {
        self.section("lints").any(|line| line.replace(' ', "") == "workspace=true")
    }

    pub(super) fn forbids_unsafe(&self) -> bool {
        self.section("workspace.lints.rust").any(|line| line.replace(' ', "") == "unsafe_code=\"forbid\"")
    }

    /// The folders of the workspace's packages.
    pub(super) fn members(&self) -> Vec<&str> {
        let list = self.section("workspace").skip_while(|line| !line.starts_with("members"));
        let list =
            list.scan(false, |ended, line| (!std::mem::replace(ended, line.ends_with(']'))).then_some(line));
        list.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_found_however_they_are_written() {
        let manifest = Manifest::parse(
            "[dependencies]\n# no\na.workspace = true\nb = \"1\"\n[dependencies.c]\npath = \"c\"\n\
             [target.'cfg(unix)'.dependencies]\nd = {}\n[dev-dependencies]\ne = \"1\"\n",
        );
        assert_eq!(manifest.dependencies(), ["a", "b", "c", "d"]);
        assert!(!manifest.inherits_lints() && !manifest.forbids_unsafe());
        assert!(Manifest::parse("[lints]\nworkspace = true").inherits_lints());
    }
}
