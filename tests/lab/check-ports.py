# SPDX-License-Identifier: MIT
"""check-ports.py SYSMON PROGRAMS: scans of the lab, both methods, each port compared
with what listens there; and the traps of a scanner. No time is a verdict.
LAB_RUNS scans of each way (1), LAB_ONLY="loss3 narrow" only these, LAB_METHODS="syn"
only by this one."""
import collections
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import ports_forge
import ports_lab
import ports_rude
import ports_udp
from ports_lab import NOBODY, PROFILES

LIMIT = 300  # seconds, after which a scan hangs
# Of ports that are closed or have no listener behind loss, how many may be called
# filtered: five lost tries in a row happen to some of 65,535.
UNSURE = {"loss1": 5, "loss3": 5, "rtt50loss1": 5}


class Wrong(Exception):
    pass


class Skip(Exception):
    pass


def must(true, what):
    if not true:
        raise Wrong(what)


class Scan:
    """One run of the command, and all that it told."""

    def __init__(self, bench, target, ports, *more, before=(), during=None):
        argv = [*before, bench.sysmon, "scan", target, "-p", ports, "--show",
                "all", "--format", "ndjson", "--fields",
                "address,port,state,reason", *more]
        with tempfile.TemporaryFile("w+") as out, \
                tempfile.TemporaryFile("w+") as err:
            child = subprocess.Popen(argv, stdout=out, stderr=err,
                                     preexec_fn=ports_lab.dies_with_us)
            try:
                if during:
                    during(child)
                self.status = child.wait(LIMIT)
            except subprocess.TimeoutExpired:
                raise Wrong(f"no end after {LIMIT} s: {' '.join(argv)}")
            finally:
                child.kill()
                child.wait()
            out.seek(0)
            err.seek(0)
            self.errors = err.read()
            self.read(out)
        self.argv = argv

    def read(self, lines):
        self.ports, self.twice, self.owned = {}, 0, 0
        self.records = []
        self.rows = collections.defaultdict(list)
        for line in lines:
            row = json.loads(line)
            if row["type"] != "port":
                self.rows[row["type"]].append(row)
                continue
            key = row["address"], row["port"]
            self.twice += key in self.ports
            self.records.append(row)
            self.ports[key] = row["state"], row["reason"]
            self.owned += "pid" in row

    def having(self, state):
        return {k for k, v in self.ports.items() if v[0] == state}

    def sum(self, member):
        return sum(h.get(member, 0) for h in self.rows["host"])

    def resent(self):
        return self.sum("resent") / max(self.sum("probes"), 1)


class Figures:
    """Of several scans: what was missed, and so on, in their order."""

    def __init__(self):
        self.rows = []

    def add(self, scan, truth, rest, total, unsure):
        """Compares a complete scan with the truth, both ways."""
        found = scan.having("open")
        other = sum(v[0] == rest and k not in truth
                    for k, v in scan.ports.items())
        blind = sum(scan.ports.get(k, ("",))[0] == "filtered" for k in truth)
        self.rows.append((len(truth - found), len(found - truth), blind,
                          total - len(truth) - other, scan.resent()))
        must(scan.status == 0, f"status {scan.status}: {scan.errors}")
        must(not scan.twice, f"{scan.twice} ports are told twice")
        must(len(scan.ports) == total, f"{len(scan.ports)} of {total} told")
        must(not truth - found, f"missed {sorted(truth - found)[:5]}, "
             f"{len(truth - found)} in all, {blind} called filtered")
        must(not found - truth, f"not open: {sorted(found - truth)[:5]}, "
             f"{len(found - truth)} in all")
        must(total - len(truth) - other <= unsure,
             f"{other} {rest}, not {total - len(truth)}")

    def __str__(self):
        def of(n):
            values = [row[n] for row in self.rows]
            return str(values[0]) if len(set(values)) == 1 else str(values)
        worst = max(row[4] for row in self.rows)
        return (f"{len(self.rows)} runs: missed {of(0)}, false {of(1)}, open "
                f"called filtered {of(2)}, others unsure {of(3)}, resent up "
                f"to {100 * worst:.1f} %")


class Bench:
    def __init__(self, lab, sysmon):
        self.lab, self.sysmon = lab, sysmon
        self.runs = int(os.environ.get("LAB_RUNS", "1"))
        self.chosen = os.environ.get("LAB_ONLY", "").split()
        self.counts = collections.Counter()
        wanted = os.environ.get("LAB_METHODS", "connect syn").split()
        self.methods = [m for m in wanted if Scan(
            self, "127.0.0.1", "1", "--method", m).status == 0]

    def try_one(self, key, sentence, fn, *args):
        if self.chosen and key not in self.chosen:
            return
        begin = time.monotonic()
        try:
            verdict, told = "passed", fn(self, *args)
        except Wrong as wrong:
            verdict, told = "failed", str(wrong)
        except Skip as why:
            verdict, told = "skipped", str(why)
        self.counts[verdict] += 1
        print(f"{verdict}: {key}: {sentence}"
              f"{f' ({told})' if told else ''} "
              f"[{time.monotonic() - begin:.1f} s]", flush=True)


# What a port is where nothing listens, and the ways that IPv6 has too.
WAYS = {
    "local": ("closed", (4, 6)), "veth": ("closed", (4, 6)),
    "net24": ("closed", (4,)), "filtered": ("filtered", (4, 6)),
    "reject": ("filtered", (4, 6)), "loss1": ("closed", (4,)),
    "loss3": ("closed", (4, 6)), "rtt50": ("closed", (4,)),
    "rtt50loss1": ("closed", (4,)), "narrow": ("closed", (4, 6)),
    "rtt3000": ("closed", (4,)), "tarpit": ("closed", (4,)),
}


def check_way(bench, name, family, method, more=()):
    profile = PROFILES[name]
    truth = profile.truth(family)
    hosts = len(profile.hosts) if isinstance(profile, ports_lab.Net) else 1
    figures = Figures()
    for _ in range(bench.runs):
        scan = Scan(bench, profile.target(family), profile.ports, "--method",
                    method, *more)
        figures.add(scan, truth, WAYS[name][0], hosts * profile.last,
                    UNSURE.get(name, 0))
        check_further(scan, name, method)
    return figures


def check_further(scan, name, method):
    hosts = scan.rows["host"]
    must(all(h["method"] == method for h in hosts), "another method is told")
    if name == "reject":
        reasons = {v[1] for v in scan.ports.values() if v[0] == "filtered"}
        must(reasons == {"admin-prohibited"}, f"reasons {reasons}")
    if name == "narrow":
        must(scan.resent() <= 0.10, f"{100 * scan.resent():.1f} % resent")
    if name == "filtered":
        must(scan.sum("probes") >= 3 * 980, "less than three tries")


def check_ways(bench):
    for name, (rest, families) in WAYS.items():
        for family in families:
            for method in bench.methods:
                bench.try_one(
                    name, f"every port of {name} is told as it is, IPv{family}"
                    f", {method}", check_way, name, family, method)


def for_each_method(fn):
    def run(bench):
        told = [f"{m}: {r}" if r else m
                for m in bench.methods for r in [fn(bench, m)]]
        return "; ".join(told)
    run.__doc__ = fn.__doc__
    run.__name__ = fn.__name__
    return run


def exact(bench, name, method, *more, before=(), during=None, family=4):
    profile = PROFILES[name]
    scan = Scan(bench, profile.target(family), profile.ports, *(
        ["--method", method] if method else []), *more, before=before,
        during=during)
    Figures().add(scan, profile.truth(family), WAYS[name][0], profile.last, 0)
    return scan


@for_each_method
def halfdark(bench, method):
    """hosts that are not there take nothing from their neighbours"""
    net = PROFILES["halfdark"]
    scan = Scan(bench, net.v4, net.ports, "--method", method)
    live = {k: v for k, v in scan.ports.items() if k[0] in net.hosts}
    dark = {k: v for k, v in scan.ports.items() if k[0] in net.silent}
    must(scan.having("open") == net.truth(), "other ports are open")
    must(len(live) == net.last * len(net.hosts), "a port is not told")
    must(all(v[0] != "filtered" for v in live.values()),
         "a live port is called filtered")
    must(all(v == ("filtered", "no-response") for v in dark.values()),
         "a dark port has another state")
    probes = {h["address"]: h["probes"] for h in scan.rows["host"]}
    lively = sum(probes[h] for h in net.hosts) - len(live)
    must(lively <= len(live) * 0.02, f"{lively} needless probes of live hosts")
    return (f"{lively} probes too many of {len(live)} live ports, "
            f"{sum(probes[h] for h in net.silent)} for {len(dark)} dark")


@for_each_method
def ports_run_out(bench, method):
    """64 local ports are enough for 65,535 probes"""
    with bench.lab.scanner.entered():
        ports_lab.Space.sysctl("ipv4/ip_local_port_range", "40000 40063")
        try:
            exact(bench, "veth", method)
        finally:
            ports_lab.Space.sysctl("ipv4/ip_local_port_range", "32768 60999")


@for_each_method
def few_descriptors(bench, method):
    """twenty descriptors find the same"""
    exact(bench, "veth", method,
          before=["sh", "-c", 'ulimit -n 20; exec "$@"', "-"])


@for_each_method
def threads(bench, method):
    """the number of threads changes no result"""
    for name, n in (("veth", "7"), ("net24", "2"), ("loss3", "3")):
        profile = PROFILES[name]
        hosts = len(getattr(profile, "hosts", [0]))
        scan = Scan(bench, profile.v4, profile.ports, "--method", method,
                    "--threads", n)
        Figures().add(scan, profile.truth(), "closed", hosts * profile.last,
                      UNSURE.get(name, 0))


@for_each_method
def stopped(bench, method):
    """a scan that is stopped and continued again and again tells the same"""
    def disturb(child):
        for _ in range(100):
            if child.poll() is not None:
                return
            child.send_signal(signal.SIGSTOP)
            time.sleep(0.002)
            child.send_signal(signal.SIGCONT)
            time.sleep(0.004)
    exact(bench, "veth", method, during=disturb)


def sockets_of(family):
    out = subprocess.run(["ss", "-tanH", f"-{family}"], capture_output=True,
                         text=True, check=True).stdout
    return [line for line in out.splitlines() if not line.startswith("LISTEN")]


@for_each_method
def litter(bench, method):
    """no socket is left behind, neither here nor at the listeners"""
    for family in (4, 6):
        exact(bench, "veth", method, family=family)
        left = sockets_of(family)
        must(not left, f"{len(left)} here: {left[:3]}")
        with bench.lab.target.entered():
            for _ in range(50):  # they read our resets when they can
                left = [s for s in sockets_of(family) if "198.18.1." in s]
                if not left:
                    break
                time.sleep(0.05)
        must(not left, f"{len(left)} there: {left[:3]}")


def serve_few(server, n):
    with contextlib.suppress(OSError):
        for _ in range(n):
            peer, _ = server.accept()
            with peer, contextlib.suppress(OSError):
                peer.sendall(b"served\n")


@for_each_method
def backlog(bench, method):
    """a listener with a backlog of one serves its clients during scans"""
    profile = PROFILES["veth"]
    with bench.lab.target.entered():
        server = socket.socket()
        server.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
        # That of the method before has left connections in TIME_WAIT.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("198.18.1.9", 7777))
        server.listen(1)
    threading.Thread(target=serve_few, args=(server, 1 << 30),
                     daemon=True).start()
    served = 0

    def be_client(child):
        nonlocal served
        while child.poll() is None:
            with socket.create_connection(("198.18.1.9", 7777), 10) as client:
                served += client.recv(16) == b"served\n"
    try:
        scan = Scan(bench, "198.18.1.9", profile.ports, "--method", method,
                    during=be_client)
    except OSError as error:
        raise Wrong(f"a client was not served after {served}: {error}")
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    must(scan.having("open") == {("198.18.1.9", 7777)}, "it is not found")
    must(served > 0, "nobody was served")
    return f"{served} served"


def unprivileged(bench):
    """an ordinary user gets the same by connect, and is told so"""
    if subprocess.run([*NOBODY, bench.sysmon, "--version"],
                      stdout=subprocess.DEVNULL).returncode:
        raise Skip("nobody cannot run what was built here")
    for name in ("local", "veth", "filtered", "reject"):
        scan = exact(bench, name, None, before=NOBODY)
        must(all(h["method"] == "connect" for h in scan.rows["host"]),
             "another method is told")
    scan = exact(bench, "local", None, "--fields",
                 "address,port,state,reason,pid", before=NOBODY)
    must(not scan.owned and scan.rows["notice"],
         f"{scan.owned} owners told, {len(scan.rows['notice'])} notices")
    if "syn" not in bench.methods:
        return
    scan = Scan(bench, PROFILES["veth"].v4, "22", "--method", "syn",
                before=NOBODY)
    must(scan.status != 0 and not scan.ports and scan.errors.count("\n") == 1,
         f"--method syn: status {scan.status}: {scan.errors}")


@for_each_method
def nodiag(bench, method):
    """without sock_diag a scan of this machine finds all by itself"""
    exact(bench, "local", method,
          before=[bench.lab.programs + "/ports-nodiag"])


@for_each_method
def as_ss(bench, method):
    """what is open on loopback is what ss lists"""
    out = subprocess.run(["ss", "-ltnH4"], capture_output=True, text=True,
                         check=True).stdout
    listed = {("127.0.0.1", int(line.split()[3].rsplit(":", 1)[1]))
              for line in out.splitlines()}
    must(len(listed) > 10, "ss lists nothing")
    scan = Scan(bench, "127.0.0.1", "all", "--method", method)
    must(scan.having("open") == listed, "they differ")


@for_each_method
def forged(bench, method):
    """answers that are forged, stray or repeated make no result"""
    host = ports_forge.HOST
    with ports_forge.Forger(bench.lab.tarpit, bench.lab.scanner,
                            ports_lab.LINKS["tarpit"]):
        scan = Scan(bench, host, "1-200", "--method", method)
    must(not scan.twice, f"{scan.twice} ports are told twice")
    for (address, port), (state, reason) in scan.ports.items():
        right = ports_forge.honest(port)
        must(address == host, f"a result of {address}")
        must(state == right, f"port {port} ({ports_forge.what(port)}) is "
             f"told as {state}, {reason}")
    must(len(scan.ports) == 200, f"{len(scan.ports)} of 200 told")


def rude(bench):
    """services that hang, flood and lie take nothing from their neighbours"""
    if Scan(bench, "127.0.0.1", "1", "-s").status != 0:
        raise Skip("this version does not ask services")
    with ports_rude.Rude(bench.lab.target):
        for form in ("table", "txt", "csv", "json", "ndjson"):
            out = subprocess.run(
                [bench.sysmon, "scan", ports_rude.HOST, "-p", "20000-20099",
                 "-s", "--format", form, "--color", "never"],
                capture_output=True, timeout=LIMIT)
            must(out.returncode == 0, f"{form}: status {out.returncode}: "
                 f"{out.stderr.decode()}")
            bad = set(out.stdout) & (set(range(32)) - set(b"\n\r\t") | {127})
            must(not bad, f"{form}: control bytes {bad}")
            out.stdout.decode()  # is UTF-8
            if form == "ndjson":
                check_rude(out.stdout)


def check_rude(text):
    rows = {r["port"]: r for r in map(json.loads, text.splitlines())
            if r["type"] == "port"}
    must(set(rows) == set(ports_rude.PORTS), f"open: {sorted(rows)}")
    last = rows[max(rows)]
    must((last.get("service"), last.get("product"), last.get("version")) ==
         ("ssh", "OpenSSH", "9.2p1"), f"the honest one: {last}")
    must(all(len(json.dumps(r)) < 4096 for r in rows.values()),
         "a row without an end")


@for_each_method
def planned(bench, method):
    """a /8 with all its ports is begun within 8 MiB"""
    def interrupt(child):
        time.sleep(3)
        child.send_signal(signal.SIGINT)
    bench.lab.scanner.ip("route replace 10.0.0.0/8 via "
                         f"198.18.{ports_lab.LINKS['direct']}.2")
    scan = Scan(bench, "10.0.0.0/8", "all", "--method", method, "--show",
                "open", during=interrupt)
    must(scan.status == 3, f"status {scan.status}: {scan.errors}")
    peak = scan.rows["summary"][0]["peak_memory"] / 2**20
    must(peak <= 8, f"{peak:.1f} MiB")
    return f"{peak:.1f} MiB"


@for_each_method
def selves(bench, method):
    """no scan of loopback takes its own socket for a listener"""
    for _ in range(5 * bench.runs):
        exact(bench, "local", method)
    return f"{5 * bench.runs} scans"


TRAPS = (halfdark, ports_run_out, few_descriptors, threads, stopped, litter,
         backlog, unprivileged, nodiag, as_ss, forged, rude, planned,
         selves)


def datagrams(trap):
    def run(bench):
        return trap(bench, lambda *argv, **more: Scan(bench, *argv, **more),
                    must)
    return run


def main():
    sysmon, programs = sys.argv[1:]
    why = ports_lab.missing()
    if why:
        print(f"SKIP: check-lab: {why}\n0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    with ports_lab.Lab(programs) as lab:
        lab.scanner.enter()
        bench = Bench(lab, sysmon)
        print(f"methods: {', '.join(bench.methods)}; {bench.runs} runs")
        check_ways(bench)
        for trap in TRAPS:
            bench.try_one(trap.__name__, trap.__doc__, trap)
        for trap in ports_udp.TRAPS:
            bench.try_one(trap.__name__, trap.__doc__, datagrams(trap))
    print(", ".join(f"{bench.counts[verdict]} {verdict}"
                    for verdict in ("passed", "failed", "skipped")))
    sys.exit(bench.counts["failed"] != 0)


main()
