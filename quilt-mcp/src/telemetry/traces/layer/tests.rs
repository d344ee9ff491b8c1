use std::sync::{Mutex, PoisonError};

use opentelemetry_sdk::error::OTelSdkResult;
use tracing::field::Empty;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt as _;

use super::super::Traces;
use super::*;

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Where the records go.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl opentelemetry_sdk::trace::SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
        Ok(())
    }
}

/// The records of what `work` did, the innermost span first.
fn records_of(work: impl FnOnce()) -> Vec<SpanData> {
    let kept = Kept::default();
    let traces = Traces::over(kept.clone());
    tracing::subscriber::with_default(Registry::default().with(traces.layer()), work);
    assert!(traces.flush());
    kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn said<'r>(record: &'r SpanData, name: &str) -> Option<Cow<'r, str>> {
    record.attributes.iter().find(|said| said.key.as_str() == name).map(|said| said.value.as_str())
}

#[test]
fn ids_are_those_that_are_given_and_what_is_inside_is_a_child() {
    let caller = TraceContext::parse(CALLER).expect("good");
    let own = caller.child();
    let records = records_of(|| {
        let outer =
            tracing::error_span!("call", otel.kind = "server", otel.context = %own, otel.parent = CALLER);
        let _entered = outer.enter();
        tracing::error_span!("not sent").in_scope(|| {
            drop(tracing::error_span!("inside", otel.kind = "client", otel.name = "S3/GetObject"));
        });
    });
    let [inner, outer] = records.as_slice() else { panic!("two records: {records:?}") };
    assert_eq!(outer.span_context.span_id().to_string(), own.span_id());
    assert_eq!(outer.span_context.trace_id().to_string(), caller.trace_id());
    assert_eq!((outer.parent_span_id.to_string(), outer.parent_span_is_remote), (caller.span_id(), true));
    assert_eq!((&*inner.name, inner.parent_span_id), ("S3/GetObject", outer.span_context.span_id()));
    assert_eq!(inner.span_context.trace_id(), outer.span_context.trace_id());
}

#[test]
fn only_what_is_listed_leaves_the_process() {
    let records = records_of(|| {
        let span = tracing::error_span!(
            "call",
            otel.kind = "internal",
            otel.context = CALLER,
            tenant = "acme",
            bucket = "hers",
            s3_uri = "s3://hers/secret.txt",
            error.type = Empty,
        );
        let _entered = span.enter();
        tracing::error!(detail = "an event", "is no part of it");
        span.record("error.type", "Bearer abc");
    });
    let [record] = records.as_slice() else { panic!("one record: {records:?}") };
    assert_eq!(said(record, "quilt.tenant").as_deref(), Some("acme"));
    assert_eq!(said(record, "error.type").as_deref(), Some("Bearer [redacted]"));
    assert_eq!(record.attributes.len(), 2, "{record:?}");
    assert!(record.events.events.is_empty() && matches!(record.status, Status::Error { .. }), "{record:?}");
}

#[test]
fn what_the_caller_does_not_want_traced_is_not() {
    let unwanted = CALLER.replace("-01", "-00");
    let records = records_of(|| {
        let outer = tracing::error_span!("call", otel.kind = "server", otel.context = unwanted);
        let _entered = outer.enter();
        drop(tracing::error_span!("inside", otel.kind = "client"));
    });
    assert!(records.is_empty(), "{records:?}");
}
