# SPDX-License-Identifier: MIT
"""bench-procs.py SYSMON LAB LIBPROC2: the process list beside other tools, medians of
5 with 10,000 and with 200 processes that sleep, and how far the CPU percentage is
from what the scheduler counted. LIBPROC2 is libproc2-list, or "" without it."""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

CROWDS = (10000, 200)
RUNS = 5
CHECK_RUNS = 3
ACCURACY_LOOKS = 20
ACCURACY_BAR = 2
FIELDS = "pid,ppid,name,user,memory_percent,rss,cmdline"
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
    """Its output."""
    done = subprocess.run(argv, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"{argv[0]}: status {done.returncode}")
    return done.stdout


def timed(argv):
    """Wall and CPU milliseconds; the output goes to /dev/null."""
    begin = time.monotonic()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{argv[0]}: status {child.returncode}")
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def rows(out):
    for line in out.splitlines():
        row = json.loads(line)
        if row.get("type", "process") == "process":
            yield row


def memory_of(out):
    """What ours says of itself: that of a child counts its parent's, before exec."""
    for line in out.splitlines():
        row = json.loads(line)
        if row.get("type") == "summary":
            return f"{row['peak_memory'] / 2**20:.1f}"
    return ""


def check_truth(ours, psutils, parent, sleepers):
    """Both see the crowd, alike."""
    def crowd(out):
        return {r["pid"]: (r["ppid"], r["name"][:15], r["user"], r["rss"],
                           r["cmdline"])
                for r in rows(out) if r["ppid"] == parent}
    a, b = crowd(ours), crowd(psutils)
    if len(a) != sleepers or a != b:
        sys.exit(f"processes: {len(a)} of {sleepers} seen, "
                 f"{sum(a.get(p) != b[p] for p in b)} unlike psutil's")


def has_bpf(sysmon):
    out = run([sysmon, "ps", "--backend", "bpf", "--interval", "0",
               "--no-checks", "--fields", "pid", "--format", "ndjson"])
    refusals = [r for r in map(json.loads, out.splitlines())
                if r["type"] == "notice" and "listed by bpf" in r["text"]]
    for r in refusals:
        print("processes: " + r["text"])
    return not refusals


def tools_of(sysmon, libproc2):
    ours = [sysmon, "ps", "--interval", "0", "--no-checks", "--fields",
            FIELDS, "--format", "ndjson", "--backend"]
    tools = {"sysmon ps, procfs": ours + ["procfs"],
             "  two threads": ours + ["procfs", "--threads", "2"]}
    if has_bpf(sysmon):
        tools["sysmon ps, bpf"] = ours + ["bpf"]
    tools["sysmon ps"] = ours + ["auto"]
    if libproc2:
        tools["libproc2"] = [libproc2]
    tools["psutil"] = [sys.executable, "-c", PSUTIL]
    if shutil.which("ps"):
        tools["ps aux"] = ["ps", "aux"]
    return tools


def speed(tools, lab, sleepers):
    crowd, _ = start(lab + "/forker", str(sleepers), "100")
    try:
        truth = run(tools["psutil"])
        memory = {}
        for name in tools:
            if name.strip().startswith(("sysmon", "two")):
                out = run(tools[name])
                check_truth(out, truth, crowd.pid, sleepers)
                memory[name] = memory_of(out)
        taken = {name: [] for name in tools}
        for _ in range(RUNS):
            for name, argv in tools.items():
                taken[name].append(timed(argv))
        checks = [timed([tools["sysmon ps"][0], "ps", "--interval", "0",
                       "--hidden", "off", "--format", "ndjson"])
                  for _ in range(CHECK_RUNS)
                  ] if sleepers == max(CROWDS) else []
    finally:
        stop(crowd)
    medians = {name: [statistics.median(t[i] for t in times)
                      for i in range(2)] for name, times in taken.items()}
    peer = medians.get("libproc2", medians["psutil"])
    what = "libproc2" if "libproc2" in medians else "psutil"
    print(f"\n{sleepers:,} processes, the same fields, one look; medians of "
          f"{RUNS}; times faster than {what} and psutil")
    print(f"{'':20}{'wall ms':>9}{'CPU ms':>9}{'MiB':>7}"
          f"{what:>10}{'psutil':>9}")
    for name, (wall, cpu) in medians.items():
        print(f"{name:20}{wall:9.1f}{cpu:9.1f}{memory.get(name, ''):>7}"
              f"{peer[0] / wall:10.2f}{medians['psutil'][0] / wall:9.2f}")
    if checks:
        wall, cpu = (statistics.median(c[i] for c in checks) for i in (0, 1))
        print(f"{'checks, hidden off':20}{wall:9.1f}{cpu:9.1f}{'':7}"
              f"{peer[0] / wall:10.2f}{medians['psutil'][0] / wall:9.2f}"
              f"  (median of {CHECK_RUNS})")


def first_line(*argv):
    try:
        out = subprocess.run(argv, capture_output=True, text=True).stdout
    except OSError:
        return ""
    return (out.splitlines() or [""])[0]


def versions(libproc2):
    print("peers: " + ", ".join(filter(None, (
        libproc2 and "libproc2 " + first_line("pkg-config", "--modversion",
                                              "libproc2"),
        "psutil " + first_line(sys.executable, "-c",
                               "import psutil; print(psutil.__version__)"),
        re.sub("^ps from ", "", first_line("ps", "--version")),
        "Linux " + os.uname().release))))


def accuracy(lab):
    """One burner at a time, with the window of the library's own two looks."""
    print(flush=True)
    if subprocess.run([lab + "/cpu-truth", str(ACCURACY_LOOKS),
                       str(ACCURACY_BAR)]).returncode:
        sys.exit("processes: the CPU percentage is off")


def main():
    sysmon, lab, libproc2 = sys.argv[1:]
    versions(libproc2)
    tools = tools_of(sysmon, libproc2)
    for sleepers in CROWDS:
        speed(tools, lab, sleepers)
    accuracy(lab)


main()
