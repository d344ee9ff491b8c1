"""What a registry does instead of answering, for the requests that a rule names. See `rules.py` about holds."""

import fnmatch

import rules

_in_force = rules.Rules()


class Rule(rules.Rule):
    """`operation` is a pattern. `issuer` and `subject` narrow it."""

    KNOWN = {"operation", "issuer", "subject", "times", "hold", "status", "body", "headers", "padding", "cut", "drip"}

    def __init__(self, wanted):
        if unknown := set(wanted) - self.KNOWN:
            raise ValueError(f"a fault knows {sorted(self.KNOWN)}, and not {sorted(unknown)}")
        super().__init__(wanted)

    def applies(self, entry):
        return (
            self.left != 0
            and fnmatch.fnmatchcase(entry["operation"], self.wanted["operation"])
            and all(self.wanted.get(part) in (None, entry[part]) for part in ("issuer", "subject"))
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


def meet(entry):
    """What to do with this request: a rule's wishes, or None."""
    with _in_force.changed:
        found = _in_force.first_for(entry)
        if found is None:
            return None
        number, rule = found
        rule.spend()
        if rule.wanted.get("hold"):
            rule.held += 1
            _in_force.changed.notify_all()
            _in_force.changed.wait_for(lambda: not _in_force.is_in_force(number), rules.LONGEST_HOLD)
        return rule.wanted | {"number": number}


def drips(number, body, seconds):
    """A body that comes a byte at a time, so many seconds apart, until the rule is lifted; then the rest at once."""
    for at in range(len(body)):
        with _in_force.changed:
            if _in_force.changed.wait_for(lambda: not _in_force.is_in_force(number), seconds):
                yield body[at:]
                return
        yield body[at : at + 1]
