//! How a caller is named to AWS: the session's name, its tags, and how long it lasts.
//!
//! What is made of a caller's name here cannot be steered by the caller: characters that AWS gives a meaning are
//! replaced, and two callers never get one name.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::domain::principal::Principal;
use crate::error::{ErrorCode, ToolError};

/// STS's limits.
const MAX_SESSION_NAME: usize = 64;
const MAX_TAGS: usize = 50;
const MAX_TAG_KEY: usize = 128;
const MAX_TAG_VALUE: usize = 256;
const MIN_SECONDS: u64 = 900;

/// Longest session asked for. Every role allows an hour.
const MAX_SECONDS: u64 = 3600;

const TENANT_TAG: &str = "tenant";
const USER_TAG: &str = "user";

/// The name of `subject` as a role session name and source identity: 2 to 64 of `A-Z a-z 0-9 _ + = , . @ -`.
///
/// A subject that fits is its own name. Any other keeps a readable part and gets `=` and 128 bits of a SHA-256. No
/// subject that holds a `=` is taken as it is, so a made-up subject cannot meet the name of another.
pub(super) fn session_name(subject: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+,.@-".contains(c);
    fit(subject, MAX_SESSION_NAME, 2, allowed)
}

/// The session's tags: ours, which policies may rely on, and those of the caller's token.
///
/// # Errors
///
/// The token's tags would replace one of ours, or are more or longer than AWS allows.
pub(super) fn session_tags(
    principal: &Principal,
    from_token: &BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, ToolError> {
    let mut tags = vec![
        (TENANT_TAG.to_owned(), tag_value(principal.tenant())),
        (USER_TAG.to_owned(), tag_value(principal.subject())),
    ];
    for (key, value) in from_token {
        // AWS compares tag keys without regard to case.
        if tags.iter().any(|(taken, _)| taken.eq_ignore_ascii_case(key)) {
            return Err(refused(&format!(
                "the session tag `{}` is the server's own, or given twice",
                shown(key)
            )));
        }
        if key.to_ascii_lowercase().starts_with("aws:") || !is_tag_text(key, 1, MAX_TAG_KEY) {
            return Err(refused(&format!("`{}` is not a session tag key that AWS allows", shown(key))));
        }
        if !is_tag_text(value, 0, MAX_TAG_VALUE) {
            return Err(refused(&format!(
                "the value of the session tag `{}` is not one that AWS allows",
                shown(key)
            )));
        }
        tags.push((key.clone(), value.clone()));
    }
    if tags.len() > MAX_TAGS {
        return Err(refused("there are more session tags than the 48 that AWS leaves to a token"));
    }
    Ok(tags)
}

/// How many seconds the session should last: to the end of the token, at most an hour, at least what AWS insists on.
///
/// # Errors
///
/// The token has ended.
pub(super) fn session_seconds(now: u64, token_expires_at: u64) -> Result<i32, ToolError> {
    match token_expires_at.saturating_sub(now) {
        0 => Err(ToolError::new(ErrorCode::CredentialsUnavailable, "the access token has expired")
            .with_hint("obtain a new token and send the call again")),
        left => Ok(i32::try_from(left.clamp(MIN_SECONDS, MAX_SECONDS)).expect("at most an hour")),
    }
}

fn tag_value(name: &str) -> String {
    fit(name, MAX_TAG_VALUE, 0, |c| c != '=' && is_tag_char(c))
}

/// `name` if `allowed` (which must not hold `=`) and the lengths let it pass, else a readable part, `=` and a hash.
fn fit(name: &str, max: usize, min: usize, allowed: impl Fn(char) -> bool) -> String {
    const HASH_DIGITS: usize = 32;
    if (min..=max).contains(&name.chars().count()) && name.chars().all(&allowed) {
        return name.to_owned();
    }
    let readable: String =
        name.chars().take(max - HASH_DIGITS - 1).map(|c| if allowed(c) { c } else { '-' }).collect();
    format!("{readable}={}", hex::encode(&Sha256::digest(name.as_bytes())[..HASH_DIGITS / 2]))
}

fn is_tag_text(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count()) && text.chars().all(is_tag_char)
}

fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c)
}

fn shown(key: &str) -> String {
    key.chars().take(40).flat_map(char::escape_debug).collect()
}

fn refused(why: &str) -> ToolError {
    ToolError::new(ErrorCode::CredentialsUnavailable, format!("the access token cannot be exchanged: {why}"))
        .with_hint("ask whoever issues the token to correct its session tags")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn is_session_name(name: &str) -> bool {
        (2..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
    }

    fn alice() -> Principal {
        Principal::verified("https://idp".into(), "acme".into(), "auth0|alice".into())
    }

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    #[test]
    fn an_ordinary_subject_is_its_own_name() {
        assert_eq!(session_name("alice@example.com"), "alice@example.com");
    }

    #[test]
    fn hostile_subjects_become_harmless_names() {
        let long = "a".repeat(65);
        for subject in [
            "a",
            "",
            "a/b",
            "../../role/admin",
            "a:b",
            "a\nb",
            "a b",
            "älice",
            "a=b",
            "${aws:username}",
            "*",
            long.as_str(),
        ] {
            let name = session_name(subject);
            assert!(is_session_name(&name), "{subject:?} became {name:?}");
            assert_ne!(name, subject);
        }
    }

    /// 104,976 subjects, made of what AWS, shells, logs and paths give a meaning, half of them too long to be told apart by
    /// their beginning.
    #[test]
    fn a_hundred_thousand_hostile_subjects_become_as_many_names() {
        const MARKS: [char; 18] =
            ['a', 'A', '0', '=', '-', '_', '+', ',', '.', '@', ':', '|', '/', ' ', '\n', '*', '$', '\u{e4}'];
        let long = "a".repeat(61);
        let subjects: Vec<String> = (0..MARKS.len().pow(4))
            .map(|number| {
                let marks = (0..4).map(|place| MARKS[number / MARKS.len().pow(place) % MARKS.len()]);
                let start = if number % 2 == 0 { "" } else { &long };
                start.chars().chain(marks).collect()
            })
            .collect();
        let different = |name: fn(&str) -> String| {
            let names: HashSet<String> = subjects.iter().map(|subject| name(subject)).collect();
            (names.iter().all(|name| is_session_name(name)), names.len())
        };
        assert!(subjects.len() >= 100_000);
        assert_eq!(different(session_name), (true, subjects.len()));
        let tags: HashSet<String> = subjects.iter().map(|subject| tag_value(subject)).collect();
        assert!(tags.iter().all(|tag| is_tag_text(tag, 1, MAX_TAG_VALUE)));
        assert_eq!(tags.len(), subjects.len());
        // Names without the hash are as clean, and meet.
        let careless = different(|subject| {
            let clean = subject.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
            clean.take(MAX_SESSION_NAME).collect()
        });
        assert!(careless.0 && careless.1 < subjects.len(), "{careless:?}");
    }

    #[test]
    fn a_subject_cannot_pose_as_the_changed_name_of_another() {
        let victim = session_name("auth0|alice");
        assert_ne!(session_name(&victim), victim);
    }

    proptest! {
        #[test]
        fn names_are_valid_and_tell_subjects_apart(one in ".{0,80}", other in ".{0,80}") {
            prop_assert!(is_session_name(&session_name(&one)));
            prop_assert_eq!(one == other, session_name(&one) == session_name(&other));
        }

        #[test]
        fn long_subjects_that_begin_alike_are_told_apart(start in "[a-z]{64}", one in "[a-z]{1,9}", other in "[a-z]{1,9}") {
            prop_assume!(one != other);
            let name = |end: &str| session_name(&format!("{start}{end}"));
            prop_assert_ne!(name(&one), name(&other));
        }
    }

    #[test]
    fn tags_name_tenant_and_user_first() -> Result<(), ToolError> {
        let tags = session_tags(&alice(), &tags(&[("team", "x")]))?;
        assert_eq!(tags[0], ("tenant".to_owned(), "acme".to_owned()));
        assert_eq!(tags[1].0, "user");
        assert!(tags[1].1.starts_with("auth0-alice="), "{}", tags[1].1);
        assert_eq!(tags[2], ("team".to_owned(), "x".to_owned()));
        Ok(())
    }

    #[test]
    fn a_token_cannot_set_our_tags() {
        for key in ["tenant", "Tenant", "USER"] {
            assert!(session_tags(&alice(), &tags(&[(key, "globex")])).is_err(), "{key} was accepted");
        }
    }

    #[test]
    fn two_spellings_of_one_key_are_refused() {
        assert!(session_tags(&alice(), &tags(&[("Team", "a"), ("team", "b")])).is_err());
    }

    #[test]
    fn tags_keep_to_the_limits_of_aws() {
        let many = |n: usize| (0..n).map(|i| (format!("k{i}"), String::new())).collect::<BTreeMap<_, _>>();
        assert!(session_tags(&alice(), &many(48)).is_ok());
        assert!(session_tags(&alice(), &many(49)).is_err());
        assert!(session_tags(&alice(), &tags(&[(&"k".repeat(128), &"v".repeat(256))])).is_ok());
        for (key, value) in [
            ("", "v"),
            ("aws:x", "v"),
            ("AWS:x", "v"),
            ("k;", "v"),
            ("k", "v\n"),
            (&"k".repeat(129), "v"),
            ("k", &"v".repeat(257)),
        ] {
            assert!(
                session_tags(&alice(), &tags(&[(key, value)])).is_err(),
                "{key:?}={value:?} was accepted"
            );
        }
    }

    #[test]
    fn a_session_ends_with_its_token_where_aws_allows() {
        let seconds = |left: u64| session_seconds(1_000, 1_000 + left).map_err(|e| e.code());
        assert_eq!(seconds(7200), Ok(3600));
        assert_eq!(seconds(1800), Ok(1800));
        assert_eq!(seconds(60), Ok(900));
        assert_eq!(seconds(0), Err(ErrorCode::CredentialsUnavailable));
        assert!(session_seconds(1_000, 1).is_err());
        assert!(session_seconds(0, u64::MAX).is_ok());
    }
}
