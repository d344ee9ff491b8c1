//! `SHA256`: of the whole object, as hexadecimal digits.

use sha2::{Digest, Sha256};

use super::{Algorithm, ObjectHash};

#[derive(Clone, Debug, Default)]
pub(super) struct PlainSha256(Sha256);

impl PlainSha256 {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> ObjectHash {
        ObjectHash::new(Algorithm::Sha256.name(), hex::encode(self.0.finalize()))
    }
}
