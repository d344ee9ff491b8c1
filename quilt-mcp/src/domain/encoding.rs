//! Text encodings, by the names that Python's codecs and the web use for them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use encoding_rs::{CoderResult, Encoding};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// An encoding this server can read and write.
///
/// Latin-1, ASCII and the UTF-16 family are done here as Python does them: the web reads `latin-1` and `ascii` as
/// windows-1252, and cannot write UTF-16.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextEncoding {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ascii,
    Latin1,
    /// UTF-8 that begins with a byte-order mark.
    Utf8Signed,
    /// By the byte-order mark; little-endian without one.
    Utf16,
    Utf16Le,
    Utf16Be,
    Web(&'static Encoding),
}

/// Whether the bytes are all there are, or were cut off at a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All there are: an unfinished character at the end is an error in the text.
    Whole,
    /// Cut off: an unfinished character at the end is dropped.
    Cut,
}

/// The name is of no encoding known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEncoding(String);

impl fmt::Display for UnknownEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown text encoding `{}`; `utf-8`, `latin-1`, `ascii`, `utf-16` and `cp1252` are some that are known",
            self.0
        )
    }
}

impl std::error::Error for UnknownEncoding {}

/// The text has a character that the encoding cannot write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unencodable(String);

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text has characters that `{}` cannot encode; use `utf-8`", self.0)
    }
}

impl std::error::Error for Unencodable {}

impl TextEncoding {
    /// UTF-8.
    pub fn utf_8() -> Self {
        Self { name: "utf-8".to_owned(), kind: Kind::Web(encoding_rs::UTF_8) }
    }

    /// The name it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text in `bytes`, with U+FFFD for what is not of this encoding.
    pub fn decode(&self, bytes: &[u8], extent: Extent) -> String {
        match self.kind {
            Kind::Ascii => bytes.iter().map(|&b| if b.is_ascii() { b.into() } else { '\u{FFFD}' }).collect(),
            Kind::Latin1 => bytes.iter().map(|&b| char::from(b)).collect(),
            Kind::Utf8Signed => {
                web_decode(encoding_rs::UTF_8, bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes), extent)
            }
            Kind::Utf16 => match bytes {
                [0xFE, 0xFF, rest @ ..] => web_decode(encoding_rs::UTF_16BE, rest, extent),
                [0xFF, 0xFE, rest @ ..] => web_decode(encoding_rs::UTF_16LE, rest, extent),
                _ => web_decode(encoding_rs::UTF_16LE, bytes, extent),
            },
            Kind::Utf16Le => web_decode(encoding_rs::UTF_16LE, bytes, extent),
            Kind::Utf16Be => web_decode(encoding_rs::UTF_16BE, bytes, extent),
            Kind::Web(encoding) => web_decode(encoding, bytes, extent),
        }
    }

    /// `text` as bytes.
    ///
    /// # Errors
    ///
    /// A character of `text` has no place in this encoding.
    pub fn encode(&self, text: &str) -> Result<Vec<u8>, Unencodable> {
        let unencodable = || Unencodable(self.name.clone());
        match self.kind {
            Kind::Ascii if text.is_ascii() => Ok(text.as_bytes().to_vec()),
            Kind::Ascii => Err(unencodable()),
            Kind::Latin1 => {
                text.chars().map(|c| u8::try_from(u32::from(c)).map_err(|_| unencodable())).collect()
            }
            Kind::Utf8Signed => Ok([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
            Kind::Utf16 => {
                Ok([0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect())
            }
            Kind::Utf16Le => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Kind::Utf16Be => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Kind::Web(encoding) => match encoding.encode(text) {
                (bytes, _, false) => Ok(bytes.into_owned()),
                _ => Err(unencodable()),
            },
        }
    }
}

fn web_decode(encoding: &'static Encoding, bytes: &[u8], extent: Extent) -> String {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(
        decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len().saturating_mul(3)),
    );
    let mut rest = bytes;
    loop {
        let (result, read, _) = decoder.decode_to_string(rest, &mut text, extent == Extent::Whole);
        rest = &rest[read..];
        match result {
            CoderResult::InputEmpty => return text,
            CoderResult::OutputFull => text.reserve(rest.len() + 16),
        }
    }
}

impl FromStr for TextEncoding {
    type Err = UnknownEncoding;

    fn from_str(name: &str) -> Result<Self, UnknownEncoding> {
        let folded = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
        let kind = match folded.as_str() {
            "ascii" | "us-ascii" | "646" | "iso646-us" => Kind::Ascii,
            "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "iso-ir-100" | "8859"
            | "cp819" => Kind::Latin1,
            "utf-8-sig" | "utf8-sig" => Kind::Utf8Signed,
            "utf-16" | "utf16" | "u16" => Kind::Utf16,
            "utf-16-le" | "utf-16le" | "utf16-le" => Kind::Utf16Le,
            "utf-16-be" | "utf-16be" | "utf16-be" => Kind::Utf16Be,
            "u8" | "utf" | "cp65001" => Kind::Web(encoding_rs::UTF_8),
            "cp932" | "ms-kanji" => Kind::Web(encoding_rs::SHIFT_JIS),
            "cp949" | "uhc" => Kind::Web(encoding_rs::EUC_KR),
            "cp936" => Kind::Web(encoding_rs::GBK),
            "cp950" => Kind::Web(encoding_rs::BIG5),
            "mac-roman" | "macroman" => Kind::Web(encoding_rs::MACINTOSH),
            label => match Encoding::for_label_no_replacement(label.as_bytes())
                .or_else(|| Encoding::for_label_no_replacement(label.replace('-', "_").as_bytes()))
            {
                // The web has more labels for these, and could not write them.
                Some(encoding) if encoding == encoding_rs::UTF_16LE => Kind::Utf16Le,
                Some(encoding) if encoding == encoding_rs::UTF_16BE => Kind::Utf16Be,
                Some(encoding) => Kind::Web(encoding),
                None => return Err(UnknownEncoding(name.chars().take(40).collect())),
            },
        };
        Ok(Self { name: name.to_owned(), kind })
    }
}

impl TryFrom<String> for TextEncoding {
    type Error = UnknownEncoding;

    fn try_from(name: String) -> Result<Self, UnknownEncoding> {
        name.parse()
    }
}

impl From<TextEncoding> for String {
    fn from(encoding: TextEncoding) -> Self {
        encoding.name
    }
}

impl JsonSchema for TextEncoding {
    fn schema_name() -> Cow<'static, str> {
        "TextEncoding".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "Text encoding, such as `utf-8`, `latin-1` or `utf-16`" })
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(name: &str) -> TextEncoding {
        name.parse().expect("a known encoding")
    }

    #[test]
    fn the_names_of_python_are_known() {
        for name in [
            "utf-8",
            "UTF8",
            "utf_8",
            "utf-8-sig",
            "latin-1",
            "Latin_1",
            "iso-8859-1",
            "iso8859-15",
            "ascii",
            "US-ASCII",
            "utf-16",
            "utf_16_be",
            "cp1252",
            "cp1251",
            "koi8-r",
            "shift_jis",
            "cp932",
            "euc_jp",
            "euc_kr",
            "big5",
            "gbk",
            "gb18030",
            "mac_roman",
        ] {
            assert!(name.parse::<TextEncoding>().is_ok(), "{name} is not known");
        }
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "utf-9", "rot13", "base64", "replacement", "idna"] {
            assert!(name.parse::<TextEncoding>().is_err(), "{name} was accepted");
        }
    }

    #[test]
    fn latin_1_is_not_windows_1252() {
        assert_eq!(encoding("latin-1").decode(b"\x80\xE9", Extent::Whole), "\u{80}é");
        assert_eq!(encoding("cp1252").decode(b"\x80\xE9", Extent::Whole), "€é");
        assert_eq!(encoding("ascii").decode(b"a\xE9", Extent::Whole), "a\u{FFFD}");
    }

    #[test]
    fn utf_16_follows_its_byte_order_mark() {
        assert_eq!(encoding("utf-16").decode(b"\xFE\xFF\0h\0i", Extent::Whole), "hi");
        assert_eq!(encoding("utf-16").decode(b"\xFF\xFEh\0i\0", Extent::Whole), "hi");
        assert_eq!(encoding("utf-16").decode(b"h\0i\0", Extent::Whole), "hi");
    }

    #[test]
    fn a_character_cut_at_the_limit_is_dropped_but_a_broken_one_shows() {
        assert_eq!(encoding("utf-8").decode(b"a\xC3", Extent::Cut), "a");
        assert_eq!(encoding("utf-8").decode(b"a\xC3", Extent::Whole), "a\u{FFFD}");
        assert_eq!(encoding("utf-8").decode(b"a\xFFb", Extent::Cut), "a\u{FFFD}b");
    }

    #[test]
    fn what_is_written_can_be_read() {
        for (name, text) in [
            ("utf-8", "aé你"),
            ("utf-8-sig", "aé"),
            ("latin-1", "aé"),
            ("utf-16", "a你😀"),
            ("utf-16-be", "a你"),
            ("cp1252", "€"),
        ] {
            let bytes = encoding(name).encode(text).expect("encodable");
            assert_eq!(encoding(name).decode(&bytes, Extent::Whole), text, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        assert!(encoding("latin-1").encode("你").is_err());
        assert!(encoding("ascii").encode("é").is_err());
        assert!(encoding("cp1252").encode("你").is_err());
    }
}
