//! The file `quilt_summarize.json`, by which the catalog knows what to show on a package's page.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Folders, Subject, extension, logical_path};

/// The most files that are shown: each costs the reader's browser a download.
const SHOWN: usize = 12;

/// What the catalog can show, the most telling first.
const SHOWABLE: [&str; 13] =
    ["md", "html", "ipynb", "png", "jpg", "jpeg", "svg", "csv", "tsv", "parquet", "json", "txt", "pdf"];

/// A file that the catalog is to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CatalogEntry {
    /// Its path in the package.
    pub path: String,
    /// What stands above it.
    pub title: String,
    /// What stands below the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How it is shown, if its name does not tell: `echarts` for a chart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

impl CatalogEntry {
    /// A file that is shown as its name tells.
    pub fn new(path: impl Into<String>, title: impl Into<String>) -> Self {
        Self { path: path.into(), title: title.into(), description: None, types: Vec::new() }
    }
}

/// What the catalog is to show of a package: the README, then the files that are best looked at.
pub fn catalog_page(subject: &Subject<'_>) -> Vec<CatalogEntry> {
    let mut page = Vec::new();
    if !subject.readme.trim().is_empty() {
        page.push(CatalogEntry::new("README.md", "README"));
    }
    page.extend(showable(subject.folders).into_iter().map(|path| {
        let title = path.rsplit('/').next().unwrap_or(&path).to_owned();
        CatalogEntry::new(path, title)
    }));
    page.truncate(SHOWN);
    page
}

fn showable(folders: &Folders) -> Vec<String> {
    let mut ranked: Vec<(usize, String)> = folders
        .iter()
        .flat_map(|(folder, files)| files.iter().map(move |file| (folder, file)))
        .filter_map(|(folder, file)| {
            let extension = extension(&file.key);
            let rank = SHOWABLE.iter().position(|shown| *shown == extension)?;
            Some((rank, logical_path(folder, file)))
        })
        .filter(|(_, path)| path != "README.md" && path != "quilt_summarize.json")
        .collect();
    ranked.sort();
    ranked.dedup();
    ranked.into_iter().map(|(_, path)| path).take(SHOWN).collect()
}
