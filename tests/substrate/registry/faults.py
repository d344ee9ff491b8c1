"""What a registry does instead of answering, for the requests that a rule names.

A *hold* keeps the request waiting until the rule is removed, and a test can wait until requests are held: it knows that a call
is under way without guessing at times.
"""

import fnmatch
import itertools
import threading

# A forgotten hold must not keep a test run from ending.
LONGEST_HOLD = 120.0

_changed = threading.Condition()
_rules = {}
_numbers = itertools.count(1)


class Rule:
    """`operation` is a pattern. `issuer` and `subject` narrow it. `times` is how often it applies; for ever if left out."""

    KNOWN = {"operation", "issuer", "subject", "times", "hold", "status", "body", "headers", "padding", "cut"}

    def __init__(self, wanted):
        if unknown := set(wanted) - self.KNOWN:
            raise ValueError(f"a fault knows {sorted(self.KNOWN)}, and not {sorted(unknown)}")
        self.wanted, self.left = wanted, wanted.get("times")
        self.met = self.held = 0

    def applies(self, entry):
        return (
            self.left != 0
            and fnmatch.fnmatchcase(entry["operation"], self.wanted["operation"])
            and all(self.wanted.get(part) in (None, entry[part]) for part in ("issuer", "subject"))
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


def meet(entry):
    """What to do with this request: a rule's wishes, or None."""
    with _changed:
        found = next(((n, r) for n, r in _rules.items() if r.applies(entry)), None)
        if found is None:
            return None
        number, rule = found
        rule.met += 1
        rule.left = None if rule.left is None else rule.left - 1
        if rule.wanted.get("hold"):
            rule.held += 1
            _changed.notify_all()
            _changed.wait_for(lambda: number not in _rules, LONGEST_HOLD)
        return rule.wanted
