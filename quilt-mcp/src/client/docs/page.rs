//! What a page says of itself.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// The longest title or description, in characters.
const LONGEST: usize = 400;

/// Title and description of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageHead {
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
}

impl PageHead {
    /// What stands in the head of `html`. The rest is not looked at.
    pub(super) fn read(html: &str) -> Self {
        let mut head = Self::default();
        let mut in_title = false;
        let mut emitter: DefaultEmitter = DefaultEmitter::default();
        // So that tags in a script are text.
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => match tag.name.as_slice() {
                    b"body" => break,
                    b"title" => in_title = head.title.is_none(),
                    b"meta" => {
                        let attribute =
                            |name: &[u8]| tag.attributes.get(name).map(|given| given.value.as_slice());
                        let named = attribute(b"name").or_else(|| attribute(b"property"));
                        if matches!(named, Some(b"description" | b"og:description"))
                            && head.description.is_none()
                        {
                            head.description = attribute(b"content").and_then(line);
                        }
                    }
                    _ => {}
                },
                Token::String(text) if in_title => {
                    head.title = line(&text.value);
                    in_title = false;
                }
                Token::EndTag(tag) if tag.name.as_slice() == b"head" => break,
                Token::EndTag(_) => in_title = false,
                _ => {}
            }
        }
        head
    }
}

/// On one line, and no longer than it may be.
fn line(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line: String = words.join(" ").chars().take(LONGEST).collect();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_and_description_stand_in_the_head() {
        let page = "<!doctype html><html><head><META charset=utf-8><title>\n Search &amp; find </title>\
            <meta content='How to &quot;search&quot;' name=description><script>var x = '<title>no</title>'</script>\
            </head><body><title>no</title></body>";
        let head = PageHead::read(page);
        assert_eq!(head.title.as_deref(), Some("Search & find"));
        assert_eq!(head.description.as_deref(), Some("How to \"search\""));
        assert_eq!(PageHead::read("<title></title><p>no"), PageHead::default());
        let long = PageHead::read(&format!("<title>{}</title>", "é".repeat(1000))).title.expect("a title");
        assert_eq!(long.chars().count(), LONGEST);
    }
}
