//! The embedded STS: the two calls the server makes, on the same port as the S3, in the XML that the AWS SDKs read.
//!
//! The signature has been verified, with the same keys, when a request gets here.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri};
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result, s3_error};
use secrecy::ExposeSecret;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::form_urlencoded;
use uuid::Uuid;

use super::access::session_token;
use super::keys::{Caller, KeyRing};
use super::world::Role;

/// Largest form that is read, in bytes. The signature check below reads no more either.
pub(super) const MAX_FORM: usize = 8192;
const XMLNS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// How long a session lasts if nothing else is asked for, and what may be asked for, in seconds.
const DEFAULT_LIFETIME: u64 = 3600;
const LIFETIMES: std::ops::RangeInclusive<u64> = 900..=43_200;

/// Answers `POST /`.
pub(super) struct Sts {
    pub(super) keys: Arc<KeyRing>,
}

/// Why STS or IAM does not do what was asked.
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

impl Fault {
    pub(super) const fn denied(message: &'static str) -> Self {
        Self::forbidden("AccessDenied", message)
    }

    pub(super) const fn forbidden(code: &'static str, message: &'static str) -> Self {
        Self { status: StatusCode::FORBIDDEN, code, message }
    }

    const fn invalid(message: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "ValidationError", message }
    }

    /// The answer on the wire. Code and message are ours, so nothing in them needs escaping.
    pub(super) fn to_xml(&self) -> String {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>\
             <RequestId>{}</RequestId></ErrorResponse>",
            self.code,
            self.message,
            Uuid::new_v4()
        )
    }
}

/// Marks an answer as STS's own, so that an error raised earlier (by the signature check) can be told apart.
#[derive(Clone, Copy)]
pub(super) struct Answered;

/// Whether a request is for STS (or IAM) and not for S3, which has nothing to `POST` at the root.
pub(super) fn is_query_call(method: &Method, uri: &Uri) -> bool {
    method == Method::POST && uri.path() == "/"
}

#[async_trait]
impl S3Route for Sts {
    fn is_match(&self, method: &Method, uri: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        is_query_call(method, uri)
    }

    async fn call(&self, mut request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let form = request
            .input
            .store_all_limited(MAX_FORM)
            .await
            .map_err(|_| s3_error!(InvalidRequest, "the form cannot be read"))?;
        let (status, xml) = match self.answer(&request, &Form::parse(&form)) {
            Ok(xml) => (StatusCode::OK, xml),
            Err(fault) => (fault.status, fault.to_xml()),
        };
        let mut response = S3Response::with_status(Body::from(xml), status);
        response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        response.extensions.insert(Answered);
        Ok(response)
    }
}

impl Sts {
    fn answer(&self, request: &S3Request<Body>, form: &Form) -> Result<String, Fault> {
        const UNSIGNED: Fault = Fault::denied("the request is not signed for STS");

        let credentials = request.credentials.as_ref().ok_or(UNSIGNED)?;
        if request.service.as_deref() != Some("sts") {
            return Err(UNSIGNED);
        }
        let token = session_token(&request.headers, &request.uri);
        let caller = self.keys.caller(&credentials.access_key, token.as_deref()).map_err(|_| Fault {
            status: StatusCode::FORBIDDEN,
            code: "InvalidClientTokenId",
            message: "the session token is missing, wrong or expired",
        })?;
        match form.get("Action") {
            Some("AssumeRole") => self.assume_role(&caller, form),
            Some("GetCallerIdentity") => Ok(caller_identity(&caller, &credentials.access_key)),
            _ => Err(Fault {
                status: StatusCode::BAD_REQUEST,
                code: "InvalidAction",
                message: "the demo's STS knows AssumeRole and GetCallerIdentity only",
            }),
        }
    }

    fn assume_role(&self, caller: &Caller, form: &Form) -> Result<String, Fault> {
        if *caller != Caller::Server {
            return Err(Fault::denied("only the MCP server may assume the roles of the demo"));
        }
        // To ignore a session policy would give the session more than was asked for.
        if form.0.iter().any(|(name, _)| name == "Policy" || name.starts_with("PolicyArns.")) {
            return Err(Fault::invalid("the demo's STS does not apply session policies"));
        }
        let role = form
            .get("RoleArn")
            .and_then(Role::by_arn)
            .ok_or(Fault::denied("there is no such role, or the MCP server may not assume it"))?;
        let name = form
            .get("RoleSessionName")
            .filter(|name| valid_session_name(name))
            .ok_or(Fault::invalid("RoleSessionName must be 2 to 64 of letters, digits and _=,.@-"))?;
        let seconds = match form.get("DurationSeconds") {
            None => DEFAULT_LIFETIME,
            Some(text) => text
                .parse()
                .ok()
                .filter(|seconds| LIFETIMES.contains(seconds))
                .ok_or(Fault::invalid("DurationSeconds must be between 900 and 43200"))?,
        };

        let key = self.keys.issue_session(role, name.to_owned(), Duration::from_secs(seconds));
        let expiration = key
            .expires
            .and_then(|at| OffsetDateTime::from(at).format(&Rfc3339).ok())
            .expect("a session key expires, within the years that RFC 3339 can write");
        let mut result = format!(
            "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
             <SessionToken>{}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             <AssumedRoleUser><AssumedRoleId>{}:{name}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser>",
            key.access_key,
            key.secret.expose_secret(),
            key.session_token.as_ref().map_or("", |token| token.expose_secret()),
            role.name,
            session_arn(role, name),
        );
        if let Some(source) = form.get("SourceIdentity").filter(|source| valid_session_name(source)) {
            write!(result, "<SourceIdentity>{source}</SourceIdentity>").expect("writing to a string");
        }
        Ok(envelope(XMLNS, "AssumeRole", &result))
    }
}

fn caller_identity(caller: &Caller, access_key: &str) -> String {
    let (arn, account) = match caller {
        Caller::Server => ("arn:aws:iam::000000000000:user/quilt-mcp".to_owned(), "000000000000"),
        Caller::Session { role, name } => (session_arn(role, name), role.account),
    };
    envelope(
        XMLNS,
        "GetCallerIdentity",
        &format!("<Arn>{arn}</Arn><UserId>{access_key}</UserId><Account>{account}</Account>"),
    )
}

fn session_arn(role: &Role, name: &str) -> String {
    format!("arn:aws:sts::{}:assumed-role/{}/{name}", role.account, role.name)
}

/// An answer of the query protocol to `action`, in the namespace of its service.
pub(super) fn envelope(xmlns: &str, action: &str, result: &str) -> String {
    format!(
        "<{action}Response xmlns=\"{xmlns}\"><{action}Result>{result}\
         </{action}Result><ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
        Uuid::new_v4()
    )
}

/// None of these characters means anything in XML.
fn valid_session_name(name: &str) -> bool {
    (2..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

/// The fields of a call.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    pub(super) fn get(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The members of a list whose fields are called `prefix` and a number, as they come.
    pub(super) fn members(&self, prefix: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, value)| value.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::PEOPLE;
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        Form(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn code(result: Result<String, Fault>) -> Option<&'static str> {
        result.err().map(|fault| fault.code)
    }

    #[test]
    fn only_the_server_exchanges_and_only_for_what_exists() {
        let sts = Sts { keys: Arc::default() };
        let arn = PEOPLE[0].role.arn();
        let good = [("RoleArn", arn.as_str()), ("RoleSessionName", "alice")];
        let with = |extra: (&'static str, &'static str)| {
            let mut fields: Vec<_> = good.iter().copied().filter(|(name, _)| *name != extra.0).collect();
            fields.push(extra);
            code(sts.assume_role(&Caller::Server, &form(&fields)))
        };

        assert_eq!(code(sts.assume_role(&Caller::Server, &form(&good))), None);
        let alice = Caller::Session { role: &PEOPLE[0].role, name: "alice".into() };
        assert_eq!(code(sts.assume_role(&alice, &form(&good))), Some("AccessDenied"));
        assert_eq!(with(("RoleArn", "arn:aws:iam::111111111111:role/other")), Some("AccessDenied"));
        assert_eq!(with(("RoleSessionName", "<b>")), Some("ValidationError"));
        assert_eq!(with(("DurationSeconds", "899")), Some("ValidationError"));
        assert_eq!(with(("Policy", "{}")), Some("ValidationError"));
    }
}
