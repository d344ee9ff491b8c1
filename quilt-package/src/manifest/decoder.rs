//! From bytes to records, a line at a time.

use std::io::{self, BufRead};
use std::ops::Range;
use std::str;

use crate::json::Json;

use super::error::{ManifestError, Problem};
use super::{Header, MAX_LINE, Record, entry};

/// Reads a manifest from bytes that are handed to it, however they are cut.
///
/// It keeps what it was handed and has not read yet; between two pushes that is at most one line, if [`Decoder::next`] is
/// called until there is no more. Order and hash are not its concern: see [`TopHasher`](crate::TopHasher).
///
/// ```
/// use quilt_package::manifest::{Decoder, Record};
///
/// let mut decoder = Decoder::new();
/// decoder.push(b"{\"version\": \"v0\", \"mess");
/// assert!(decoder.next()?.is_none());
/// decoder.push(b"age\": \"hi\"}\n");
/// let Some(Record::Header(header)) = decoder.next()? else { panic!("a header comes first") };
/// assert_eq!(header.message(), Some("hi"));
/// decoder.end();
/// assert!(decoder.next()?.is_none());
/// # Ok::<_, quilt_package::manifest::ManifestError>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Where the next line begins in `buffer`.
    begin: usize,
    /// Up to where `buffer` has no end of line.
    scanned: usize,
    line: u64,
    limit: usize,
    ended: bool,
    /// Where the line that was read last is in `buffer`.
    last: Range<usize>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// Lines may have up to [`MAX_LINE`] bytes.
    pub fn new() -> Self {
        Self::with_line_limit(MAX_LINE)
    }

    /// Lines may have up to `limit` bytes, which bounds memory.
    pub fn with_line_limit(limit: usize) -> Self {
        Self { buffer: Vec::new(), begin: 0, scanned: 0, line: 0, limit, ended: false, last: 0..0 }
    }

    /// Hands over the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.begin);
        self.scanned -= self.begin;
        self.begin = 0;
        self.last = 0..0;
        self.buffer.extend_from_slice(bytes);
    }

    /// There are no more bytes. What is left is the last line, though nothing ends it.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next record; none if more bytes are needed, or after [`Decoder::end`] if that was all.
    ///
    /// # Errors
    /// If the line cannot be read, or the manifest ended before its header. Nothing after it is read.
    #[expect(
        clippy::should_implement_trait,
        reason = "none means not yet; an iterator's none means never again"
    )]
    pub fn next(&mut self) -> Result<Option<Record>, ManifestError> {
        let Some(last) = self.next_line()? else { return Ok(None) };
        self.last = last;
        let first = self.line == 1;
        let text = str::from_utf8(self.last_line()).map_err(|_| self.error(Problem::NotUtf8))?;
        let record = if first { header(text) } else { entry::parse(text) };
        record.map(Some).map_err(|problem| self.error(problem))
    }

    /// The number of the line that was read last, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The line that was read last, without its end, until the next push: for callers that keep it, and read it again with
    /// [`Entry::read`](super::Entry::read). It takes less memory than the entry.
    pub fn last_line(&self) -> &[u8] {
        &self.buffer[self.last.clone()]
    }

    fn next_line(&mut self) -> Result<Option<Range<usize>>, ManifestError> {
        let begin = self.begin;
        let found = end_of_line(&self.buffer[self.scanned..]);
        let end = found.map_or(self.buffer.len(), |at| self.scanned + at);
        if end - begin > self.limit {
            self.line += 1;
            return Err(self.error(Problem::TooLong { limit: self.limit }));
        }
        let last = self.ended && end > begin;
        if found.is_none() && !last {
            self.scanned = end;
            if self.ended && self.line == 0 {
                self.line = 1;
                return Err(self.error(Problem::Empty));
            }
            return Ok(None);
        }
        self.begin = (end + 1).min(self.buffer.len());
        self.scanned = self.begin;
        self.line += 1;
        Ok(Some(begin..end))
    }

    fn error(&self, problem: Problem) -> ManifestError {
        ManifestError { line: self.line, problem }
    }
}

/// Where the first line ends, if it does. The standard library's own search is a multiple faster than byte by byte.
fn end_of_line(mut bytes: &[u8]) -> Option<usize> {
    let whole = bytes;
    let skipped = bytes.skip_until(b'\n').ok()?;
    (whole[..skipped].last() == Some(&b'\n')).then(|| skipped - 1)
}

fn header(line: &str) -> Result<Record, Problem> {
    match Json::parse(line).map_err(Problem::Json)? {
        Json::Object(members) => Header::from_members(members).map(Record::Header),
        _ => Err(Problem::Wrong { name: "header", expected: "an object" }),
    }
}

/// Reads a manifest record by record. After an error it says nothing more.
///
/// ```
/// use quilt_package::manifest::{Reader, Record};
///
/// let manifest = &b"{\"version\": \"v0\", \"message\": null}\n"[..];
/// let records = Reader::new(manifest).collect::<Result<Vec<_>, _>>()?;
/// assert!(matches!(records[..], [Record::Header(_)]));
/// # Ok::<_, quilt_package::manifest::ManifestError>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    bytes: R,
    decoder: Decoder,
    failed: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads from `bytes`, lines of up to [`MAX_LINE`] bytes.
    pub fn new(bytes: R) -> Self {
        Self { bytes, decoder: Decoder::new(), failed: false }
    }

    fn advance(&mut self) -> Result<Option<Record>, ManifestError> {
        loop {
            if let Some(record) = self.decoder.next()? {
                return Ok(Some(record));
            }
            if self.decoder.ended {
                return Ok(None);
            }
            let read = match self.bytes.fill_buf() {
                Ok([]) => {
                    self.decoder.end();
                    0
                }
                Ok(bytes) => {
                    self.decoder.push(bytes);
                    bytes.len()
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => {
                    let line = self.decoder.line() + 1;
                    return Err(ManifestError { line, problem: Problem::Io(error) });
                }
            };
            self.bytes.consume(read);
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Record, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.advance().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}
