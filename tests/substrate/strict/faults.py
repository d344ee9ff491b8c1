"""Delays, failures and holds, so that a test can say when the endpoint is slow, down or refusing.

A rule names what it applies to and what happens there. A *hold* keeps the request waiting until the rule is removed, and
a test can wait until requests are held: it knows that a call is under way without guessing at times. A client that
closes its connection while it is held is let go and counted, so a test can wait for that too.
"""

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


class Rule:
    """`action` may hold `*`. `bucket`, `key` and `role_arn` narrow it. `times` is how often it applies; for ever if left out."""

    KNOWN = {"action", "bucket", "key", "role_arn", "times", "delay_ms", "hold", "fail"}

    def __init__(self, wanted):
        unknown = set(wanted) - self.KNOWN
        if unknown or "action" not in wanted:
            raise ValueError(f"a fault needs `action` and knows only {sorted(self.KNOWN)}; got {sorted(wanted)}")
        self.wanted, self.left = wanted, wanted.get("times")
        self.met = self.held = self.dropped = 0

    def applies(self, entry):
        # An exchange has no role yet: the role is what it asks for.
        role = entry["resource"] if entry["action"] == "sts:AssumeRole" else entry["role_arn"]
        actual = {**entry, "role_arn": role}
        return (
            self.left != 0
            and fnmatch.fnmatchcase(entry["action"], self.wanted["action"])
            and all(self.wanted.get(k) in (None, actual[k]) for k in ("bucket", "key", "role_arn"))
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


def meet(entry):
    """What happens to this request before it is judged."""
    with _changed:
        found = next(((n, r) for n, r in _rules.items() if r.applies(entry)), None)
        if found is None:
            return
        number, rule = found
        rule.met += 1
        rule.left = None if rule.left is None else rule.left - 1
        if rule.wanted.get("hold"):
            rule.held += 1
            _changed.notify_all()
            if not _hold(number, rule):
                raise refusal(entry["action"].startswith("s3:"), 400, "RequestTimeout", "the client went away")
    time.sleep(rule.wanted.get("delay_ms", 0) / 1000)
    if fail := rule.wanted.get("fail"):
        is_s3 = entry["action"].startswith("s3:")
        raise refusal(is_s3, fail["status"], fail["code"], fail.get("message", "injected by a test"))
