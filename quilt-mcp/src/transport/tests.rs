//! The transport from outside: what clients of either era see, and what the backend is asked.

mod authorization;
mod calls;
mod connections;
mod direct;
mod drain;
mod gate;
mod protocol;
mod sessions;
mod stdio;
mod trace;
mod variants;

use serde_json::Value;

/// The envelope of a call that failed: text alone, since what is structured is held to the tool's output schema.
fn refusal(result: &Value) -> Value {
    assert_eq!(result["isError"], true, "{result}");
    assert!(result.get("structuredContent").is_none(), "{result}");
    let text = result["content"][0]["text"].as_str().expect("a failure says why");
    serde_json::from_str(text).expect("an envelope is JSON")
}
