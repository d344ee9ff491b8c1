//! What a caller writes, as the caller gives it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::encoding::TextEncoding;
use crate::domain::object::ObjectKey;
use crate::error::ToolError;
use crate::service::object::Upload;

/// One object to write. Give either `text` or `data`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadItem {
    /// Its key.
    pub key: ObjectKey,
    /// Its content, as text.
    #[serde(default)]
    pub text: Option<String>,
    /// Its content, as bytes in base64.
    #[serde(default)]
    pub data: Option<String>,
    /// Its media type. By default `text/plain` for `text` and `application/octet-stream` for `data`.
    #[serde(default)]
    pub content_type: Option<String>,
    /// The encoding in which to write `text`; `utf-8` by default.
    #[serde(default)]
    pub encoding: Option<TextEncoding>,
    /// Metadata of your own, name to value, in ASCII.
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
}

/// What is to be written for `items`.
///
/// # Errors
///
/// Everything that is wrong with them, at once.
pub(super) fn uploads(items: Vec<UploadItem>) -> Result<Vec<Upload>, ToolError> {
    let mut uploads = Vec::with_capacity(items.len());
    let mut wrong = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        match upload(item) {
            Ok(upload) => uploads.push(upload),
            Err(why) => wrong.push(format!("items[{index}]: {why}")),
        }
    }
    if wrong.is_empty() {
        return Ok(uploads);
    }
    Err(ToolError::invalid_input(wrong.join("; ")).with_hint("correct the items; nothing was written"))
}

fn upload(item: UploadItem) -> Result<Upload, String> {
    let (body, content_type) = match (item.text, item.data) {
        (Some(text), None) => {
            let encoding = item.encoding.unwrap_or_else(TextEncoding::utf_8);
            let body = encoding.encode(&text).map_err(|error| error.to_string())?;
            (body, format!("text/plain; charset={}", encoding.name()))
        }
        (None, Some(_)) if item.encoding.is_some() => {
            return Err("`encoding` is for `text`, not for `data`".to_owned());
        }
        (None, Some(data)) => {
            let body =
                BASE64.decode(data.trim()).map_err(|error| format!("`data` is not base64: {error}"))?;
            (body, "application/octet-stream".to_owned())
        }
        (Some(_), Some(_)) => return Err("give either `text` or `data`, not both".to_owned()),
        (None, None) => return Err("give its content as `text`, or as `data` in base64".to_owned()),
    };
    Ok(Upload {
        key: item.key,
        body: body.into(),
        content_type: item.content_type.unwrap_or(content_type),
        metadata: item.metadata.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(item: Value) -> Result<Upload, String> {
        let item: UploadItem = serde_json::from_value(item).map_err(|error| error.to_string())?;
        upload(item)
    }

    #[test]
    fn text_and_data_become_bytes() -> Result<(), String> {
        let text = parse(json!({"key": "k", "text": "é", "encoding": "latin-1", "metadata": {"a": "b"}}))?;
        assert_eq!(
            (&text.body[..], text.content_type.as_str()),
            (&b"\xE9"[..], "text/plain; charset=latin-1")
        );
        assert_eq!(text.metadata["a"], "b");
        let data = parse(json!({"key": "k", "data": "AAE=", "content_type": "image/png"}))?;
        assert_eq!((&data.body[..], data.content_type.as_str()), (&[0, 1][..], "image/png"));
        assert!(parse(json!({"key": "k", "text": ""}))?.body.is_empty());
        Ok(())
    }

    #[test]
    fn what_is_unclear_is_refused() {
        for item in [
            json!({"text": "no key"}),
            json!({"key": "", "text": "x"}),
            json!({"key": "k"}),
            json!({"key": "k", "text": "x", "data": "AAE="}),
            json!({"key": "k", "data": "not base64!"}),
            json!({"key": "k", "data": "AAE=", "encoding": "utf-8"}),
            json!({"key": "k", "text": "你", "encoding": "latin-1"}),
            json!({"key": "k", "text": "x", "encoding": "rot13"}),
            json!({"key": "k", "text": "x", "contentType": "text/csv"}),
        ] {
            assert!(parse(item.clone()).is_err(), "{item} was accepted");
        }
    }
}
