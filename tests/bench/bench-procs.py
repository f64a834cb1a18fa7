# SPDX-License-Identifier: MIT
"""bench-procs.py SYSMON LAB: medians of 5 with 2,000 processes that sleep, and how
far the CPU percentage is from what the scheduler counted."""
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

SLEEPERS = 2000
RUNS = 5
ACCURACY_LOOKS = 20
ACCURACY_BAR = 2
PSUTIL = """
import json, psutil, sys
for p in psutil.process_iter(["pid", "ppid", "name", "username",
                              "memory_percent", "memory_info", "cmdline"]):
    i = p.info
    print(json.dumps({"pid": i["pid"], "ppid": i["ppid"], "name": i["name"],
        "user": i["username"], "memory_percent": i["memory_percent"],
        "rss": i["memory_info"].rss, "cmdline": " ".join(i["cmdline"] or [])}))
"""


def start(*argv):
    p = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True)
    pids = {}
    for line in p.stdout:
        if line.startswith("ready"):
            return p, pids
        kind, pid = line.split()
        pids[kind] = int(pid)
    sys.exit(f"{argv[0]} did not get ready")


def stop(p):
    p.stdin.close()
    p.wait()


def run(argv):
    """Output, wall and CPU milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    out = subprocess.run(argv, check=True, stdout=subprocess.PIPE).stdout
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime
           - before.ru_utime - before.ru_stime)
    return out, wall * 1e3, cpu * 1e3


def rows(out):
    for line in out.splitlines():
        row = json.loads(line)
        if row.get("type", "process") == "process":
            yield row


def check_truth(ours, psutils, parent):
    """Both see the crowd, alike."""
    def crowd(out):
        return {r["pid"]: (r["ppid"], r["name"][:15], r["user"], r["rss"],
                           r["cmdline"])
                for r in rows(out) if r["ppid"] == parent}
    a, b = crowd(ours), crowd(psutils)
    if len(a) != SLEEPERS or a != b:
        sys.exit(f"processes: {len(a)} of {SLEEPERS} seen, "
                 f"{sum(a.get(p) != b[p] for p in b)} unlike psutil's")


def speed(sysmon, lab):
    fields = "pid,ppid,name,user,memory_percent,rss,cmdline"
    tools = {
        "sysmon ps": [sysmon, "ps", "--interval", "0", "--no-checks",
                      "--fields", fields, "--format", "ndjson"],
        "ps -eo": ["ps", "-eo", "pid,ppid,comm,user,%mem,rss,args"],
        "psutil": [sys.executable, "-c", PSUTIL],
    }
    if not shutil.which("ps"):
        del tools["ps -eo"]
    crowd, _ = start(lab + "/forker", str(SLEEPERS), "100")
    try:
        check_truth(run(tools["sysmon ps"])[0], run(tools["psutil"])[0],
                    crowd.pid)
        taken = {name: [] for name in tools}
        for _ in range(RUNS):
            for name, argv in tools.items():
                taken[name].append(run(argv)[1:])
    finally:
        stop(crowd)
    print(f"\n{SLEEPERS:,} processes, the same fields, one look; medians of "
          f"{RUNS}")
    print(f"{'':12}{'wall ms':>10}{'CPU ms':>10}{'wall ratio':>12}"
          f"{'CPU ratio':>12}")
    medians = {name: [statistics.median(t[i] for t in times) for i in (0, 1)]
               for name, times in taken.items()}
    own = medians["sysmon ps"]
    for name, (wall, cpu) in medians.items():
        print(f"{name:12}{wall:10.1f}{cpu:10.1f}{wall / own[0]:12.1f}"
              f"{cpu / own[1]:12.1f}")


def accuracy(lab):
    """One burner at a time, with the window of the library's own two looks."""
    print(flush=True)
    if subprocess.run([lab + "/cpu-truth", str(ACCURACY_LOOKS),
                       str(ACCURACY_BAR)]).returncode:
        sys.exit("processes: the CPU percentage is off")


def main():
    sysmon, lab = sys.argv[1:]
    speed(sysmon, lab)
    accuracy(lab)


main()
