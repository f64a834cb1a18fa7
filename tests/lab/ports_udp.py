# SPDX-License-Identifier: MIT
"""Servers of UDP in the lab, scanned by sysmon scan --udp."""
import re
import select
import shutil
import socket
import subprocess
import threading

import ports_lab

HOST = "198.18.1.77"
WALLED = "198.18.1.78"
# Of the tarpit: all their ports answer, with a word and with what they got.
WORDY, ECHOING = "198.18.12.77", "198.18.12.78"
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
            if s:
                s.close()


class Chatty:
    """WORDY and ECHOING, while it is entered."""

    def __init__(self, lab):
        self.socks = {}
        with lab.tarpit.entered():
            for host in (WORDY, ECHOING):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
                s.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND
                s.bind((host, 7))
                self.socks[s] = host
        lab.tarpit.run(["nft", "-f", "-"], "\n".join((
            "table inet chatty {", "chain every {",
            "type nat hook prerouting priority -90;",
            *(f"ip daddr {host} udp dport 1-65535 dnat ip to {host}:7"
              for host in (WORDY, ECHOING)), "}", "}", "")))
        self.ends, self.end = socket.socketpair()

    def serve(self):
        while True:
            ready = select.select([*self.socks, self.ends], [], [])[0]
            if self.ends in ready:
                return
            for s in ready:
                data, who = s.recvfrom(65536)
                s.sendto(data if self.socks[s] == ECHOING else b"hello", who)

    __enter__, __exit__ = Servers.__enter__, Servers.__exit__
    other = None


def limit(lab, mask):
    with lab.target.entered():
        ports_lab.Space.sysctl("ipv4/icmp_ratemask", mask)


def states(scan):
    return {k: v[0] for k, v in scan.ports.items()}


def wrong(got, truth):
    return sorted((k, got.get(k), v) for k, v in truth.items()
                  if got.get(k) != v)


def told_by_nmap(text, ports):
    """Of its XML, by address and port: what it leaves out has the state of the rest."""
    got = {(HOST, int(port)): state for port, state in re.findall(
        r'portid="(\d+)"><state state="([^"]+)"', text)}
    rest = re.findall(r'<extraports state="([^"]+)"', text)
    return {k: got.get(k, rest[0] if rest else None) for k in ports}


def by_nmap(ports, truth):
    """What nmap says of HOST; None where it is not installed."""
    if not shutil.which("nmap"):
        return None
    out = subprocess.run(["nmap", "-sU", "-n", "-Pn", "-T4", "-p", ports, "-oX", "-",
                          HOST], stdout=subprocess.PIPE, check=True, text=True).stdout
    return told_by_nmap(out, truth)


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
        truth = servers.truth(ports)
        peer = by_nmap("7000-7999", truth)
    for one, name in ((scan, "it"), (few, "with 20 descriptors it")):
        bad = wrong(states(one), truth)
        must(not bad, f"{name} has {len(bad)} wrong: {bad[:3]}")
    if not peer:
        return "nmap is not installed"
    differ = len(wrong(peer, truth))
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


def udp_chatty(bench, scan_of, must):
    """UDP ports of a host that answers everything are open, and no service by that"""
    told = []
    with Chatty(bench.lab):
        for host, may_be in ((WORDY, set()), (ECHOING, {"echo"})):
            scan = scan_of(host, "1-1000", "--udp", "--fields",
                           "address,port,state,reason,product,info")
            bad = wrong(scan.ports, {(host, p): ("open", "udp-response")
                                     for p in range(1, 1001)})
            must(not bad, f"{len(bad)} wrong: {bad[:3]}")
            must(scan.sum("probes") <= 1020, f"{scan.sum('probes')} probes")
            named = [r for r in scan.records if "product" in r or "info" in r]
            must(not named, f"{len(named)} say what they are: {named[:2]}")
            told.append(f"{scan.sum('probes')} probes")
    return ", ".join(told)


def udp_unprivileged(bench, scan_of, must):
    """an ordinary user gets the same of UDP ports, and nothing is amiss"""
    if subprocess.run([*ports_lab.NOBODY, bench.sysmon, "--version"],
                      stdout=subprocess.DEVNULL).returncode:
        return "left out: nobody cannot run what was built here"
    ports = range(7000, 7200)
    servers = Servers(bench.lab, [7001, 7199], [7003], [7006])
    with servers:
        scan = scan_of(HOST, "7000-7199", "--udp", before=ports_lab.NOBODY)
    bad = wrong(states(scan), servers.truth(ports))
    must(not bad, f"{len(bad)} wrong: {bad[:3]}")
    must(scan.status == 0, f"status {scan.status}: {scan.errors}")
    must(not scan.rows["notice"], f"notice: {scan.rows['notice'][:1]}")
    must(all(h["method"] == "udp" for h in scan.rows["host"]), "another method")
    return f"{scan.sum('probes')} probes of 200 ports"


TRAPS = (udp_limited, udp_free, udp_walled, udp_chatty, udp_unprivileged)
