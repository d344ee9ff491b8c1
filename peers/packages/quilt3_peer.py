"""quilt3 does what it is asked in lines of JSON, and answers each with one: how many things it dealt with."""

import json
import os
import sys

ANSWERS, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")

import quilt3  # noqa: E402
from quilt3.checksums import DEFAULT_HASH  # noqa: E402
from quilt3.data_transfer import FileChecksumTask, calculate_multipart_checksum  # noqa: E402
from quilt3.util import PhysicalKey, fix_url  # noqa: E402


def listed(request):
    return len(list(quilt3.list_packages(f"s3://{request['bucket']}")))


def browse(request):
    return sum(1 for _ in package(request["bucket"], request["name"]).walk())


def diff(request):
    one, other = (package(request["bucket"], request[which]) for which in ("one", "other"))
    added, modified, deleted = one.diff(other)
    return len(modified)


def push(request):
    made = quilt3.Package()
    if "folder" in request:
        # With versions it would ask for those of every object in addition.
        made.set_dir("/", request["folder"], unversioned=True)
    else:
        made.set(request["uri"].rsplit("/", 1)[-1], request["uri"])
    registry = f"s3://{request['bucket']}"
    pushed = made.push(request["name"], registry=registry, message="measured", force=True)
    return sum(1 for _ in pushed.walk())


def add(request):
    changed = package(request["bucket"], request["name"])
    changed.set("zz/" + request["uri"].rsplit("/", 1)[-1], request["uri"])
    pushed = changed.push(
        request["name"],
        registry=f"s3://{request['bucket']}",
        message="measured",
        selector_fn=lambda key, entry: False,
        force=True,
    )
    return sum(1 for _ in pushed.walk())


def hashed(request):
    at = PhysicalKey.from_url(fix_url(request["uri"]))
    [value] = calculate_multipart_checksum([FileChecksumTask.create(at, request["size"], DEFAULT_HASH)])
    return int(isinstance(value, str))


def read(request):
    loaded = load(request["path"])
    loaded.top_hash  # Computed anew each time.
    return sum(1 for _ in loaded.walk())


def rewrite(request):
    loaded = load(request["path"])
    with open(request["to"], "w", encoding="utf-8") as file:
        loaded.dump(file)
    loaded.top_hash
    return sum(1 for _ in loaded.walk())


def compare(request):
    return sum(len(changes) for changes in load(request["path"]).diff(load(request["other"])))


def load(path):
    with open(path, encoding="utf-8") as file:
        return quilt3.Package.load(file)


def package(bucket, name):
    return quilt3.Package.browse(name, registry=f"s3://{bucket}")


ACTIONS = {
    "list": listed,
    "browse": browse,
    "diff": diff,
    "push": push,
    "add": add,
    "hash": hashed,
    "read": read,
    "rewrite": rewrite,
    "compare": compare,
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"done": ACTIONS[request["do"]](request)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), file=ANSWERS, flush=True)
