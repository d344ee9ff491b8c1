//! The library by itself, on files: each line that comes asks for something, and is answered by how many things it was.
//! `quilt3_peer.py` understands the same lines.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};

use quilt_package::diff::Step;
use quilt_package::hash::file;
use quilt_package::manifest::{Reader, Record, Writer};
use quilt_package::{Entry, Header, TopHasher};
use serde_json::{Value, json};

use crate::Result;

const PIECE: usize = 1 << 20;

pub(crate) fn serve() -> Result {
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let path = |name: &str| request[name].as_str().unwrap_or_default();
        let done = match request["do"].as_str() {
            Some("hash") => hash(path("uri"))?,
            Some("read") => read(path("path"))?,
            Some("rewrite") => rewrite(path("path"), path("to"))?,
            Some("compare") => compare(path("path"), path("other"))?,
            _ => return Err(format!("unknown: {request}").into()),
        };
        println!("{}", json!({"done": done}));
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn hash(path: &str) -> Result<u64> {
    let threads = std::thread::available_parallelism()?;
    Ok(u64::from(!file::hash(&File::open(path)?, threads)?.value().is_empty()))
}

type Manifest = Reader<BufReader<File>>;

fn open(path: &str) -> Result<(Header, Manifest)> {
    let mut manifest = Reader::new(BufReader::with_capacity(PIECE, File::open(path)?));
    match manifest.next().transpose()? {
        Some(Record::Header(header)) => Ok((header, manifest)),
        _ => Err("no header".into()),
    }
}

fn next(manifest: &mut Manifest) -> Result<Option<Entry>> {
    loop {
        match manifest.next().transpose()? {
            Some(Record::Entry(entry)) => return Ok(Some(entry)),
            Some(_) => {}
            None => return Ok(None),
        }
    }
}

/// As a browse does: every entry, and the hash of them all.
fn read(path: &str) -> Result<u64> {
    let (header, mut manifest) = open(path)?;
    let (mut hasher, mut entries) = (TopHasher::new(&header), 0);
    while let Some(entry) = next(&mut manifest)? {
        hasher.push(&entry)?;
        entries += 1;
    }
    hasher.finish();
    Ok(entries)
}

/// As a push does: every entry into a new manifest, whose hash is computed on the way.
fn rewrite(path: &str, to: &str) -> Result<u64> {
    let (header, mut manifest) = open(path)?;
    let (mut writer, mut entries) = (Writer::new(BufWriter::new(File::create(to)?), &header)?, 0);
    while let Some(entry) = next(&mut manifest)? {
        writer.entry(&entry)?;
        entries += 1;
    }
    writer.finish().0.flush()?;
    Ok(entries)
}

/// How many entries differ.
fn compare(path: &str, other: &str) -> Result<u64> {
    let ((_, mut left), (_, mut right)) = (open(path)?, open(other)?);
    let (mut one, mut another, mut differ) = (next(&mut left)?, next(&mut right)?, 0);
    loop {
        let step = Step::between(one.as_ref(), another.as_ref());
        match step {
            Step::End => return Ok(differ),
            Step::Same => {}
            Step::Added | Step::Deleted | Step::Modified => differ += 1,
        }
        if step != Step::Added {
            one = next(&mut left)?;
        }
        if step != Step::Deleted {
            another = next(&mut right)?;
        }
    }
}
