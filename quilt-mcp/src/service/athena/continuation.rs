//! Where an answer ended, written down for the caller to bring back.
//!
//! It holds no authority: what it names is asked for with the rights of whoever brings it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ToolError;

/// As text without meaning to the caller.
pub(super) fn write(place: &impl Serialize) -> Result<String, ToolError> {
    serde_json::to_vec(place).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(ToolError::internal)
}

/// From the text that [`write`] gave.
pub(super) fn read<T: DeserializeOwned>(token: &str) -> Result<T, ToolError> {
    let json = URL_SAFE_NO_PAD.decode(token).ok();
    json.and_then(|json| serde_json::from_slice(&json).ok()).ok_or_else(not_ours)
}

/// For a text that nobody was given.
pub(super) fn not_ours() -> ToolError {
    ToolError::invalid_input("`next_token` is none that this tool gave")
        .with_hint("give the `next_token` of the answer before as it is, or leave it out to begin")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let token = write(&("a/b", 3)).expect("a token");
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "{token}");
        assert_eq!(read::<(String, u32)>(&token).expect("the same"), ("a/b".to_owned(), 3));
        for wrong in ["", "nonsense", "%", &token[1..], &write(&"another form").expect("a token")] {
            let error = read::<(String, u32)>(wrong).expect_err("refused");
            assert_eq!(error.code(), ErrorCode::InvalidInput, "{wrong}");
            assert!(error.hint().is_some());
        }
    }
}
