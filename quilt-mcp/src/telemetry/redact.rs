//! What must not reach a log, by the name of its field or by its look.
//!
//! This is the second line. The first is that types that hold secrets do not show them.

use std::borrow::Cow;

/// What stands in a secret's place.
pub(super) const REDACTED: &str = "[redacted]";

/// Whether a field of this name is never shown: it holds a secret, or what a caller sent.
pub(super) fn secret_name(name: &str) -> bool {
    // The fields of every line of a call, which need no closer look.
    const SHOWN: [&str; 9] =
        ["request_id", "trace_id", "scope_id", "tenant", "user", "tool", "outcome", "ms", "message"];
    if SHOWN.contains(&name) {
        return false;
    }
    let name = name.to_ascii_lowercase().replace('-', "_");
    let last = name.rsplit('.').next().unwrap_or_default();
    ["secret", "password", "passwd", "authorization", "cookie", "private_key", "credential"]
        .iter()
        .any(|part| last.contains(part))
        || ["token", "jwt", "bearer", "signature", "api_key", "apikey", "access_key", "access_key_id"]
            .contains(&last)
        || last.ends_with("_token")
        || ["arguments", "params", "body", "headers", "payload"].contains(&last)
}

/// `text` without what looks like a token, a key, or the signed part of a URL.
pub(super) fn redact(text: &str) -> Cow<'_, str> {
    // One word without capitals is no token or key, and announces nothing: so are the ids and names of every line.
    if text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::new();
    let mut copied = 0;
    let mut after = Expect::Anything;
    for (start, word) in words(text) {
        let secret = match after {
            Expect::Secret => !word.eq_ignore_ascii_case("bearer"),
            Expect::Anything => looks_secret(word),
        };
        if secret {
            clean.push_str(&text[copied..start]);
            clean.push_str(REDACTED);
            copied = start + word.len();
        }
        after = if announces_a_secret(word) { Expect::Secret } else { Expect::Anything };
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[copied..]);
    Cow::Owned(clean)
}

#[derive(Clone, Copy)]
enum Expect {
    Anything,
    Secret,
}

/// Runs of characters that tokens, keys and percent-encoded values are made of, with where they start.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || "-_.+/%~".contains(c);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(part_of_word)?;
        let end = text[start..].find(|c| !part_of_word(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some((start, &text[start..end]))
    })
}

fn looks_secret(word: &str) -> bool {
    // A JWT: the first part is a JSON object that starts with a member.
    let jwt = word.starts_with("eyJ") && word.len() >= 20;
    let key_id = word.len() == 20
        && ["AKIA", "ASIA"].iter().any(|kind| word.starts_with(kind))
        && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    jwt || key_id
}

/// Whether the next word is a secret whatever it looks like.
fn announces_a_secret(word: &str) -> bool {
    let name = word.rsplit(['/', '.']).next().unwrap_or_default();
    [
        "bearer",
        "x-amz-signature",
        "x-amz-security-token",
        "x-amz-credential",
        "authorization",
        "secretaccesskey",
        "secret_access_key",
        "aws_secret_access_key",
        "sessiontoken",
        "session_token",
        "aws_session_token",
    ]
    .iter()
    .any(|announcing| name.eq_ignore_ascii_case(announcing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_goes_and_the_rest_stays() {
        for (text, expected) in [
            ("nothing here", "nothing here"),
            ("", ""),
            ("Authorization: Bearer abc", "Authorization: Bearer [redacted]"),
            ("bearer xyz, and more", "bearer [redacted], and more"),
            ("sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "sent [redacted]"),
            ("key ASIAIOSFODNN7EXAMPLE is used", "key [redacted] is used"),
            ("key ASIA is a continent", "key ASIA is a continent"),
            (
                "https://b.s3.amazonaws.com/k?X-Amz-Credential=AK%2Fx&X-Amz-Date=1&X-Amz-Signature=ab12&x=1",
                "https://b.s3.amazonaws.com/k?X-Amz-Credential=[redacted]&X-Amz-Date=1&X-Amz-Signature=[redacted]&x=1",
            ),
            (
                r#"{"SecretAccessKey":"wJalr/K7+x","Expiration":"2026"}"#,
                r#"{"SecretAccessKey":"[redacted]","Expiration":"2026"}"#,
            ),
            ("<SessionToken>FwoG+x/y==</SessionToken>", "<SessionToken>[redacted]==</SessionToken>"),
            ("grüße an Bearer ü", "grüße an Bearer ü"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn names_that_hold_secrets_are_known_and_others_are_shown() {
        for secret in [
            "authorization",
            "session_token",
            "x-amz-security-token",
            "JwtSecret",
            "req.body",
            "set-cookie",
            "token",
        ] {
            assert!(secret_name(secret), "{secret}");
        }
        for shown in ["request_id", "tenant", "bucket", "tokens_left", "outcome", "address", "key"] {
            assert!(!secret_name(shown), "{shown}");
        }
    }
}
