use std::error::Error;

use super::*;
use crate::{Json, PackageName};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const HEAD: &str = "version: '1.1.0'\nworkflows:\n  alpha:\n    name: Alpha\n";

fn refused(yaml: &str) -> InvalidConfig {
    Config::parse(yaml.as_bytes()).expect_err("not a configuration")
}

fn with_metadata_schema(schema: &str, meta: &str) -> Result<std::result::Result<(), Violation>> {
    let yaml = format!("{HEAD}    metadata_schema: m\nschemas:\n  m:\n    url: s3://b/m.json\n");
    let config = Config::parse(yaml.as_bytes())?;
    let chosen = config.choose(&Choice::Named("alpha"))?;
    assert_eq!(chosen.schemas(), [("m", "s3://b/m.json")]);
    let loaded = LoadedSchema { id: "m".to_owned(), url: "s3://b/m.json".to_owned(), content: schema.into() };
    let rules = chosen.with_schemas(&[loaded])?;
    let name: PackageName = "a/b".parse()?;
    let meta = Json::parse(meta)?;
    Ok(rules.check(&Submission {
        name: &name,
        message: None,
        user_meta: Some(&meta),
        entries: &serde_json::json!([]),
    }))
}

#[test]
fn versions_are_the_known_ones() {
    for version in ["'1'", "'1.0'", "{base: '1.1.0', catalog: '9'}"] {
        let yaml = HEAD.replace("'1.1.0'", version);
        assert!(Config::parse(yaml.as_bytes()).is_ok(), "{version}");
    }
    for version in ["'2'", "'1.2'", "'1.1.1'", "'x'"] {
        assert!(matches!(refused(&HEAD.replace("'1.1.0'", version)), InvalidConfig::Version(_)), "{version}");
    }
    let number = refused(&HEAD.replace("'1.1.0'", "1.1")).to_string();
    assert!(number.contains("in quotes"), "{number}");
}

#[test]
fn what_is_no_configuration_is_refused() {
    for yaml in [
        "",
        "[]",
        "version: '1'",
        "version: '1'\nworkflows: {}\n",
        "version: '1'\nworkflows: {1a: {name: x}}\n",
        "version: '1'\nworkflows: {a: {name: ''}}\n",
        "version: '1'\nworkflows: {a: {name: x, unknown: 1}}\n",
        "version: '1'\nworkflows: {a: {name: x, metadata_schema: nope}}\n",
        "version: '1'\nworkflows: {a: {name: x}}\nunknown: 1\n",
        "\t:",
    ] {
        refused(yaml);
    }
    assert_eq!(refused(&"#".repeat(MAX_CONFIG + 1)), InvalidConfig::TooLarge);
}

#[test]
fn yaml_that_grows_when_it_is_read_is_refused() {
    let mut yaml = "a: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let last = level - 1;
        yaml +=
            &format!("a{level}: &a{level} [*a{last}, *a{last}, *a{last}, *a{last}, *a{last}, *a{last}]\n");
    }
    refused(&format!("{HEAD}catalog:\n{}", yaml.replace('\n', "\n  ").replacen("a:", "  a:", 1)));
}

#[test]
fn none_is_a_choice_only_where_the_registry_lets_it_be() -> Result {
    let config = Config::parse(HEAD.as_bytes())?;
    for choice in [Choice::Default, Choice::None] {
        let refusal = config.choose(&choice).map(drop).expect_err("required");
        assert!(refusal.to_string().ends_with("choose one of: alpha"), "{refusal}");
    }
    let config = Config::parse(format!("{HEAD}is_workflow_required: false\n").as_bytes())?;
    let rules = config.choose(&Choice::Default)?.with_schemas(&[])?;
    assert_eq!(rules.header_value("c").stored().to_string(), r#"{"id": null, "config": "c"}"#);
    Ok(())
}

#[test]
fn a_pattern_that_takes_too_long_gives_up() -> Result {
    // Twice as long with each letter.
    let schema = r#"{"properties": {"owner": {"pattern": "^(?=((a|a)+)+$)b"}}}"#;
    let meta = format!(r#"{{"owner": "{}c"}}"#, "a".repeat(60));
    let refusal = with_metadata_schema(schema, &meta)?.expect_err("it gave up").to_string();
    assert!(refusal.contains("`/owner`"), "{refusal}");
    Ok(())
}

#[test]
fn metadata_is_held_to_its_schema() -> Result {
    let schema = r#"{"required": ["owner"], "properties": {"owner": {"type": "string"}}}"#;
    assert!(with_metadata_schema(schema, r#"{"owner": "ana"}"#)?.is_ok());
    let refusal = with_metadata_schema(schema, r#"{"owner": 1}"#)?.expect_err("not a text").to_string();
    assert!(refusal.contains("`/owner`"), "{refusal}");
    Ok(())
}

#[test]
fn a_schema_that_cannot_be_used_is_the_registrys_mistake() {
    for schema in [
        "",
        "[",
        r#"{"type": 1}"#,
        r##"{"properties": {"a": {"$ref": "#/definitions/a"}}}"##,
        r#"{"$schema": "https://json-schema.org/draft/2020-12/schema"}"#,
        r#"{"$schema": 7}"#,
    ] {
        let refusal = with_metadata_schema(schema, "{}").expect_err("not a schema");
        assert!(refusal.downcast_ref::<InvalidConfig>().is_some(), "{schema}: {refusal}");
    }
}

#[test]
fn names_match_anywhere_and_a_pattern_may_look_around() -> Result {
    for (pattern, name, fits) in
        [("b", "a/b", true), ("^b", "a/b", false), ("^(?!tmp)", "tmp/b", false), ("^(?!tmp)", "lab/b", true)]
    {
        let config = Config::parse(format!("{HEAD}    handle_pattern: '{pattern}'\n").as_bytes())?;
        let rules = config.choose(&Choice::Named("alpha"))?.with_schemas(&[])?;
        let name = name.parse()?;
        let checked = rules.check(&Submission {
            name: &name,
            message: None,
            user_meta: None,
            entries: &serde_json::json!([]),
        });
        assert_eq!(checked.is_ok(), fits, "{pattern} on {name}");
    }
    let config = Config::parse(format!("{HEAD}    handle_pattern: '('\n").as_bytes())?;
    assert!(matches!(
        config.choose(&Choice::Named("alpha"))?.with_schemas(&[]),
        Err(InvalidConfig::Wrong(_))
    ));
    Ok(())
}

#[test]
fn successors_copy_unless_they_say_not_to() -> Result {
    let yaml =
        format!("{HEAD}successors:\n  s3://a: {{title: A}}\n  s3://b: {{title: B, copy_data: false}}\n");
    let config = Config::parse(yaml.as_bytes())?;
    let copies: Vec<_> = config.successors().iter().map(|(uri, to)| (uri.as_str(), to.copy_data)).collect();
    assert_eq!(copies, [("s3://a", true), ("s3://b", false)]);
    Ok(())
}
