//! The words of a search, with quoted phrases kept whole.

/// A word, or what stands between quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// As it was typed, without the quotes.
    pub(super) text: String,
    /// The same for comparing: in lower case, without punctuation around it. Empty for what is quoted, which is
    /// compared with nothing.
    pub(super) plain: String,
    /// Whether it stood between quotes.
    pub(super) quoted: bool,
}

/// Splits at white space; `".."` and `'..'` are one token each. A quote that is not closed is a character like any other.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match quoted(rest, first) {
            Some((phrase, after)) => (phrase, after),
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (word(&rest[..end]), &rest[end..])
            }
        };
        if !token.text.is_empty() {
            tokens.push(token);
        }
        rest = after.trim_start();
    }
    tokens
}

fn quoted(text: &str, quote: char) -> Option<(Token, &str)> {
    if quote != '"' && quote != '\'' {
        return None;
    }
    let inside = &text[1..];
    // An apostrophe within a word closes nothing.
    let end = inside
        .match_indices(quote)
        .map(|(at, _)| at)
        .find(|at| !inside[at + 1..].starts_with(char::is_alphanumeric))?;
    let phrase = Token { text: inside[..end].trim().to_owned(), plain: String::new(), quoted: true };
    Some((phrase, &inside[end + 1..]))
}

fn word(text: &str) -> Token {
    let plain = text
        .trim_start_matches(['(', '"', '\''])
        .trim_end_matches([',', ';', ':', '!', ')', '"', '\''])
        .trim_end_matches(['.', '?'])
        .to_lowercase();
    Token { text: text.to_owned(), plain, quoted: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(String, bool)> {
        tokens(text).into_iter().map(|token| (token.text, token.quoted)).collect()
    }

    fn plain(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.plain).collect()
    }

    #[test]
    fn quotes_keep_words_together() {
        assert_eq!(
            texts(r#"find "RNA seq" or 'the rest'"#),
            [
                ("find".into(), false),
                ("RNA seq".into(), true),
                ("or".into(), false),
                ("the rest".into(), true)
            ]
        );
        assert_eq!(texts("'don't stop'"), [("don't stop".into(), true)]);
        assert_eq!(texts("\"open"), [("\"open".into(), false)]);
        assert_eq!(texts("\"\" \"  \""), []);
    }

    #[test]
    fn punctuation_is_not_part_of_a_word() {
        assert_eq!(
            plain("CSV, (Json) .txt *.csv end. 3.5MB"),
            ["csv", "json", ".txt", "*.csv", "end", "3.5mb"]
        );
    }
}
