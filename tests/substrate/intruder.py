"""Tries to look into another process with the rights of one user, and none besides: `intruder.py UID GID PID`.

Reads from standard input what to look for. Prints an object: for each way in `"in"` or why not, as `"EPERM"`; and `found`, in how
many ways the text was seen.
"""

import ctypes
import errno
import json
import os
import signal
import sys

PTRACE_ATTACH, PTRACE_DETACH = 16, 17
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.restype = LIBC.process_vm_readv.restype = ctypes.c_ssize_t
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def become(user, group):
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    with open("/proc/self/status") as status:
        held = next(line.split()[1] for line in status if line.startswith("CapEff:"))
    if os.geteuid() != user or int(held, 16):
        sys.exit(f"still user {os.geteuid()}, with capabilities {held}")


def regions(process):
    with open(f"/proc/{process}/maps") as maps:
        for line in maps:
            span, rights = line.split()[:2]
            if rights.startswith("rw"):
                start, end = (int(edge, 16) for edge in span.split("-"))
                yield start, end - start


def maps(process):
    return [str(next(regions(process)))]


def environment(process):
    with open(f"/proc/{process}/environ", "rb") as shown:
        return [shown.read()]


def memory(process):
    with open(f"/proc/{process}/mem", "rb", buffering=0) as shown:
        for start, length in regions(process):
            for content in pieces(start, length):
                shown.seek(content[0])
                try:
                    yield shown.read(content[1]) or b""
                except OSError:
                    continue


def readv(process):
    try:
        all_regions = list(regions(process))
    except OSError:
        # Whether it may look is asked before whether there is something.
        all_regions = [(0x1000, 8)]
    for start, length in all_regions:
        for begin, size in pieces(start, length):
            room = ctypes.create_string_buffer(size)
            to, at = Vector(ctypes.addressof(room), size), Vector(begin, size)
            read = LIBC.process_vm_readv(process, ctypes.byref(to), 1, ctypes.byref(at), 1, 0)
            if read < 0 and ctypes.get_errno() != errno.EFAULT:
                raise OSError(ctypes.get_errno(), "process_vm_readv")
            yield room.raw[: max(read, 0)]


def attach(process):
    if LIBC.ptrace(PTRACE_ATTACH, process, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(process, 0x40000000)
    LIBC.ptrace(PTRACE_DETACH, process, None, None)
    os.kill(process, signal.SIGCONT)
    return []


def pieces(start, length, most=1 << 20):
    """Long regions are mostly reserved and never used: their beginnings and no more."""
    return [(start + at, min(most, length - at)) for at in range(0, min(length, 64 * most), most)]


def main():
    user, group, process = (int(argument) for argument in sys.argv[1:])
    text = sys.stdin.buffer.read()
    become(user, group)
    outcome, found = {}, 0
    for way in (maps, environment, memory, readv, attach):
        try:
            seen = any(text in piece for piece in way(process) if isinstance(piece, bytes))
            outcome[way.__name__], found = "in", found + seen
        except OSError as refusal:
            outcome[way.__name__] = errno.errorcode[refusal.errno]
    print(json.dumps(outcome | {"found": found}))


main()
