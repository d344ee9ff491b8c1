//! A manifest that is being written, in bounded memory.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use bytes::Bytes;
use quilt_package::manifest::{WriteError, Writer};
use quilt_package::{Entry, LogicalKey, TopHash};
use tempfile::SpooledTempFile;

use super::merge::{Merge, Place};
use super::{Plan, PushService};
use crate::client::s3::{Attempt, Condition, S3Client};
use crate::domain::object::S3Uri;
use crate::error::ToolError;

/// What is larger goes through a nameless file, and to S3 in parts of this size.
const PART: usize = 8 * 1024 * 1024;

/// A manifest that is nowhere yet but here.
pub(super) struct Draft {
    spool: SpooledTempFile,
    pub(super) bytes: u64,
    pub(super) top_hash: TopHash,
}

impl PushService<'_> {
    /// Writes the manifest of a plan whose objects are in their places.
    pub(super) async fn draft(
        &self,
        plan: &Plan,
        entries: BTreeMap<LogicalKey, Entry>,
    ) -> Result<Draft, ToolError> {
        let mut writer = Writer::new(SpooledTempFile::new(PART), &plan.header).map_err(unwritable)?;
        let mut merge = Merge::new(self.open(plan.current.as_ref()).await?, entries);
        while let Some(place) = merge.next().await? {
            let (Place::Kept(entry) | Place::Set { value: entry, .. }) = place;
            writer.entry(&entry).map_err(unwritable)?;
        }
        let (mut spool, top_hash) = writer.finish();
        let bytes = spool.stream_position().map_err(|error| on_this_machine(&error))?;
        Ok(Draft { spool, bytes, top_hash })
    }

    /// Writes a draft to S3, if `condition` holds.
    pub(super) async fn store(
        &self,
        s3: &S3Client,
        draft: &mut Draft,
        uri: &S3Uri,
        condition: Condition<'_>,
    ) -> Result<Attempt, ToolError> {
        draft.rewind()?;
        if draft.bytes <= PART as u64 {
            return s3.put_if(uri, draft.read(PART)?, None, condition).await;
        }
        let multipart = s3.begin_parts(uri, None, &BTreeMap::new()).await?;
        self.unfinished.begun(&multipart);
        let mut parts = Vec::new();
        for number in 1.. {
            let bytes = draft.read(PART)?;
            if bytes.is_empty() {
                break;
            }
            let _turn = self.turns.next().await?;
            parts.push(s3.put_part(&multipart, number, bytes).await?);
        }
        let attempt = s3.complete_parts(&multipart, &parts, condition).await?;
        // What was refused still has parts that are to be thrown away.
        if attempt != Attempt::Refused {
            self.unfinished.finished(&multipart);
        }
        Ok(attempt)
    }
}

impl Draft {
    /// Whether an object holds the very bytes of this draft.
    pub(super) async fn is_at(&mut self, s3: &S3Client, uri: &S3Uri) -> Result<bool, ToolError> {
        let mut body = s3.open(uri).await?;
        if body.size() != self.bytes {
            return Ok(false);
        }
        self.rewind()?;
        while let Some(theirs) = body.next().await? {
            if self.read(theirs.len())? != theirs {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn rewind(&mut self) -> Result<(), ToolError> {
        self.spool.rewind().map_err(|error| on_this_machine(&error))
    }

    /// The next bytes, as many as there are up to `most`.
    fn read(&mut self, most: usize) -> Result<Bytes, ToolError> {
        // Of the right size at once: growing would take up to three times as much.
        let mut bytes = Vec::with_capacity(self.bytes.min(most as u64) as usize);
        (&mut self.spool)
            .take(most as u64)
            .read_to_end(&mut bytes)
            .map_err(|error| on_this_machine(&error))?;
        Ok(bytes.into())
    }
}

fn unwritable(why: WriteError) -> ToolError {
    match why {
        WriteError::Io(error) => on_this_machine(&error),
        why => ToolError::invalid_input(why.to_string()),
    }
}

fn on_this_machine(error: &std::io::Error) -> ToolError {
    ToolError::internal(format!("a manifest could not be kept in a temporary file: {error}"))
}
