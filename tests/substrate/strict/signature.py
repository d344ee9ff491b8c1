"""Signed URLs. moto has no check of its own for a signature in the query."""

import datetime
from urllib.parse import parse_qs, urlparse

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from moto.core.utils import utcnow
from moto.iam import access_control
from moto.s3.exceptions import S3AccessDeniedError


def presigned_request(response, cls, action):
    """Checks the signature and the time of a signed URL; gives an IAM request as moto builds for a signed header."""
    url = urlparse(response.uri)
    query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    if "X-Amz-Credential" not in query:
        raise S3AccessDeniedError()
    access_key_id, _, region, service, _ = query["X-Amz-Credential"].split("/")
    headers = dict(response.headers)
    if "X-Amz-Security-Token" in query:
        headers["X-Amz-Security-Token"] = query["X-Amz-Security-Token"]

    request = cls.__new__(cls)  # its constructor wants an Authorization header
    request.account_id, request._data, request._headers = response.current_account, response.data, headers
    request._region, request._service, request._action = region, service, f"s3:{action}"
    try:
        request._access_key = access_control.create_access_key(
            account_id=request.account_id, partition="aws", access_key_id=access_key_id, headers=headers
        )
    except access_control.CreateAccessKeyFailure as failure:
        request._raise_invalid_access_key(failure.reason)

    signed_at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    lifetime = int(query["X-Amz-Expires"])
    if signed_at + datetime.timedelta(seconds=lifetime) < utcnow().replace(tzinfo=None):
        raise S3AccessDeniedError()
    if _signature(response, request, url, query, lifetime) != query["X-Amz-Signature"]:
        request._raise_signature_does_not_match()
    return request


def _signature(response, request, url, query, lifetime):
    signed = query["X-Amz-SignedHeaders"].split(";")
    unsigned_query = "&".join(p for p in url.query.split("&") if not p.startswith("X-Amz-Signature="))
    aws_request = AWSRequest(
        method=response.method,
        url=f"{url.scheme}://{response.headers['Host']}{response.raw_path}?{unsigned_query}",
        headers={k: v for k, v in response.headers.items() if k.lower() in signed},
    )
    aws_request.context["timestamp"] = query["X-Amz-Date"]
    auth = S3SigV4QueryAuth(request._access_key.create_credentials(), "s3", request._region, expires=lifetime)
    return auth.signature(auth.string_to_sign(aws_request, auth.canonical_request(aws_request)), aws_request)
