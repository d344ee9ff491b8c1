//! Lets what is asked of AWS be found in a trace: AWS, and whatever stands between, is told which one; and each operation is
//! a span of its own.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use tracing::Span;
use tracing::field::{Empty, display};

use crate::domain::request::RequestId;

/// Names the trace to AWS with every attempt, and makes each operation a span.
#[derive(Debug)]
pub(super) struct Traced(pub(super) RequestId);

/// One operation with all its attempts. It ends with the operation, also if that is cancelled.
#[derive(Debug)]
struct Operation(Span);

impl Storable for Operation {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Traced {
    fn name(&self) -> &'static str {
        "Traced"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(span) = config.load::<Metadata>().map(operation) {
            config.interceptor_state().store_put(Operation(span));
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // After signing, so a proxy may replace it, and a signed link does not ask its user for it.
        context.request_mut().headers_mut().insert("traceparent", self.0.trace().to_string());
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Operation(span)) = config.load::<Operation>() else { return Ok(()) };
        let Some(response) = context.response() else {
            // A link is signed and not sent: no answer, and no error either.
            if context.output_or_error().is_some() {
                span.record("error.type", "no_answer");
            }
            return Ok(());
        };
        let status = response.status().as_u16();
        span.record("http.response.status_code", status);
        let headers = response.headers();
        if let Some(id) = headers.get("x-amz-request-id").or_else(|| headers.get("x-amzn-requestid")) {
            span.record("aws.request_id", id);
        }
        if status >= 400 {
            span.record("error.type", display(status));
        } else if matches!(context.output_or_error(), Some(Err(_))) {
            // S3 may begin to answer a copy with 200 before it has failed, and the answer may break off.
            span.record("error.type", "answer");
        }
        Ok(())
    }
}

/// Neither bucket nor key: they may say more than whoever reads traces may know.
fn operation(metadata: &Metadata) -> Span {
    let (service, method) = (metadata.service(), metadata.name());
    tracing::debug_span!(
        target: "quilt_mcp",
        "aws",
        otel.kind = "client",
        otel.name = %format_args!("{service}/{method}"),
        rpc.system = "aws-api",
        rpc.service = service,
        rpc.method = method,
        http.response.status_code = Empty,
        aws.request_id = Empty,
        error.type = Empty,
    )
}
