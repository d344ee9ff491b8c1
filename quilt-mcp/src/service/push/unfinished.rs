//! Objects of which parts were written, and that did not come about. Nobody sees the parts, but somebody pays for them: they
//! are thrown away, and where that cannot be, the caller is told, or else the operator alone.

use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use crate::client::s3::{Multipart, S3Client};
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

/// How many objects a message names.
const NAMED: usize = 3;

/// Objects of which parts were written, and that are none yet.
#[derive(Debug, Default)]
pub(super) struct Unfinished(Mutex<Vec<Multipart>>);

impl Unfinished {
    pub(super) fn begun(&self, multipart: &Multipart) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(multipart.clone());
    }

    pub(super) fn finished(&self, multipart: &Multipart) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| other != multipart);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// Throws all parts away. What is left of which objects.
    pub(super) async fn throw_away(&self, s3: &S3Client) -> Vec<S3Uri> {
        let all = self.all();
        let left = join_all(all.iter().map(async |multipart| {
            let outcome = s3.abandon_parts(multipart).await;
            // Whoever is stopped before this point tries again when the scope closes.
            self.finished(multipart);
            match outcome {
                Ok(()) => None,
                // Somebody else was quicker.
                Err(error) if error.code() == ErrorCode::NotFound => None,
                Err(error) => {
                    warn(multipart, &error);
                    Some(multipart.uri().clone())
                }
            }
        }));
        left.await.into_iter().flatten().collect()
    }

    /// There is nobody left to throw them away as.
    pub(super) fn give_up(&self, error: &ToolError) {
        self.all().iter().for_each(|multipart| warn(multipart, error));
    }

    fn all(&self) -> Vec<Multipart> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The log names no object of a caller's: who knows one can compute how it is called there.
fn warn(multipart: &Multipart, error: &ToolError) {
    let mut object = hex::encode(Sha256::digest(multipart.uri().to_string()));
    object.truncate(16);
    let code = error.code().as_str();
    // Nor what S3 said, which may name it.
    tracing::warn!(object, code, "parts of an object could not be thrown away");
}

/// Says where parts are left and who removes them.
pub(super) fn of_parts_left(left: &[S3Uri]) -> Option<String> {
    let mut objects: Vec<String> = left.iter().take(NAMED).map(|uri| format!("`{uri}`")).collect();
    if left.len() > NAMED {
        objects.push(format!("{} more", left.len() - NAMED));
    }
    let objects = (!objects.is_empty()).then(|| objects.join(", "))?;
    Some(format!(
        "parts of {objects} could not be thrown away: nobody sees them, but they are stored. A lifecycle rule \
         `AbortIncompleteMultipartUpload` of the bucket removes them, or whoever has `s3:AbortMultipartUpload`"
    ))
}

/// The failure of a push that also left parts behind.
pub(super) fn told_with(error: ToolError, left: &[S3Uri]) -> ToolError {
    let Some(parts) = of_parts_left(left) else { return error };
    let hint = error.hint().map_or_else(|| parts.clone(), |hint| format!("{hint}; {parts}"));
    error.with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uris(count: usize) -> Vec<S3Uri> {
        (0..count).map(|at| format!("s3://abc/{at}").parse().expect("a URI")).collect()
    }

    #[test]
    fn what_is_left_is_told_besides_what_went_wrong() {
        let error = || ToolError::invalid_input("no").with_hint("do this");
        assert_eq!(told_with(error(), &[]).hint(), Some("do this"));
        let told = told_with(error(), &uris(5));
        let hint = told.hint().unwrap_or_default();
        for part in ["do this; ", "`s3://abc/0`, `s3://abc/1`, `s3://abc/2`, 2 more", "lifecycle rule"] {
            assert!(hint.contains(part), "{hint}");
        }
        assert!(told_with(ToolError::invalid_input("no"), &uris(1)).hint().is_some());
    }
}
