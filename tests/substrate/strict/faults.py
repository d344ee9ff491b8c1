"""Delays, failures and holds, so that a test can say when the endpoint is slow, down or refusing.

A rule names what it applies to and what happens there; see `rules.py` about holds. A client that closes its connection
while it is held is let go and counted, so a test can wait for that too.

A rule about the *answer* lets the request be served first. Half of the body goes out, and then the connection is closed
(`truncated`), or the rest waits as for a hold (`held`): to the client it is an answer that was lost, or one that stalls.
"""

import contextlib
import fnmatch
import select
import socket
import threading
import time

import rules

from . import record
from .refusal import refusal

# Between two looks at whether the client is still there: a closed connection wakes nobody.
LOOK = 0.02

_in_force = rules.Rules()
_serving = threading.local()


class Rule(rules.Rule):
    """`action` and `key` are patterns. `bucket`, `key` and `role_arn` narrow it. `after` is how many requests it lets by first."""

    KNOWN = {"action", "bucket", "key", "role_arn", "after", "times", "delay_ms", "hold", "answer", "unconditional", "copies", "fail"}

    def __init__(self, wanted):
        unknown = set(wanted) - self.KNOWN
        if unknown or "action" not in wanted:
            raise ValueError(f"a fault needs `action` and knows only {sorted(self.KNOWN)}; got {sorted(wanted)}")
        super().__init__(wanted)
        self.let_by = wanted.get("after", 0)
        self.dropped = self.now = self.most = 0

    def applies(self, entry):
        # An exchange has no role yet: the role is what it asks for.
        role = entry["resource"] if entry["action"] == "sts:AssumeRole" else entry["role_arn"]
        actual = {**entry, "role_arn": role}
        return (
            self.left != 0
            and fnmatch.fnmatchcase(entry["action"], self.wanted["action"])
            and all(self.wanted.get(k) in (None, actual[k]) for k in ("bucket", "role_arn"))
            and ("key" not in self.wanted or fnmatch.fnmatchcase(entry["key"] or "", self.wanted["key"]))
        )


def add(wanted):
    """Puts a rule in force. Its number."""
    return _in_force.add(Rule(wanted))


def remove(number):
    """Ends a rule. How many requests met it."""
    return _in_force.remove(number)


def await_held(number, count, timeout):
    """Waits until the rule has held `count` requests in all. Whether it came to that."""
    return _in_force.wait(number, "held", count, timeout)


def await_dropped(number, count, timeout):
    """Waits until `count` clients in all went away while the rule held their requests. Whether it came to that."""
    return _in_force.wait(number, "dropped", count, timeout)


def _hold(number, rule):
    """Waits for the end of the rule. Whether the client is still there then."""
    end = time.monotonic() + rules.LONGEST_HOLD
    while not _in_force.changed.wait_for(lambda: not _in_force.is_in_force(number), LOOK) and time.monotonic() < end:
        if _is_closed(record.connection()):
            rule.dropped += 1
            _in_force.changed.notify_all()
            return False
    return True


def _is_closed(connection):
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except ConnectionError:
        return True


def at_once(number):
    """How many requests the rule has delayed at the same time, at most."""
    with _in_force.changed:
        return _in_force.of(number).most


def _delay(rule):
    with _in_force.changed:
        rule.now += 1
        rule.most = max(rule.most, rule.now)
    time.sleep(rule.wanted.get("delay_ms", 0) / 1000)
    with _in_force.changed:
        rule.now -= 1


def meet(entry):
    """What happens to this request before it is judged. The rule by which it is to be served as another, if one says so."""
    with _in_force.changed:
        found = _in_force.first_for(entry)
        if found is None:
            return {}
        number, rule = found
        if rule.let_by > 0:
            rule.let_by -= 1
            return {}
        rule.spend()
        if rule.wanted.get("hold"):
            rule.held += 1
            _in_force.changed.notify_all()
            if not _hold(number, rule):
                raise refusal(entry["action"].startswith("s3:"), 400, "RequestTimeout", "the client went away")
    if "answer" in rule.wanted:
        _serving.spoiled_by = found
    _delay(rule)
    if fail := rule.wanted.get("fail"):
        is_s3 = entry["action"].startswith("s3:")
        raise refusal(is_s3, fail["status"], fail["code"], fail.get("message", "injected by a test"))
    return rule.wanted


class Spoiled:
    """Wraps a WSGI application: spoils the answers that a rule is about."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        _serving.spoiled_by = None
        answer = self.application(environ, start_response)
        return answer if _serving.spoiled_by is None else _spoil(b"".join(answer), *_serving.spoiled_by)


def _spoil(body, number, rule):
    half = body[: len(body) // 2]
    if half:
        yield half
    if rule.wanted["answer"] == "held":
        with _in_force.changed:
            rule.held += 1
            _in_force.changed.notify_all()
            if _hold(number, rule):
                yield body[len(half) :]
                return
    with contextlib.suppress(OSError):
        record.connection().shutdown(socket.SHUT_RDWR)
    raise ConnectionError("the answer was cut short")
