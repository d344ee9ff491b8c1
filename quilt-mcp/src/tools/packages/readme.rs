//! The files that a package is made with: README.md for people, quilt_summarize.json for the catalog.
//!
//! Neither names a time, so that the same folder makes the same package.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Map;

use super::size;
use crate::domain::bucket::BucketName;
use crate::domain::metadata::MetadataTemplate;
use crate::domain::package::PackageName;
use crate::error::ToolError;
use crate::service::push::Source;
use crate::service::summary::{self, FileEntry, Folders, SourceInfo, Subject};

/// What tells the catalog what to show.
pub(super) const SUMMARY: &str = "quilt_summarize.json";

/// What is told of a package.
pub(super) struct Story<'a> {
    pub(super) name: &'a PackageName,
    pub(super) description: &'a str,
    pub(super) source: &'a str,
    pub(super) registry: &'a BucketName,
    pub(super) template: MetadataTemplate,
    /// Each file with its size in bytes.
    pub(super) files: &'a [(Source, u64)],
}

impl Story<'_> {
    pub(super) fn readme(&self) -> String {
        let Self { name, source, registry, .. } = self;
        let mut text = format!("# {name}\n\n");
        if !self.description.is_empty() {
            let _ = write!(text, "{}\n\n", self.description);
        }
        text.push_str("## Contents\n\n| Folder | Files | Size |\n|---|---|---|\n");
        for (folder, files) in self.folders() {
            let folder = if folder.is_empty() { "(top)" } else { &folder };
            let bytes = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
            let _ = writeln!(text, "| {} | {} | {} |", in_cell(folder), files.len(), size::for_people(bytes));
        }
        let _ = write!(
            text,
            "\n## Source\n\nObjects of `{source}`.\n\n## Use\n\n```python\nimport quilt3\n\n\
             package = quilt3.Package.browse(\"{name}\", registry=\"s3://{registry}\")\n```\n"
        );
        text
    }

    pub(super) fn summary(&self, has_readme: bool) -> Result<String, ToolError> {
        let folders = self.folders();
        summary::check(&folders)?;
        let subject = Subject {
            name: self.name,
            metadata: &Map::new(),
            folders: &folders,
            readme: if has_readme { "README" } else { "" },
            source: &SourceInfo::default(),
            template: self.template,
            now: "",
        };
        let page = summary::catalog_page(&subject);
        serde_json::to_string_pretty(&page).map_err(ToolError::internal)
    }

    fn folders(&self) -> Folders {
        let mut folders: BTreeMap<String, Vec<FileEntry>> = BTreeMap::new();
        for (source, size) in self.files {
            let key = source.logical_key.as_str();
            let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
            folders
                .entry(folder.to_owned())
                .or_default()
                .push(FileEntry { key: key.to_owned(), size: *size });
        }
        folders
    }
}

/// A name as it may stand in a table: it is somebody's, and may hold anything.
fn in_cell(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_tell_of_the_package_and_are_the_same_each_time() -> Result<(), ToolError> {
        let source = |key: &str| Source {
            logical_key: key.parse().expect("a key"),
            uri: format!("s3://abc/raw/{key}").parse().expect("a URI"),
        };
        let story = Story {
            name: &"lab/run".parse().expect("a name"),
            description: "Three runs",
            source: "s3://abc/raw/",
            registry: &"abc".parse().expect("a bucket"),
            template: MetadataTemplate::Standard,
            files: &[(source("data/a|b/x.csv"), 2048), (source("z.bin"), 1)],
        };
        let text = story.readme();
        assert!(text.starts_with("# lab/run\n\nThree runs\n"), "{text}");
        assert!(
            text.contains("| data/a\\|b | 1 | 2.0 KiB |") && text.contains("| (top) | 1 | 1 B |"),
            "{text}"
        );
        assert!(text.contains("registry=\"s3://abc\""), "{text}");
        assert_eq!(text, story.readme());
        let page: serde_json::Value = serde_json::from_str(&story.summary(true)?).expect("JSON");
        assert_eq!(page[0]["path"], "README.md");
        assert_eq!(page[1]["path"], "data/a|b/x.csv");
        Ok(())
    }
}
