//! Whether S3 would take what is to be written, found out before anything is.

use std::collections::BTreeSet;

use crate::client::s3::Upload;
use crate::error::ToolError;

/// The most objects one call writes.
pub const MAX_UPLOADS: usize = 1000;

/// The most bytes one call writes: they are all in memory.
const MAX_TOTAL_BYTES: usize = 64 * 1024 * 1024;

/// S3's limit for the names and values of an object's own metadata.
const MAX_METADATA_BYTES: usize = 2048;

/// Everything that is wrong with `uploads`, at once.
pub(super) fn check(uploads: &[Upload]) -> Result<(), ToolError> {
    if uploads.is_empty() || uploads.len() > MAX_UPLOADS {
        return Err(ToolError::invalid_input(format!(
            "`items` must hold 1 to {MAX_UPLOADS} objects, not {}",
            uploads.len()
        ))
        .with_hint("write more than that in several calls"));
    }
    let total: usize = uploads.iter().map(|upload| upload.body.len()).sum();
    if total > MAX_TOTAL_BYTES {
        let message =
            format!("the objects have {total} bytes together, more than the {MAX_TOTAL_BYTES} of one call");
        return Err(ToolError::invalid_input(message).with_hint("write them in several calls"));
    }
    let mut keys = BTreeSet::new();
    let mut wrong = Vec::new();
    for (index, upload) in uploads.iter().enumerate() {
        if !keys.insert(&upload.key) {
            wrong.push(format!("items[{index}]: the key `{}` is given twice", upload.key));
        }
        if let Err(why) = check_headers(upload) {
            wrong.push(format!("items[{index}]: {why}"));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(ToolError::invalid_input(wrong.join("; ")).with_hint("correct the items; nothing was written"))
}

fn check_headers(upload: &Upload) -> Result<(), String> {
    let visible = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b));
    if upload.content_type.is_empty() || !visible(&upload.content_type) {
        return Err("`content_type` must be a media type such as `text/csv`".to_owned());
    }
    let mut size = 0;
    for (name, value) in &upload.metadata {
        if http::HeaderName::try_from(format!("x-amz-meta-{name}")).is_err() || name.is_empty() {
            return Err(format!(
                "the metadata name `{}` may have letters, digits, `-` and `_` only",
                name.escape_debug()
            ));
        }
        if !visible(value) {
            return Err(format!("the metadata value of `{name}` must be printable ASCII"));
        }
        size += name.len() + value.len();
    }
    if size > MAX_METADATA_BYTES {
        return Err(format!(
            "the metadata has {size} bytes, more than the {MAX_METADATA_BYTES} that S3 keeps"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;

    use super::*;
    use crate::domain::object::ObjectKey;

    fn upload(key: &str) -> Upload {
        Upload {
            key: ObjectKey::try_from(key.to_owned()).expect("a key"),
            body: Bytes::new(),
            content_type: "text/plain".into(),
            metadata: BTreeMap::new(),
        }
    }

    fn complaint(uploads: &[Upload]) -> String {
        check(uploads).expect_err("refused").message().to_owned()
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let told = complaint(&[
            upload("a"),
            upload("a"),
            Upload { content_type: "text/plain\r\nx-amz-acl: public-read".into(), ..upload("b") },
            Upload { metadata: BTreeMap::from([("na me".into(), String::new())]), ..upload("c") },
            Upload { metadata: BTreeMap::from([("name".into(), "é".into())]), ..upload("d") },
            Upload { metadata: BTreeMap::from([("name".into(), "x".repeat(2048))]), ..upload("e") },
        ]);
        for index in 1..=5 {
            assert!(told.contains(&format!("items[{index}]")), "{told}");
        }
        assert!(!told.contains("items[0]"), "{told}");
    }

    #[test]
    fn none_too_many_and_too_much_are_refused() {
        assert!(check(&[]).is_err());
        let many: Vec<_> = (0..=MAX_UPLOADS).map(|i| upload(&i.to_string())).collect();
        assert!(check(&many).is_err());
        assert!(check(&many[1..]).is_ok());
        let much = Upload { body: Bytes::from(vec![0; MAX_TOTAL_BYTES + 1]), ..upload("a") };
        assert!(check(&[much]).is_err());
    }
}
