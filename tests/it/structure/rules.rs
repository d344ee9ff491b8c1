//! Rules about single files. Each takes a source and says what is wrong with it.

use super::source::{Finding, Source, Token};

/// A crate, and the modules of `quilt-mcp` that may name it.
pub(super) struct Owned {
    pub(super) names: Vec<String>,
    pub(super) by: &'static [&'static str],
}

/// A path begins with one of the crates, in a module that does not own it.
pub(super) fn foreign_crate(source: &Source, owned: &Owned) -> Vec<Finding> {
    let module =
        source.path.trim_start_matches("quilt-mcp/src/").split(['/', '.']).next().unwrap_or_default();
    if owned.by.contains(&module) {
        return Vec::new();
    }
    let begins_a_path =
        |at: usize| match (at.checked_sub(1).map_or("", |before| source.text(before)), source.text(at + 1)) {
            ("use" | "crate" | "::", ";" | "as") => true,
            ("::", _) if at >= 2 && continues_after(source.text(at - 2)) => false,
            (_, "::") => true,
            _ => false,
        };
    let named = |at: &usize| owned.names.iter().any(|name| name == source.text(*at)) && begins_a_path(*at);
    let what = |at: usize| format!("names `{}`, which only `{}` may", source.text(at), owned.by.join("`, `"));
    (0..source.tokens.len())
        .filter(named)
        .map(|at| source.finding(source.tokens[at].line, what(at)))
        .collect()
}

/// `Principal::verified`, whatever `Principal` is called.
pub(super) fn makes_a_principal(source: &Source) -> Vec<Finding> {
    let calls = source.positions(&["::", "verified"]);
    calls
        .into_iter()
        .map(|at| {
            source.finding(source.tokens[at].line, "makes a `Principal`, which only `identity::verifier` may")
        })
        .collect()
}

/// A type that carries a caller's authority.
pub(super) fn names_authority(source: &Source) -> Vec<Finding> {
    const AUTHORITY: [&str; 5] = ["Principal", "Grant", "CallerCredentials", "Authenticated", "Credentials"];
    let named = source.tokens.iter().filter(|token| AUTHORITY.contains(&token.text()));
    named.map(|token| source.finding(token.line, format!("names `{}`", token.text))).collect()
}

/// Work that goes on after the call that began it.
pub(super) fn spawns(source: &Source) -> Vec<Finding> {
    let spawning = source.tokens.iter().filter(|token| token.text().starts_with("spawn"));
    spawning.map(|token| source.finding(token.line, format!("`{}`", token.text))).collect()
}

/// `unsafe`.
pub(super) fn is_unsafe(source: &Source) -> Vec<Finding> {
    let words = source.positions(&["unsafe"]);
    words.into_iter().map(|at| source.finding(source.tokens[at].line, "`unsafe`")).collect()
}

/// A lint is switched off, and nobody says why.
pub(super) fn unreasoned(source: &Source) -> Vec<Finding> {
    let attributes = ["allow", "expect"].iter().flat_map(|word| source.positions(&["[", word, "("]));
    let silent = attributes.filter(|at| {
        let words = source.tokens[*at..].iter().map(Token::text);
        !words.take_while(|word| *word != "]").any(|word| word == "reason")
    });
    silent
        .map(|at| {
            source.finding(source.tokens[at].line, format!("`{}` without a reason", source.text(at + 1)))
        })
        .collect()
}

/// A file whose name says nothing of what is in it.
pub(super) fn says_nothing(path: &str) -> bool {
    const NOTHING: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "misc", "mod"];
    path.trim_end_matches(".rs").split('/').any(|part| NOTHING.contains(&part))
}

/// Whether `::` after this word goes on with a path, instead of beginning one.
fn continues_after(word: &str) -> bool {
    word != "use" && word.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rule: impl Fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> usize {
        rule(&Source::new(path, text)).len()
    }

    #[test]
    fn a_crate_of_another_module_is_found() {
        let rule = |source: &Source| {
            foreign_crate(source, &Owned { names: vec!["aws_sdk_s3".into()], by: &["client"] })
        };
        for text in [
            "use aws_sdk_s3::X;",
            "fn f(x: aws_sdk_s3::X) {}",
            "use aws_sdk_s3 as s3;",
            "pub use ::aws_sdk_s3::X;",
            "use ::aws_sdk_s3;",
        ] {
            assert_eq!(found(rule, "quilt-mcp/src/service/a.rs", text), 1, "{text}");
            assert_eq!(found(rule, "quilt-mcp/src/client/a.rs", text), 0, "{text}");
        }
        for text in [
            "use jsonwebtoken::aws_sdk_s3::X;",
            "let aws_sdk_s3 = 1;",
            "\"aws_sdk_s3::\"",
            "self.aws_sdk_s3.x",
        ] {
            assert_eq!(found(rule, "quilt-mcp/src/service/a.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn a_principal_made_elsewhere_is_found() {
        assert_eq!(found(makes_a_principal, "a.rs", "use Principal as P; let p = P::verified(i, t, s);"), 1);
        assert_eq!(
            found(makes_a_principal, "a.rs", "pub fn verified(issuer: Issuer) {} let verified = 1;"),
            0
        );
    }

    #[test]
    fn authority_is_found() {
        assert_eq!(found(names_authority, "a.rs", "cache: HashMap<Principal, CallerCredentials>"), 2);
        assert_eq!(found(names_authority, "a.rs", "source: Box<dyn CredentialSource>"), 0);
    }

    #[test]
    fn spawning_is_found() {
        assert_eq!(found(spawns, "a.rs", "tokio::spawn(x); scope.spawn_local(y)"), 2);
        assert_eq!(found(spawns, "a.rs", "// spawn\nrespawn()"), 0);
    }

    #[test]
    fn what_is_unsafe_or_without_a_reason_is_found() {
        assert_eq!(found(is_unsafe, "a.rs", "unsafe { x() }"), 1);
        assert_eq!(found(unreasoned, "a.rs", "#[allow(dead_code)] #![expect(clippy::all)]"), 2);
        assert_eq!(found(unreasoned, "a.rs", "#[allow(dead_code, reason = \"shown\")] x.expect(y)"), 0);
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        assert!(says_nothing("quilt-mcp/src/utils.rs") && says_nothing("quilt-mcp/src/common/a.rs"));
        assert!(!says_nothing("quilt-mcp/src/tools/permissions.rs"));
    }
}
