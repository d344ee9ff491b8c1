"""The record: one entry for each request served. The tests' oracle, independent of the server under test.

An entry is in the record before its answer is sent, so whoever has an answer finds its entry.
"""

import threading

_lock = threading.Lock()
_entries = []


def add(entry):
    """Notes a request."""
    with _lock:
        _entries.append({"number": len(_entries), **entry})


def entries(since, issuer):
    """The entries from number `since` on; of one issuer's tokens, if it is named."""
    with _lock:
        return [entry for entry in _entries[since:] if issuer in (None, entry["issuer"])]


def length():
    """How many there are."""
    with _lock:
        return len(_entries)
