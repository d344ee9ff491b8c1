//! What a line of input means.

use rmcp::model::ClientJsonRpcMessage;
use serde_json::{Value, json};

use super::lines::Line;
use crate::transport::protocol::malformed;

/// What a line of input means.
pub(super) enum Meaning {
    Message(Box<ClientJsonRpcMessage>),
    /// Something that gets no answer: an empty line, a notification that is none of MCP's, a strange response.
    Nothing,
    /// It is wrong; what is answered.
    Wrong(Value),
}

/// Reads one line. What is wrong is said in the log too, without the line: it may hold a secret.
pub(super) fn read(line: Line) -> Meaning {
    let Line::Whole(line) = line else {
        return wrong(&Value::Null, (-32600, "invalid request: the line is too long"), None);
    };
    let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line).trim_ascii();
    if text.is_empty() {
        return Meaning::Nothing;
    }
    if let Ok(message) = serde_json::from_slice(text) {
        return Meaning::Message(Box::new(message));
    }
    let value: Value = serde_json::from_slice(text).unwrap_or_default();
    let has = |member: &str| value.get(member).is_some();
    // An answer to an answer could go on for ever, and notifications are never answered.
    if has("result") || has("error") || (has("method") && !has("id")) {
        tracing::debug!(bytes = text.len(), "ignored a message that is none of MCP's");
        return Meaning::Nothing;
    }
    wrong(&value["id"], malformed(text), Some(text.len()))
}

fn wrong(id: &Value, (code, message): (i32, &str), bytes: Option<usize>) -> Meaning {
    tracing::warn!(code, bytes, "refused a line of input: {message}");
    let id = if id.is_string() || id.is_number() { id } else { &Value::Null };
    Meaning::Wrong(json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(line: &str) -> Option<Value> {
        match read(Line::Whole(line.into())) {
            Meaning::Wrong(answer) => Some(answer),
            Meaning::Nothing => None,
            Meaning::Message(message) => panic!("taken for a message: {message:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_answered_with_the_id_if_it_has_one() {
        for (line, code, id) in [
            ("nonsense", -32700, json!(null)),
            (r#"{"jsonrpc":"2.0","id":1,"#, -32700, json!(null)),
            ("\u{fffd}", -32700, json!(null)),
            ("[]", -32600, json!(null)),
            ("7", -32600, json!(null)),
            (r#"{"jsonrpc":"1.0","id":3,"method":"ping"}"#, -32600, json!(3)),
            (r#"{"id":{"a":1},"method":"ping"}"#, -32600, json!(null)),
        ] {
            let answer = answered(line).unwrap_or_else(|| panic!("{line} was not answered"));
            assert_eq!((&answer["error"]["code"], answer.get("id")), (&json!(code), Some(&id)), "{line}");
        }
        assert!(matches!(read(Line::TooLong), Meaning::Wrong(_)));
    }

    #[test]
    fn what_expects_no_answer_gets_none() {
        for line in [
            "",
            " \r",
            r#"{"jsonrpc":"1.0","method":"window/didChange"}"#,
            r#"{"jsonrpc":"1.0","id":1,"error":{"code":-32700,"message":"parse error"}}"#,
        ] {
            assert_eq!(answered(line), None, "{line}");
        }
    }

    #[test]
    fn a_message_is_a_message_with_a_byte_order_mark_and_a_carriage_return_too() {
        let line = Line::Whole(b"\xEF\xBB\xBF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r".to_vec());
        assert!(matches!(read(line), Meaning::Message(_)));
    }
}
