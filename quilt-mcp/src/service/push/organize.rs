//! Folders for files that have none worth keeping, by what their names say.

use quilt_package::{InvalidLogicalKey, LogicalKey};

/// Words in a name, and the folder of files that have one.
const BY_WORD: [(&str, &str); 3] = [("readme", "docs"), ("schema", "docs/schemas"), ("config", "metadata")];

/// Ends of names, and the folder of files that end so.
const BY_EXTENSION: [(&[&str], &str); 5] = [
    (&["csv", "tsv", "parquet", "json", "xml", "jsonl"], "data/processed"),
    (&["log", "txt", "raw"], "data/raw"),
    (&["md", "rst", "pdf", "docx"], "docs"),
    (&["yml", "yaml", "toml", "ini", "conf"], "metadata"),
    (&["png", "jpg", "jpeg", "gif", "svg", "tif", "tiff", "mp4", "avi", "mov", "mp3", "wav"], "data/media"),
];

/// The place of a file in a package that is ordered by kinds: a folder for its kind, and in it the file's own path.
///
/// # Errors
///
/// If the path is none that a package can have.
pub fn organized(path: &str) -> Result<LogicalKey, InvalidLogicalKey> {
    format!("{}/{path}", folder(path)).parse()
}

fn folder(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if let Some((_, folder)) = BY_WORD.iter().find(|(word, _)| name.contains(word)) {
        return folder;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let known = BY_EXTENSION.iter().find(|(extensions, _)| extensions.contains(&extension));
    known.map_or("data/misc", |(_, folder)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_folder_and_paths_stay_apart() -> Result<(), InvalidLogicalKey> {
        for (path, expected) in [
            ("a/x.csv", "data/processed/a/x.csv"),
            ("b/x.csv", "data/processed/b/x.csv"),
            ("run.LOG", "data/raw/run.LOG"),
            ("README.txt", "docs/README.txt"),
            ("db-schema.json", "docs/schemas/db-schema.json"),
            ("config.json", "metadata/config.json"),
            ("plot.png", "data/media/plot.png"),
            ("Makefile", "data/misc/Makefile"),
        ] {
            assert_eq!(organized(path)?.as_str(), expected);
        }
        assert!(organized("../x.csv").is_err());
        Ok(())
    }
}
