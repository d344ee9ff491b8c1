"""`/api/search`: Elasticsearch behind a registry. A bucket's objects are in the index of its name, its packages in `<bucket>_packages`.

Documents are found by `elastic.py`, all equally well.
"""

import json

from . import elastic


class Forbidden(Exception):
    """403: too many indices, or one that is not for this caller. A registry does not say which."""


class Wrong(Exception):
    """400: the question is none."""


def bucket_of(index):
    """The bucket whose documents are in an index. A rebuilt index carries when that was."""
    return index.split("-reindex-")[0].removesuffix("_packages")


def search(registry, user, query):
    """What Elasticsearch would say."""
    indices = [index for index in query.get("index", "").split(",") if index]
    if not indices or any(index == "_all" or "*" in index for index in indices):
        raise Wrong("name the indices")
    visible = registry.visible(user)
    if len(indices) > registry.most_indices or any(bucket_of(index) not in visible for index in indices):
        raise Forbidden("User: anonymous is not authorized to perform: es:ESHttpGet")
    body = _body(query)
    documents = elastic.Documents([document for index in indices for document in _documents(registry, index)])
    try:
        hits = elastic.in_order(documents.fit(body["query"]), body.get("sort", []))
        hits = [elastic.shown(hit, body.get("_source", {})) for hit in hits]
    except elastic.Unknown as problem:
        raise Wrong(str(problem)) from problem
    start, size = int(body.get("from", query.get("from", 0))), int(body.get("size", query.get("size", 10)))
    return {
        "took": 1,
        "timed_out": False,
        "hits": {
            "total": {"value": len(hits), "relation": "eq"},
            "max_score": 1.0 if hits else None,
            "hits": hits[start : start + size],
        },
    }


def _body(query):
    match query.get("action"):
        case "freeform":
            try:
                return json.loads(query["body"])
            except (KeyError, ValueError) as problem:
                raise Wrong("the body is no JSON") from problem
        case "search":
            return {"query": {"query_string": {"query": query.get("query", "")}}}
    raise Wrong("unknown action")


def _documents(registry, index):
    for number, source in enumerate(registry.documents.get(index, [])):
        fields = {name: value for name, value in source.items() if name != "_id"}
        yield {"_index": index, "_id": source.get("_id", f"{index}-{number}"), "_score": 1.0, "_source": fields}
