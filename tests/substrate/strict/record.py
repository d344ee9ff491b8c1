"""The record: one entry for each request served. The tests' oracle, independent of the server under test.

An entry says which key signed which action on what, and with which answer. For a key that STS issued here it also says
for which role and session. The entry is in the record before the answer's last byte is sent, so whoever has an answer
finds its entry.
"""

import re
import threading
import time
from urllib.parse import parse_qs

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")
_S3_RESOURCE = re.compile(r"arn:aws:s3:::([^/*][^/]*)(?:/(.*))?", re.DOTALL)

_lock = threading.Lock()
_entries = []
_issued = {}
_secrets = []
_serving = threading.local()


class Recorded:
    """Wraps moto's WSGI application: notes every request but those to moto's own interface."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO", "").startswith("/moto-api"):
            return self.application(environ, start_response)
        entry = _begin(environ)

        def noting(status, headers, exc_info=None):
            entry["status"] = int(status.split()[0])
            return start_response(status, headers, exc_info)

        try:
            return self.application(environ, noting)
        finally:
            _finish(entry)


def current():
    """The entry of the request that this thread serves."""
    return _serving.entry


def connection():
    """The connection on which the request came that this thread serves."""
    return _serving.connection


def note_action(action, resource):
    """What is asked for. `resource` is an ARN, or `*` where moto does not know."""
    entry = current()
    entry["action"], entry["resource"] = action, resource
    if match := _S3_RESOURCE.fullmatch(resource):
        entry["bucket"], entry["key"] = match.groups()


def note_caller(caller):
    """Whose signature was found good."""
    current()["caller"] = caller.arn


def note_issued(session, source_identity, tags):
    """Which key STS gave out, in the entry of the exchange and for the entries of all its uses."""
    issued = {
        "access_key_id": session.access_key_id,
        "role_arn": session.role_arn,
        "session_name": session.session_name,
        "source_identity": source_identity,
        "tags": tags,
        "expires_at": session.expiration.isoformat(),
    }
    current()["issued"] = issued
    with _lock:
        _issued[session.access_key_id] = issued
        _secrets.append((session.role_arn, [session.secret_access_key, session.session_token]))


def secrets_of(role_arn):
    """Every secret that STS gave out for a role: what must not be seen anywhere else."""
    with _lock:
        return [secret for role, secrets in _secrets if role == role_arn for secret in secrets]


def issued_for(access_key_id):
    """What `note_issued` knows of a key, or an empty dictionary."""
    with _lock:
        return _issued.get(access_key_id, {})


def entries(since):
    """The entries from number `since` on."""
    with _lock:
        return _entries[since:]


def length():
    """How many there are."""
    with _lock:
        return len(_entries)


def _begin(environ):
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    in_header = _CREDENTIAL.search(authorization)
    in_query = query.get("X-Amz-Credential", [""])[0].split("/")[0]
    access_key_id = in_header.group(1) if in_header else in_query or None
    session = issued_for(access_key_id)
    entry = {
        "time": time.time(),
        "method": environ["REQUEST_METHOD"],
        "path": environ.get("PATH_INFO", ""),
        "signed": "header" if in_header else "query" if in_query else "none",
        "access_key_id": access_key_id,
        "role_arn": session.get("role_arn"),
        "session_name": session.get("session_name"),
        "source_identity": session.get("source_identity"),
        "caller": None,
        "action": None,
        "resource": None,
        "bucket": None,
        "key": None,
        "issued": None,
        "status": 500,
        "user_agent": environ.get("HTTP_USER_AGENT"),
    }
    _serving.entry, _serving.connection = entry, environ["werkzeug.socket"]
    return entry


def _finish(entry):
    with _lock:
        entry["number"] = len(_entries)
        _entries.append(entry)
