"""The HTTP interface for the tests, beside the AWS one, at `/quilt-test/`.

GET    mark                                  {"next": N}: the number that the next entry will have
GET    record?since=N                        {"entries": [..]}
POST   fault               a rule            {"id": n}
GET    held?id=n&count=c&timeout=seconds     200 once c requests are held, 408 if that does not come about
GET    dropped?id=n&count=c&timeout=seconds  200 once c clients went away while held, 408 if that does not come about
GET    secrets?role_arn=..                   {"secrets": [..]}: of every session of that role
GET    at_once?id=n                          {"most": m}: how many requests were delayed at the same time, at most
DELETE fault?id=n                            {"met": n}; what it held goes on
POST   athena              {"workgroups": [..], "databases": [..], "executions": [..]}  {}: they are there; see athena.py, lake.py
DELETE athena?world=..     {}: workgroups and databases whose names hold that are gone, with what was asked there
POST   expire              {"role_arn": ..}  {"expired": n}: the sessions of that role have ended
"""

import datetime
import json
from urllib.parse import parse_qs

from moto.sts.models import sts_backends

from . import athena, faults, lake, record

PREFIX = "/quilt-test/"
LONG_AGO = datetime.datetime(2000, 1, 1)
STATUS = {200: "200 OK", 400: "400 Bad Request", 404: "404 Not Found", 408: "408 Request Timeout"}


class Controlled:
    """Wraps a WSGI application: serves the prefix, passes the rest on."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self.application(environ, start_response)
        try:
            status, answer = _answer(environ["REQUEST_METHOD"], path.removeprefix(PREFIX), environ)
        except (KeyError, ValueError) as problem:
            status, answer = 400, {"error": str(problem)}
        body = json.dumps(answer).encode()
        start_response(STATUS[status], [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _answer(method, path, environ):
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    match method, path:
        case "GET", "mark":
            return 200, {"next": record.length()}
        case "GET", "record":
            return 200, {"entries": record.entries(int(query.get("since", 0)))}
        case "POST", "fault":
            return 200, {"id": faults.add(_body(environ))}
        case "GET", "held":
            held = faults.await_held(int(query["id"]), int(query["count"]), float(query["timeout"]))
            return (200, {}) if held else (408, {"error": "the requests were not held in time"})
        case "GET", "dropped":
            dropped = faults.await_dropped(int(query["id"]), int(query["count"]), float(query["timeout"]))
            return (200, {}) if dropped else (408, {"error": "the clients are still there"})
        case "GET", "at_once":
            return 200, {"most": faults.at_once(int(query["id"]))}
        case "GET", "secrets":
            return 200, {"secrets": record.secrets_of(query["role_arn"])}
        case "DELETE", "fault":
            return 200, {"met": faults.remove(int(query["id"]))}
        case "POST", "athena":
            wanted = _body(environ)
            athena.define(wanted.get("workgroups", []))
            lake.define(wanted.get("databases", []))
            athena.define_executions(wanted.get("executions", []))
            return 200, {}
        case "DELETE", "athena":
            athena.forget(query["world"])
            lake.forget(query["world"])
            return 200, {}
        case "POST", "expire":
            return 200, {"expired": _expire(_body(environ)["role_arn"])}
    return 404, {"error": f"{method} {path} is not known; see control.py"}


def _body(environ):
    return json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def _expire(role_arn):
    sessions = [
        session
        for account in sts_backends.values()
        for backend in account.values()
        for session in list(backend.assumed_roles)
        if session.role_arn == role_arn
    ]
    for session in sessions:
        session.expiration = LONG_AGO
    return len(sessions)
