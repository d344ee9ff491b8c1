//! What can be checked of any message, whatever it is about. Each rule answers with a complaint.

use crate::carets;

/// What a message that is not about our guarantee says: the program itself is broken, and would be without us too.
const NOT_OURS: [&str; 17] = [
    "E0432",
    "E0433",
    "E0425",
    "E0412",
    "E0405",
    "unresolved import",
    "unresolved module",
    "cannot find",
    "failed to resolve",
    "mismatched types",
    "syntax error",
    "expected one of",
    "expected item",
    "unexpected token",
    "unclosed delimiter",
    "unknown start of token",
    "no method named",
];

/// What nobody wrote and nobody should have to read.
const GENERATED: [&str; 12] = [
    "__private",
    "__quilt_scope_",
    "'__",
    "_Schemars",
    "AnyContainer",
    "AnyScope",
    "AnyService",
    "AnyPlace",
    "`given_",
    "_::_",
    "{async block",
    "'any",
];

/// Where one of them cannot be kept out, and why.
const NOT_KEPT_OUT: [(&str, &str, &str); 2] = [
    (
        "constructor_takes_object_not_sync",
        "'any",
        "what is asked of a trait object for every lifetime has to name that lifetime, and not as the constructor's is named",
    ),
    (
        "body_in_place_not_send",
        "{async block",
        "the author wrote this one, and the compiler has no other name for it",
    ),
];

/// How long a message may be.
pub(crate) const LINES: usize = 25;

/// First lines in the borrow checker's or the compiler's words, where those name no type and cannot be replaced.
const COMPILERS: [&str; 5] = [
    "lifetime may not live long enough",
    "borrowed data escapes outside of function",
    "borrowed data escapes outside of closure",
    "future cannot be sent between threads safely",
    "this function takes 2 arguments but",
];

/// Whose first line is the borrow checker's. Nothing can be added to it, and what it says beside its carets tells enough.
const BORROW_CHECKER: [&str; 8] = [
    "error[E0502]",
    "error[E0505]",
    "error[E0515]",
    "error[E0521]",
    "error[E0597]",
    "error[E0716]",
    "error: lifetime may not live long enough",
    "error[E0700]",
];

/// What the borrow checker says beside its carets in place of a note.
const EXPLAINS: [&str; 6] = [
    "borrowed value does not live",
    "requires that",
    "returns a value",
    "later used",
    "must outlive",
    "escapes the",
];

/// What our one-line messages ask for.
const ASKS: [&str; 30] = [
    "write",
    "add a field",
    "hold",
    "implement",
    "provide",
    "remove",
    "keep",
    "take",
    "give",
    "move",
    "use",
    "name one",
    "return",
    "set",
    "did you mean",
    "known are",
    "wrap",
    "break it",
    "put what",
    "make",
    "must",
    "destructure",
    "drop",
    "mark",
    "say which",
    "comes first",
    "takes",
    "belongs on",
    "name what",
    "is written as",
];

/// What a help or a note of the compiler says of the program, and asks for nothing.
const STATES: [&str; 10] = [
    "is not implemented for",
    "is implemented for",
    "this error originates in",
    "required for",
    "required by",
    "required because",
    "defined here",
    "introduced here",
    "requirement occurs because",
    "following other types",
];

/// Everything that is wrong with what the author of `program` is told. `ours` are the texts of the macros.
pub(crate) fn complaints(name: &str, program: &str, message: &str, ours: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for words in NOT_OURS.iter().filter(|words| message.contains(**words)) {
        wrong.push(format!("says `{words}`: it tests nothing"));
    }
    for words in GENERATED {
        let excused = NOT_KEPT_OUT.iter().any(|(program, own, _)| *program == name && *own == words);
        if message.contains(words) != excused {
            wrong.push(if excused {
                format!("does not mention `{words}`, and is listed as if it did")
            } else {
                format!("mentions `{words}`")
            });
        }
    }
    if message.lines().any(|line| line.starts_with("warning")) {
        wrong.push("warns".to_owned());
    }
    for first in message.lines().filter(|line| line.starts_with("error")) {
        if !speaks_of(program, first, ours) {
            wrong.push(format!("begins with nothing of the program: {first}"));
        }
    }
    wrong.extend(carets::complaints(name, message));
    if !advises(message) {
        wrong.push("does not say what to write".to_owned());
    }
    if message.contains("'static") && !explains_static(program, message) {
        wrong.push("requires `'static`, which the author never wrote, and does not explain it".to_owned());
    }
    wrong
}

/// The first line names something that the program's author wrote, or it is a text of the macros.
fn speaks_of(program: &str, first: &str, ours: &[String]) -> bool {
    let quoted = first.split('`').skip(1).step_by(2);
    let mut names = quoted.flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    names.any(|name| name.len() > 1 && program.contains(name))
        || ours.iter().any(|text| text.len() > 12 && first.contains(text.as_str()))
        || COMPILERS.iter().any(|words| first.contains(words))
}

/// Our first line asks for something, or a note or a help does, or a comment in what the compiler shows of our library; or the
/// name of a trait's parameter, where implementations overlap; or the borrow checker explains.
///
/// A help that only says what is not implemented is none, nor is a note that says by whom something is required.
fn advises(message: &str) -> bool {
    let first = message.lines().next().unwrap_or_default();
    let asks = |text: &str| ASKS.iter().any(|words| has_words(text, words));
    let advice = |line: &str| {
        let text = line.trim_start().trim_start_matches("= ");
        ["help: ", "note: "].iter().any(|label| text.starts_with(label))
            && !STATES.iter().any(|words| text.contains(words))
            && asks(text)
    };
    message.lines().any(advice)
        || comments_of_ours(message).any(asks)
        || parameter_of_the_overlap(first).is_some_and(|name| asks(&words_of(name)))
        || (first.starts_with("error: ") || first.contains("evaluation panicked")) && asks(first)
        || BORROW_CHECKER.iter().any(|start| first.starts_with(start))
            && EXPLAINS.iter().any(|words| message.contains(words))
}

/// What stands behind `//` in the lines of the library that a message shows.
fn comments_of_ours(message: &str) -> impl Iterator<Item = &str> {
    let mut ours = false;
    message.lines().filter_map(move |line| {
        if let Some((_, place)) = line.split_once("--> ").or_else(|| line.split_once("::: ")) {
            ours = place.starts_with("$WORKSPACE/quilt-scope/");
        }
        line.split_once(" // ").filter(|_| ours).map(|(_, comment)| comment)
    })
}

/// `What` of "conflicting implementations of trait `Trait<What>`": all that can be added to this error of the compiler.
fn parameter_of_the_overlap(first: &str) -> Option<&str> {
    let of_the_trait = first.strip_prefix("error[E0119]: conflicting implementations of trait `")?;
    Some(of_the_trait.split_once('`')?.0.split_once('<')?.1.trim_end_matches('>'))
}

/// `remove the name` of `RemoveTheName`.
fn words_of(name: &str) -> String {
    let spaced =
        name.chars().flat_map(|c| c.is_uppercase().then_some(' ').into_iter().chain(c.to_lowercase()));
    spaced.collect::<String>().trim_start().to_owned()
}

/// As words of their own, and not as part of others.
fn has_words(text: &str, words: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(words)
        .any(|(at, _)| !text[..at].ends_with(is_letter) && !text[at + words.len()..].starts_with(is_letter))
}

/// The author wrote it, or the message shows where it comes from.
fn explains_static(program: &str, message: &str) -> bool {
    let shown =
        ["requires that", "requirement that the value outlives `'static` introduced here", "is `'static`"];
    program.contains("'static") || shown.iter().any(|words| message.contains(words))
}

/// Each rule has a message that it refuses, and one that it lets pass.
#[test]
fn the_checker_can_complain() {
    let program = "pub struct Auth<'req>(&'req str);";
    let of = |message: &str| {
        complaints("clone", program, message, &["an injected service is shared".to_owned()]).join("; ")
    };
    let told = "error[E0277]: `App` does not provide `Auth`\n  = note: add a field `Slot<Auth>`";
    assert_eq!(of(told), "");
    assert_eq!(of("error: an injected service is shared, so it cannot be `&mut`; take `&T`"), "");

    for broken in [
        "error[E0432]: unresolved import `Auth`",
        "error: expected one of `,` or `Auth`",
        "error[E0433]: `Auth`",
    ] {
        assert!(of(&format!("{broken}\n  = note: x")).contains("it tests nothing"), "{broken}");
    }
    assert!(
        of(&format!("{told}\nrequired by `quilt_scope::__private::Join`")).contains("mentions `__private`")
    );
    assert!(of(&format!("{told}\nhas type `__quilt_scope_Arguments`")).contains("mentions `__quilt_scope_`"));
    assert!(of(&format!("{told}\nlifetime `'__get`")).contains("mentions `'__`"));
    assert!(of(&format!("{told}\nwarning: unused")).contains("warns"));
    assert!(
        of("error[E0277]: the trait bound `T: Sized` is not satisfied\n  = note: x")
            .contains("nothing of the program")
    );
    for generated in ["`Tool<AnyContainer>`", "evaluation of `_::_` failed", "`given_name`"] {
        assert!(of(&format!("{told}\n{generated}")).contains("mentions"), "{generated}");
    }
    assert!(
        of(&format!("{told}\n\nerror[E0277]: `T` is wrong"))
            .contains("nothing of the program: error[E0277]: `T`")
    );
    for mute in [
        "",
        "\n  = help: the trait `Provides` is not implemented for `Auth`, and must be",
        "\n  = note: this error originates in the derive macro `Scope`; write another",
        "\nnote: required by a bound in `keep`",
        "\n  = note: `Auth` is written down elsewhere",
        "\n  --> $DIR/missing/fail/a.rs\n   | T: Sync, // hold an `Arc`",
    ] {
        assert!(
            of(&format!("error[E0277]: `Auth` is wrong{mute}")).contains("does not say what to write"),
            "{mute}"
        );
    }
    let shown = "\n  --> $WORKSPACE/quilt-scope/src/build.rs\n   | T: Sync, // hold an `Arc`";
    assert_eq!(of(&format!("error[E0277]: `Auth` is wrong{shown}")), "");
    let listed = complaints("constructor_takes_object_not_sync", program, told, &[]).join("; ");
    assert!(listed.contains("does not mention `'any`"), "{listed}");
    let escaped = "error[E0597]: `Auth` does not live long enough";
    assert!(of(escaped).contains("does not say what to write"));
    assert_eq!(of(&format!("{escaped}\n   | ---- argument requires that `Auth` is borrowed for `'1`")), "");
    let overlap = "error[E0119]: conflicting implementations of trait `One<RemoveTheOther>` for type `Auth`";
    assert_eq!(of(overlap), "");
    for mute in ["One<RemovedOther>", "One<Auth>", "One", "RemoveTheOther"] {
        let message = overlap.replace("One<RemoveTheOther>", mute);
        assert!(of(&message).contains("does not say what to write"), "{mute}");
    }
    assert!(of(&overlap.replace("E0119", "E0117")).contains("does not say what to write"));
    assert!(of(&format!("{told}\nwithin `{{async block@a.rs:1:1}}`")).contains("mentions `{async block`"));
    assert!(of(&format!("{told}\n`Auth` must outlive `'static`")).contains("requires `'static`"));
    assert_eq!(of(&format!("{told}\nargument requires that `scope` is borrowed for `'static`")), "");
}
