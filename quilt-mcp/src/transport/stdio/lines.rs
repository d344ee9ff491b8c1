//! Lines of input, of bounded length.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// The longest line that is taken, in bytes. What is longer could only be meant to fill the memory.
const LONGEST: usize = 16 * 1024 * 1024;

/// Reads lines. A reading that is dropped goes on with the next.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    longest: usize,
    line: Vec<u8>,
    skipping: bool,
}

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Whole(Vec<u8>),
    TooLong,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn of(input: R) -> Self {
        Self::no_longer_than(LONGEST, input)
    }

    fn no_longer_than(longest: usize, input: R) -> Self {
        Self { input: BufReader::new(input), longest, line: Vec::new(), skipping: false }
    }

    /// The next line. `None` at the end of the input; what comes before it counts as a line.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            // With room for the end of the line. What has been read stays in `self.line` if this is dropped.
            let room = self.longest + 1 - self.line.len();
            (&mut self.input).take(room as u64).read_until(b'\n', &mut self.line).await?;
            let ends = self.line.last() == Some(&b'\n');
            if !ends && self.line.len() > self.longest {
                self.line.clear();
                self.skipping = true;
                continue;
            }
            let mut line = std::mem::take(&mut self.line);
            return Ok(match (std::mem::take(&mut self.skipping), ends) {
                (true, _) => Some(Line::TooLong),
                (false, false) if line.is_empty() => None,
                (false, _) => {
                    line.truncate(line.len() - usize::from(ends));
                    Some(Line::Whole(line))
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn all(input: &[u8]) -> io::Result<Vec<Option<String>>> {
        let mut lines = Lines::no_longer_than(4, input);
        let mut all = Vec::new();
        while let Some(line) = lines.next().await? {
            all.push(match line {
                Line::Whole(line) => Some(String::from_utf8_lossy(&line).into_owned()),
                Line::TooLong => None,
            });
        }
        Ok(all)
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_skipped_and_no_other() -> io::Result<()> {
        let whole = |text: &str| Some(text.to_owned());
        assert_eq!(all(b"").await?, []);
        assert_eq!(all(b"a\n\nb").await?, [whole("a"), whole(""), whole("b")]);
        assert_eq!(all(b"abcd\nabcde\nabcd\n").await?, [whole("abcd"), None, whole("abcd")]);
        assert_eq!(all(b"0123456789abcdef\nx\n").await?, [None, whole("x")]);
        assert_eq!(all(b"x\n0123456789").await?, [whole("x"), None]);
        Ok(())
    }

    #[tokio::test]
    async fn a_reading_that_was_dropped_goes_on() -> io::Result<()> {
        let (mut writer, reader) = tokio::io::duplex(100);
        let mut lines = Lines::of(reader);
        writer.write_all(b"on").await?;
        assert!(lines.next().now_or_never().is_none(), "the line has not ended");
        writer.write_all(b"e\n").await?;
        assert_eq!(lines.next().await?, Some(Line::Whole(b"one".to_vec())));
        Ok(())
    }
}
