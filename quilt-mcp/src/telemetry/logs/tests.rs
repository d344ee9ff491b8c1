use std::io;
use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::{debug, error, info, warn};

use super::*;
use crate::domain::principal::Principal;
use crate::domain::request::RequestId;
use crate::telemetry::call_span;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged while `body` runs.
fn logged(form: Form, directives: &str, body: impl FnOnce()) -> String {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = Registry::default()
        .with(filter(directives).expect("a good filter"))
        .with(LineLayer { form, writer: move || writer.clone() });
    tracing::subscriber::with_default(subscriber, body);
    let bytes = written.0.lock().expect("not poisoned").clone();
    String::from_utf8(bytes).expect("UTF-8")
}

fn json_lines(directives: &str, body: impl FnOnce()) -> Vec<Value> {
    logged(Form::Json, directives, body)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn alice() -> Principal {
    Principal::verified("https://idp".into(), "acme".into(), "alice".into())
}

#[test]
fn an_event_is_one_json_object_with_its_fields() {
    let lines =
        json_lines("info", || info!(address = "127.0.0.1:0", count = 3, ratio = 0.5, ok = true, "listening"));
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((&line["message"], &line["address"]), (&"listening".into(), &"127.0.0.1:0".into()));
    assert_eq!((&line["count"], &line["ratio"], &line["ok"]), (&3.into(), &0.5.into(), &true.into()));
    assert_eq!((&line["level"], &line["target"]), (&"INFO".into(), &module_path!().into()));
    let timestamp = line["timestamp"].as_str().expect("text");
    assert!(OffsetDateTime::parse(timestamp, &Rfc3339).is_ok(), "{timestamp}");
}

#[test]
fn every_line_of_a_call_names_request_tenant_and_user() {
    let request = RequestId::new();
    for directives in ["trace", "info", "warn", "error"] {
        let lines = json_lines(directives, || {
            call_span(request, &alice(), "bucket_list").in_scope(|| {
                tracing::info_span!("inner", service = "objects").in_scope(|| error!("within"));
            });
        });
        assert_eq!(lines.len(), 1, "{directives}");
        let line = &lines[0];
        assert_eq!(line["request_id"], request.to_string());
        assert_eq!((&line["tenant"], &line["tool"]), (&"acme".into(), &"bucket_list".into()));
        assert_eq!(line["user"], alice().log_hash());
        assert!(!line.to_string().contains("alice"));
    }
}

#[test]
fn nothing_in_a_value_forges_a_line_or_drives_a_terminal() {
    let hostile = [
        "a\nb",
        "a\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
        "\u{1b}[2J\u{1b}]0;title\u{7}",
        "\u{9b}31m",
        "\u{85}\u{2028}\u{2029}",
        "\u{202e}desrever\u{200f}\u{2066}",
        "\",\"level\":\"ERROR\",\"x\":\"",
        "\\\"}\n{",
        "\u{0}\u{7f}\u{8}",
        "\u{feff}",
        "ordinary ünïcode 漢字 🙂",
    ];
    for form in [Form::Json, Form::Human] {
        for text in hostile {
            let log = logged(form, "info", || {
                let span = call_span(RequestId::new(), &alice(), text);
                span.in_scope(|| info!(bucket = text, debug = ?text, display = %text, "said {text}"));
            });
            assert_eq!(log.matches('\n').count(), 1, "{form:?} {text:?}: {log}");
            let line = log.strip_suffix('\n').expect("ends its line");
            assert!(!line.chars().any(char::is_control), "{form:?} {text:?}: {line:?}");
            for active in ['\u{2028}', '\u{2029}', '\u{202e}', '\u{200f}', '\u{2066}', '\u{feff}'] {
                assert!(!line.contains(active), "{form:?}: {line:?}");
            }
            if matches!(form, Form::Json) {
                let line: Value = serde_json::from_str(line).expect("one object");
                assert_eq!(
                    (&line["level"], &line["bucket"]),
                    (&"INFO".into(), &text.into()),
                    "nothing is lost"
                );
                assert_eq!(line["message"], format!("said {text}"));
            }
        }
    }
}

#[test]
fn an_event_cannot_take_the_place_of_what_the_line_says() {
    let request = RequestId::new();
    let lines = json_lines("info", || {
        call_span(request, &alice(), "t").in_scope(|| {
            info!(request_id = "forged", tenant = "globex", level = "ERROR", timestamp = "never", "x");
        });
    });
    let line = &lines[0];
    assert_eq!((&line["request_id"], &line["tenant"]), (&request.to_string().into(), &"acme".into()));
    assert_eq!((&line["level"], &line["event.level"]), (&"INFO".into(), &"ERROR".into()));
    assert_eq!(line["event.tenant"], "globex");
}

#[test]
fn secrets_are_cut_out_by_name_and_by_look() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.CANARY";
    let log = logged(Form::Json, "info", || {
        tracing::info_span!(target: "quilt_mcp", "s", session_token = "CANARY").in_scope(|| {
            info!(
                authorization = "CANARY", arguments = ?["CANARY"], secret_access_key = 7, url = "https://x/?X-Amz-Signature=CANARY",
                header = %format!("Bearer {token}"), "got {token}",
            );
        });
    });
    assert!(!log.contains("CANARY"), "{log}");
    assert_eq!(log.matches(REDACTED).count(), 7, "{log}");
}

#[test]
fn spans_of_other_crates_do_not_bring_their_fields() {
    let log = logged(Form::Json, "trace", || {
        tracing::error_span!(target: "rmcp::service", "request", what = "CANARY").in_scope(|| error!("x"));
    });
    assert!(log.contains("\"x\"") && !log.contains("CANARY"), "{log}");
}

#[test]
fn a_field_may_be_filled_in_later_and_the_inner_span_counts() {
    let lines = json_lines("info", || {
        let outer =
            tracing::info_span!(target: "quilt_mcp", "call", tool = "outer", outcome = tracing::field::Empty);
        outer.record("outcome", "ok");
        outer.in_scope(|| {
            tracing::info_span!(target: "quilt_mcp", "call", tool = "inner").in_scope(|| info!("x"));
        });
    });
    assert_eq!((&lines[0]["tool"], &lines[0]["outcome"]), (&"inner".into(), &"ok".into()));
}

#[test]
fn talkative_crates_stay_quiet() {
    let speak = || {
        debug!(target: "rmcp::service", "CANARY");
        info!(target: "hyper_util::client", "CANARY");
        debug!(target: "aws_smithy_runtime::client", "CANARY");
        warn!(target: "rmcp::service", "a warning");
        debug!(target: "quilt_mcp::scope", "our own");
    };
    for (directives, canary, warning, own) in [
        ("info", 0, true, false),
        ("debug", 0, true, true),
        ("trace", 0, true, true),
        ("error", 0, false, false),
        ("off", 0, false, false),
        ("info,quilt_mcp=debug", 0, true, true),
        ("info,rmcp=error", 0, false, false),
    ] {
        let log = logged(Form::Json, directives, speak);
        assert_eq!(log.matches("CANARY").count(), canary, "{directives}: {log}");
        assert_eq!(log.contains("a warning"), warning, "{directives}: {log}");
        assert_eq!(log.contains("our own"), own, "{directives}: {log}");
    }
}

#[test]
fn a_client_that_went_away_is_no_error() {
    let log = logged(Form::Json, "info", || {
        error!(target: "rmcp::service", error = "channel closed", "fail to response message");
        error!(target: "rmcp::transport", "another error");
        warn!(target: "rmcp::service", error = "what somebody sent", "response error");
        warn!(target: "rmcp::service", "a warning");
    });
    assert!(!log.contains("fail to response") && !log.contains("what somebody sent"), "{log}");
    assert!(log.contains("another error") && log.contains("a warning"), "{log}");
}

#[test]
fn what_callers_send_cannot_be_switched_on() {
    for directives in
        ["rmcp=debug", "info,rmcp::service=trace", "rmcp", "info, aws_smithy_runtime = debug", "[call]=debug"]
    {
        let error = filter(directives).expect_err(directives).to_string();
        assert!(error.contains("what callers send"), "{error}");
    }
    for directives in ["debug", "rmcp=warn", "info,quilt_mcp=trace", "aws_config=error", "rmcp=off"] {
        assert!(filter(directives).is_ok(), "{directives}");
    }
}

#[test]
fn a_malformed_filter_is_refused_with_an_example() {
    let error = filter("info,quilt_mcp=loud").expect_err("no level").to_string();
    assert!(error.contains("QUILT_MCP_LOG") && error.contains("info,quilt_mcp=debug"), "{error}");
}

#[test]
fn a_long_value_is_cut_at_a_character() {
    let lines = json_lines("info", || info!(long = "ü".repeat(10_000), "x"));
    let long = lines[0]["long"].as_str().expect("text");
    assert!(long.ends_with("ü[cut]") && long.len() <= MAX_TEXT + 5, "{}", long.len());
}

#[test]
fn the_human_form_reads_as_a_sentence() {
    let log = logged(Form::Human, "info", || info!(bucket = "b", why = "two words", n = 3, "opened"));
    assert!(
        log.ends_with(&format!("INFO {}: opened bucket=b why=\"two words\" n=3\n", module_path!())),
        "{log}"
    );
}
