//! Reads sources as tokens: without comments, without what is in strings, without what is compiled for tests only.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use quilt_tests::workspace;

/// One file of the project.
pub(super) struct Source {
    /// From the root of the workspace.
    pub(super) path: String,
    /// What is compiled when no tests are.
    pub(super) tokens: Vec<Token>,
    /// Lines that are not compiled for tests only.
    pub(super) length: usize,
}

/// A name, a lifetime, a number, `::`, or a single other character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

impl Source {
    /// `text` as if it stood in the file `path`.
    pub(super) fn new(path: &str, text: &str) -> Self {
        let all = tokens(&without_comments_and_strings(text));
        let (tokens, lines_of_tests) = without_tests(&all);
        Self { path: path.to_owned(), tokens, length: text.lines().count() - lines_of_tests }
    }

    pub(super) fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, what: what.into() }
    }

    /// Each place where `wanted` stands, as the position of its first token.
    pub(super) fn positions(&self, wanted: &[&str]) -> Vec<usize> {
        let starts = self.tokens.windows(wanted.len()).enumerate();
        starts
            .filter(|(_, window)| window.iter().map(Token::text).eq(wanted.iter().copied()))
            .map(|(at, _)| at)
            .collect()
    }

    /// The text of the token at `at`; empty beyond the end.
    pub(super) fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", Token::text)
    }
}

impl Token {
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Every source below `folder`, except those that are compiled for tests only.
pub(super) fn sources(folder: &str) -> io::Result<Vec<Source>> {
    let mut paths = Vec::new();
    collect(&workspace().join(folder), &mut paths)?;
    paths.sort();
    let mut of_tests = BTreeSet::new();
    for path in &paths {
        let all = tokens(&without_comments_and_strings(&fs::read_to_string(path)?));
        of_tests
            .extend(modules_for_tests(&all).into_iter().map(|module| folder_of_children(path).join(module)));
    }
    let is_test = |path: &Path| path.with_extension("").ancestors().any(|folder| of_tests.contains(folder));
    paths
        .iter()
        .filter(|path| !is_test(path))
        .map(|path| Ok(Source::new(&relative(path), &fs::read_to_string(path)?)))
        .collect()
}

/// Every Rust file of the project, from the root of the workspace.
pub(super) fn rust_files() -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    for member in super::MEMBERS {
        collect(&workspace().join(member), &mut paths)?;
    }
    Ok(paths.iter().map(|path| relative(path)).collect())
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

fn relative(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn folder_of_children(path: &Path) -> PathBuf {
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main") | None => path.with_file_name(""),
        Some(stem) => path.with_file_name(stem),
    }
}

/// `text` with spaces for comments and for what is between quotes; line breaks stay.
fn without_comments_and_strings(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = end_of_hidden(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment, string or character that begins at `at` ends; `at` itself if none does.
fn end_of_hidden(chars: &[char], at: usize) -> usize {
    let char_at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let in_a_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match (chars[at], char_at(at + 1)) {
        ('/', '/') => (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len()),
        ('/', '*') => end_of_block_comment(chars, at),
        ('"', _) => end_of_string(chars, at),
        ('r', '"' | '#') if !in_a_word || chars[at - 1] == 'b' => {
            let hashes = (at + 1..chars.len()).take_while(|i| chars[*i] == '#').count();
            if char_at(at + 1 + hashes) != '"' {
                return at; // A raw name.
            }
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let body = at + 2 + hashes;
            (body..chars.len())
                .find(|i| chars[*i..].starts_with(&close))
                .map_or(chars.len(), |i| i + close.len())
        }
        ('\'', '\\') => (at + 3..chars.len()).find(|i| chars[*i] == '\'').map_or(chars.len(), |i| i + 1),
        ('\'', _) if char_at(at + 2) == '\'' => at + 3,
        _ => at,
    }
}

fn end_of_block_comment(chars: &[char], at: usize) -> usize {
    let (mut depth, mut i) = (0, at);
    while i < chars.len() {
        if chars[i..].starts_with(&['/', '*']) {
            (depth, i) = (depth + 1, i + 2);
        } else if chars[i..].starts_with(&['*', '/']) {
            (depth, i) = (depth - 1, i + 2);
        } else {
            i += 1;
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn end_of_string(chars: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

fn tokens(code: &str) -> Vec<Token> {
    let mut out = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = |from: usize| {
                rest[from..]
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .map_or(rest.len(), |end| end + from)
            };
            let end = match first {
                '\'' => word(1),
                ':' if rest.starts_with("::") => 2,
                _ if first.is_alphanumeric() || first == '_' => word(0),
                _ => first.len_utf8(),
            };
            out.push(Token { text: rest[..end].to_owned(), line: line + 1 });
            rest = rest[end..].trim_start();
        }
    }
    out
}

/// Where `#[cfg(test)]` and the like begin.
fn is_for_tests(tokens: &[Token], at: usize) -> bool {
    let starts = |wanted: &[&str]| {
        tokens[at..].len() >= wanted.len()
            && tokens[at..].iter().map(Token::text).zip(wanted).all(|(a, b)| a == *b)
    };
    starts(&["#", "[", "cfg", "(", "test", ")"]) || starts(&["#", "[", "cfg", "(", "all", "(", "test"])
}

/// Where the item ends whose first attribute begins at `at`.
fn end_of_item(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(at) {
        match token.text() {
            "{" | "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            // A field or a match arm: the block that it stands in ends.
            "}" if depth == 0 => return i,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return i + 1;
                }
            }
            ";" | "," if depth == 0 => return i + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The tokens that are left without tests, and how many lines the tests were.
fn without_tests(tokens: &[Token]) -> (Vec<Token>, usize) {
    let (mut kept, mut lines, mut at) = (Vec::new(), 0, 0);
    while at < tokens.len() {
        if is_for_tests(tokens, at) {
            let end = end_of_item(tokens, at);
            lines += tokens[end - 1].line - tokens[at].line + 1;
            at = end;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, lines)
}

/// The names of the modules that are compiled for tests only and have a file of their own.
fn modules_for_tests(tokens: &[Token]) -> Vec<String> {
    let items = (0..tokens.len()).filter(|at| is_for_tests(tokens, *at));
    let module = |at: usize| {
        let item = &tokens[at..end_of_item(tokens, at)];
        match item {
            [.., keyword, name, end] if keyword.text == "mod" && end.text == ";" => Some(name.text.clone()),
            _ => None,
        }
    };
    items.filter_map(module).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Source::new("x.rs", text).tokens.into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_strings_and_characters_are_not_code() {
        let text = "a // b\n /* c /* d */ e */ f \"g \\\" h\" r#\"i \" j\"# br\"k\" 'l' '\\'' 'm n";
        assert_eq!(words(text), ["a", "f", "b", "'m", "n"]);
    }

    #[test]
    fn what_is_compiled_for_tests_only_is_left_out() {
        let text =
            "#[cfg(test)] use a::b;\nuse c;\n#[cfg(test)]\n#[expect(x)]\nmod tests {\n fn d() {}\n}\nmod e;";
        assert_eq!(words(text), ["use", "c", ";", "mod", "e", ";"]);
        assert_eq!(Source::new("x.rs", text).length, 2);
        assert_eq!(words("struct S { #[cfg(test)] a: A, b: B }").join(" "), "struct S { b : B }");
    }

    #[test]
    fn files_of_tests_are_found_by_their_declaration() {
        assert_eq!(modules_for_tests(&tokens("#[cfg(test)]\npub(crate) mod fake;\nmod real;")), ["fake"]);
    }

    #[test]
    fn lines_are_counted_from_one_through_strings_and_comments() {
        let source = Source::new("x.rs", "/*\n*/ \"\n\" a");
        assert_eq!(source.tokens, [Token { text: "a".into(), line: 3 }]);
    }
}
