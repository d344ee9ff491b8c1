//! A request is part of the trace that its caller says.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::domain::trace::TraceContext;
use crate::transport::Limits;
use crate::transport::fake::{Fake, call, http, post};
use crate::transport::http::HttpOptions;

const HEAD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const MESSAGE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

fn asked(in_head: &[&str], in_message: Option<&str>) -> Request<Body> {
    let mut message = call("echo");
    if let Some(traceparent) = in_message {
        message["params"]["_meta"] = json!({"traceparent": traceparent});
    }
    let mut request = post("alice", &message);
    for traceparent in in_head {
        request.headers_mut().append("traceparent", traceparent.parse().expect("a header value"));
    }
    request
}

/// The `_meta.traceparent` of the answer.
async fn answered(in_head: &[&str], in_message: Option<&str>) -> Option<TraceContext> {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    let result = http.send(asked(in_head, in_message)).await.json()["result"].clone();
    assert_eq!(result["structuredContent"]["success"], true, "{result}");
    result["_meta"]["traceparent"].as_str().map(|text| TraceContext::parse(text).expect("a good one"))
}

#[tokio::test]
async fn the_message_counts_more_than_the_head() {
    for head in [&[][..], &[HEAD]] {
        let answered = answered(head, Some(MESSAGE)).await.expect("who asks in a trace is told the span");
        let caller = TraceContext::parse(MESSAGE).expect("good");
        assert_eq!(answered.trace_id(), caller.trace_id());
        assert_ne!(answered.span_id(), caller.span_id());
        assert!(answered.to_string().ends_with("-00"), "the caller decides what is sampled");
    }
}

#[tokio::test]
async fn a_malformed_trace_does_no_harm() {
    for bad in ["", "00-0-0-0", "x\ny: z", &"f".repeat(9_999)] {
        assert_eq!(answered(&[], Some(bad)).await, None, "{bad:?}");
    }
    assert_eq!(answered(&["nonsense"], None).await, None);
    assert_eq!(answered(&[HEAD, MESSAGE], None).await, None);
}

#[tokio::test]
async fn the_modern_answer_always_names_its_span() {
    let http = http(&Fake::new().0, Limits::default(), &HttpOptions::default());
    for (head, expected) in [(None, None), (Some(HEAD), Some(&HEAD[3..35]))] {
        let mut request =
            super::protocol::modern("tools/call", Some("echo"), json!({"name": "echo", "arguments": {}}));
        if let Some(head) = head {
            request.headers_mut().insert("traceparent", head.parse().expect("a header value"));
        }
        let result: Value = http.send(request).await.json()["result"].clone();
        let span = result["_meta"]["traceparent"].as_str().and_then(TraceContext::parse).expect("a good one");
        assert!(expected.is_none_or(|trace| trace == span.trace_id()), "{span}");
    }
}
