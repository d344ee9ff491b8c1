//! Secrets that can be recognised wherever they turn up, and the search for them.
//!
//! Each secret that the tests' equipment makes ends in [`MARK`] (session keys and tokens of STS) or carries it within (the
//! `jti` of a JWT); others are searched for by value. All output of every server under test passes through here.

use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::target_directory;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// In every secret that the equipment makes, and in nothing else. `substrate/strict/sts.py` has it too.
pub const MARK: &str = "QuiltCanary7f3a91c2";

/// All forms of some secrets, and what was found of them.
#[derive(Clone)]
pub struct Canaries {
    forms: Arc<Vec<(String, String)>>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    bytes: usize,
    leaks: Vec<String>,
}

impl Canaries {
    /// For [`MARK`] and for these secrets: name and value.
    pub fn of<'s>(secrets: impl IntoIterator<Item = (&'s str, &'s str)>) -> Self {
        let marked = std::iter::once(("a marked secret", MARK));
        let forms = marked.chain(secrets).flat_map(|(name, secret)| {
            forms(secret).into_iter().map(move |(form, text)| (format!("{name}, {form}"), text))
        });
        Self { forms: Arc::new(forms.collect()), seen: Arc::default() }
    }

    /// Looks at a piece of output. A secret must not be split over two pieces. How many are in it.
    pub fn look(&self, place: &str, bytes: &[u8]) -> usize {
        // The standard library's search is fast in a debug build, too.
        let text = String::from_utf8_lossy(bytes);
        let found = self.forms.iter().filter(|(_, form)| text.contains(form.as_str()));
        let found: Vec<_> = found.map(|(name, _)| format!("{place}: {name}")).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.bytes += bytes.len();
        let number = found.len();
        seen.leaks.extend(found);
        number
    }

    /// Looks at every file below a directory.
    pub fn look_into(&self, directory: &Path) {
        let Ok(entries) = fs::read_dir(directory) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                self.look_into(&path);
            } else if let Ok(bytes) = fs::read(&path) {
                self.look(&path.display().to_string(), &bytes);
            }
        }
    }

    /// Where which secret was found, from now on forgotten.
    pub fn take_leaks(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner).leaks)
    }

    /// Adds a line to `target/scanned-output`, which `.ci/run` sums up: bytes looked at, secrets that nobody expected, and
    /// whose bytes they were.
    pub(crate) fn report(&self, unexpected: usize, whose: &str) {
        let bytes = std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner).bytes);
        if bytes == 0 && unexpected == 0 {
            return;
        }
        let line = format!("{bytes} {unexpected} {whose}\n");
        let path = target_directory().join("scanned-output");
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
            // Only a sum for people to read would be wrong.
            let _ = file.write_all(line.as_bytes());
        }
    }
}

/// What a caller was answered, without the session tokens in links that are signed for this caller: those are meant to be there.
pub fn without_signed_links(answer: &str) -> Cow<'_, str> {
    const TOKEN: &str = "X-Amz-Security-Token=";
    if !answer.contains(TOKEN) {
        return Cow::Borrowed(answer);
    }
    let mut parts = answer.split(TOKEN);
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let part_of_it = |c: char| c.is_ascii_alphanumeric() || "%-._~+/=".contains(c);
        rest.push_str(TOKEN);
        rest.push_str(part.trim_start_matches(part_of_it));
    }
    Cow::Owned(rest)
}

/// As it is, and as programs write it.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let bytes = secret.as_bytes();
    let hex = hex::encode(bytes);
    let percent = |escape: fn(u8) -> String| -> String {
        let written = |b: &u8| if b.is_ascii_alphanumeric() { char::from(*b).into() } else { escape(*b) };
        bytes.iter().map(written).collect()
    };
    let json = serde_json::to_string(secret).unwrap_or_default().trim_matches('"').to_owned();
    let mut forms = vec![
        ("as it is", secret.to_owned()),
        ("in hexadecimal", hex.clone()),
        ("in hexadecimal", hex.to_uppercase()),
        ("percent-encoded", percent(|b| format!("%{b:02X}"))),
        ("percent-encoded", percent(|b| format!("%{b:02x}"))),
        ("in JSON", json.clone()),
        ("in JSON, slashes escaped", json.replace('/', "\\/")),
    ];
    // Base64 of a text depends on where in three bytes it begins; what its neighbours decide is cut off.
    for lead in 0..3 {
        let text = [&b"\0\0"[..lead], bytes].concat();
        let whole = text.len() / 3 * 3;
        let skip = [0, 2, 3][lead];
        for encoded in
            [BASE64_STANDARD_NO_PAD.encode(&text[..whole]), BASE64_URL_SAFE_NO_PAD.encode(&text[..whole])]
        {
            forms.push(("in base64", encoded[skip..].to_owned()));
        }
    }
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_whatever_stands_around_it() {
        let secret = "wJalr/K7+x\"Q&MDENG/bPxRfiCY=";
        for around in ["", "a", "ab", "abc"] {
            let text = format!("{around}{secret}{around}");
            for written in [
                text.clone(),
                hex::encode(&text),
                hex::encode_upper(&text),
                serde_json::to_string(&text).expect("text"),
                BASE64_STANDARD_NO_PAD.encode(&text),
                BASE64_URL_SAFE_NO_PAD.encode(&text),
                text.bytes()
                    .map(|b| {
                        if b.is_ascii_alphanumeric() {
                            char::from(b).to_string()
                        } else {
                            format!("%{b:02x}")
                        }
                    })
                    .collect(),
            ] {
                let canaries = Canaries::of([("the key", secret)]);
                canaries.look("here", format!("before {written} after").as_bytes());
                assert!(!canaries.take_leaks().is_empty(), "{written}");
            }
        }
    }

    #[test]
    fn only_tokens_of_signed_links_are_left_out() {
        let link =
            format!("{{\"url\":\"https://s3/k?X-Amz-Security-Token=abc%2F{MARK}&X-Amz-Signature=1\"}}");
        for (answer, found) in [(link.clone(), false), (format!("{link} {MARK}"), true)] {
            let canaries = Canaries::of([]);
            canaries.look("an answer", without_signed_links(&answer).as_bytes());
            assert_eq!(!canaries.take_leaks().is_empty(), found, "{answer}");
        }
    }

    #[test]
    fn what_is_no_secret_is_not_found() {
        let canaries = Canaries::of([("the key", "wJalr/K7+xQ&MDENG/bPxRfiCY=")]);
        canaries.look("here", b"ordinary output QuiltCanary wJalr");
        assert_eq!(canaries.take_leaks(), Vec::<String>::new());
    }
}
