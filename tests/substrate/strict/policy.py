"""Evaluates IAM policy documents: effect, action, resource, principal, conditions and variables.

Not covered: permission boundaries, service control policies, dates in conditions. An operator that is not known here
raises, so that a test cannot rest on a condition that nobody checks.
"""

import fnmatch
import functools
import ipaddress
import json
import re

VARIABLE = re.compile(r"\$\{([^}]+)\}")
UNKNOWN = "\0"  # what a variable without a value becomes: matches no real value


def evaluate(document, action, resource, context, who=None, trust=False):
    """Judges one document: `"allow"`, `"deny"`, or `None` where it says nothing.

    `context` has lower-case keys. `who` is `{"kind", "principals"}` for documents that name principals; without it only
    `*` matches. `trust` leaves resources aside: a trust policy has none.
    """
    verdict = None
    for statement in as_list(_parsed(document)["Statement"]):
        if not _concerns(statement, action, resource, context, who, trust):
            continue
        if statement["Effect"] == "Deny":
            return "deny"
        verdict = "allow"
    return verdict


def as_list(value):
    """IAM writes a list of one without the brackets."""
    return value if isinstance(value, list) else [value]


def _parsed(document):
    return _parsed_text(document) if isinstance(document, (str, bytes)) else document


@functools.lru_cache(maxsize=4096)
def _parsed_text(text):
    return json.loads(text)


def _concerns(statement, action, resource, context, who, trust):
    return (
        _action_matches(statement, action)
        and (trust or _resource_matches(statement, resource, context))
        and _principal_matches(statement, who)
        and _conditions_hold(statement.get("Condition"), context)
    )


def _action_matches(statement, action):
    if "NotAction" in statement:
        return not any(_glob(a.lower(), action.lower(), {}) for a in as_list(statement["NotAction"]))
    return any(_glob(a.lower(), action.lower(), {}) for a in as_list(statement.get("Action", [])))


def _resource_matches(statement, resource, context):
    # For most services other than S3 moto does not say which resource is meant. Then any matches.
    if resource == "*" and "Resource" in statement:
        return True
    if "NotResource" in statement:
        return not any(_glob(r, resource, context) for r in as_list(statement["NotResource"]))
    return any(_glob(r, resource, context) for r in as_list(statement.get("Resource", "*")))


def _principal_matches(statement, who):
    if "NotPrincipal" in statement:
        return not _names(statement["NotPrincipal"], who)
    return "Principal" not in statement or _names(statement["Principal"], who)


def _names(principal, who):
    if principal is None or principal == "*":
        return True
    if who is None:
        return "*" in as_list(principal.get("AWS", []))
    return any(
        name == "*" or (name in who["principals"] and kind == who["kind"])
        for kind, names in principal.items()
        for name in as_list(names)
    )


def _conditions_hold(conditions, context):
    return all(
        _condition_holds(operator, key, wanted, context)
        for operator, keys in (conditions or {}).items()
        for key, wanted in keys.items()
    )


def _condition_holds(operator, key, wanted, context):
    quantifier, _, operator = operator.rpartition(":")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    wanted = [_text(w) for w in as_list(wanted)]
    actual = context.get(key.lower())
    if operator == "Null":
        return (actual is None) == (wanted[0] == "true")
    negated = "Not" in operator
    if actual is None:
        return if_exists or negated or quantifier == "ForAllValues"
    hits = [_compare(operator.replace("Not", ""), _text(a), wanted, context) for a in as_list(actual)]
    if negated:
        return not any(hits)
    return all(hits) if quantifier == "ForAllValues" else any(hits)


NUMERIC = {
    "NumericEquals": lambda a, b: a == b,
    "NumericLessThan": lambda a, b: a < b,
    "NumericLessThanEquals": lambda a, b: a <= b,
    "NumericGreaterThan": lambda a, b: a > b,
    "NumericGreaterThanEquals": lambda a, b: a >= b,
}


def _compare(operator, actual, wanted, context):
    if operator == "StringEquals":
        return any(actual == _substituted(w, context) for w in wanted)
    if operator == "StringEqualsIgnoreCase":
        return any(actual.lower() == w.lower() for w in wanted)
    if operator in ("StringLike", "ArnLike", "ArnEquals"):
        return any(_glob(w, actual, context) for w in wanted)
    if operator == "Bool":
        return actual == wanted[0]
    if operator in NUMERIC:
        return NUMERIC[operator](float(actual), float(wanted[0]))
    if operator == "IpAddress":
        address = ipaddress.ip_address(actual)
        return any(address in ipaddress.ip_network(w, strict=False) for w in wanted)
    raise NotImplementedError(f"condition operator {operator}")


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _substituted(text, context):
    return VARIABLE.sub(lambda m: str(context.get(m.group(1).lower(), UNKNOWN)), text)


def _glob(pattern, value, context):
    """`*` and `?` of the pattern are wildcards; those that come in through a variable are letters."""

    def literal(match):
        known = context.get(match.group(1).lower())
        return UNKNOWN if known is None else re.sub(r"([*?\[])", r"[\1]", str(as_list(known)[0]))

    pattern = VARIABLE.sub(literal, pattern.replace("[", "[[]"))
    return fnmatch.fnmatchcase(value, pattern)
