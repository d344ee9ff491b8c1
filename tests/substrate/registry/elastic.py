"""As much of Elasticsearch's query language as a search needs. What is not known here is refused, as there.

https://www.elastic.co/guide/en/elasticsearch/reference/7.10/query-dsl.html
"""

import datetime
import fnmatch
import re

SPECIAL = set('+-=!(){}[]^"~:/&|<>')
UNITS = {"h": 1 / 24, "d": 1, "w": 7, "M": 30, "y": 365}


class Unknown(Exception):
    """400: no such query."""


class Documents:
    """What is in the indices that are asked, each with its name and the index it is in."""

    def __init__(self, documents):
        self.documents = documents

    def fit(self, query):
        """Those that the query finds, in their order."""
        return [document for document in self.documents if self.is_found(document, query)]

    def is_found(self, document, query):
        kind, about = _only(query)
        check = getattr(self, f"_{kind}", None)
        if check is None:
            raise Unknown(f"unknown query [{kind}]")
        return check(document, about)

    def _bool(self, document, about):
        known = {"must", "filter", "should", "must_not", "minimum_should_match"}
        if not set(about) <= known:
            raise Unknown(f"[bool] query does not support {sorted(set(about) - known)}")
        # All are tried, so that a fault in any is found.
        needed = [self.is_found(document, query) for query in about.get("must", []) + about.get("filter", [])]
        excluded = [self.is_found(document, query) for query in about.get("must_not", [])]
        either = [self.is_found(document, query) for query in about.get("should", [])]
        least = about.get("minimum_should_match", 0 if needed else int(bool(either)))
        return all(needed) and not any(excluded) and sum(either) >= least

    def _exists(self, document, about):
        return about["field"] in document["_source"]

    def _term(self, document, about):
        field, value = _only(about)
        return document["_source"].get(field) == value

    def _terms(self, document, about):
        field, values = _only(about)
        return document["_source"].get(field) in values

    def _match(self, document, about):
        field, text = _only(about)
        return bool(set(_words(text)) & set(_words(str(document["_source"].get(field, "")))))

    def _wildcard(self, document, about):
        field, pattern = _only(about)
        # The part of a text that is kept whole is called so.
        value = document["_source"].get(field.removesuffix(".keyword"))
        return isinstance(value, str) and fnmatch.fnmatchcase(value, pattern["value"])

    def _range(self, document, about):
        field, limits = _only(about)
        value = document["_source"].get(field)
        checks = {"gte": lambda limit: value >= limit, "lt": lambda limit: value < limit, "lte": lambda limit: value <= limit}
        if not set(limits) <= set(checks):
            raise Unknown(f"[range] query does not support {sorted(limits)}")
        if value is None:
            return False
        if isinstance(value, str):
            value, limits = _date(value), {name: _date(limit) for name, limit in limits.items()}
        return all(checks[name](limit) for name, limit in limits.items())

    def _has_parent(self, document, about):
        join = document["_source"].get("join_field", {})
        parents = [other for other in self.documents if other["_id"] == join.get("parent")]
        return any(_joined(other, about["parent_type"]) and self.is_found(other, about["query"]) for other in parents)

    def _has_child(self, document, about):
        children = [
            other for other in self.documents if other["_source"].get("join_field", {}).get("parent") == document["_id"]
        ]
        return any(_joined(other, about["type"]) and self.is_found(other, about["query"]) for other in children)

    def _query_string(self, document, about):
        words = _words(" ".join(_texts(document["_source"])))
        return all(_found(term, words) for term in _terms_of(about["query"]))


def _joined(document, kind):
    return document["_source"].get("join_field", {}).get("name") == kind


def _only(of):
    if not isinstance(of, dict) or len(of) != 1:
        raise Unknown(f"one name is expected in {of}")
    return next(iter(of.items()))


def _texts(value):
    if isinstance(value, dict):
        return [text for name, item in value.items() if name != "join_field" for text in _texts(item)]
    return [str(value)]


def _words(text):
    return re.findall(r"\w+", text.lower())


def _terms_of(query):
    """The terms of `a AND "b c" AND d*`, each with whether it is a phrase. Anything else is no such query."""
    terms, term, phrase, quoted, escaped = [], "", False, False, False
    for character in query + " ":
        if escaped:
            term, escaped = term + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted, phrase = not quoted, True
        elif character in SPECIAL:
            raise Unknown(f"Failed to parse query [{query}]: unexpected {character!r}")
        elif character == " " and not quoted:
            terms.append((term, phrase))
            term, phrase = "", False
        else:
            term += character
    if quoted or escaped or any((term == "AND") != bool(place % 2) for place, (term, _) in enumerate(terms)):
        raise Unknown(f"Failed to parse query [{query}]")
    return terms[::2]


def _found(term, words):
    text, phrase = term
    if not phrase and ("*" in text or "?" in text):
        return any(fnmatch.fnmatchcase(word, text.lower()) for word in words)
    sought = _words(text)
    places = range(len(words) - len(sought) + 1)
    return any(words[place : place + len(sought)] == sought for place in places)


def _date(text):
    if text.startswith("now"):
        now = datetime.datetime.now(datetime.timezone.utc)
        found = re.fullmatch(r"now-(\d+)([hdwMy])", text)
        if not found:
            raise Unknown(f"failed to parse date field [{text}]")
        return now - datetime.timedelta(days=int(found[1]) * UNITS[found[2]])
    try:
        date = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as problem:
        raise Unknown(f"failed to parse date field [{text}]") from problem
    return date if date.tzinfo else date.replace(tzinfo=datetime.timezone.utc)


def in_order(documents, sort):
    """Sorted as `sort` says; of equals, the first stays first."""
    for key in reversed(sort):
        if key == "_score":
            continue
        field, how = _only(key)
        there = [document for document in documents if field in document["_source"]]
        there.sort(key=lambda document, field=field: document["_source"][field], reverse=how["order"] == "desc")
        documents = there + [document for document in documents if field not in document["_source"]]
    return documents


def shown(document, source):
    """With the fields that `source` does not exclude."""
    left = {name: value for name, value in document["_source"].items() if name not in source.get("excludes", [])}
    return {**document, "_source": left}
