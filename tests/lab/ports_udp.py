# SPDX-License-Identifier: MIT
"""Servers of UDP in the lab, scanned by sysmon scan --udp."""
import re
import select
import shutil
import socket
import subprocess
import tempfile
import threading

import ports_lab

HOST = "198.18.1.77"
WALLED = "198.18.1.78"
# What Linux has at first: messages of these kinds, one a second to each who asks.
LIMITED, UNLIMITED = 6168, 0


class Servers:
    """On HOST, while it is entered: some answer, some are silent, one answers from
    another port."""

    def __init__(self, lab, answering, silent, moved):
        self.rows = [(p, "open") for p in answering]
        self.rows += [(p, "open|filtered") for p in silent + moved]
        self.moved, self.socks = moved, {}
        with lab.target.entered():
            for port, state in self.rows:
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind((HOST, port))
                self.socks[s] = state
            self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.other.bind((HOST, 0))
        self.ends, self.end = socket.socketpair()

    def truth(self, ports):
        known = dict(self.rows)
        return {(HOST, p): known.get(p, "closed") for p in ports}

    def serve(self):
        while True:
            ready = select.select([*self.socks, self.ends], [], [])[0]
            if self.ends in ready:
                return
            for s in ready:
                data, who = s.recvfrom(65536)
                if self.socks[s] == "open":
                    s.sendto(b"hello " + data[:8], who)
                elif s.getsockname()[1] in self.moved:
                    self.other.sendto(b"hello", who)

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.send(b"x")
        self.thread.join()
        for s in (*self.socks, self.other, self.ends, self.end):
            s.close()


def limit(lab, mask):
    with lab.target.entered():
        ports_lab.Space.sysctl("ipv4/icmp_ratemask", mask)


def states(scan):
    return {k: v[0] for k, v in scan.ports.items()}


def wrong(got, truth):
    return sorted((k, got.get(k), v) for k, v in truth.items()
                  if got.get(k) != v)


def by_nmap(ports):
    """What nmap says of HOST; None where it is not installed."""
    if not shutil.which("nmap"):
        return None
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(["nmap", "-sU", "-n", "-Pn", "-T4", "-p", ports, "-oX",
                        out.name, HOST], stdout=subprocess.DEVNULL, check=True)
        text = out.read()
    got = {(HOST, int(port)): state for port, state in re.findall(
        r'portid="(\d+)"><state state="([^"]+)"', text)}
    rest = re.findall(r'<extraports state="([^"]+)"', text)
    return got, rest[0] if rest else None


def udp_limited(bench, scan_of, must):
    """UDP ports of a host that tells of one closed port a second are exact"""
    ports = range(7000, 7030)
    servers = Servers(bench.lab, [7001, 7002], [7003, 7004, 7005], [7006])
    limit(bench.lab, LIMITED)
    try:
        with servers:
            scan = scan_of(HOST, "7000-7029", "--udp")
    finally:
        limit(bench.lab, UNLIMITED)
    bad = wrong(states(scan), servers.truth(ports))
    must(not bad, f"{len(bad)} wrong: {bad[:3]}")
    must(not scan.rows["notice"], f"notice: {scan.rows['notice'][:1]}")
    return f"{scan.sum('probes')} probes of 30 ports"


def udp_free(bench, scan_of, must):
    """UDP ports of a host without such a limit are exact, and as nmap tells them"""
    ports = range(7000, 8000)
    servers = Servers(bench.lab, [7001, 7500, 7999], [7003, 7004], [7006])
    with servers:
        scan = scan_of(HOST, "7000-7999", "--udp")
        few = scan_of(HOST, "7000-7999", "--udp",
                      before=["prlimit", "--nofile=20"])
        peer = by_nmap("7000-7999")
    truth = servers.truth(ports)
    for one, name in ((scan, "it"), (few, "with 20 descriptors it")):
        bad = wrong(states(one), truth)
        must(not bad, f"{name} has {len(bad)} wrong: {bad[:3]}")
    if not peer:
        return "nmap is not installed"
    got, rest = peer
    differ = sum(got.get(k, rest) != v for k, v in truth.items())
    return f"nmap -sU has {differ} of {len(truth)} otherwise than they are"


def udp_walled(bench, scan_of, must):
    """what a firewall prohibits is filtered, and what it drops open or filtered"""
    bench.lab.target.run(["nft", "-f", "-"], "\n".join((
        "table inet silence {", "chain walls {",
        "type filter hook input priority 10;",
        f"ip daddr {WALLED} udp dport 7000-7019 "
        "reject with icmpx type admin-prohibited",
        f"ip daddr {WALLED} udp dport 7020-7039 drop", "}", "}", "")))
    scan = scan_of(WALLED, "7000-7059", "--udp")
    for first, want in ((7000, ("filtered", "admin-prohibited")),
                        (7020, ("open|filtered", "no-response")),
                        (7040, ("closed", "port-unreachable"))):
        got = {scan.ports[WALLED, p] for p in range(first, first + 20)}
        must(got == {want}, f"{first}: {got}")


TRAPS = (udp_limited, udp_free, udp_walled)
