//! Lets plain clients in: rmcp answers only those that name both of the types it may send.

use http::{HeaderMap, HeaderValue, Method, header};

/// What rmcp wants to read.
pub(super) const BOTH: &str = "application/json, text/event-stream";

/// Makes `Accept` name both types if it is missing, is a wildcard, or (on POST, whose answer is JSON unless progress was
/// asked for) names JSON. What asks for something else stays, and is told 406.
pub(in crate::transport) fn widen(method: &Method, headers: &mut HeaderMap) {
    let mut types = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|entry| entry.split(';').next().unwrap_or_default().trim())
        .peekable();
    let enough = |accepted: &str| match accepted.to_ascii_lowercase().as_str() {
        "*/*" => true,
        "application/*" | "application/json" => method == Method::POST,
        _ => false,
    };
    if types.peek().is_none() || types.any(enough) {
        headers.insert(header::ACCEPT, HeaderValue::from_static(BOTH));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widened(method: &Method, accept: Option<&'static str>) -> Option<HeaderValue> {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        }
        widen(method, &mut headers);
        headers.get(header::ACCEPT).cloned()
    }

    #[test]
    fn plain_clients_are_let_in() {
        for accept in [None, Some("*/*"), Some("application/json"), Some("text/html, */*;q=0.8")] {
            assert_eq!(widened(&Method::POST, accept), Some(HeaderValue::from_static(BOTH)), "{accept:?}");
        }
        assert_eq!(widened(&Method::GET, Some("*/*")), Some(HeaderValue::from_static(BOTH)));
    }

    #[test]
    fn who_asks_for_something_else_is_not_given_it() {
        for (method, accept) in [(&Method::POST, "text/html"), (&Method::GET, "application/json")] {
            assert_eq!(widened(method, Some(accept)), Some(HeaderValue::from_static(accept)));
        }
    }
}
