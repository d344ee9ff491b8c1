r"""The real quilt3, driven by lines of JSON on standard input; each gets one line of JSON back.

    {"do": "load", "manifest": "<text of a manifest>"}
        reads it, and answers with its top hash, the text quilt3 writes, and the logical keys in quilt3's order
    {"do": "build", "package": "{\"message\": .., \"user_meta\": .., \"entries\": [{\"logical_key\": .., \"physical_key\": .., ..}]}"}
        makes a package of this text, and answers as above

    {"do": "push", "registry": "s3://bucket", "name": "a/b", "message": .., "user_meta": .., "second": 1700000000,
     "entries": {"logical/key": "s3://bucket/key"}, "metas": {"logical/key": {..}}}
        pushes a package of objects that are in the bucket, some with metadata, in that second, and answers with its top hash

    {"do": "browse", "registry": "s3://bucket", "name": "a/b"}
        reads the current revision from the registry, and answers as for load

An answer is `{"ok": ..}` or `{"error": ".."}`. It ends with its standard input.
"""

import io
import json
import os
import sys
import unittest.mock

# quilt3 prints, for people; what goes to standard output is ours alone.
ANSWERS, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")

import quilt3  # noqa: E402
from quilt3.packages import PackageEntry  # noqa: E402
from quilt3.util import PhysicalKey  # noqa: E402


def load(request):
    return _told(quilt3.Package.load(io.StringIO(request["manifest"])))


def build(request):
    wanted = json.loads(request["package"])
    package = quilt3.Package()
    for entry in wanted["entries"]:
        key = PhysicalKey.from_url(entry["physical_key"])
        package.set(entry["logical_key"], PackageEntry(key, entry["size"], entry["hash"], entry["meta"]))
    if "user_meta" in wanted:
        package.set_meta(wanted["user_meta"])
    package._set_commit_message(wanted["message"])
    return _told(package)


def push(request):
    package = quilt3.Package()
    for key, uri in request["entries"].items():
        package.set(key, uri, meta=request.get("metas", {}).get(key))
    package.set_meta(request["user_meta"])
    # Revisions are named by their second, so two in one second would be one.
    with unittest.mock.patch("quilt3.backends.base.time.time", return_value=request["second"]):
        pushed = package.push(request["name"], registry=request["registry"], message=request["message"], force=True)
    return {"top_hash": pushed.top_hash}


def browse(request):
    return _told(quilt3.Package.browse(request["name"], registry=request["registry"]))


def _told(package):
    text = io.StringIO()
    package.dump(text)
    return {
        "top_hash": package.top_hash,
        "manifest": text.getvalue(),
        "logical_keys": [key for key, _ in package.walk()],
    }


ACTIONS = {"load": load, "build": build, "push": push, "browse": browse}


def main():
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = {"ok": ACTIONS[request["do"]](request)}
        except Exception as error:  # What quilt3 says is for the test to judge.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=ANSWERS, flush=True)


main()
