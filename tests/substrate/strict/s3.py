"""Where one S3 request needs more than one judgement: a batch of deletions, and bucket policies with principals."""

import threading

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from . import authorise
from .policy import evaluate

_batch = threading.local()
_moto_get_permission = FakeBucket.get_permission
_moto_delete_keys = S3Response._bucket_response_delete_keys


def install() -> None:
    """Replaces moto's bucket policy check, and marks batch deletions."""
    FakeBucket.get_permission = _get_permission
    S3Response._bucket_response_delete_keys = _delete_keys


def _get_permission(self, action, resource):
    if not authorise.enforcing():
        return _moto_get_permission(self, action, resource)
    policy = self.policy.decode() if self.policy else None
    if getattr(_batch, "deleting", False):
        caller = getattr(authorise.current, "caller", None)
        may = caller is not None and caller.may(action, resource, {}, policy)
        return PermissionResult.PERMITTED if may else PermissionResult.DENIED
    # A deny was judged in `authorise` already, with the caller known.
    public = evaluate(policy, action, resource, {}) if policy else None
    return PermissionResult.PERMITTED if public == "allow" else PermissionResult.NEUTRAL


def _delete_keys(self, *args, **kwargs):
    _batch.deleting = True
    try:
        return _moto_delete_keys(self, *args, **kwargs)
    finally:
        _batch.deleting = False
