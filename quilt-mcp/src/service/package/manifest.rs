//! A manifest as it arrives from S3.

use std::{fmt, vec};

use bytes::Bytes;
use futures_util::{Stream, stream};
use quilt_package::manifest::{Decoder, ManifestError, Record};
use quilt_package::{Entry, Header, LogicalKey, OrderError, TopHash, TopHasher, registry};

use super::{Revision, registry_object};
use crate::client::s3::{ObjectBody, S3Client};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

/// Up to this many bytes a manifest is held whole, and its entries are put in order if they are not. That is about 16,000 entries
/// without metadata. With its keys it takes half as much memory again, and a request may have two, within its 16 MiB.
const PUT_IN_ORDER: u64 = 4 << 20;
/// So many bytes are decoded before others get a turn: some hundred entries.
const AT_ONCE: usize = 64 * 1024;
/// So many lines that are held are read before others get a turn.
const LINES_AT_ONCE: usize = 256;

/// A manifest as it arrives: the header, then entry by entry, in order. Its hash is checked when the last one has come.
///
/// So what was read is only known to be the package when [`ManifestStream::next`] has said that there is no more.
pub struct ManifestStream {
    uri: S3Uri,
    body: ObjectBody,
    /// What has come and is not decoded yet.
    piece: Bytes,
    decoder: Decoder,
    header: Header,
    /// The entries of a small one, by key: each as its line, for metadata that is read can take twenty times the memory of its text.
    small: Option<vec::IntoIter<(LogicalKey, Box<[u8]>)>>,
    /// None once it was compared.
    hasher: Option<TopHasher>,
    expected: TopHash,
}

/// The entries of a manifest as a stream: what is done with some of them goes on while the next arrive.
pub(super) fn entries(manifest: ManifestStream) -> impl Stream<Item = Result<Entry, ToolError>> {
    stream::try_unfold(manifest, |mut manifest| async move {
        Ok(manifest.next().await?.map(|entry| (entry, manifest)))
    })
}

impl ManifestStream {
    pub(super) async fn open(s3: &S3Client, revision: &Revision) -> Result<Self, ToolError> {
        let uri = registry_object(&revision.registry, registry::manifest_key(&revision.top_hash));
        let body = s3.open(&uri).await?;
        let mut stream = Self {
            uri,
            body,
            piece: Bytes::new(),
            decoder: Decoder::new(),
            header: Header::new(None),
            small: None,
            hasher: None,
            expected: revision.top_hash,
        };
        let Some(Record::Header(header)) = stream.record().await? else {
            return Err(stream.damaged("it has no header"));
        };
        stream.hasher = Some(TopHasher::new(&header));
        stream.header = header;
        if stream.body.size() <= PUT_IN_ORDER {
            stream.put_in_order().await?;
        }
        Ok(stream)
    }

    /// The format wants entries in order, and so does the hash; but whoever else writes manifests may not, and quilt3 reads those.
    async fn put_in_order(&mut self) -> Result<(), ToolError> {
        let mut lines: Vec<(LogicalKey, Box<[u8]>)> = Vec::new();
        while let Some(entry) = self.arriving().await? {
            lines.push((entry.logical_key, self.decoder.last_line().into()));
        }
        lines.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.small = Some(lines.into_iter());
        Ok(())
    }

    /// What the package says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next entry; none when all have come and hash to what the manifest is called.
    ///
    /// # Errors
    ///
    /// It stopped in the middle, a line is none of a manifest, or it is not what its name says.
    pub async fn next(&mut self) -> Result<Option<Entry>, ToolError> {
        let next = match &mut self.small {
            Some(lines) => {
                if lines.len().is_multiple_of(LINES_AT_ONCE) {
                    tokio::task::yield_now().await;
                }
                let line = lines.next().map(|(_, line)| Entry::read(&line));
                line.transpose().map_err(|why| self.damaged(why))?
            }
            None => self.arriving().await?,
        };
        if let Some(entry) = next {
            let hashed = self.hasher.as_mut().map_or(Ok(()), |hasher| hasher.push(&entry));
            hashed.map_err(|why| self.disordered(&why))?;
            return Ok(Some(entry));
        }
        match self.hasher.take().map(TopHasher::finish) {
            Some(found) if found != self.expected => {
                Err(self.damaged(format_args!("what it says hashes to {found}")))
            }
            _ => Ok(None),
        }
    }

    /// The next entry as it stands in the manifest.
    async fn arriving(&mut self) -> Result<Option<Entry>, ToolError> {
        while let Some(record) = self.record().await? {
            if let Record::Entry(entry) = record {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    async fn record(&mut self) -> Result<Option<Record>, ToolError> {
        loop {
            if let Some(record) = self.decoder.next().map_err(|why| self.unreadable(&why))? {
                return Ok(Some(record));
            }
            if self.piece.is_empty() {
                let Some(piece) = self.body.next().await? else {
                    self.decoder.end();
                    return self.decoder.next().map_err(|why| self.unreadable(&why));
                };
                self.piece = piece;
            }
            let length = self.piece.len().min(AT_ONCE);
            self.decoder.push(&self.piece.split_to(length));
            // What has come already is not waited for: others get their turns in between.
            tokio::task::yield_now().await;
        }
    }

    fn unreadable(&self, why: &ManifestError) -> ToolError {
        self.damaged(why)
    }

    fn disordered(&self, why: &OrderError) -> ToolError {
        if self.small.is_some() {
            return self.damaged(why);
        }
        if !matches!(why, OrderError::OutOfOrder { .. }) {
            return self.damaged(format_args!("near line {}: {why}", self.decoder.line()));
        }
        ToolError::new(
            ErrorCode::InvalidState,
            format!("the manifest `{}` is not in order near line {}: {why}", self.uri, self.decoder.line()),
        )
        .with_hint("quilt3 writes manifests in order: read the package with it and push it again")
    }

    fn damaged(&self, why: impl fmt::Display) -> ToolError {
        ToolError::new(ErrorCode::InvalidState, format!("the manifest `{}` is damaged: {why}", self.uri))
            .with_hint("use another revision, or push the package again")
    }
}

impl fmt::Debug for ManifestStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManifestStream({}, line {})", self.uri, self.decoder.line())
    }
}
