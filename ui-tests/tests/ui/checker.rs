//! What can be checked of any message, whatever it is about. Each rule answers with a complaint.

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
const GENERATED: [&str; 4] = ["__private", "__quilt_scope_", "'__", "_Schemars"];

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

/// What the borrow checker says beside its carets in place of a note.
const EXPLAINS: [&str; 6] = [
    "borrowed value does not live",
    "requires that",
    "returns a value",
    "later used",
    "actually means",
    "escapes the closure body",
];

/// What our one-line messages ask for.
const ASKS: [&str; 28] = [
    "write",
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
    "is the first",
    "at most one",
    "name what",
    "is written as",
];

/// Everything that is wrong with what the author of `program` is told. `ours` are the texts of the macros.
pub(crate) fn complaints(program: &str, message: &str, ours: &[String]) -> Vec<String> {
    let first = message.lines().next().unwrap_or_default();
    let mut wrong = Vec::new();
    for words in NOT_OURS.iter().filter(|words| message.contains(**words)) {
        wrong.push(format!("says `{words}`: it tests nothing"));
    }
    for words in GENERATED.iter().filter(|words| message.contains(**words)) {
        wrong.push(format!("mentions `{words}`"));
    }
    if message.lines().any(|line| line.starts_with("warning")) {
        wrong.push("warns".to_owned());
    }
    if !speaks_of(program, first, ours) {
        wrong.push(format!("begins with nothing of the program: {first}"));
    }
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

/// A help, a note, the borrow checker's own labels, or one line of ours that asks for something.
fn advises(message: &str) -> bool {
    let labelled = |line: &str| ["help:", "note:"].iter().any(|label| line.contains(label));
    let first = message.lines().next().unwrap_or_default();
    message.lines().any(labelled)
        || EXPLAINS.iter().any(|words| message.contains(words))
        || ASKS.iter().any(|words| first.contains(words))
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
        complaints(program, message, &["an injected service is shared".to_owned()]).join("; ")
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
    assert!(of("error[E0277]: `Auth` is wrong").contains("does not say what to write"));
    assert!(of(&format!("{told}\n`Auth` must outlive `'static`")).contains("requires `'static`"));
    assert_eq!(of(&format!("{told}\nargument requires that `scope` is borrowed for `'static`")), "");
}
