"""The one hook that every request to moto passes: who signed it, may they, and what is noted about it."""

import threading
from urllib.parse import parse_qs, quote, unquote, urlparse

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import InvalidClientTokenIdError, JsonRESTError, _RESTError
from moto.iam import access_control
from moto.s3.exceptions import BucketAccessDeniedError, S3AccessDeniedError
from werkzeug.datastructures import Headers

from . import faults, record, sts
from .caller import Caller, Expired
from .policy import evaluate
from .refusal import refusal
from .signature import presigned_request

# What IAM calls an action that S3 calls otherwise.
S3_ACTION = {"HeadBucket": "ListBucket", "CreateMultipartUpload": "PutObject"}
S3_CONDITION_KEYS = {
    "prefix": "s3:prefix",
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    "versionId": "s3:versionid",
}
# What makes a write conditional.
CONDITIONS = {"if-match", "if-none-match"}
# What is copied; the condition on it, and which bytes, begin the same.
COPY_SOURCE = "x-amz-copy-source"
# The caller of the request that this thread serves; None for an anonymous one. moto serves a request in one thread.
current = threading.local()


def install() -> None:
    """Replaces moto's own judgement."""
    ActionAuthenticatorMixin._authenticate_and_authorize_action = _authorise


def enforcing():
    """Whether rights are checked yet. `POST /moto-api/reset-auth` sets from which request on."""
    return ActionAuthenticatorMixin.request_count >= settings.INITIAL_NO_AUTH_ACTION_COUNT


def bucket_policy(response, bucket):
    """The policy document of a bucket, if there are both."""
    try:
        policy = response.backend.get_bucket(bucket).policy
    except Exception:  # moto has a class of its own for each way of not being there
        return None
    return policy.decode() if policy else None


def _authorise(self, cls, resource="*"):
    is_s3 = cls is access_control.S3IAMRequest
    action = self._get_action()
    action = action[0] if isinstance(action, list) else action
    record.note_action(("s3:" if is_s3 else f"{self.service_name}:") + S3_ACTION.get(action, action), resource)
    otherwise = faults.meet(record.current())
    current.caller = None
    if not enforcing():
        ActionAuthenticatorMixin.request_count += 1
        return
    try:
        _judge(self, cls, action, resource, is_s3)
    except JsonRESTError:
        raise
    except _RESTError as error:  # S3 has errors of its own
        raise refusal(is_s3, error.code, error.error_type, error.message) from None
    # The signature is checked; now nothing reads what is replaced.
    if otherwise.get("unconditional"):
        kept = [(name, value) for name, value in self.headers.items() if name.lower() not in CONDITIONS]
        self.headers = Headers(kept)
    if otherwise.get("copies") and self.headers.get(COPY_SOURCE):
        kept = [(name, value) for name, value in self.headers.items() if not name.lower().startswith(COPY_SOURCE)]
        span = [(name, value) for name, value in self.headers.items() if name.lower() == f"{COPY_SOURCE}-range"]
        source = (COPY_SOURCE, quote(f"{self.bucket_name}/{otherwise['copies']}"))
        self.headers = Headers([*kept, *span, source])


def _judge(self, cls, action, resource, is_s3):
    if not is_s3 and action in sts.UNSIGNED_ACTIONS:
        sts.check_web_identity(self)
        return
    request = _verified_request(self, cls, action, is_s3)
    if request is None:
        _check_anonymous(self, action, resource)
        return
    try:
        caller = Caller(request)
    except Expired:
        raise refusal(is_s3, 400 if is_s3 else 403, "ExpiredToken", "The security token has expired.") from None
    current.caller = caller
    record.note_caller(caller)
    if not _permitted(self, caller, request, action, resource, is_s3):
        if "x-amz-json" in (self.headers.get("Content-Type") or ""):
            raise JsonRESTError("AccessDeniedException", f"User: {caller.arn} is not authorized to perform: {action}")
        request._raise_access_denied()


def _verified_request(self, cls, action, is_s3):
    """The request with its signature checked, or None for an anonymous request to S3."""
    if self.headers.get("Authorization"):
        url = urlparse(self.uri)
        request = cls(
            account_id=self.current_account,
            method=self.method,
            path=self.raw_path + (f"?{url.query}" if url.query else ""),
            data=self.data,
            body=self.raw_body,
            headers=self.headers,
            action=action,
        )
        request.check_signature()
        return request
    if not is_s3:
        raise InvalidClientTokenIdError()
    return presigned_request(self, cls, action) if "X-Amz-Signature" in self.uri else None


def _check_anonymous(self, action, resource):
    bucket = self.data.get("BucketName") or getattr(self, "bucket_name", None)
    policy = bucket_policy(self, bucket) if bucket else None
    name = f"s3:{S3_ACTION.get(action, action)}"
    if policy and evaluate(policy, name, resource, _s3_context(self)) == "allow":
        return
    raise BucketAccessDeniedError(bucket=bucket) if bucket else S3AccessDeniedError()


def _permitted(self, caller, request, action, resource, is_s3):
    name = f"{request._service}:{S3_ACTION.get(action, action) if is_s3 else action}"
    if name == "sts:GetCallerIdentity":
        return True
    if not is_s3:
        return caller.may(name, resource, {}) and (
            name != "sts:AssumeRole" or sts.trusted(self, caller, resource)
        )
    if action == "DeleteObject" and self.method == "POST":
        return True  # DeleteObjects: judged key by key, in `s3`
    bucket = getattr(self, "bucket_name", None)
    policy = bucket_policy(self, bucket) if bucket else None
    return caller.may(name, resource, _s3_context(self), policy) and _may_read_copy_source(self, caller)


def _may_read_copy_source(self, caller):
    header = self.headers.get("x-amz-copy-source")
    if not header:
        return True
    source = urlparse(header)
    bucket, key = unquote(source.path).lstrip("/").split("/", 1)
    action = "s3:GetObjectVersion" if "versionId=" in source.query else "s3:GetObject"
    return caller.may(action, f"arn:aws:s3:::{bucket}/{key}", {}, bucket_policy(self, bucket))


def _s3_context(self):
    query = parse_qs(urlparse(self.uri).query, keep_blank_values=True)
    context = {"s3:prefix": ""}
    context.update({key: query[name][0] for name, key in S3_CONDITION_KEYS.items() if name in query})
    return context
