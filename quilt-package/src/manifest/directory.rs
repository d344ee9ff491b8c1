//! Metadata of a directory.

use std::fmt::{self, Write};

use crate::LogicalKey;
use crate::json::{Object, write_object, write_string};

/// Metadata of a directory of the package, without the slash that ends its key in a manifest.
///
/// quilt3 writes it in local manifests and drops it when it pushes. It is not part of the top hash, so nothing protects it.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    /// The directory.
    pub path: LogicalKey,
    /// What was said of it.
    pub meta: Object,
}

impl Directory {
    pub(super) fn write(&self, out: &mut impl Write) -> fmt::Result {
        out.write_str("{\"logical_key\": ")?;
        write_string(out, &format!("{}/", self.path))?;
        out.write_str(", \"meta\": ")?;
        write_object(out, &self.meta)?;
        out.write_str("}\n")
    }
}
