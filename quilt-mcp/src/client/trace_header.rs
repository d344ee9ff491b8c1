//! Tells AWS, and whatever stands between, which trace a request is part of.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::domain::request::RequestId;

/// Sends `traceparent` with every attempt. It is added after signing, so a proxy may replace it, and a signed link does not
/// ask its user for it.
#[derive(Debug)]
pub(super) struct TraceHeader(pub(super) RequestId);

#[dyn_dispatch_hint]
impl Intercept for TraceHeader {
    fn name(&self) -> &'static str {
        "TraceHeader"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().insert("traceparent", self.0.trace().to_string());
        Ok(())
    }
}
