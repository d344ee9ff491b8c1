//! `CRC64NVME`: eight bytes, most significant first, in base64.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crc_fast::{CrcAlgorithm, Digest};

use super::{Algorithm, ObjectHash};

#[derive(Clone)]
pub(super) struct Crc64Nvme(Digest);

impl Crc64Nvme {
    pub(super) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Nvme))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> ObjectHash {
        ObjectHash::new(Algorithm::Crc64Nvme.name(), BASE64_STANDARD.encode(self.0.finalize().to_be_bytes()))
    }
}

impl fmt::Debug for Crc64Nvme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Crc64Nvme")
    }
}
