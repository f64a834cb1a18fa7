# SPDX-License-Identifier: MIT
"""bench-procs-live.py SYSMON LAB [PART...]: what goes on and on, or looks at the whole
machine, each against its bar: watch (10,000 processes at 1 Hz), hidden (a sweep of all
process numbers, beside unhide), events (2,000 programs one after the other)."""
import ctypes
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

CROWD, FEW = 10000, 200
SETTLE, SPAN = 2.0, 5.0  # seconds of a watch: not counted, counted
RUNS = 5
STORM = 2000
NEEDED = "pid,name,state,cpu_percent,rss"
CAPS_OF_BPF = (21, 38, 39)  # CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF
missed = 0


def row(what, figure, bar, met):
    global missed
    missed += not met
    print(f"{what:50}{figure:>16}  {bar:20}{'met' if met else 'NOT MET'}",
          flush=True)


def tell(what, figure):
    print(f"{what:50}{figure:>16}", flush=True)


def without_bpf():
    """In a child: exec then leaves it root without what BPF takes."""
    libc = ctypes.CDLL(None)
    for cap in CAPS_OF_BPF:
        libc.prctl(24, cap, 0, 0, 0)  # PR_CAPBSET_DROP


class Crowd:
    def __init__(self, lab, n):
        self.p = subprocess.Popen([lab + "/forker", str(n), "100"],
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        for line in self.p.stdout:
            if line.startswith("ready"):
                break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.stdin.close()
        self.p.wait()


def cpu_seconds(pid):
    """By the scheduler's nanoseconds, of all its threads."""
    total = 0
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def watch_once(sysmon, fields, backend, more, span=SPAN):
    """Percent of a core, MiB, and what listed them."""
    argv = [sysmon, "ps", "--watch", "1", "--no-checks", "--interval", "0",
            "--format", "ndjson", "--fields", fields, "--backend", backend,
            *more]
    with open(os.devnull, "wb") as null:
        p = subprocess.Popen(argv, stdout=null)
    try:
        time.sleep(SETTLE)
        begin, used = time.monotonic(), cpu_seconds(p.pid)
        time.sleep(span)
        percent = 100 * (cpu_seconds(p.pid) - used) / (time.monotonic() - begin)
        size = memory(p.pid)
    finally:
        p.send_signal(signal.SIGINT)
        p.wait()
    return percent, size


def in_force(sysmon, backend):
    out = subprocess.run([sysmon, "ps", "--no-checks", "--interval", "0",
                          "--fields", "pid", "--format", "ndjson",
                          "--backend", backend], capture_output=True).stdout
    return json.loads(out.splitlines()[-1]).get("process_backend", "")


SCREEN = ["--sort", "cpu", "--top", "20"]
WATCHES = (
    ("bpf, name state CPU RSS", "bpf", NEEDED, SCREEN, 1.0),
    ("bpf, with command lines", "bpf", NEEDED + ",cmdline", SCREEN, 2.5),
    ("kept, name state CPU RSS", "kept", NEEDED, SCREEN, 4.5),
    ("kept, name state CPU", "kept", "pid,name,state,cpu_percent", SCREEN,
     4.5),
    ("procfs, name state CPU RSS", "procfs", NEEDED, SCREEN, None),
    ("bpf, every row written as NDJSON", "bpf", NEEDED, [], None),
)


def watch(sysmon, lab):
    has_bpf = in_force(sysmon, "bpf") == "bpf"
    print(f"\nwatching {CROWD:,} processes at 1 Hz, a screen of 20 written; "
          f"percent of a core over {SPAN:.0f} s")
    with Crowd(lab, FEW):
        base = {b: watch_once(sysmon, NEEDED, b, [], 1)[1]
                for b in ("bpf", "kept")}
    with Crowd(lab, CROWD):
        for what, backend, fields, more, bar in WATCHES:
            if backend == "bpf" and not has_bpf:
                print(f"{what}: left out: BPF is refused here")
                continue
            percent, size = watch_once(sysmon, fields, backend, more)
            if bar is None:
                tell(what, f"{percent:.2f} %")
            else:
                row(what, f"{percent:.2f} %", f"<= {bar} %", percent <= bar)
            if not more or what.startswith("kept, name state CPU RSS"):
                tell("  memory", f"{size:.1f} MiB")
    for backend, size in base.items():
        row(f"{backend}, memory with {FEW} rows", f"{size:.1f} MiB",
            "<= 4 MiB", size <= 4)


def cpu_ms(argv, ok=(0,), prepare=None):
    """Of a program with one thread that waits for nothing."""
    p = subprocess.Popen(argv, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, preexec_fn=prepare)
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode not in ok:
        sys.exit(f"{argv[0]}: status {p.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1e3


def sweep_ms(sysmon):
    """What --hidden all adds to a list: medians, taken in turns. Without BPF: that
    its programs are loaded does not depend on how many numbers there are."""
    argv = [sysmon, "ps", "--interval", "0", "--top", "1", "--fields", "pid",
            "--format", "ndjson", "-q", "--hidden"]
    taken = {how: [] for how in ("all", "off")}
    for _ in range(RUNS):
        for how, times in taken.items():
            times.append(cpu_ms(argv + [how], prepare=without_bpf))
    return (statistics.median(taken["all"]) - statistics.median(taken["off"]))


def in_small_world(sysmon, pid_max):
    """In a pid namespace of its own: this machine's limit is not changed."""
    with open("/proc/sys/kernel/pid_max", "r+") as f:
        was = f.read()
        f.seek(0)
        f.write(str(pid_max))
        f.flush()
        try:
            result = {"ours": sweep_ms(sysmon)}
            unhide = shutil.which("unhide", path="/usr/sbin:/usr/bin:/sbin")
            if unhide and pid_max < 100000:
                result["unhide"] = statistics.median(
                    cpu_ms([unhide, "quick"], (0, 1)) for _ in range(3))
        finally:
            f.seek(0)
            f.write(was)
    print(json.dumps(result))


def hidden(sysmon, _):
    print(f"\nlooking for hidden processes at every number; median of {RUNS}")
    for pid_max, bar in ((32768, 10), (4194304, 600)):
        p = subprocess.run(["unshare", "-pf", "--mount-proc", sys.executable,
                            __file__, sysmon, "-", f"=pid_max={pid_max}"],
                           capture_output=True, text=True)
        if p.returncode:
            print(f"left out: {p.stderr.strip()[-200:]}")
            return
        found = json.loads(p.stdout)
        row(f"pid_max {pid_max:,}", f"{found['ours']:.1f} ms", f"< {bar} ms",
            found["ours"] < bar)
        if "unhide" in found:
            tell("  unhide quick", f"{found['unhide']:.0f} ms")
        elif pid_max < 100000:
            print("  unhide is left out: install unhide")


def is_of_storm(event):
    args = event.get("args", [])
    return len(args) == 3 and args[1] == "--storm"


def follow_storm(sysmon, lab, drop):
    """Execs of the storm, those with arguments, lost events, CPU us an exec, way."""
    p = subprocess.Popen([sysmon, "ps", "--follow", "--no-checks",
                          "--interval", "0", "--hidden", "off", "--fields",
                          "pid,ppid,args,event", "--format", "ndjson"],
                         stdout=subprocess.PIPE, text=True,
                         preexec_fn=without_bpf if drop else None)
    lines = []
    for line in p.stdout:
        if '"type":"notice"' in line and "comes from" in line:
            break
    used = cpu_seconds(p.pid)
    storm = subprocess.Popen([lab + "/storm", str(STORM)])
    for line in p.stdout:
        lines.append(line)
        if (f'"pid":{storm.pid},' in line and '"event":"exit"' in line):
            break
    storm.wait()
    used = cpu_seconds(p.pid) - used
    p.send_signal(signal.SIGINT)
    lines += p.stdout.readlines()
    p.wait()
    rows = [json.loads(line) for line in lines]
    execs = [r for r in rows if r.get("event") == "exec" and
             r.get("ppid") == storm.pid]
    lost = [r for r in rows if r["type"] == "notice" and
            "were lost" in r["text"]]
    return (len(execs), sum(map(is_of_storm, execs)), len(lost),
            used * 1e6 / STORM, rows[-1].get("process_event_source", ""))


def events(sysmon, lab):
    print(f"\n{STORM:,} programs one after the other, followed")
    for drop in (False, True):
        execs, argvs, lost, us, way = follow_storm(sysmon, lab, drop)
        if way == "polling":
            print(f"{'without' if drop else 'with'} BPF: left out: the kernel "
                  "tells of no events here")
            continue
        row(f"{way}: execs told", f"{execs}", f"{STORM}, or lost told",
            execs == STORM or (way != "bpf" and lost > 0))
        if way == "bpf":
            row(f"{way}: with all arguments", f"{argvs}", f"{STORM}",
                argvs == STORM)
        else:
            tell(f"{way}: with arguments", f"{argvs}")
        tell(f"{way}: CPU for each, with its NDJSON", f"{us:.1f} us")


PARTS = {"watch": watch, "hidden": hidden, "events": events}


def main():
    sysmon, lab, *parts = sys.argv[1:]
    if parts and parts[0].startswith("=pid_max="):
        in_small_world(sysmon, int(parts[0].split("=")[2]))
        return
    for name in parts or PARTS:
        PARTS[name](sysmon, lab)
    print(f"\n{missed} of these bars not met")


main()
