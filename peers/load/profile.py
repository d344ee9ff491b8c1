#!/usr/bin/env python3
"""What a call's instructions are for: groups the functions of callgrind's profiles.

    LOAD_ONLY='quilt-mcp, 2025-11-25' LOAD_PROFILE=/tmp/profile.%p LOAD_CALLS=2500 peers/run load-instructions
    peers/load/profile.py 2500 FIRST ALL [FIRST ALL]..

`FIRST` and `ALL` are the two profiles of one server, without and with the calls that are counted; each pair gives a column.
"""

import collections
import re
import sys

# The first whose pattern is in a function's name.
GROUPS = [
    ("wiping what is freed", r"memset|clear_bytes"),
    ("SHA-256: the signature, and names for the log", r"(?i)sha256|sha2|hmac|ct_variable"),
    ("copying", r"memcpy|memmove"),
    ("allocating", r"^_?mi_|malloc|^c?free|realloc|raw_vec|_int_|unlink_chunk"),
    ("AWS's SDK", r"aws_(?!lc)|smithy|xmlparser"),
    ("SQLite", r"sqlite3|rusqlite|^(walC|pcache1|btree|pager|vdbe|balance|access|unix)"),
    ("JSON", r"serde|itoa|zmij|ryu"),
    ("lines of the log and spans", r"telemetry|tracing|sharded_slab"),
    ("identity", r"identity|bearer|base64|jsonwebtoken|config::roles"),
    ("searching, comparing, hashing, formatting", r"pattern|from_utf8|memcmp|memchr|hash|fmt"),
    ("HTTP", r"hyper|http::|httparse|axum|tower"),
    ("tasks and channels", r"tokio|[nN]otif|waker|mpsc|oneshot"),
    ("rmcp", r"rmcp"),
    ("quilt-mcp and quilt-scope", r"quilt_"),
    ("else", ""),
]


def functions(path):
    """Instructions by the function that executes them."""
    names, own, current, is_call = {}, collections.Counter(), None, False
    with open(path, errors="replace") as profile:
        for line in profile:
            if entered := re.match(r"(c?)fn=\((\d+)\)(?: (.*))?$", line):
                callee, number, name = entered.groups()
                if name:
                    names[number] = name
                if not callee:
                    current = number
            elif line.startswith("calls="):
                is_call = True
            elif cost := re.match(r"[+\-*\d]\S* (\d+)$", line):
                # The line after `calls=` is what the callee took, which is told of the callee itself.
                own[current] += 0 if is_call else int(cost[1])
                is_call = False
    return {names.get(number, number): instructions for number, instructions in own.items()}


def groups(calls, first, everything):
    """Instructions of one call by group."""
    first, everything = functions(first), functions(everything)
    sums = collections.Counter()
    for name, instructions in everything.items():
        group = next(group for group, pattern in GROUPS if re.search(pattern, name))
        sums[group] += (instructions - first.get(name, 0)) / calls
    return sums


def main(calls, *profiles):
    columns = [groups(int(calls), *pair) for pair in zip(profiles[::2], profiles[1::2])]
    for group in sorted((group for group, _ in GROUPS), key=lambda group: -columns[0][group]):
        print(f"| {group} | " + " | ".join(f"{column[group]:,.0f}" for column in columns) + " |")
    print("| all | " + " | ".join(f"{sum(column.values()):,.0f}" for column in columns) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])
