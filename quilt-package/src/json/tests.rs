use proptest::prelude::*;

use super::*;

fn written(text: &str) -> Result<String, InvalidJson> {
    Ok(Json::parse(text)?.stored().to_string())
}

#[test]
fn numbers_are_spelled_as_python_spells_them() -> Result<(), InvalidJson> {
    for (given, python) in [
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("1E5", "100000.0"),
        ("1.50", "1.5"),
        ("1e15", "1000000000000000.0"),
        ("1e16", "1e+16"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1.5e-7", "1.5e-07"),
        ("1e100", "1e+100"),
        ("5e-324", "5e-324"),
        ("1e-400", "0.0"),
        // An exact tie: the standard library says 4.3.
        ("1059438285926254.25", "1059438285926254.2"),
        ("9007199254740993", "9007199254740993"),
    ] {
        assert_eq!(written(given)?, python, "{given}");
    }
    Ok(())
}

#[test]
fn what_python_could_not_write_again_is_refused() {
    let digits = "9".repeat(4301);
    for text in ["1e999", "-1e999", &digits, "NaN", "Infinity", r#""\ud800""#, "01", "1.", "", "1 2", "[1,]"]
    {
        assert!(Json::parse(text).is_err(), "{text} was accepted");
    }
}

#[test]
fn the_last_of_two_members_counts_and_stands_where_the_first_stood() -> Result<(), InvalidJson> {
    assert_eq!(written(r#"{"a": 1, "b": 2, "a": 3}"#)?, r#"{"a": 3, "b": 2}"#);
    Ok(())
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(Json::parse(&nested(MAX_DEPTH + 2)), Err(InvalidJson::TooDeep));
    assert_eq!(Json::parse(&nested(400_000)), Err(InvalidJson::TooDeep));
}

#[test]
fn values_pass_through_serde_json() -> Result<(), InvalidJson> {
    let text = r#"{"a": [null, true, 1, -1, 1.0, 18446744073709551615, "x"]}"#;
    let json = Json::parse(text)?;
    assert_eq!(Json::from(&json.to_value()), json);
    assert!(Json::parse("18446744073709551616")?.to_value().is_f64());
    Ok(())
}

/// Any value that a manifest may hold.
pub(crate) fn any_json() -> impl Strategy<Value = Json> {
    let number = prop_oneof![
        any::<u64>().prop_map(Number::from),
        "-?[1-9][0-9]{0,40}".prop_map(|text| Number::parse(&text).expect("an integer")),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        number.prop_map(Json::Number),
        any::<String>().prop_map(Json::String),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(value in any_json()) {
        let text = value.stored().to_string();
        prop_assert!(!text.contains('\n'), "one line");
        prop_assert_eq!(Json::parse(&text), Ok(value.clone()));
        prop_assert_eq!(Json::parse(&value.canonical()), Ok(value));
    }

    #[test]
    fn the_canonical_form_is_its_own(value in any_json()) {
        let canonical = value.canonical();
        prop_assert!(canonical.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert_eq!(Json::parse(&canonical).map(|value| value.canonical()), Ok(canonical));
    }

    #[test]
    fn the_order_of_members_does_not_change_the_canonical_form(
        members in prop::collection::vec((any::<String>(), any_json()), 0..8),
    ) {
        let object: Object = members.into_iter().collect();
        let backwards: Object = object.clone().into_iter().rev().collect();
        prop_assert_eq!(Json::Object(object).canonical(), Json::Object(backwards).canonical());
    }

    #[test]
    fn a_floating_point_number_reads_back_to_the_bit(value in any::<f64>()) {
        if let Some(number) = Number::from_f64(value) {
            prop_assert_eq!(number.as_str().parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
            prop_assert_eq!(Number::parse(number.as_str()), Ok(number));
        }
    }

    #[test]
    fn whatever_is_read_is_json(text in "[\\[\\]{}:,\"0-9eE.+\\-a-z \\\\]{0,40}") {
        if Json::parse(&text).is_ok() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
