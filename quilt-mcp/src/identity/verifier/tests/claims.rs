//! What a signed token may say.

use super::*;

#[test]
fn every_required_claim_is_required() {
    for name in ["iss", "aud", "sub", "exp", "tenant", "role_arn"] {
        let mut claims = good_claims();
        claims.remove(name);
        assert_eq!(
            verify(&sign(HEADER, &Value::Object(claims).to_string())),
            Err(AuthError::BadClaims),
            "{name}"
        );
    }
}

#[test]
fn every_claim_has_one_type() {
    let odd = [
        "null",
        "true",
        "-1",
        "1.5",
        "1e400",
        "1e3",
        "[]",
        "[[]]",
        "{}",
        r#"{"a":1}"#,
        r#""""#,
        r#""x""#,
        "[1]",
        "[null]",
        "18446744073709551616",
        "99999999999999999999999999",
    ];
    for name in ["iss", "aud", "sub", "exp", "nbf", "iat", "tenant", "role_arn", "session_tags"] {
        for value in odd {
            let mut claims = good_claims();
            claims.remove(name);
            let rest = Value::Object(claims).to_string();
            let text = format!(r#"{},"{name}":{value}}}"#, &rest[..rest.len() - 1]);
            // These have the right type: any name is a subject, and no tags are tags.
            let expected = matches!((name, value), ("sub", r#""x""#) | ("session_tags", "{}"));
            assert_eq!(verify(&sign(HEADER, &text)).is_ok(), expected, "{name}: {value}");
        }
    }
}

#[test]
fn an_array_of_issuers_is_no_issuer() {
    for issuer in [json!([ISSUER]), json!([ISSUER, "https://evil.example"]), json!({"0": ISSUER})] {
        assert_eq!(verify_with(&json!({ "iss": issuer })), Err(AuthError::BadClaims));
    }
}

#[test]
fn no_claim_is_there_twice() {
    for members in [
        r#""tenant":"globex""#,
        r#""tenant":"acme""#,
        r#""t\u0065nant":"globex""#,
        r#""sub":"bob""#,
        r#""exp":9999999999"#,
        r#""iss":"https://idp.example.com""#,
        r#""aud":"quilt""#,
        r#""role_arn":"arn:aws:iam::123456789012:role/quilt-admin""#,
        r#""nbf":1,"nbf":1"#,
        r#""unknown":1,"unknown":1"#,
        r#""session_tags":{},"session_tags":{}"#,
        r#""session_tags":{"team":"blue","team":"red"}"#,
        r#""session_tags":{"team":"blue","te\u0061m":"blue"}"#,
    ] {
        assert_eq!(verify(&sign(HEADER, &claims_and(members))), Err(AuthError::BadClaims), "{members}");
    }
}

#[test]
fn claims_are_one_json_object() {
    for claims in ["", "{", "null", "[]", "7", "\"x\"", "{}{}", "{} x", "\u{feff}{}", "[\"iss\"]"] {
        assert!(
            matches!(verify(&sign(HEADER, claims)), Err(AuthError::BadClaims | AuthError::Malformed)),
            "{claims}"
        );
    }
    let deep = format!(r#""deep":{}{}"#, "[".repeat(2_000), "]".repeat(2_000));
    // Whether it is refused or ignored does not matter; that it ends does.
    let _ = verify(&sign(HEADER, &claims_and(&deep)));
    let latin1 = [b"{\"iss\":\"".as_slice(), b"\xe9\"}"].concat();
    let message = format!("{}.{}", encode(HEADER), encode(latin1));
    assert_eq!(verify(&format!("{message}.AAAA")), Err(AuthError::BadClaims));
}

#[test]
fn the_issuer_is_exact() {
    for issuer in [
        "",
        "https://idp.example.com/",
        "https://IDP.example.com",
        "http://idp.example.com",
        " https://idp.example.com",
        "https://idp.example.com\u{0}",
        "https://idp.example.com.evil.example",
        "https://evil.example",
        "idp.example.com",
        "local",
    ] {
        assert_eq!(verify_with(&json!({ "iss": issuer })), Err(AuthError::UnknownIssuer), "{issuer:?}");
    }
}

#[test]
fn the_audience_is_exact_alone_or_in_a_list() {
    for good in [json!("quilt"), json!(["quilt"]), json!(["other", "quilt"])] {
        assert!(verify_with(&json!({ "aud": good })).is_ok(), "{good}");
    }
    let many: Vec<&str> = std::iter::repeat_n("quilt", 17).collect();
    for bad in [
        json!(""),
        json!("quilt "),
        json!("Quilt"),
        json!("quilt-other"),
        json!("*"),
        json!("quilt,other"),
        json!([]),
        json!(["other"]),
        json!(["QUILT", "quil"]),
        json!(many),
    ] {
        assert_eq!(verify_with(&json!({ "aud": bad })), Err(AuthError::WrongAudience), "{bad}");
    }
}

#[test]
fn each_issuer_has_its_own_key_audience_and_tenants() {
    let other = json!({
        "iss": OTHER_ISSUER, "aud": "quilt-other", "sub": "alice", "tenant": "initech",
        "role_arn": "arn:aws:iam::345678901234:role/quilt-reader", "exp": NOW + 600,
    });
    assert!(verify(&sign_with(HEADER, &other.to_string(), OTHER_SECRET)).is_ok());
    assert_eq!(verify(&sign_with(HEADER, &other.to_string(), SECRET)), Err(AuthError::BadSignature));
    let ours = Value::Object(good_claims()).to_string();
    assert_eq!(verify(&sign_with(HEADER, &ours, OTHER_SECRET)), Err(AuthError::BadSignature));
    let mut crossed = other.clone();
    crossed["aud"] = json!("quilt");
    assert_eq!(verify(&sign_with(HEADER, &crossed.to_string(), OTHER_SECRET)), Err(AuthError::WrongAudience));
    let mut poached = other;
    poached["tenant"] = json!("acme");
    poached["role_arn"] = json!(ROLE);
    assert_eq!(
        verify(&sign_with(HEADER, &poached.to_string(), OTHER_SECRET)),
        Err(AuthError::RoleNotAllowed)
    );
}

#[test]
fn the_clock_decides_within_thirty_seconds() {
    let day = 24 * 60 * 60;
    for (changes, expected) in [
        (json!({"exp": NOW + 1}), Ok(())),
        (json!({"exp": NOW}), Ok(())),
        (json!({"exp": NOW - 29}), Ok(())),
        (json!({"exp": NOW - 30}), Err(AuthError::Expired)),
        (json!({"exp": NOW - 31}), Err(AuthError::Expired)),
        (json!({"exp": 0}), Err(AuthError::Expired)),
        (json!({"exp": 1}), Err(AuthError::Expired)),
        (json!({"nbf": NOW}), Ok(())),
        (json!({"nbf": 0}), Ok(())),
        (json!({"nbf": NOW + 30}), Ok(())),
        (json!({"nbf": NOW + 31}), Err(AuthError::NotYetValid)),
        (json!({"nbf": NOW + 3600}), Err(AuthError::NotYetValid)),
        (json!({"nbf": u64::MAX}), Err(AuthError::NotYetValid)),
        (json!({"iat": NOW + 30}), Ok(())),
        (json!({"iat": NOW + 31}), Err(AuthError::NotYetValid)),
        (json!({"iat": u64::MAX}), Err(AuthError::NotYetValid)),
        (json!({"exp": NOW + day}), Ok(())),
        (json!({"exp": NOW + day + 30}), Ok(())),
        (json!({"exp": NOW + day + 31}), Err(AuthError::LivesTooLong)),
        (json!({"exp": NOW + day, "iat": NOW}), Ok(())),
        (json!({"exp": NOW + day, "iat": NOW - 1}), Err(AuthError::LivesTooLong)),
        (json!({"exp": NOW + 60, "iat": NOW + 60 - day}), Ok(())),
        (json!({"exp": NOW + 60, "iat": NOW + 59 - day}), Err(AuthError::LivesTooLong)),
        (json!({"exp": NOW + 60, "iat": 0}), Err(AuthError::LivesTooLong)),
        (json!({"exp": 1_000_000_000_000_000_000_u64}), Err(AuthError::LivesTooLong)),
        (json!({"exp": i64::MAX}), Err(AuthError::LivesTooLong)),
        (json!({"exp": u64::MAX}), Err(AuthError::LivesTooLong)),
        (json!({"exp": u64::MAX, "iat": u64::MAX}), Err(AuthError::LivesTooLong)),
        (json!({"exp": u64::MAX - 29}), Err(AuthError::LivesTooLong)),
        (json!({"exp": NOW * 1_000}), Err(AuthError::LivesTooLong)),
    ] {
        assert_eq!(verify_with(&changes).map(|_| ()), expected, "{changes}");
    }
}

#[test]
fn a_clock_at_either_end_of_time_accepts_nothing_and_does_not_panic() {
    let headers = headers(&format!("Bearer {}", good_token()));
    assert_eq!(at(&verifier(), &headers, 0), Err(AuthError::LivesTooLong));
    assert_eq!(at(&verifier(), &headers, u64::MAX), Err(AuthError::Expired));
}

#[test]
fn the_real_clock_is_used() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let at = |exp: u64| {
        let mut claims = good_claims();
        claims.insert("exp".into(), json!(exp));
        let token = sign(HEADER, &Value::Object(claims).to_string());
        verifier().authenticate(&headers(&format!("Bearer {token}"))).now_or_never().expect("does not wait")
    };
    assert!(at(now + 600).is_ok());
    assert_eq!(at(now - 600), Err(AuthError::Expired));
}

#[test]
fn names_are_plain_and_never_folded() {
    for name in ["sub", "tenant"] {
        for bad in [
            "",
            " ",
            "a b",
            "alice ",
            "alice\u{0}",
            "ali\nce",
            "al\u{e9}",
            "ale\u{301}",
            "\u{202e}alice",
            "\u{430}lice",
            "a/b",
            "a\\b",
            "..%2f",
            "a'b",
            "a\"b",
            "a;b",
            "a,b",
            "a*",
            "<a>",
            "${a}",
        ] {
            assert_eq!(verify_with(&json!({ name: bad })), Err(AuthError::BadIdentifier), "{name} {bad:?}");
        }
        assert_eq!(verify_with(&json!({ name: "x".repeat(129) })), Err(AuthError::BadIdentifier));
    }
    for good in ["auth0|5f7c8ec7", "alice@example.com", "a", "user:1", "A-b_c.d", &"x".repeat(128)] {
        assert_eq!(verify_with(&json!({ "sub": good })).expect("good").principal.subject(), good);
    }
    let upper = verify_with(&json!({"sub": "ALICE"})).expect("good").principal;
    assert_ne!(upper, verify_with(&json!({"sub": "alice"})).expect("good").principal);
}

#[test]
fn the_role_is_one_of_the_tenants_own() {
    for (tenant, role, expected) in [
        ("acme", ROLE, Ok(())),
        ("acme", "arn:aws:iam::123456789012:role/quilt-", Ok(())),
        ("acme", "arn:aws:iam::123456789012:role/admin", Err(AuthError::RoleNotAllowed)),
        ("acme", "arn:aws:iam::123456789012:role/quilt-x/admin", Err(AuthError::RoleNotAllowed)),
        ("acme", "arn:aws:iam::123456789012:role/x/quilt-reader", Err(AuthError::RoleNotAllowed)),
        ("acme", "arn:aws:iam::123456789012:role/Quilt-reader", Err(AuthError::RoleNotAllowed)),
        ("acme", "arn:aws-cn:iam::123456789012:role/quilt-reader", Err(AuthError::RoleNotAllowed)),
        ("acme", "arn:aws:iam::210987654321:role/quilt-reader", Err(AuthError::RoleNotAllowed)),
        ("globex", "arn:aws:iam::210987654321:role/quilt-reader", Ok(())),
        ("globex", ROLE, Err(AuthError::RoleNotAllowed)),
        ("ACME", ROLE, Err(AuthError::RoleNotAllowed)),
        ("nobody", ROLE, Err(AuthError::RoleNotAllowed)),
        ("default", ROLE, Err(AuthError::RoleNotAllowed)),
        ("acme", "", Err(AuthError::BadRole)),
        ("acme", "quilt-reader", Err(AuthError::BadRole)),
        ("acme", "arn:aws:iam::123456789012:role/*", Err(AuthError::BadRole)),
        ("acme", "arn:aws:iam::123456789012:user/quilt-reader", Err(AuthError::BadRole)),
        ("acme", "arn:aws:iam::123456789012:role/quilt-reader\n", Err(AuthError::BadRole)),
        ("acme", " arn:aws:iam::123456789012:role/quilt-reader", Err(AuthError::BadRole)),
    ] {
        let found = verify_with(&json!({"tenant": tenant, "role_arn": role})).map(|_| ());
        assert_eq!(found, expected, "{tenant} {role}");
    }
}

#[test]
fn session_tags_keep_the_limits_of_aws() {
    let many =
        |count: usize| -> Map<String, Value> { (0..count).map(|i| (format!("k{i}"), json!("v"))).collect() };
    for good in [
        json!({}),
        json!({"a": ""}),
        json!({"Größe": "sehr groß"}),
        json!({"a:b/c=d+e-f@g_h.i": "x"}),
        Value::Object(many(50)),
    ] {
        assert!(verify_with(&json!({ "session_tags": good })).is_ok(), "{good}");
    }
    for bad in [
        Value::Object(many(51)),
        json!({"": "x"}),
        json!({"aws:x": "x"}),
        json!({"AWS:x": "x"}),
        json!({"Team": "a", "team": "b"}),
        json!({"a\n": "x"}),
        json!({"a": "x\u{0}"}),
        json!({"a": "<x>"}),
        json!({"a": "*"}),
        json!({"k".repeat(129): "x"}),
        json!({"a": "v".repeat(257)}),
    ] {
        assert_eq!(verify_with(&json!({ "session_tags": bad })), Err(AuthError::BadSessionTags), "{bad}");
    }
    for bad in [
        json!({"a": 1}),
        json!({"a": null}),
        json!({"a": ["x"]}),
        json!([{"Key": "a", "Value": "x"}]),
        json!("a=x"),
    ] {
        assert_eq!(verify_with(&json!({ "session_tags": bad })), Err(AuthError::BadClaims), "{bad}");
    }
}
