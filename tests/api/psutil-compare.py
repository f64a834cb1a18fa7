# SPDX-License-Identifier: MIT
"""psutil-compare.py LAB: sleeping and odd processes, by us and by psutil."""
import json
import os
import subprocess
import sys

import psutil

FIELDS = ("pid,ppid,name,user,uid,rss,cmdline,start,threads,memory_percent,nice,"
          "tty,session,open_files,open_files_limit")
KINDS = ["plain", "parens", "threads5", "big", "zombie", "cmdline_300k"]
UNKNOWN = object()
if os.geteuid() == 0:
    KINDS += ["not_dumpable", "other_euid"]


def start(*argv):
    p = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True)
    for line in p.stdout:
        if line.startswith("ready"):
            return p
    sys.exit(f"{argv[0]} did not get ready")


def ask(what):
    """Of the processes of others, limits are told by prlimit(2) only to those
    with CAP_SYS_RESOURCE."""
    try:
        return what()
    except psutil.AccessDenied:
        return UNKNOWN


def of_psutil(pid):
    p = psutil.Process(pid)
    with p.oneshot():
        zombie = p.status() == psutil.STATUS_ZOMBIE
        return {
            "pid": p.pid,
            "ppid": p.ppid(),
            # psutil guesses the rest of a long name, we do not.
            "name": p.name()[:15],
            "user": p.username(),
            "uid": p.uids().real,
            "rss": p.memory_info().rss,
            "threads": p.num_threads(),
            "cmdline": None if zombie else " ".join(p.cmdline()),
            "start": p.create_time(),
            "memory_percent": p.memory_percent(),
            "nice": p.nice(),
            "tty": (p.terminal() or "").removeprefix("/dev/") or None,
            "session": os.getsid(pid),
            # A zombie has none.
            "open_files": None if zombie else p.num_fds(),
            "open_files_limit": None if zombie else ask(
                lambda: p.rlimit(psutil.RLIMIT_NOFILE)[0]),
        }


def differences(ours, theirs):
    for field, want in theirs.items():
        got = ours.get(field)
        if field == "start":
            same = abs(seconds(got) - want) < 0.011
        elif want is UNKNOWN:
            same = True
        elif field == "memory_percent":
            # Ours is of the cgroup's limit where that is smaller.
            same = got >= want - 0.01
        else:
            same = got == want
        if not same:
            yield f"{field}: {got!r}, psutil {want!r}"


def seconds(text):
    from datetime import datetime
    whole, _, part = text.rstrip("Z").partition(".")
    base = datetime.fromisoformat(whole + "+00:00").timestamp()
    return base + float("0." + (part or "0"))


def main():
    lab = sys.argv[1]
    crowd = start(lab + "/forker", "200", "120")
    zoo = start(lab + "/zoo", *KINDS)
    try:
        ours = subprocess.run([lab + "/proc-dump", FIELDS], check=True,
                              stdout=subprocess.PIPE).stdout
        rows = {}
        for line in ours.splitlines():
            row = json.loads(line)
            if row["type"] == "process":
                rows[row["pid"]] = row
        bad = compared = 0
        for parent in (crowd, zoo):
            for child in psutil.Process(parent.pid).children():
                theirs = of_psutil(child.pid)
                compared += 1
                for text in differences(rows.get(child.pid, {"start": ""}),
                                        theirs):
                    print(f"process {child.pid}: {text[:300]}")
                    bad += 1
    finally:
        for p in (crowd, zoo):
            p.stdin.close()
            p.wait()
    if compared != 200 + len(KINDS):
        sys.exit(f"compared {compared} processes, not {200 + len(KINDS)}")
    print(f"{compared} processes, {bad} differences")
    sys.exit(bad > 0)


main()
