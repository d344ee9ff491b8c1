//! Where a message points: at the smallest wrong thing, never at an attribute, and at an item only where the item is it.

/// Programs in which all of an item is the mistake, and why.
const THE_ITEM_IS_IT: [(&str, &str); 0] = [];

/// What an item begins with.
const ITEMS: [&str; 9] = ["pub ", "struct ", "enum ", "fn ", "async fn ", "impl", "mod ", "trait ", "const "];

/// A stretch of the source with carets under it.
struct Marked {
    text: String,
    /// It is all that stands in its line, but for what opens a body.
    whole_line: bool,
    /// It belongs to an error, and not to a note or help that shows something else.
    of_the_error: bool,
    /// The compiler shows where a type is defined that it has said something of.
    definition: bool,
}

/// What is wrong with the carets of a message of the program of that name.
pub(crate) fn complaints(name: &str, message: &str) -> Vec<String> {
    let item_is_it = THE_ITEM_IS_IT.iter().any(|(program, _)| *program == name);
    let mut wrong = Vec::new();
    for marked in marked(message) {
        let is_item = marked.whole_line && ITEMS.iter().any(|start| marked.text.starts_with(start));
        if marked.text.starts_with("#[") {
            wrong.push(format!("points at a whole attribute: {}", marked.text));
        } else if is_item
            && (marked.of_the_error && !item_is_it || !marked.of_the_error && !marked.definition)
        {
            wrong.push(format!("points at a whole item: {}", marked.text));
        }
    }
    wrong
}

fn marked(message: &str) -> Vec<Marked> {
    let mut found = Vec::new();
    let (mut of_the_error, mut definition, mut ours) = (false, false, true);
    let mut source: Vec<char> = Vec::new();
    for line in message.lines() {
        if line.starts_with("error") {
            (of_the_error, definition) = (true, false);
        } else if line.starts_with("help") || line.starts_with("note") {
            (of_the_error, definition) = (false, line.contains("is not implemented for"));
        } else if let Some((_, place)) = line.split_once("--> ").or_else(|| line.split_once("::: ")) {
            // What stands in a library is not what its reader wrote.
            ours = !place.starts_with('$');
        } else if let Some((gutter, shown)) = line.split_once('|') {
            let is_source = gutter.trim().parse::<u32>().is_ok();
            if is_source {
                source = shown.chars().collect();
            } else if ours && gutter.trim().is_empty() {
                for (from, to) in runs(shown) {
                    let text = source.get(from..to.min(source.len())).unwrap_or_default();
                    let text: String = text.iter().collect();
                    let line: String = source.iter().collect();
                    let whole_line = line.trim().trim_end_matches(['{', ';']).trim_end() == text.trim();
                    found.push(Marked { text: text.trim().to_owned(), whole_line, of_the_error, definition });
                }
            }
        }
    }
    found
}

/// Where the carets of a line begin and end, column by column.
fn runs(line: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (column, _) in line.chars().enumerate().filter(|(_, c)| *c == '^') {
        match found.last_mut() {
            Some((_, end)) if *end == column => *end += 1,
            _ => found.push((column, column + 1)),
        }
    }
    found
}

#[test]
fn carets_under_attributes_and_items_are_found() {
    let of = |message: &str| complaints("clone", message).join("; ");
    let small = "error: x\n --> a.rs:1:1\n  |\n1 | pub fn count(#[length(1)] limit: u32) {\n  |                ^^^^^^ is wrong\n";
    assert_eq!(of(small), "");
    let attribute = "error: x\n --> a.rs:1:1\n  |\n1 | pub fn count(#[length(1)] limit: u32) {\n  |              ^^^^^^^^^^^^\n";
    assert_eq!(of(attribute), "points at a whole attribute: #[length(1)]");
    let in_a_help = attribute.replace("error: x", "error: x\nhelp: the trait is implemented for `count`");
    assert_eq!(of(&in_a_help), "points at a whole attribute: #[length(1)]");

    let item = "error: x\n --> a.rs:1:1\n  |\n1 | pub struct App {\n  | ^^^^^^^^^^^^^^ is wrong\n";
    assert_eq!(of(item), "points at a whole item: pub struct App");
    assert_eq!(of(&item.replace("^^^^^^^^^^^^^^", "           ^^^")), "");
    let defined =
        item.replace("error: x", "error: x\nhelp: the trait `Service` is not implemented for `App`");
    assert_eq!(of(&defined), "");
    let elsewhere = item.replace("error: x", "error: x\nnote: required by something");
    assert_eq!(of(&elsewhere), "points at a whole item: pub struct App");
    assert_eq!(of(&elsewhere.replace("a.rs", "$WORKSPACE/a.rs")), "");
}
