//! One object of a package.

use std::fmt::{self, Write};
use std::str;

use serde_json::value::RawValue;

use crate::hash::ObjectHash;
use crate::json::{self, Json, Object, write_object, write_string};
use crate::{LogicalKey, PhysicalKey};

use super::error::Problem;
use super::{Directory, Record};

/// One object of a package: where it stands there, where its bytes are, and what they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it stands in the package.
    pub logical_key: LogicalKey,
    /// Where its bytes are. Not part of the top hash.
    pub physical_key: PhysicalKey,
    /// In bytes.
    pub size: u64,
    /// What the bytes hash to.
    pub hash: ObjectHash,
    /// Metadata: what users set under `user_meta`, what tools set beside it.
    pub meta: Object,
}

impl Entry {
    /// Reads the line of an entry.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(line: &[u8]) -> Result<Self, Problem> {
        match parse(str::from_utf8(line).map_err(|_| Problem::NotUtf8)?)? {
            Record::Entry(entry) => Ok(entry),
            _ => Err(Problem::Missing("physical_keys")),
        }
    }

    /// What users set.
    pub fn user_meta(&self) -> Option<&Json> {
        self.meta.get("user_meta")
    }

    /// Replaces what users set; none removes it. What tools set stays.
    pub fn set_user_meta(&mut self, meta: Option<Object>) {
        match meta {
            Some(meta) => drop(self.meta.insert("user_meta".to_owned(), meta.into())),
            None => drop(self.meta.shift_remove("user_meta")),
        }
    }

    /// Whether size, hash and metadata are the same. Where the bytes are does not matter.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.size == other.size && self.hash == other.hash && self.meta == other.meta
    }

    /// About how many bytes of memory its metadata takes, for those who hold many entries and have to stop somewhere.
    pub fn metadata_held(&self) -> usize {
        json::held(&self.meta)
    }

    /// About how many bytes of memory its texts take: keys and hash. A line of a manifest is their only bound.
    pub fn texts_held(&self) -> usize {
        let physical_key = match &self.physical_key {
            PhysicalKey::S3(at) => {
                at.bucket.len() + at.key.len() + at.version.as_ref().map_or(0, String::len)
            }
            PhysicalKey::Local(path) => path.as_os_str().len(),
        };
        self.logical_key.as_str().len() + physical_key + self.hash.kind().len() + self.hash.value().len()
    }

    pub(super) fn write(&self, out: &mut impl Write) -> fmt::Result {
        out.write_str("{\"logical_key\": ")?;
        write_string(out, self.logical_key.as_str())?;
        out.write_str(", \"physical_keys\": [")?;
        write_string(out, &self.physical_key.to_string())?;
        write!(out, "], \"size\": {}, \"hash\": {{\"type\": ", self.size)?;
        write_string(out, self.hash.kind())?;
        out.write_str(", \"value\": ")?;
        write_string(out, self.hash.value())?;
        out.write_str("}, \"meta\": ")?;
        write_object(out, &self.meta)?;
        out.write_str("}\n")
    }
}

/// Reads a line after the first. Where it names a member twice the last one counts; what it need not say is dropped.
pub(super) fn parse(line: &str) -> Result<Record, Problem> {
    let mut fields = Fields::default();
    for (name, value) in json::members(line).map_err(Problem::Json)? {
        match &*name {
            "logical_key" => fields.logical_key = Some(value),
            "physical_keys" => fields.physical_keys = Some(value),
            "size" => fields.size = Some(value),
            "hash" => fields.hash = Some(value),
            "meta" => fields.meta = Some(value),
            _ => {}
        }
    }
    let key: String = read(required(fields.logical_key, "logical_key")?, "logical_key", "a text")?;
    let meta = meta(fields.meta)?;
    let Some(physical_key) = physical_key(fields.physical_keys)? else {
        let path = key.strip_suffix('/').ok_or(Problem::Missing("physical_keys"))?;
        return Ok(Record::Directory(Directory { path: logical_key(path)?, meta }));
    };
    Ok(Record::Entry(Entry {
        logical_key: logical_key(&key)?,
        physical_key: physical_key.parse().map_err(|why| Problem::PhysicalKey(key.clone(), why))?,
        size: read(required(fields.size, "size")?, "size", "a whole number of bytes")?,
        hash: hash(required(fields.hash, "hash")?)?,
        meta,
    }))
}

#[derive(Default)]
struct Fields<'a> {
    logical_key: Option<&'a RawValue>,
    physical_keys: Option<&'a RawValue>,
    size: Option<&'a RawValue>,
    hash: Option<&'a RawValue>,
    meta: Option<&'a RawValue>,
}

fn required<'a>(value: Option<&'a RawValue>, name: &'static str) -> Result<&'a RawValue, Problem> {
    value.filter(|value| value.get() != "null").ok_or(Problem::Missing(name))
}

fn read<'a, T: serde::Deserialize<'a>>(
    value: &'a RawValue,
    name: &'static str,
    expected: &'static str,
) -> Result<T, Problem> {
    serde_json::from_str(value.get()).map_err(|_| Problem::Wrong { name, expected })
}

fn logical_key(text: &str) -> Result<LogicalKey, Problem> {
    text.parse().map_err(|why| Problem::LogicalKey(text.to_owned(), why))
}

/// The first one, which is the only one that means anything.
fn physical_key(value: Option<&RawValue>) -> Result<Option<String>, Problem> {
    const EXPECTED: &str = "a list with one text";
    let Some(value) = value.filter(|value| value.get() != "null") else { return Ok(None) };
    let keys: Vec<&RawValue> = read(value, "physical_keys", EXPECTED)?;
    keys.first().map(|first| read(first, "physical_keys", EXPECTED)).transpose()
}

fn hash(value: &RawValue) -> Result<ObjectHash, Problem> {
    const EXPECTED: &str = "an object with `type` and `value`, both texts";
    let wrong = || Problem::Wrong { name: "hash", expected: EXPECTED };
    let (mut kind, mut hash) = (None, None);
    for (name, value) in json::members(value.get()).map_err(|_| wrong())? {
        match &*name {
            "type" => kind = Some(value),
            "value" => hash = Some(value),
            _ => return Err(wrong()),
        }
    }
    let text = |value: Option<&RawValue>| read::<String>(value.ok_or_else(wrong)?, "hash", EXPECTED);
    Ok(ObjectHash::new(text(kind)?, text(hash)?))
}

/// `null` means none; it is written and hashed as `{}`.
fn meta(value: Option<&RawValue>) -> Result<Object, Problem> {
    let Some(value) = value else { return Ok(Object::new()) };
    match json::parse_raw(value).map_err(Problem::Json)? {
        Json::Object(members) => Ok(members),
        Json::Null => Ok(Object::new()),
        _ => Err(Problem::Wrong { name: "meta", expected: "an object" }),
    }
}
