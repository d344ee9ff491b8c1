"""The rules in force at an endpoint: what tests put there, and what they wait for.

A *hold* keeps a request waiting until its rule is removed, and a test can wait until requests are held: it knows that a call is
under way without guessing at times.
"""

import itertools
import threading

# A forgotten hold must not keep a test run from ending.
LONGEST_HOLD = 120.0


class Rule:
    """Says what it applies to and what happens there. `times` is how often it applies; for ever if left out."""

    def __init__(self, wanted):
        self.wanted, self.left = wanted, wanted.get("times")
        self.met = self.held = 0

    def spend(self):
        """Counts a request that it applies to."""
        self.met += 1
        self.left = None if self.left is None else self.left - 1


class Rules:
    """`changed` guards the rules and what they count, and wakes who waits for either."""

    def __init__(self):
        self.changed = threading.Condition()
        self._rules = {}
        self._numbers = itertools.count(1)

    def add(self, rule):
        """Puts a rule in force. Its number."""
        number = next(self._numbers)
        with self.changed:
            self._rules[number] = rule
        return number

    def remove(self, number):
        """Ends a rule and lets go what it holds. How many requests met it."""
        with self.changed:
            rule = self._rules.pop(number)
            self.changed.notify_all()
            return rule.met

    def of(self, number):
        """The rule of that number."""
        return self._rules[number]

    def is_in_force(self, number):
        """Whether it has not been removed."""
        return number in self._rules

    def first_for(self, entry):
        """Number and rule of the first that applies to this request, or None."""
        return next(((number, rule) for number, rule in self._rules.items() if rule.applies(entry)), None)

    def wait(self, number, what, count, timeout):
        """Waits until the rule has counted `count` of `what` in all. Whether it came to that."""
        with self.changed:
            return self.changed.wait_for(lambda: getattr(self._rules[number], what) >= count, timeout)
