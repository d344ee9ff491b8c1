"""The HTTP interface for the tests, beside the registry's own, at `/quilt-test/`.

POST   trust      {"issuer", "secret"}                           a registry for the tokens of that issuer
                  .. and "is_catalog"                            for tokens that name none: the issuer's name is the tests' own
POST   user       {"issuer", "name", "email", ..}                 see `Registry.add_user`
POST   bucket     {"issuer", "name", ..}                          see `Registry.add_bucket`
POST   documents  {"issuer", "index", "documents": [..]}          what is found there
POST   credentials {"issuer", "name", "given": {..}}              what a user is given to reach AWS with
POST   contents   {"issuer", "scope", "files": {key: link}}      where the files of a package are, for who may look into it
POST   limits     {"issuer", "most_indices"}                      how many indices one search may name
POST   config     {..}                                            what `config.json` says, of all registries here
GET    state?issuer=..                                            users, sso, open_query, tables; sessions: who looks into what
GET    mark                                                       {"next": N}
GET    record?since=N&issuer=..                                   {"entries": [..]}
POST   fault      a rule of `faults.py`                           {"id": n}
GET    held?id=n&count=c&timeout=seconds                          200 once c requests are held, else 408
DELETE fault?id=n                                                 {"met": n}; what it held goes on
"""

import json

from . import faults, record, state

PREFIX = "/quilt-test/"

_config = {
    "registryUrl": "https://registry.example.com",
    "region": "us-east-1",
    "apiGatewayEndpoint": "https://api.example.com",
    "analyticsBucket": "test-stack-analyticsbucket-1x2y3z",
}


def config():
    """What `config.json` says."""
    return _config


def answer(method, path, query, body):
    """Status and JSON."""
    try:
        return 200, _answer(method, path, query, json.loads(body) if body else {})
    except TimeoutError as problem:
        return 408, {"error": str(problem)}
    except (KeyError, ValueError, TypeError, AttributeError) as problem:
        return 400, {"error": f"{type(problem).__name__}: {problem}; see control.py"}


def _answer(method, path, query, wanted):
    match method, path:
        case "GET", "mark":
            return {"next": record.length()}
        case "GET", "record":
            return {"entries": record.entries(int(query.get("since", 0)), query.get("issuer"))}
        case "POST", "fault":
            return {"id": faults.add(wanted)}
        case "DELETE", "fault":
            return {"met": faults.remove(int(query["id"]))}
        case "GET", "held":
            if not faults.await_held(int(query["id"]), int(query["count"]), float(query["timeout"])):
                raise TimeoutError("the requests were not held in time")
            return {}
        case "POST", "trust":
            state.trust(**wanted)
            return {}
        case "POST", "config":
            _config.update(wanted)
            return {}
        case "GET", "state":
            return _state(state.of(query["issuer"]))
        case "POST", _:
            registry = state.of(wanted.pop("issuer"))
            with registry.lock:
                return _change(registry, path, wanted)
    raise ValueError(f"{method} {path} is not known")


def _change(registry, path, wanted):
    match path:
        case "user":
            registry.add_user(**wanted)
        case "bucket":
            registry.add_bucket(wanted)
        case "documents":
            registry.documents.setdefault(wanted["index"], []).extend(wanted["documents"])
        case "credentials":
            registry.credentials[wanted["name"]] = wanted["given"]
        case "contents":
            registry.contents[wanted["scope"]] = wanted["files"]
        case "limits":
            registry.most_indices = wanted["most_indices"]
        case _:
            raise ValueError(f"{path} is not known")
    return {}


def _state(registry):
    with registry.lock:
        users = {name: {**user, "buckets": sorted(user["buckets"])} for name, user in registry.users.items()}
        sessions = [[session["user"], session["scope"]] for session in registry.sessions.values()]
        return {
            "users": users,
            "sso": registry.sso,
            "open_query": registry.open_query,
            "tables": registry.tables,
            "sessions": sessions,
        }
