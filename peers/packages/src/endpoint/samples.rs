//! What is there to measure with.

use bytes::Bytes;
use quilt_package::hash::{Algorithm, combine};
use quilt_package::manifest::Writer;
use quilt_package::registry::{Pointer, Timestamp, manifest_key, pointer_key};
use quilt_package::{Entry, Header, Object, ObjectHash, PackageName, S3Object, TopHash};
use sha2::{Digest as _, Sha256};

use super::content::Content;
use super::store::Store;
use crate::{Result, work};

/// Packages of `lab/n10`, `lab/n100` and so on entries, and `lab/n100000-changed` or, if there are fewer, of the largest.
pub(crate) const SIZES: &str = "sizes";
/// A thousand packages, `lab/p0000` to `lab/p0999`.
pub(crate) const THOUSAND: &str = "thousand";
/// `small/0000.bin` to `small/0999.bin`, of 4 KiB each, and `large.bin`, of 1 GiB.
pub(crate) const DATA: &str = "data";
/// Where pushes go.
pub(crate) const TARGET: &str = "target";

pub(crate) const SMALL: usize = 1000;
pub(crate) const GIB: u64 = 1 << 30;
const BLOCK: usize = 8 << 20;
/// How many entries the packages have that are compared.
pub(crate) const COMPARED: u64 = 100_000;
/// Every hundredth entry of the package that is changed.
const CHANGED: u64 = 100;

/// Fills the store, with packages of up to `largest` entries.
pub(super) fn fill(store: &Store, largest: u64) -> Result {
    let mut entries = 10;
    while entries <= largest {
        package(store, SIZES, &format!("lab/n{entries}"), entries_of(entries, false))?;
        entries *= 10;
    }
    let compared = largest.min(COMPARED);
    package(store, SIZES, &work::changed(compared), entries_of(compared, true))?;
    for number in 0..1000 {
        package(store, THOUSAND, &format!("lab/p{number:04}"), (0..1).map(|_| entry(number, 0)))?;
    }
    for number in 0..SMALL {
        let bytes = Bytes::from(noise(4096, number as u64));
        store.put(DATA, &format!("small/{number:04}.bin"), Content::repeated(bytes, 1), None, None);
    }
    let block = Bytes::from(noise(BLOCK, 0));
    let digests = vec![<[u8; 32]>::from(Sha256::digest(&block)); (GIB as usize) / BLOCK];
    store.put(DATA, "large.bin", Content::repeated(block, digests.len()), None, None);
    let large = Entry {
        logical_key: "large.bin".parse()?,
        physical_key: S3Object { bucket: DATA.into(), key: "large.bin".into(), version: None }.into(),
        size: GIB,
        hash: combine(&digests),
        meta: Object::new(),
    };
    package(store, SIZES, "lab/gib", [Ok(large)])?;
    // Buckets are made by what is in them.
    store.put(TARGET, "README.md", Content::default(), None, None);
    Ok(())
}

/// So many entries, of which every hundredth is another than it was, or none.
pub(crate) fn entries_of(entries: u64, changed: bool) -> impl Iterator<Item = Result<Entry>> {
    (0..entries).map(move |at| entry(at, u64::from(changed && at % CHANGED == 0)))
}

pub(crate) fn manifest<W: std::io::Write>(
    out: W,
    entries: impl IntoIterator<Item = Result<Entry>>,
) -> Result<(W, TopHash)> {
    let mut writer = Writer::new(out, &Header::new(Some("a sample")))?;
    for entry in entries {
        writer.entry(&entry?)?;
    }
    Ok(writer.finish())
}

fn package(
    store: &Store,
    bucket: &str,
    name: &str,
    entries: impl IntoIterator<Item = Result<Entry>>,
) -> Result {
    let (manifest, hash) = manifest(Vec::new(), entries)?;
    let name: PackageName = name.parse()?;
    put(store, bucket, &manifest_key(&hash), manifest);
    let second = Timestamp::new(1_700_000_000).ok_or("a second")?;
    for pointer in [Pointer::Latest, Pointer::At(second)] {
        put(store, bucket, &pointer_key(&name, pointer), pointer_content(&hash));
    }
    Ok(())
}

fn pointer_content(hash: &TopHash) -> Vec<u8> {
    Pointer::content(hash).into_bytes()
}

fn put(store: &Store, bucket: &str, key: &str, bytes: Vec<u8>) {
    let mut content = Content::default();
    content.push(bytes.into());
    store.put(bucket, key, content, None, None);
}

/// An entry as they are in the field: a path of three parts, a version, a hash of its own, and a little metadata.
fn entry(at: u64, version: u64) -> Result<Entry> {
    let key = format!("run-{:03}/plate-{:02}/well-{at:07}.csv", at / 10_000, at / 1000 % 10);
    let digest = Sha256::digest([at.to_be_bytes(), version.to_be_bytes()].concat());
    let mut entry = Entry {
        logical_key: key.parse()?,
        physical_key: S3Object {
            bucket: DATA.into(),
            key: format!("raw/{key}"),
            version: Some(format!("v{at:031}")),
        }
        .into(),
        size: at,
        hash: ObjectHash::new(Algorithm::Sha256Chunked.name(), super::content::base64(&digest.into())),
        meta: Object::new(),
    };
    entry.set_user_meta(Some([("well".to_owned(), at.to_string().as_str().into())].into_iter().collect()));
    Ok(entry)
}

/// Bytes that are not alike.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&next());
    }
    bytes.truncate(length);
    bytes
}
