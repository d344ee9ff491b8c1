//! What AWS's failures mean to a caller. The one place that reads them.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::domain::bucket::BucketName;
use crate::domain::object::S3Uri;
use crate::error::{ErrorCode, ToolError};

mod athena;

pub(super) use athena::{is_final, of_athena, of_query, of_unprocessed};

/// What an operation was about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    Object(&'a S3Uri),
    Bucket(&'a BucketName),
    /// Neither: the phrase completes "cannot ..".
    Account,
}

/// The failure of an operation in a caller's name. `doing` completes "cannot ..": `list`, `read`.
pub(super) fn of_operation<E>(doing: &str, target: Target<'_>, error: &SdkError<E, HttpResponse>) -> ToolError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    explain(doing, target, &Observed::from(error))
}

/// The failure of an exchange in the server's name: whatever the reason, the caller has no credentials.
pub(super) fn of_exchange<E>(role_arn: &str, error: &SdkError<E, HttpResponse>) -> ToolError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    explain_exchange(role_arn, &Observed::from(error))
}

/// What was seen of a failure.
#[derive(Debug, Default)]
struct Observed {
    way: Way,
    code: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    region: Option<String>,
    said: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Answered,
    TimedOut,
    Unreachable,
    /// It was never sent, or the answer made no sense.
    Garbled,
}

impl<E> From<&SdkError<E, HttpResponse>> for Observed
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn from(error: &SdkError<E, HttpResponse>) -> Self {
        let header =
            |name| error.raw_response().and_then(|raw| raw.headers().get(name)).map(ToOwned::to_owned);
        let way = match error {
            SdkError::TimeoutError(_) => Way::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Way::TimedOut,
            SdkError::DispatchFailure(_) => Way::Unreachable,
            SdkError::ServiceError(_) => Way::Answered,
            _ => Way::Garbled,
        };
        let said = match error.as_service_error().and_then(ProvideErrorMetadata::message) {
            Some(message) => message.to_owned(),
            None => chain(error),
        };
        Self {
            way,
            code: error.as_service_error().and_then(ProvideErrorMetadata::code).map(ToOwned::to_owned),
            status: error.raw_response().map(|raw| raw.status().as_u16()),
            request_id: header("x-amz-request-id").or_else(|| header("x-amzn-requestid")),
            region: header("x-amz-bucket-region"),
            said,
        }
    }
}

/// The error and its causes, as the SDK's own `Display` stops at the first.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// What a failure amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Denied,
    NoSuchBucket,
    NoSuchObject,
    NoSuchVersion,
    DeleteMarker,
    Archived,
    BadCredentials,
    BadArgument,
    ElsewhereRegion,
    Conflict,
    Throttled,
    TimedOut,
    Unreachable,
    Fault,
}

impl Observed {
    fn meaning(&self, target: Target<'_>) -> Meaning {
        match self.way {
            Way::TimedOut => return Meaning::TimedOut,
            Way::Unreachable => return Meaning::Unreachable,
            Way::Garbled if self.status.is_none() => return Meaning::Fault,
            Way::Garbled | Way::Answered => {}
        }
        let versioned = matches!(target, Target::Object(uri) if uri.version_id().is_some());
        match self.code.as_deref().unwrap_or_default() {
            "AccessDenied" | "AccessDeniedException" | "AllAccessDisabled" | "UnauthorizedOperation" => {
                Meaning::Denied
            }
            "NoSuchBucket" => Meaning::NoSuchBucket,
            "NoSuchVersion" => Meaning::NoSuchVersion,
            "NoSuchKey" => Meaning::NoSuchObject,
            "InvalidObjectState" => Meaning::Archived,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "InvalidToken"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "TokenRefreshRequired"
            | "UnrecognizedClientException" => Meaning::BadCredentials,
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "RequestThrottled" => Meaning::Throttled,
            "RequestTimeout" => Meaning::TimedOut,
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException" => Meaning::ElsewhereRegion,
            "PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted" => Meaning::Conflict,
            // The answer to a HEAD has no body, hence no code of S3's: the SDK says "NotFound" or nothing.
            _ => match (self.status, target) {
                (Some(403), _) => Meaning::Denied,
                (Some(404), Target::Object(_)) if versioned => Meaning::NoSuchVersion,
                (Some(404), Target::Object(_)) => Meaning::NoSuchObject,
                (Some(404), Target::Bucket(_)) => Meaning::NoSuchBucket,
                (Some(405), Target::Object(_)) => Meaning::DeleteMarker,
                (Some(301 | 307), _) => Meaning::ElsewhereRegion,
                (Some(409 | 412), _) => Meaning::Conflict,
                (Some(429 | 503), _) => Meaning::Throttled,
                (Some(401), _) => Meaning::BadCredentials,
                // S3 answers a HEAD with an expired session like this.
                (Some(400), _) if self.code.is_none() && !versioned => Meaning::BadCredentials,
                (Some(400), _) => Meaning::BadArgument,
                _ => Meaning::Fault,
            },
        }
    }

    /// For the operator. What AWS says may name ARNs, never secrets; cut, as it comes from outside.
    fn detail(&self) -> String {
        let said = plain(&self.said, 400);
        format!(
            "aws: status={} code={} request_id={}: {said}",
            self.status.map_or_else(|| "none".to_owned(), |s| s.to_string()),
            self.code.as_deref().unwrap_or("none"),
            self.request_id.as_deref().unwrap_or("none"),
        )
    }
}

/// The beginning of what AWS says, without line ends. `most` is in characters.
fn plain(said: &str, most: usize) -> String {
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

fn explain(doing: &str, target: Target<'_>, seen: &Observed) -> ToolError {
    let at = match target {
        Target::Object(uri) => format!("`{uri}`"),
        Target::Bucket(bucket) => format!("bucket `{bucket}`"),
        Target::Account => String::new(),
    };
    let what = format!("{doing} {at}");
    let what = what.trim_end();
    let bucket = match target {
        Target::Object(uri) => uri.bucket().as_str(),
        Target::Bucket(bucket) => bucket.as_str(),
        Target::Account => "",
    };
    let error = match seen.meaning(target) {
        Meaning::Denied => ToolError::new(
            ErrorCode::AccessDenied,
            format!("access denied: you may not {what}"),
        )
        .with_hint(if bucket.is_empty() {
            "your AWS identity lacks the permission for this call; ask its administrator for it".to_owned()
        } else {
            format!("call check_bucket_access with bucket `{bucket}` to see what you may do with it")
        }),
        Meaning::NoSuchBucket => ToolError::not_found(format!("bucket `{bucket}` does not exist"))
            .with_hint("call bucket_list to see the buckets of your account"),
        Meaning::NoSuchObject => ToolError::not_found(format!("{at} does not exist"))
            .with_hint("call bucket_objects_list to see which keys exist; keys are case-sensitive"),
        Meaning::NoSuchVersion => ToolError::not_found(format!("{at}: no such version"))
            .with_hint("leave `?versionId=..` out to get the newest version"),
        Meaning::DeleteMarker => {
            ToolError::not_found(format!("{at} is a delete marker: the object was deleted"))
        }
        Meaning::Archived => {
            ToolError::new(ErrorCode::InvalidState, format!("{at} is archived and must be restored first"))
        }
        Meaning::BadCredentials => ToolError::new(
            ErrorCode::CredentialsUnavailable,
            format!("AWS no longer accepts your credentials: cannot {what}"),
        )
        .with_hint("log in again or obtain a new token, then send the call again"),
        Meaning::BadArgument => {
            ToolError::invalid_input(format!("AWS refused a value of the request: cannot {what}")).with_hint(
                "check version ids and continuation tokens: they must be those that an earlier answer gave",
            )
        }
        Meaning::ElsewhereRegion => {
            let region = seen.region.as_deref().unwrap_or("another region");
            ToolError::new(
                ErrorCode::Unsupported,
                format!("cannot {what}: it is in {region}, which this server does not serve"),
            )
            .with_hint("use a server whose AWS_REGION is the bucket's region")
        }
        Meaning::Conflict => {
            ToolError::new(ErrorCode::Conflict, format!("cannot {what}: it changed in the meantime"))
                .with_hint("look at it again, then decide")
        }
        Meaning::Throttled => {
            ToolError::new(ErrorCode::Unavailable, format!("AWS is throttling: cannot {what} now"))
                .with_hint("wait a little and send the call again")
        }
        Meaning::TimedOut => {
            ToolError::new(ErrorCode::Unavailable, format!("AWS did not answer in time: cannot {what}"))
                .with_hint("send the call again")
        }
        Meaning::Unreachable => {
            ToolError::new(ErrorCode::Unavailable, format!("AWS cannot be reached: cannot {what}"))
                .with_hint("send the call again later")
        }
        Meaning::Fault => ToolError::new(ErrorCode::Unavailable, format!("AWS failed: cannot {what}"))
            .with_hint("send the call again later"),
    };
    error.with_detail(seen.detail())
}

fn explain_exchange(role_arn: &str, seen: &Observed) -> ToolError {
    let (why, hint) = match seen.meaning(Target::Account) {
        Meaning::Denied => (
            "it may not be assumed for you",
            "the role's trust policy must allow this server sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity",
        ),
        Meaning::TimedOut | Meaning::Unreachable | Meaning::Throttled | Meaning::Fault => {
            ("AWS STS does not answer", "send the call again later")
        }
        _ => (
            "AWS STS refused the request",
            "ask the operator of this server; the request id leads to the detail",
        ),
    };
    ToolError::new(ErrorCode::CredentialsUnavailable, format!("no credentials for role `{role_arn}`: {why}"))
        .with_hint(hint)
        .with_detail(seen.detail())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, code: Option<&str>) -> Observed {
        Observed { status: Some(status), code: code.map(ToOwned::to_owned), ..Observed::default() }
    }

    fn code_of(target: Target<'_>, observed: &Observed) -> ErrorCode {
        explain("read", target, observed).code()
    }

    #[test]
    fn answers_with_a_code_and_answers_to_head_mean_the_same() {
        let uri: S3Uri = "s3://abc/key".parse().expect("a URI");
        let object = Target::Object(&uri);
        for (expected, with_code, without) in [
            (ErrorCode::AccessDenied, seen(403, Some("AccessDenied")), seen(403, None)),
            (ErrorCode::NotFound, seen(404, Some("NoSuchKey")), seen(404, Some("NotFound"))),
            (ErrorCode::NotFound, seen(404, Some("NoSuchBucket")), seen(404, None)),
            (ErrorCode::CredentialsUnavailable, seen(400, Some("ExpiredToken")), seen(400, None)),
            (ErrorCode::Unavailable, seen(503, Some("SlowDown")), seen(503, None)),
        ] {
            assert_eq!(code_of(object, &with_code), expected, "{with_code:?}");
            assert_eq!(code_of(object, &without), expected, "{without:?}");
        }
    }

    #[test]
    fn a_version_is_told_from_its_object() {
        let uri: S3Uri = "s3://abc/key?versionId=v1".parse().expect("a URI");
        let target = Target::Object(&uri);
        assert!(explain("read", target, &seen(404, None)).message().contains("no such version"));
        assert_eq!(code_of(target, &seen(400, Some("InvalidArgument"))), ErrorCode::InvalidInput);
        assert_eq!(code_of(target, &seen(400, None)), ErrorCode::InvalidInput);
        assert_eq!(code_of(target, &seen(405, Some("MethodNotAllowed"))), ErrorCode::NotFound);
    }

    #[test]
    fn ways_of_not_answering_are_unavailability() {
        for way in [Way::TimedOut, Way::Unreachable, Way::Garbled] {
            assert_eq!(
                code_of(Target::Account, &Observed { way, ..Observed::default() }),
                ErrorCode::Unavailable
            );
        }
    }

    #[test]
    fn the_message_names_the_object_and_not_what_aws_said() {
        let uri: S3Uri = "s3://abc/key".parse().expect("a URI");
        let observed = Observed {
            said: "arn:aws:sts::1:assumed-role/x is not authorized\r\nforged".into(),
            ..seen(403, None)
        };
        let error = explain("read", Target::Object(&uri), &observed);
        assert!(error.message().contains("s3://abc/key"), "{error}");
        assert!(!error.message().contains("arn:"), "{error}");
        let detail = error.detail().expect("detail");
        assert!(detail.contains("not authorized") && !detail.contains('\n'), "{detail}");
    }

    #[test]
    fn no_failure_of_an_exchange_is_anything_but_missing_credentials() {
        for observed in [
            seen(403, Some("AccessDenied")),
            seen(500, None),
            seen(400, Some("ExpiredTokenException")),
            seen(400, Some("PackedPolicyTooLarge")),
        ] {
            let error = explain_exchange("arn:aws:iam::1:role/r", &observed);
            assert_eq!(error.code(), ErrorCode::CredentialsUnavailable);
            assert!(error.hint().is_some());
        }
    }
}
