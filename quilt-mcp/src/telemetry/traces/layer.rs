//! From spans of `tracing` to records of the SDK.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{SpanData, SpanProcessor};
use tracing::Subscriber;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::attributes::Said;
use crate::domain::trace::TraceContext;

pub(super) struct SpanLayer {
    processor: Arc<dyn SpanProcessor>,
    scope: InstrumentationScope,
}

/// A span that has not ended, kept with it.
struct Open {
    own: TraceContext,
    parent: Option<TraceContext>,
    began: (SystemTime, Instant),
    said: Said,
}

impl SpanLayer {
    pub(super) fn into(processor: Arc<dyn SpanProcessor>) -> Self {
        let scope = InstrumentationScope::builder("quilt-mcp").with_version(env!("CARGO_PKG_VERSION"));
        Self { processor, scope: scope.build() }
    }

    fn ended(&self, open: Open, called: &'static str) -> SpanData {
        let Open { own, parent, began: (start_time, began), said } = open;
        let span_kind = said.kind.unwrap_or(SpanKind::Internal);
        SpanData {
            span_context: SpanContext::new(
                TraceId::from(own.trace()),
                SpanId::from(own.span()),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: parent.map_or(SpanId::INVALID, |parent| SpanId::from(parent.span())),
            parent_span_is_remote: parent.is_some() && span_kind == SpanKind::Server,
            span_kind,
            name: said.name.map_or(Cow::Borrowed(called), Cow::Owned),
            start_time,
            end_time: start_time + began.elapsed(),
            attributes: said.attributes,
            dropped_attributes_count: 0,
            events: Default::default(),
            links: Default::default(),
            status: if said.failed { Status::error("") } else { Status::Unset },
            instrumentation_scope: self.scope.clone(),
        }
    }
}

/// The nearest span around this one that is sent.
fn around<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<TraceContext> {
    span.scope().skip(1).find_map(|outer| outer.extensions().get::<Open>().map(|open| open.own))
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut said = Said::default();
        attributes.record(&mut said);
        let (own, parent) = match (said.context, around(&span)) {
            (Some(own), _) => (own, said.parent),
            (None, Some(outer)) => (outer.child(), Some(outer)),
            // Nobody's request, or one that its caller does not want traced.
            (None, None) => return,
        };
        if own.is_sampled() {
            let began = (SystemTime::now(), Instant::now());
            span.extensions_mut().insert(Open { own, parent, began, said });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            values.record(&mut open.said);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(open) = span.extensions_mut().remove::<Open>()
        {
            self.processor.on_end(self.ended(open, span.name()));
        }
    }
}

#[cfg(test)]
mod tests;
