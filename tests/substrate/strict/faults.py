"""Delays, failures and holds, so that a test can say when the endpoint is slow, down or refusing.

A rule names what it applies to and what happens there. A *hold* keeps the request waiting until the rule is removed, and
a test can wait until requests are held: it knows that a call is under way without guessing at times. A client that
closes its connection while it is held is let go and counted, so a test can wait for that too.

A rule about the *answer* lets the request be served first. Half of the body goes out, and then the connection is closed
(`truncated`), or the rest waits as for a hold (`held`): to the client it is an answer that was lost, or one that stalls.
"""

import contextlib
import fnmatch
import itertools
import select
import socket
import threading
import time

from . import record
from .refusal import refusal

# A forgotten hold must not keep a test run from ending.
LONGEST_HOLD = 120.0
# Between two looks at whether the client is still there: a closed connection wakes nobody.
LOOK = 0.02

_changed = threading.Condition()
_rules = {}
_numbers = itertools.count(1)
_serving = threading.local()


class Rule:
    """`action` and `key` are patterns. `bucket`, `key` and `role_arn` narrow it. `times` is how often it applies; for ever if left
    out. `after` is how many requests it lets by first."""

    KNOWN = {"action", "bucket", "key", "role_arn", "after", "times", "delay_ms", "hold", "answer", "unconditional", "fail"}

    def __init__(self, wanted):
        unknown = set(wanted) - self.KNOWN
        if unknown or "action" not in wanted:
            raise ValueError(f"a fault needs `action` and knows only {sorted(self.KNOWN)}; got {sorted(wanted)}")
        self.wanted, self.left, self.let_by = wanted, wanted.get("times"), wanted.get("after", 0)
        self.met = self.held = self.dropped = self.now = self.most = 0

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
    rule, number = Rule(wanted), next(_numbers)
    with _changed:
        _rules[number] = rule
    return number


def remove(number):
    """Ends a rule and lets go what it holds. How many requests met it."""
    with _changed:
        rule = _rules.pop(number)
        _changed.notify_all()
        return rule.met


def await_held(number, count, timeout):
    """Waits until the rule has held `count` requests in all. Whether it came to that."""
    with _changed:
        return _changed.wait_for(lambda: _rules[number].held >= count, timeout)


def await_dropped(number, count, timeout):
    """Waits until `count` clients in all went away while the rule held their requests. Whether it came to that."""
    with _changed:
        return _changed.wait_for(lambda: _rules[number].dropped >= count, timeout)


def _hold(number, rule):
    """Waits for the end of the rule. Whether the client is still there then."""
    end = time.monotonic() + LONGEST_HOLD
    while not _changed.wait_for(lambda: number not in _rules, LOOK) and time.monotonic() < end:
        if _is_closed(record.connection()):
            rule.dropped += 1
            _changed.notify_all()
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
    with _changed:
        return _rules[number].most


def _delay(rule):
    with _changed:
        rule.now += 1
        rule.most = max(rule.most, rule.now)
    time.sleep(rule.wanted.get("delay_ms", 0) / 1000)
    with _changed:
        rule.now -= 1


def meet(entry):
    """What happens to this request before it is judged. Whether it is to be served whatever its condition."""
    with _changed:
        found = next(((n, r) for n, r in _rules.items() if r.applies(entry)), None)
        if found is None:
            return False
        number, rule = found
        if rule.let_by > 0:
            rule.let_by -= 1
            return False
        rule.met += 1
        rule.left = None if rule.left is None else rule.left - 1
        if rule.wanted.get("hold"):
            rule.held += 1
            _changed.notify_all()
            if not _hold(number, rule):
                raise refusal(entry["action"].startswith("s3:"), 400, "RequestTimeout", "the client went away")
    if "answer" in rule.wanted:
        _serving.spoiled_by = found
    _delay(rule)
    if fail := rule.wanted.get("fail"):
        is_s3 = entry["action"].startswith("s3:")
        raise refusal(is_s3, fail["status"], fail["code"], fail.get("message", "injected by a test"))
    return rule.wanted.get("unconditional", False)


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
        with _changed:
            rule.held += 1
            _changed.notify_all()
            if _hold(number, rule):
                yield body[len(half) :]
                return
    with contextlib.suppress(OSError):
        record.connection().shutdown(socket.SHUT_RDWR)
    raise ConnectionError("the answer was cut short")
