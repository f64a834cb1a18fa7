# SPDX-License-Identifier: MIT
"""psutil-compare.py LAB: sleeping and odd processes, by us and by psutil."""
import json
import os
import subprocess
import sys
import time

import psutil

FIELDS = ("pid,ppid,name,user,uid,rss,cmdline,start,threads,memory_percent,nice,"
          "tty,session,open_files,open_files_limit,euid,gid,egid,state,exe,cwd,"
          "read_bytes,write_bytes,uss,pss,voluntary_switches,"
          "involuntary_switches,cpus_allowed,listening,connections,"
          "cpu_percent_lifetime,ionice")
KINDS = ["plain", "kind_to_disks", "parens", "threads5", "big", "zombie",
         "cmdline_300k"]
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


def cpus(text):
    """ "0-2,5" of cpuset(7) as a set, of those that are on."""
    found = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found & set(range(os.cpu_count()))


def io_class(value):
    level = value.value & 7
    return {psutil.IOPRIO_CLASS_NONE: "none",
            psutil.IOPRIO_CLASS_RT: f"realtime {level}",
            psutil.IOPRIO_CLASS_BE: f"best-effort {level}",
            psutil.IOPRIO_CLASS_IDLE: "idle"}[value.ioclass]


def of_memory(p):
    memory = p.memory_full_info()
    return memory.uss, memory.pss


# What psutil reads of a zombie: nothing, or zeros.
def of_files(p, zombie):
    if zombie:
        return dict.fromkeys(("open_files", "open_files_limit", "exe", "cwd",
                              "read_bytes", "write_bytes", "uss", "pss",
                              "listening", "connections"))
    io, (uss, pss) = p.io_counters(), of_memory(p)
    return {
        "open_files": p.num_fds(),
        "open_files_limit": ask(lambda: p.rlimit(psutil.RLIMIT_NOFILE)[0]),
        "exe": p.exe(),
        "cwd": p.cwd(),
        "read_bytes": io.read_bytes,
        "write_bytes": io.write_bytes,
        "uss": uss,
        "pss": pss,
        "listening": [],
        "connections": [],
    }


def of_psutil(pid):
    p = psutil.Process(pid)
    with p.oneshot():
        zombie = p.status() == psutil.STATUS_ZOMBIE
        switches, times = p.num_ctx_switches(), p.cpu_times()
        return of_files(p, zombie) | {
            "began": began(pid),
            "euid": p.uids().effective,
            "gid": p.gids().real,
            "egid": p.gids().effective,
            "state": "Z" if zombie else "S",
            "voluntary_switches": switches.voluntary,
            "involuntary_switches": switches.involuntary,
            "cpus_allowed": set(p.cpu_affinity()),
            "cpu_percent_lifetime": times.user + times.system,
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
            "ionice": io_class(p.ionice()),
        }


def began(pid):
    """In seconds since boot; the wall clock's are those of a whole second."""
    with open(f"/proc/{pid}/stat") as f:
        return int(f.read().rpartition(")")[2].split()[19]) / 100


def differences(ours, theirs, when):
    for field, want in theirs.items():
        if field == "began":
            continue
        got = ours.get(field)
        if field == "start":
            same = abs(seconds(got) - want) < 0.011
        elif want is UNKNOWN:
            same = True
        elif field == "cpus_allowed":
            same = cpus(got) == want
        elif field == "pss":
            # The share of a library changes whenever a program starts.
            same = want is None or abs(got - want) < 262144
        elif field == "cpu_percent_lifetime":
            # psutil has the seconds used: two counts in ticks.
            first, last = (got * (t - theirs["began"]) / 100 for t in when)
            same = first - 0.03 < want < last + 0.03
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
        when = [time.clock_gettime(time.CLOCK_BOOTTIME)]
        ours = subprocess.run([lab + "/proc-dump", FIELDS], check=True,
                              stdout=subprocess.PIPE).stdout
        when.append(time.clock_gettime(time.CLOCK_BOOTTIME))
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
                                        theirs, when):
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
