//! Endings of file names.

use schemars::JsonSchema;
use serde::Serialize;

/// Endings that are taken as such when they stand before "files" or "data". Others are written `*.ending` or `.ending`.
pub const KNOWN_EXTENSIONS: &[&str] = &[
    "avi", "avro", "bam", "bai", "bcf", "bed", "bigwig", "bmp", "bw", "cel", "cram", "csv", "czi", "dat",
    "db", "dcm", "doc", "docx", "fa", "fasta", "fastq", "fcs", "feather", "fq", "gff", "gff3", "gif", "gtf",
    "gz", "h5", "h5ad", "hdf5", "htm", "html", "ipynb", "jpeg", "jpg", "js", "json", "jsonl", "log", "loom",
    "mat", "md", "mov", "mp3", "mp4", "mtx", "mzml", "ndjson", "nii", "npy", "npz", "orc", "parquet", "pb",
    "pdb", "pdf", "pickle", "pkl", "png", "ppt", "pptx", "pt", "pth", "py", "rdata", "rds", "rmd", "rst",
    "sam", "sas7bdat", "sh", "sql", "sqlite", "svg", "tar", "tfrecord", "tif", "tiff", "toml", "tsv", "txt",
    "vcf", "wav", "wig", "xls", "xlsx", "xml", "yaml", "yml", "zarr", "zip",
];

/// The longest, in bytes.
const LONGEST: usize = 16;

/// The ending of a file's name, in lower case, without the dot before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(into = "String")]
#[schemars(inline)]
pub struct Extension(String);

impl Extension {
    /// Without a dot before it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `text` if that is an ending: letters and digits, and perhaps dots between them, as in `tar.gz`.
    pub(super) fn written(text: &str) -> Option<Self> {
        let good = (1..=LONGEST).contains(&text.len())
            && text
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// `text` if that is a known ending.
    pub(super) fn known(text: &str) -> Option<Self> {
        KNOWN_EXTENSIONS.contains(&text).then(|| Self(text.to_owned()))
    }

    /// The ending of the last part of `key`.
    pub(super) fn of(key: &str) -> Option<Self> {
        let (stem, ending) = key.rsplit('/').next()?.rsplit_once('.')?;
        if stem.is_empty() { None } else { Self::written(ending) }
    }
}

impl From<Extension> for String {
    fn from(extension: Extension) -> Self {
        extension.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_what_follows_the_last_dot_of_a_name() {
        let of = |key| Extension::of(key).map(String::from);
        assert_eq!(of("a.b/c.CSV").as_deref(), Some("csv"));
        for none in ["a.b/c", ".hidden", "a/.hidden", "a.", "a.b c", ""] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_written_may_hold_inner_dots() {
        assert_eq!(Extension::written("tar.gz").map(String::from).as_deref(), Some("tar.gz"));
        for none in ["", ".", "a..b", "a*", "longer-than-any", "seventeenletters1"] {
            assert_eq!(Extension::written(none), None, "{none}");
        }
    }
}
