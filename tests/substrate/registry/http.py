"""The endpoints, and the order in which a request is judged: whose token, the record, a fault, the answer."""

import json
import time
from urllib.parse import parse_qs

from . import administration, browsing, control, faults, record, search, state, tokens
from .graphql_api import Engine, View

REASONS = {200: "OK", 302: "Found", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized"}
REASONS |= {403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 429: "Too Many Requests"}
LARGEST = 8 << 20


class Application:
    """A WSGI application."""

    def __init__(self, engine):
        self.engine = engine

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(min(length, LARGEST))
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        if path.startswith(control.PREFIX):
            status, answer = control.answer(environ["REQUEST_METHOD"], path.removeprefix(control.PREFIX), query, body)
            return _send(start_response, status, answer)
        question = Question(environ, path, query, body)
        entry = question.entry()
        record.add(entry)
        if wanted := faults.meet(entry):
            if sent := _fault(start_response, wanted):
                return sent
        return _send(start_response, *self.judge(question))

    def judge(self, question):
        """Status and body, and headers besides."""
        if question.path == "/config.json":
            return 200, control.config()
        if question.refused:
            return 401, {"message": question.refused}
        registry = state.of(question.issuer)
        with registry.lock:
            user = registry.users.get(question.subject)
        if user is None or not user["isActive"]:
            return 401, {"message": "User unknown."}
        match question.method, question.path:
            case "POST", "/graphql":
                if not isinstance(question.json, dict) or not isinstance(question.json.get("query"), str):
                    return 400, {"message": "no GraphQL request"}
                answer = self.engine.execute(question.json, View(registry, user))
                # What the schema rejects is not executed, so its errors are of no field.
                executed = answer["data"] is not None or any("path" in error for error in answer["errors"])
                return 200 if executed else 400, answer
            case "POST", "/browse/set_browse_cookie":
                with registry.lock:
                    return browsing.set_cookie(registry, user)
            case "GET", path if path.startswith("/browse/"):
                with registry.lock:
                    return browsing.look(registry, path.removeprefix("/browse/"), question.cookies)
            case "GET", "/api/auth/get_credentials":
                with registry.lock:
                    given = registry.credentials.get(question.subject)
                return (200, given) if given else (403, {"message": "No role."})
            case "GET", "/api/search":
                return _search(registry, user, question.query)
        return 404, {"message": "no such endpoint"}


class Question:
    """One request, and who asks."""

    def __init__(self, environ, path, query, body):
        self.method, self.path, self.query = environ["REQUEST_METHOD"], path, query
        self.agent = environ.get("HTTP_USER_AGENT")
        pairs = [pair.split("=", 1) for pair in environ.get("HTTP_COOKIE", "").split("; ") if "=" in pair]
        self.cookies = dict(pairs)
        self.issuer = self.subject = self.json = self.refused = None
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        self.token = authorization.removeprefix("Bearer ") if authorization.startswith("Bearer ") else None
        try:
            self.issuer, self.subject = tokens.claims(self.token or "", state.secrets)
            registry = state.of(self.issuer)
            with registry.lock:
                self.subject = registry.names.get(self.subject) if registry.is_catalog else self.subject
        except tokens.Refused as problem:
            self.refused = str(problem)
        if self.method == "POST":
            try:
                self.json = json.loads(body)
            except ValueError:
                self.json = None

    def entry(self):
        """For the record: the token by its digest."""
        name, kind = self.path.strip("/"), None
        if self.path == "/graphql" and isinstance(self.json, dict):
            name, kind = Engine.operation(self.json)
        return {
            "time": time.time(),
            "method": self.method,
            "path": self.path,
            "operation": name,
            "kind": kind,
            "variables": self.json.get("variables") if isinstance(self.json, dict) else None,
            "query": self.query,
            "issuer": self.issuer,
            "subject": self.subject,
            "token_sha256": tokens.digest(self.token) if self.token else None,
            "user_agent": self.agent,
        }


def _search(registry, user, query):
    try:
        with registry.lock:
            return 200, search.search(registry, user, query)
    except search.Forbidden as problem:
        return 403, {"message": str(problem)}
    except (search.Wrong, ValueError) as problem:
        return 400, {"message": str(problem)}


def _fault(start_response, wanted):
    """What is sent instead of an answer, if the rule wants that."""
    if "status" not in wanted:
        return None
    body = wanted.get("body", "").encode() + b"x" * wanted.get("padding", 0)
    headers = [("Content-Type", "text/plain"), *wanted.get("headers", {}).items()]
    # A body that is announced and not sent is one that breaks off.
    headers.append(("Content-Length", str(len(body) + wanted.get("cut", 0))))
    if wanted.get("cut"):
        headers.append(("Connection", "close"))
    status = wanted["status"]
    start_response(f"{status} {REASONS.get(status, 'Told')}", headers)
    return faults.drips(wanted["number"], body, wanted["drip"]) if "drip" in wanted else [body]


def _send(start_response, status, answer, more=()):
    body = json.dumps(answer).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *more]
    start_response(f"{status} {REASONS[status]}", headers)
    return [body]
