use std::error::Error;
use std::io::{self, BufReader, Read};

use proptest::prelude::*;

use super::*;
use crate::json::{Object, any_json};
use crate::{Json, ObjectHash, OrderError, TopHasher};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const HEADER: &str = "{\"version\": \"v0\", \"message\": null}\n";

fn line(key: &str) -> String {
    format!(
        r#"{{"logical_key": "{key}", "physical_keys": ["s3://b/k"], "size": 1, "hash": {{"type": "SHA256", "value": "0"}}, "meta": {{}}}}"#
    ) + "\n"
}

fn refused(line: &str) -> String {
    let bytes = format!("{HEADER}{line}");
    let error = Manifest::read(bytes.as_bytes()).expect_err("the line is wrong");
    assert_eq!(error.line, 2, "{error}");
    error.to_string()
}

#[test]
fn an_error_says_where_what_and_what_would_be_right() {
    for (wrong, said) in [
        (line("a/../../x"), "`.` and `..`"),
        (line("/etc/passwd"), "begin or end with `/`"),
        (line("a").replace("s3://", "http://"), "begins with `s3://`"),
        (line("a").replace("\"size\": 1", "\"size\": -1"), "`size` has to be a whole number"),
        (line("a").replace("\"size\": 1", "\"size\": 1.5"), "`size` has to be a whole number"),
        (line("a").replace("\"size\": 1, ", ""), "`size` is missing"),
        (line("a").replace(r#"{"type": "SHA256", "value": "0"}"#, "null"), "push the package again"),
        (line("a").replace(r#""value""#, r#""other""#), "`hash` has to be"),
        (line("a").replace(r#""meta": {}"#, r#""meta": 1"#), "`meta` has to be an object"),
        (line("a").replace(r#"["s3://b/k"]"#, "[]"), "`physical_keys` is missing"),
        ("\n".to_owned(), "not JSON"),
        ("[]\n".to_owned(), "not JSON"),
    ] {
        let error = refused(&wrong);
        assert!(error.starts_with("line 2 of the manifest: ") && error.contains(said), "{wrong}{error}");
    }
    assert!(Manifest::read(&b""[..]).expect_err("nothing").to_string().contains("no header"));
    assert!(Manifest::read(&b"\xff\n"[..]).expect_err("no text").to_string().contains("UTF-8"));
    assert!(Manifest::read(&b"{\"version\": \"v9\"}\n"[..]).expect_err("later").to_string().contains("v9"));
}

#[test]
fn null_metadata_is_empty_and_unknown_members_are_dropped() -> Result {
    let given = line("a").replace(r#""meta": {}"#, r#""meta": null, "extra": 1"#);
    let read = Manifest::read(format!("{HEADER}{given}").as_bytes())?;
    assert_eq!(read.to_bytes()?.0, format!("{HEADER}{}", line("a")).into_bytes());
    Ok(())
}

#[test]
fn an_unknown_member_of_the_header_is_kept() -> Result {
    let header = "{\"message\": \"m\", \"extra\": [1.0], \"version\": \"v0\"}\n";
    assert_eq!(Manifest::read(header.as_bytes())?.to_bytes()?.0, header.as_bytes());
    Ok(())
}

#[test]
fn members_of_the_header_stand_where_quilt3_puts_them() -> Result {
    let meta = Json::parse("{}")?;
    let mut header = Header::with(Some(meta.clone()), Some(Json::Null), Some("m"));
    let names = |header: &Header| header.members().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&header), ["version", "user_meta", "workflow", "message"]);
    header.set_user_meta(None);
    header.set_message(Some("n"));
    header.set_user_meta(Some(meta));
    assert_eq!(names(&header), ["version", "workflow", "message", "user_meta"]);
    Ok(())
}

#[test]
fn two_entries_of_one_key_are_refused() {
    let twice = format!("{HEADER}{0}{0}", line("a"));
    let error = Manifest::read(twice.as_bytes()).expect_err("twice");
    assert!(matches!(error.problem, Problem::Order(OrderError::Duplicate(_))) && error.line == 3, "{error}");
}

#[test]
fn a_stream_notices_what_is_out_of_order_and_the_whole_sorts_it() -> Result {
    let bytes = format!("{HEADER}{}{}", line("a b"), line("a/z"));
    let whole = Manifest::read(bytes.as_bytes())?;
    let keys: Vec<&str> = whole.entries().map(|entry| entry.logical_key.as_str()).collect();
    assert_eq!(keys, ["a/z", "a b"]);

    let mut hasher = TopHasher::new(&whole.header);
    let mut found = Vec::new();
    for record in Reader::new(bytes.as_bytes()) {
        if let Record::Entry(entry) = record? {
            found.push(hasher.push(&entry).is_ok());
        }
    }
    assert_eq!(found, [true, false]);
    Ok(())
}

#[test]
fn the_last_line_may_lack_its_end() -> Result {
    let whole = format!("{HEADER}{}", line("a"));
    assert_eq!(Manifest::read(whole.trim_end().as_bytes())?, Manifest::read(whole.as_bytes())?);
    Ok(())
}

/// Yields one byte forever.
struct Endless;

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(b'[');
        Ok(buffer.len())
    }
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_memory() {
    let error = Manifest::read(BufReader::new(Endless)).expect_err("no end");
    assert!(matches!(error.problem, Problem::TooLong { limit: MAX_LINE }), "{error}");
    let mut decoder = Decoder::with_line_limit(10);
    decoder.push(b"{\"version\": \"v0\"}\n");
    assert!(decoder.next().is_err(), "long though it has an end");
}

#[test]
fn what_cannot_be_written_is_refused() -> Result {
    let Some(Record::Entry(entry)) =
        Reader::new(format!("{HEADER}{}", line("a")).as_bytes()).nth(1).transpose()?
    else {
        return Err("no entry".into());
    };
    let mut writer = Writer::new(Vec::new(), &Header::new(None))?;
    let local = Entry { physical_key: "file:///etc/passwd".parse()?, ..entry.clone() };
    assert!(matches!(writer.entry(&local), Err(WriteError::Local(_))));
    let mut long = entry.clone();
    long.set_user_meta(Some(Object::from_iter([("a".to_owned(), "x".repeat(MAX_LINE).into())])));
    assert!(matches!(writer.entry(&long), Err(WriteError::TooLong { .. })));
    writer.entry(&entry)?;
    assert!(matches!(writer.entry(&entry), Err(WriteError::Order(OrderError::Duplicate(_)))));
    let directory = Directory { path: "d".parse()?, meta: Object::new() };
    assert!(matches!(writer.directory(&directory), Err(WriteError::LateDirectory(_))));
    assert_eq!(writer.finish().0, format!("{HEADER}{}", line("a")).into_bytes());
    Ok(())
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let component = prop_oneof![3 => "[a-c]{1,2}", 1 => "[ -.0-~é😀]{1,6}"];
    let key = prop::collection::vec(component, 1..4).prop_map(|parts| parts.join("/"));
    let object = ("[a-z]{3,8}", "[^\\x00]{1,20}", prop::option::of("[!-~ ]{1,12}"));
    (key, object, any::<u64>(), any::<String>(), any_json()).prop_filter_map(
        "a key",
        |(key, (bucket, path, version), size, value, meta)| {
            let object = crate::S3Object { bucket, key: path, version };
            Some(Entry {
                logical_key: key.parse().ok()?,
                physical_key: object.into(),
                size,
                hash: ObjectHash::new("sha2-256-chunked", value),
                meta: Object::from_iter([("user_meta".to_owned(), meta)]),
            })
        },
    )
}

fn any_manifest() -> impl Strategy<Value = Manifest> {
    (prop::option::of(any::<String>()), any_json(), prop::collection::vec(any_entry(), 0..12)).prop_map(
        |(message, meta, entries)| {
            let mut manifest = Manifest::new(Header::new(message.as_deref()));
            manifest.header.set_user_meta(Some(meta));
            for entry in entries {
                // A key that would be file and directory is left out.
                let _ = manifest.set(entry);
            }
            manifest
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(manifest in any_manifest()) {
        let (bytes, top_hash) = manifest.to_bytes().expect("nothing local or long");
        let read = Manifest::read(&*bytes).expect("just written");
        prop_assert_eq!(read.top_hash(), top_hash);
        prop_assert_eq!(read.to_bytes().expect("as before").0, bytes);
        prop_assert_eq!(read, manifest);
    }

    #[test]
    fn how_the_bytes_are_cut_does_not_matter(manifest in any_manifest(), cut in 1usize..200) {
        let (bytes, _) = manifest.to_bytes().expect("nothing local or long");
        let mut decoder = Decoder::new();
        let mut read = Manifest::new(Header::new(None));
        let mut records = 0;
        for part in bytes.chunks(cut) {
            decoder.push(part);
            while let Some(record) = decoder.next().expect("just written") {
                records += 1;
                if let Record::Entry(entry) = &record {
                    let again = Entry::read(decoder.last_line()).expect("the line of an entry");
                    prop_assert_eq!(&again, entry);
                }
                read.add(record).expect("in order");
            }
        }
        prop_assert_eq!(records, manifest.len() + 1);
        prop_assert_eq!(read, manifest);
    }

    #[test]
    fn the_order_of_keys_is_that_of_their_components(
        one in "[a-c /.!-]{1,8}", other in "[a-c /.!-]{1,8}",
    ) {
        if let (Ok(one), Ok(other)) = (one.parse::<crate::LogicalKey>(), other.parse::<crate::LogicalKey>()) {
            prop_assert_eq!(one.cmp(&other), one.components().cmp(other.components()));
        }
    }

    #[test]
    fn the_hash_does_not_depend_on_where_bytes_are(manifest in any_manifest()) {
        let mut moved = manifest.clone();
        for entry in manifest.entries() {
            let mut entry = entry.clone();
            entry.physical_key = "s3://elsewhere/x?versionId=1".parse().expect("a physical key");
            moved.set(entry).expect("the same key");
        }
        prop_assert_eq!(moved.top_hash(), manifest.top_hash());
    }
}
