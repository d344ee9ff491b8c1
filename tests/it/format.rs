//! Our reading and writing of packages against that of the real quilt3, over random packages, in both directions.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use quilt_package::json::Number;
use quilt_package::{Entry, Header, Json, Manifest, Object, ObjectHash, S3Object};
use quilt_tests::Result;
use quilt_tests::quilt3::Quilt3;
use serde_json::{Value, json};

const CASES: u32 = 300;

/// Members of an object in quilt3's hands: names and values that a Python program may well have.
fn any_json() -> impl Strategy<Value = Json> {
    let number = prop_oneof![
        any::<u64>().prop_map(Number::from),
        "-?[1-9][0-9]{0,60}".prop_filter_map("an integer", |text| Number::parse(&text).ok()),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        // Numbers of few digits and of all sizes, where the notation changes.
        (-9_999_999i32..9_999_999, -30i32..30)
            .prop_filter_map("a number", |(digits, power)| Number::parse(&format!("{digits}e{power}")).ok()),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        number.prop_map(Json::Number),
        any::<String>().prop_map(Json::String),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
            any_object_of(inner).prop_map(Json::Object),
        ]
    })
}

fn any_object_of(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Object> {
    prop::collection::vec((any::<String>(), value), 0..5).prop_map(|members| members.into_iter().collect())
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let component = prop_oneof![3 => "[a-c]{1,2}", 2 => "[ -.0-~]{1,6}", 1 => "[^/\\x00\\\\]{1,4}"];
    let key = prop::collection::vec(component, 1..4).prop_map(|parts| parts.join("/"));
    let object = ("[a-z][a-z0-9]{2,8}", "[^\\x00]{1,20}", prop::option::of("[ -~]{1,12}"));
    (key, object, any::<u64>(), "[A-Za-z0-9+/=]{4,44}", any_object_of(any_json())).prop_filter_map(
        "a key",
        |(key, (bucket, path, version), size, hash, user_meta)| {
            let mut entry = Entry {
                logical_key: key.parse().ok()?,
                physical_key: S3Object { bucket, key: path, version }.into(),
                size,
                hash: ObjectHash::new("sha2-256-chunked", hash),
                meta: Object::new(),
            };
            entry.set_user_meta((!user_meta.is_empty()).then_some(user_meta));
            Some(entry)
        },
    )
}

fn any_manifest() -> impl Strategy<Value = Manifest> {
    let meta = prop::option::of(any_object_of(any_json()));
    (meta, prop::option::of(any::<String>()), prop::collection::vec(any_entry(), 0..10)).prop_map(
        |(meta, message, entries)| {
            let mut manifest = Manifest::new(Header::with(meta.map(Json::Object), None, message.as_deref()));
            for entry in entries {
                // A key that would be a file and a directory is left out.
                let _ = manifest.set(entry);
            }
            manifest
        },
    )
}

/// What quilt3 says of it, and that this is what we say.
fn agrees(told: &Value, manifest: &Manifest) -> std::result::Result<(), TestCaseError> {
    let (bytes, top_hash) = manifest.to_bytes().map_err(|error| TestCaseError::fail(error.to_string()))?;
    let ours = String::from_utf8(bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&told["top_hash"], &json!(top_hash.to_string()));
    prop_assert_eq!(told["manifest"].as_str(), Some(ours.as_str()));
    let keys: Vec<&str> = manifest.entries().map(|entry| entry.logical_key.as_str()).collect();
    prop_assert_eq!(&told["logical_keys"], &json!(keys));
    Ok(())
}

fn over_random_packages(
    check: impl Fn(&mut Quilt3, &Manifest) -> std::result::Result<(), TestCaseError>,
) -> Result<()> {
    let quilt3 = RefCell::new(Quilt3::start()?);
    let persistence = FileFailurePersistence::Off;
    let config =
        Config { cases: CASES, failure_persistence: Some(Box::new(persistence)), ..Config::default() };
    TestRunner::new(config).run(&any_manifest(), |manifest| check(&mut quilt3.borrow_mut(), &manifest))?;
    Ok(())
}

fn asked(quilt3: &mut Quilt3, request: &Value) -> std::result::Result<Value, TestCaseError> {
    quilt3.ask(request).map_err(|error| TestCaseError::fail(error.to_string()))
}

#[test]
fn quilt3_reads_what_we_write() -> Result<()> {
    over_random_packages(|quilt3, manifest| {
        let (bytes, _) = manifest.to_bytes().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let told = asked(quilt3, &json!({"do": "load", "manifest": String::from_utf8_lossy(&bytes)}))?;
        agrees(&told, manifest)
    })
}

#[test]
fn we_read_what_quilt3_writes() -> Result<()> {
    over_random_packages(|quilt3, manifest| {
        let told = asked(quilt3, &json!({"do": "build", "package": described(manifest)}))?;
        let text = told["manifest"].as_str().unwrap_or_default();
        let read = Manifest::read(text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&read, manifest);
        agrees(&told, &read)
    })
}

/// For quilt3 to make it itself. The numbers go as text inside text: this process must not round them.
fn described(manifest: &Manifest) -> String {
    let text = |text: &str| Json::from(text);
    let object = |members: Vec<(&str, Json)>| -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let entry = |entry: &Entry| {
        object(vec![
            ("logical_key", text(entry.logical_key.as_str())),
            ("physical_key", text(&entry.physical_key.to_string())),
            ("size", Json::Number(entry.size.into())),
            ("hash", object(vec![("type", text(entry.hash.kind())), ("value", text(entry.hash.value()))])),
            ("meta", Json::Object(entry.meta.clone())),
        ])
    };
    let mut members = vec![
        ("message", manifest.header.message().map_or(Json::Null, text)),
        ("entries", Json::Array(manifest.entries().map(entry).collect())),
    ];
    members.extend(manifest.header.user_meta().map(|meta| ("user_meta", meta.clone())));
    object(members).stored().to_string()
}
