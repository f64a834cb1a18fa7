# SPDX-License-Identifier: MIT
"""bench-ports.py SYSMON PROGRAMS: whole scans of the lab beside nmap's, alternately;
the bars last. What a run of ours finds is compared with what listens before a time
counts, and each run again. BENCH_RUNS (20) on clean ways, where the best counts; 5 at
most on others, where the median does. BENCH_ROWS chooses, by the names below."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import ports_lab
import ports_udp
from ports_lab import PROFILES

RUNS = int(os.environ.get("BENCH_RUNS", "20"))
LIMIT = 120  # seconds for one scan
NMAP = ["nmap", "-n", "-Pn"]


class Tool:
    def __init__(self, name, argv, nobody=False, ours=False):
        self.name, self.argv, self.nobody = name, argv, nobody
        self.ours = ours


def ours(name, *argv, nobody=False):
    return Tool(name, ["--format", "ndjson", *argv], nobody, True)


TOOLS = {
    "user": ours("sysmon, unprivileged", nobody=True),
    "user2": ours("  two threads", "--threads", "2", nobody=True),
    "root": ours("sysmon, root"),
    "root2": ours("  two threads", "--threads", "2"),
    "sT": Tool("nmap -sT -T4", NMAP + ["-sT", "-T4"], True),
    "sS": Tool("nmap -sS -T4", NMAP + ["-sS", "-T4"]),
    "sT3": Tool("nmap -sT", NMAP + ["-sT"], True),
    "sS3": Tool("nmap -sS", NMAP + ["-sS"]),
}


class Row:
    """bars: of ours, of which peer, how many times faster. few: runs of a slow peer."""

    def __init__(self, name, profile, bars, family=4, clean=False, runs=None,
                 few=None, also=()):
        self.name, self.profile, self.family = name, PROFILES[profile], family
        self.bars, self.clean, self.few = bars, clean, few or {}
        self.runs = min(runs or (20 if clean else 5), RUNS)
        names = [b[0] for b in bars] + [b[1] for b in bars] + list(also)
        self.tools = [name for name in TOOLS if name in names]


CLEAN = (("user", "sT"), ("user2", "sT"), ("root", "sS"))


def clean(*factors):
    return [(*pair, factor) for pair, factor in zip(CLEAN, factors)]


def both(peer, factor):
    return [("user", peer, factor), ("root", peer, factor)]


ROWS = (
    Row("local", "local", clean(1.6, 2.2, 2.4), clean=True, also=["root2"]),
    Row("veth", "veth", clean(1.4, 2.3, 2.2), clean=True, also=["root2"]),
    Row("veth6", "veth", clean(1.4, 2.3, 2.2), 6, clean=True, runs=10),
    Row("net24", "net24", [("root", "sS", 2)], clean=True, runs=10,
        also=["user"]),
    Row("loss1", "loss1", both("sT", 8)),
    Row("loss3", "loss3", both("sS", 15), few={"sS": 2}),
    Row("rtt50", "rtt50", both("sT", 8), few={"sT": 3}),
    Row("filtered", "filtered", [("user", "sT3", 16), ("root", "sS3", 16)]),
    Row("narrow", "narrow", both("sT", 1.5)),
)
bars = []  # what, figure, bar, met


def bar(what, figure, limit, met):
    bars.append((what, figure, limit, met))


class Bench:
    def __init__(self, lab, sysmon):
        self.lab, self.sysmon = lab, sysmon
        self.out = os.path.join(lab.dir, "out")
        self.absent = set()
        if not self.takes("--threads", "2"):
            self.absent |= {"user2", "root2"}

    def takes(self, *argv):
        return subprocess.run([self.sysmon, "scan", "127.0.0.1", "-p", "1",
                               *argv], capture_output=True).returncode == 0

    def argv(self, tool, target, ports, family):
        if tool.ours:
            return [self.sysmon, "scan", target, "-p", ports, *tool.argv]
        return tool.argv + (["-6"] if family == 6 else []) + [
            "-p", ports, "-oG", "-", target]

    def run(self, tool, argv):
        """Seconds, CPU seconds, MiB and what it wrote."""
        prefix = [self.lab.programs + "/ports-run"]
        told = subprocess.run(
            prefix + (["-u"] if tool.nobody else []) + [str(LIMIT), self.out] +
            argv, capture_output=True, text=True, check=True).stdout.split()
        if told[3] != "0":
            print(f"{' '.join(argv)}: status {told[3]}")
        with open(self.out) as f:
            return float(told[0]), float(told[1]), int(told[2]) / 1024, f.read()


def found_by_nmap(text):
    found = set()
    for line in text.splitlines():
        host = re.match(r"Host: (\S+) .*?Ports: (.*)", line)
        if host:
            found |= {(host[1], int(p))
                      for p in re.findall(r"(\d+)/open/", host[2])}
    return found


class Ours:
    """What one of our scans told."""

    def __init__(self, text):
        rows = [json.loads(line) for line in text.splitlines()]
        self.ports = [r for r in rows if r["type"] == "port"]
        self.hosts = [r for r in rows if r["type"] == "host"]
        self.open = {(r["address"], r["port"]) for r in self.ports
                     if r["state"] == "open"}

    def sum(self, member):
        return sum(h.get(member, 0) for h in self.hosts)

    def methods(self):
        return "+".join(sorted({h["method"] for h in self.hosts}))


def check_truth(bench, row, tool, rest, total):
    """Before anything is timed; what our scan told, its errors first."""
    p = row.profile
    told = Ours(bench.run(tool, bench.argv(tool, p.target(row.family), p.ports,
                                           row.family) + ["--show", "all"])[3])
    truth = p.truth(row.family)
    others = sum(r["state"] == rest for r in told.ports)
    wrong = []
    if told.open != truth:
        wrong.append(f"missed {len(truth - told.open)}, "
                     f"false {len(told.open - truth)}")
    if others < total - len(truth) - total // 10000:
        wrong.append(f"{others} {rest}, not {total - len(truth)}")
    return wrong, told


class Taken:
    """All runs of one tool in a row."""

    def __init__(self):
        self.wall, self.cpu, self.peak, self.right, self.note = [], [], 0, 0, ""

    def add(self, wall, cpu, peak, right):
        self.wall.append(wall)
        self.cpu.append(cpu)
        self.peak = max(self.peak, peak)
        self.right += right

    def time(self, clean):
        return min(self.wall) if clean else statistics.median(self.wall)


def measure(bench, row):
    p, taken = row.profile, {}
    hosts = len(getattr(p, "hosts", [0]))
    rest = "filtered" if p.wall else "closed"
    truth, target = p.truth(row.family), p.target(row.family)
    for name in row.tools:
        if name in bench.absent:
            continue
        taken[name] = Taken()
        if TOOLS[name].ours:
            wrong, told = check_truth(bench, row, TOOLS[name], rest,
                                      hosts * p.last)
            taken[name].note = told.methods() + "".join(
                f", WRONG: {w}" for w in wrong)
    for i in range(row.runs):
        for name, t in taken.items():
            tool = TOOLS[name]
            if i >= row.few.get(name, row.runs):
                continue
            *figures, text = bench.run(tool, bench.argv(
                tool, target, p.ports, row.family))
            told = Ours(text) if tool.ours else None
            t.add(*figures,
                  (told.open if told else found_by_nmap(text)) == truth)
            if told:
                check_manners(row, t, told, i)
    return taken


def check_manners(row, taken, told, i):
    resent = told.sum("resent") / max(told.sum("probes"), 1)
    taken.resent = max(resent, getattr(taken, "resent", 0))
    taken.probes = min(told.sum("probes"), getattr(taken, "probes", 1 << 40))


def show(row, taken):
    p = row.profile
    hosts = len(getattr(p, "hosts", [0]))
    print(f"\n{row.name}: {f'{hosts} hosts x ' if hosts > 1 else ''}"
          f"{p.last:,} ports{', IPv6' if row.family == 6 else ''}, "
          f"{len(p.truth())} open; "
          f"{'best' if row.clean else 'median'} of {row.runs}")
    print(f"{'':22}{'best s':>9}{'median s':>10}{'CPU s':>8}{'MiB':>7}"
          f"{'right':>9}  by")
    for name, t in taken.items():
        print(f"{TOOLS[name].name:22}{min(t.wall):9.3f}"
              f"{statistics.median(t.wall):10.3f}"
              f"{statistics.median(t.cpu):8.3f}{t.peak:7.1f}"
              f"{f'{t.right} of {len(t.wall)}':>9}  {t.note}", flush=True)


def judge(row, taken):
    for mine, peer, factor in row.bars:
        if mine not in taken:
            continue
        a, b = taken[mine], taken[peer]
        times = b.time(row.clean) / a.time(row.clean)
        right = a.right == len(a.wall) and "WRONG" not in a.note
        what = f"{row.name}, {TOOLS[mine].name.strip().replace('sysmon, ', '')}"
        bar(f"{what}: times faster than {TOOLS[peer].name}", f"{times:.2f}",
            f">= {factor}", times >= factor and right)
        if not right:
            bar(f"{what}: runs that found all", f"{a.right} of {len(a.wall)}"
                f"{a.note}", "all", False)
        if row.clean and not mine.endswith("2"):
            share = statistics.median(a.cpu) / statistics.median(b.cpu)
            bar(f"{what}: CPU of that of {TOOLS[peer].name}", f"{share:.2f}",
                "<= 0.6", share <= 0.6)
            if row.name != "net24":
                bar(f"{what}: peak memory", f"{a.peak:.1f} MiB", "<= 4 MiB",
                    a.peak <= 4)
        if row.name == "narrow":
            bar(f"{what}: resent", f"{100 * a.resent:.1f} %", "<= 10 %",
                a.resent <= 0.1)
        if row.name == "filtered":
            silent = row.profile.last - len(row.profile.opens)
            tries = (a.probes - len(row.profile.opens)) / silent
            bar(f"{what}: tries of a silent port", f"{tries:.1f}", ">= 3",
                tries >= 3)


def serve(port):
    """One process of an ordinary server, with 20 descriptors; port 0: no listener."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    kept = [open("/dev/null") for _ in range(5)]
    kept += [socket.socketpair() for _ in range(3)] + [os.pipe()]
    if port:
        kept.append(socket.create_server(("127.0.0.1", port)))
    while True:
        signal.pause()


@contextlib.contextmanager
def server(processes=120, listening=60):
    """An ordinary one: half of its processes listen."""
    children = []
    for i in range(processes):
        pid = os.fork()
        if pid == 0:
            try:
                serve(30000 + i if i < listening else 0)
            finally:
                os._exit(1)
        children.append(pid)
    time.sleep(1)
    try:
        yield
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def listeners(bench):
    """What listens on an ordinary server, beside ss, as root; then the owners of the
    ports of the lab."""
    tool = ours("")
    commands = {"sysmon": [bench.sysmon, "scan", "--listeners", *tool.argv],
                "ss": ["ss", "-Hltnup"]}
    walls = {name: [] for name in commands}
    with server():
        for _ in range(RUNS):
            for name, argv in commands.items():
                wall, _, _, text = bench.run(tool, argv)
                walls[name].append(wall * 1e3)
                if name == "sysmon":
                    told = Ours(text).ports
    owned = sum("pid" in r for r in told)
    mine, theirs = (min(walls[name]) for name in commands)
    print(f"\nlisteners beside a server of 120 processes: whole commands, best and "
          f"median of {RUNS}")
    for name, taken in walls.items():
        print(f"{name:10}{min(taken):7.1f} ms{statistics.median(taken):7.1f} ms")
    bar(f"listeners: {owned} of {len(told)} with pid, whole command",
        f"{mine:.1f} ms", "<= 10 ms", mine <= 10 and owned == len(told))
    bar("listeners: times faster than ss -Hltnup", f"{theirs / mine:.2f}",
        ">= 1", theirs >= mine)
    owners(bench)


def owners(bench):
    """Of a scan of this machine."""
    ports = ",".join(map(str, PROFILES["local"].opens))
    tool = ours("")
    argv = [bench.sysmon, "scan", "127.0.0.1", "-p", ports, *tool.argv]
    walls = []
    for _ in range(RUNS):
        wall, _, _, text = bench.run(tool, argv)
        walls.append(wall * 1e3)
        owned = sum("pid" in r for r in Ours(text).ports)
    bar(f"scan of {owned} of {len(PROFILES['local'].opens)} listeners with pid, "
        "whole command", f"{min(walls):.1f} ms", "<= 10 ms", min(walls) <= 10 and
        owned == len(PROFILES["local"].opens))


def planned(bench):
    """A /8 x all ports, interrupted after 3 s."""
    bench.lab.scanner.ip(
        f"route replace 10.0.0.0/8 via 198.18.{ports_lab.LINKS['direct']}.2")
    for nobody in (False, True):
        argv = [bench.sysmon, "scan", "10.0.0.0/8", "-p", "all", "--format",
                "ndjson"]
        if nobody:
            argv = ["setpriv", "--reuid", "65534", "--clear-groups"] + argv
        child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.DEVNULL)
        time.sleep(3)
        child.send_signal(signal.SIGINT)
        peak = [json.loads(line)["peak_memory"] / 2**20
                for line in child.communicate()[0].splitlines()
                if '"type":"summary"' in line][0]
        bar(f"a /8 x all ports, {'unprivileged' if nobody else 'root'}: "
            "peak memory", f"{peak:.1f} MiB", "<= 8 MiB", peak <= 8)


def calls(bench):
    """System calls of a port: those of 10,000 less those of one."""
    strace = shutil.which("strace")
    if not strace:
        print("calls: left out: strace is not installed")
        return
    print("\nsystem calls of a closed port over veth, by strace -c")
    for name, method in (("connect", "connect"), ("auto", "auto")):
        counts = []
        for ports in ("1", "40001-50000"):
            with tempfile.NamedTemporaryFile("r") as f:
                subprocess.run([strace, "-f", "-c", "-o", f.name, bench.sysmon,
                                "scan", PROFILES["veth"].v4, "-p", ports,
                                "--method", method, "--format", "ndjson"],
                               stdout=subprocess.DEVNULL, check=True)
                counts.append({m[2]: int(m[1]) for m in re.finditer(
                    r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\S+)$",
                    f.read(), re.M)})
        one, many = counts
        some = sorted(((n - one.get(call, 0)) / 9999, call)
                      for call, n in many.items() if call != "total")[:-6:-1]
        total = (many["total"] - one["total"]) / 9999
        print(f"{name:10}{total:7.3f}  " + ", ".join(
            f"{call} {n:.3f}" for n, call in some if n >= 0.0005), flush=True)


# Name, what the host limits, first port, how many, runs.
DATAGRAMS = (("limited as Linux does", ports_udp.LIMITED, 7000, 20, 1),
             ("not limited", ports_udp.UNLIMITED, 7000, 1000, 3))


def udp(bench):
    """Beside nmap -sU, without a bar: a host tells of closed ports as often as it
    likes. Who is not right has been fast for nothing."""
    print(f"\n{'UDP, messages':24}{'ports':>6}{'sysmon':>9}{'nmap -sU':>10}"
          f"{'times':>7}  right")
    for name, mask, first, n, runs in DATAGRAMS:
        servers = ports_udp.Servers(bench.lab, [first + 1], [first + 2], [])
        ports = f"{first}-{first + n - 1}"
        truth = servers.truth(range(first, first + n))
        commands = {"sysmon": [bench.sysmon, "scan", ports_udp.HOST, "-p", ports,
                               "--udp", "--show", "all", "--format", "ndjson"],
                    "nmap": [*NMAP, "-sU", "-p", ports, "-oX", "-",
                             ports_udp.HOST]}
        walls, right = {"sysmon": [], "nmap": []}, {"sysmon": 0, "nmap": 0}
        ports_udp.limit(bench.lab, mask)
        with servers:
            for _ in range(min(runs, RUNS)):
                for who, argv in commands.items():
                    if mask:  # what the host may tell has come back to its most
                        time.sleep(7)
                    wall, _, _, text = bench.run(TOOLS["root"], argv)
                    walls[who].append(wall)
                    told = ({(r["address"], r["port"]): r["state"]
                             for r in Ours(text).ports} if who == "sysmon"
                            else ports_udp.told_by_nmap(text, truth))
                    right[who] += told == truth
        ports_udp.limit(bench.lab, ports_udp.UNLIMITED)
        mine, theirs = (statistics.median(w) for w in walls.values())
        print(f"{name:24}{n:6}{mine:9.3f}{theirs:10.3f}{theirs / mine:7.2f}  "
              f"{right['sysmon']} and {right['nmap']} of {len(walls['nmap'])}",
              flush=True)


PARTS = {"listeners": listeners, "planned": planned, "calls": calls, "udp": udp}


def first_line(*argv):
    out = subprocess.run(argv, capture_output=True, text=True).stdout
    return (out.splitlines() or [""])[0]


def main():
    sysmon, programs = sys.argv[1:]
    why = ports_lab.missing()
    if why:
        print(f"ports: left out: {why}")
        return
    chosen = os.environ.get("BENCH_ROWS", "").split() or \
        [r.name for r in ROWS] + list(PARTS)
    print(f"{first_line(sysmon, '--version')}; peer: "
          f"{first_line('nmap', '--version')}; Linux {os.uname().release}, "
          f"{os.cpu_count()} processors")
    with ports_lab.Lab(programs) as lab:
        os.chmod(lab.dir, 0o777)
        lab.scanner.enter()
        bench = Bench(lab, sysmon)
        for row in ROWS:
            if row.name in chosen:
                taken = measure(bench, row)
                show(row, taken)
                judge(row, taken)
        for name, part in PARTS.items():
            if name in chosen:
                part(bench)
    print(f"\n{'':66}{'figure':>11}  {'bar':9}")
    for what, figure, limit, met in bars:
        print(f"{what:66}{figure:>11}  {limit:9} {'met' if met else 'NOT MET'}")
    print(f"\n{sum(not b[3] for b in bars)} of these {len(bars)} bars not met")


main()
