//! Whether a package is what its hashes say.

use std::pin::pin;

use futures_util::{FutureExt, TryStreamExt};
use quilt_package::Entry;

use super::manifest::entries;
use super::{PackageService, Revision, object_of};
use crate::client::s3::S3Client;
use crate::error::ToolError;

/// How many objects are read at a time.
const CONCURRENT_READS: usize = 8;
/// More faults than this are counted, not listed.
const MAX_FAULTS: usize = 1000;

/// How much is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The manifest against its top hash.
    Manifest,
    /// Also objects against the manifest, as many as fit into so many bytes.
    Objects {
        /// How many bytes may be read.
        max_bytes: u64,
    },
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Entries of the manifest, which hashes to what it is called.
    pub entries: u64,
    /// Objects that were read.
    pub checked: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Objects that were not read, because there were too many bytes.
    pub skipped: u64,
    /// Objects that are not what the manifest says, or could not be read; the first 1,000.
    pub faults: Vec<Fault>,
    /// How many there are.
    pub fault_count: u64,
}

/// An object that is not what the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands in the package.
    pub logical_key: String,
    /// What is wrong.
    pub problem: String,
}

impl PackageService<'_> {
    /// Verifies a revision. An object that cannot be read is a fault, and does not stop the others.
    ///
    /// # Errors
    ///
    /// The caller may not read the manifest, there is none, or it is not what it is called.
    pub async fn verify(&self, revision: &Revision, scope: Scope) -> Result<Verified, ToolError> {
        let s3 = self.auth.s3().await?;
        let mut found = Verified::default();
        let mut left = match scope {
            Scope::Manifest => 0,
            Scope::Objects { max_bytes } => max_bytes,
        };
        let reads = entries(self.manifest(revision).await?).map_ok(|entry| {
            let fits = scope != Scope::Manifest && entry.size <= left;
            left -= if fits { entry.size } else { 0 };
            self.checked(s3, entry, fits).map(Ok)
        });
        let mut reads = pin!(reads.try_buffered(CONCURRENT_READS));
        while let Some(checked) = reads.try_next().await? {
            found.add(checked, scope);
            self.progress.report(found.entries, None, || found.so_far());
        }
        Ok(found)
    }
}

struct Checked {
    entry: Entry,
    read: bool,
    problem: Option<String>,
}

impl Verified {
    fn so_far(&self) -> String {
        format!("{} entries verified, {} bytes read", self.entries, self.bytes)
    }

    fn add(&mut self, checked: Checked, scope: Scope) {
        self.entries += 1;
        if checked.read {
            self.checked += 1;
            self.bytes += checked.entry.size;
        } else if scope != Scope::Manifest {
            self.skipped += 1;
        }
        if let Some(problem) = checked.problem {
            self.fault_count += 1;
            if self.faults.len() < MAX_FAULTS {
                self.faults.push(Fault { logical_key: checked.entry.logical_key.to_string(), problem });
            }
        }
    }
}

impl PackageService<'_> {
    async fn checked(&self, s3: &S3Client, entry: Entry, read: bool) -> Checked {
        let problem = if read { self.check(s3, &entry).await.err() } else { None };
        Checked { entry, read, problem }
    }

    /// Reads an object and compares it with what the manifest says of it; says what is wrong.
    async fn check(&self, s3: &S3Client, entry: &Entry) -> Result<(), String> {
        let told = |error: ToolError| error.message().to_owned();
        let algorithm = entry.hash.algorithm().map_err(|why| why.to_string())?;
        let uri = object_of(&entry.physical_key).map_err(told)?;
        let found = self.threads.object(s3, &self.turns, &uri, entry.size, algorithm).await.map_err(told)?;
        found.and_then(|found| entry.hash.check(found)).map_err(|why| why.to_string())
    }
}
