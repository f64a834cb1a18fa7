# SPDX-License-Identifier: MIT
"""scan-alike.py: takes connections at port 2007, and says nothing; Redis is at 6379.
scan-alike.py SYSMON DIR: 192.0.2.2 answers at 1 to 2000 but 1500, and its ports 2001
to 2006 are closed. This namespace's own ports are redirected here."""
import collections
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

AWAY = "192.0.2.2"
SYSMON, DIR = sys.argv[1:] or ("", "")
failures = 0
WAYS = [[], ["--method", "connect"], ["--threads", "2"], ["--threads", "3"]]


def check(what, wanted, got):
    global failures
    if wanted != got:
        failures += 1
        print(f"FAILED: {what}\n  wanted {str(wanted)[:400]}\n"
              f"  got    {str(got)[:400]}")


def refuse(listener):
    """As a Redis that has a password."""
    while True:
        conn = listener.accept()[0]
        conn.recv(100)
        conn.sendall(b"-NOAUTH Authentication required.\r\n")
        conn.close()


def take(listener):
    """Connections end when others have come."""
    kept = collections.deque(maxlen=500)
    while True:
        kept.append(listener.accept()[0])


class Told:
    def __init__(self, text):
        rows = [json.loads(line) for line in text.splitlines()]
        self.rows = rows
        self.all = [(r["port"], r["state"]) for r in rows
                    if r["type"] == "port"]
        self.open = sorted(p for p, state in self.all if state == "open")
        self.hosts = [r for r in rows if r["type"] == "host"]
        self.findings = collections.Counter(
            r["rule"] for r in rows if r["type"] == "finding")
        self.notices = [r["text"] for r in rows if r["type"] == "notice"]


def few_at_once():
    resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))


def scan(*argv, begin=None):
    done = subprocess.run([SYSMON, "scan", "--format", "ndjson", *argv],
                          capture_output=True, text=True, preexec_fn=begin)
    check(f"status of {argv}", 0, done.returncode)
    return Told(done.stdout)


def all_open(way):
    told = scan(AWAY, "-p", "1-1000", *way)
    check(f"no port of all is told {way}", [], told.open)
    check(f"the host has their number {way}", [(1000, 0)],
          [(h["open"], h["closed"]) for h in told.hosts])
    check(f"there is one finding {way}", {"tarpit": 1}, dict(told.findings))
    check(f"and one notice {way}", [True],
          [t.startswith(f"1000 of 1000 open ports of {AWAY} are not told")
           for t in told.notices])
    told = scan(AWAY, "-p", "1-1000", "--show", "all", *way)
    check(f"all are shown when they are to be {way}",
          (list(range(1, 1001)), 1000), (told.open, len(told.all)))
    check(f"and still nothing else is found {way}", {"tarpit": 1},
          dict(told.findings))
    told = scan(AWAY, "-p", "1-1000", "--no-checks", *way)
    check(f"nor without checks {way}", ([], 1000),
          (told.open, told.hosts[0]["open"]))


def some_closed(way):
    wanted = [p for p in range(1, 2001) if p != 1500]
    for show in ([], ["--show", "all"]):
        told = scan(AWAY, "-p", "1-2000", *show, *way)
        check(f"one closed port tells all others {way} {show}", wanted,
              told.open)
        check(f"which are judged {way} {show}", {
            "exposed-ftp": 1, "exposed-telnet": 1, "exposed-rpcbind": 1,
            "exposed-rsync": 1}, dict(told.findings))
        check(f"without a notice {way} {show}", [], told.notices)
        check(f"the record of the host is as ever {way} {show}", (1999, 1),
              (told.hosts[0]["open"], told.hosts[0]["closed"]))


def few(way):
    told = scan(AWAY, "-p", "1-150", *way)
    check(f"few ports are told one by one {way}", list(range(1, 151)),
          told.open)
    check(f"and judged {way}", {"exposed-ftp": 1, "exposed-telnet": 1,
                                "exposed-rpcbind": 1}, dict(told.findings))


def interrupted(ports, seconds, way):
    """Told by the runs of a scan that is stopped again and again."""
    state, texts = os.path.join(DIR, "state"), []
    for _ in range(50):
        child = subprocess.Popen(
            [SYSMON, "scan", AWAY, "-p", ports, "--resume", state, "--format",
             "ndjson", "--rate", "1500", *way], stdout=subprocess.PIPE,
            text=True, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        child.send_signal(signal.SIGTERM)
        texts.append(child.communicate()[0])
        if not os.path.exists(state):
            break
    return Told("".join(texts)), len(texts)


def resumed(way):
    told, n = interrupted("1-1000", 0.5, way)
    check(f"a scan that goes on holds them back {way}", ([], [1000], True),
          (told.open, [h["open"] for h in told.hosts], n > 1))
    told, n = interrupted("1001-2000", 0.5, way)
    check(f"a scan that goes on tells all, and nothing twice {way}",
          ([p for p in range(1001, 2001) if p != 1500], [(999, 1)], True),
          (told.open, [(h["open"], h["closed"]) for h in told.hosts], n > 1))


def stopped():
    child = subprocess.Popen([SYSMON, "scan", AWAY, "-p", "1-2000", "--rate",
                              "500", "--format", "ndjson", "--exclude",
                              "192.0.2.9"], stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.DEVNULL)
    time.sleep(0.2)
    child.send_signal(signal.SIGTERM)
    told = Told(child.communicate()[0])
    check("what is known of few is told when it is stopped", True,
          len(told.open) > 10)


def services():
    told = scan(AWAY, "-p", "1-1000", "-s", "--service-timeout", "300")
    check("asked, they say nothing and have one row", ([], [1000]),
          (told.open, [h["open"] for h in told.hosts]))
    check("which is found", {"tarpit": 1}, dict(told.findings))
    told = scan(AWAY, "-p", "1-400", "-s", "--service-timeout", "300")
    check("and most are not asked", 1, sum(
        "were not asked what they are: nearly all" in t for t in told.notices))
    told = scan(AWAY, "-p", "1-400,6379", "-s", "--service-timeout", "300",
                begin=few_at_once)
    check("but a port with a known service is", [(6379, "redis", "Redis")],
          [(r["port"], r["service"], r.get("product")) for r in told.rows
           if r["type"] == "port" and r["port"] == 6379])
    told = scan(AWAY, "-p", "3001-3300", "-s", "--service-timeout", "1000")
    check("where half of the ports are filtered, all others are asked",
          (150, 150, []), (told.hosts[0]["open"], told.hosts[0]["filtered"],
                           [t for t in told.notices if "not asked" in t]))


def redirect(ports):
    subprocess.run(["nft", "-f", "-"], text=True, check=True, input=f"""
        table inet t
        delete table inet t
        table inet t {{
            chain out {{
                type nat hook output priority -100;
                ip daddr 127.0.0.1 tcp dport {ports} redirect to :607
            }}
        }}""")


def here(way):
    redirect("1-1000")
    told = scan("127.0.0.1", "-p", "1-1000", *way)
    check(f"of this machine, who listens is told {way}", [607], told.open)
    check(f"with the process {way}", [os.getpid()],
          [r.get("pid") for r in told.rows if r["type"] == "port"])
    check(f"and the others are one finding {way}", {"ports-unheard": 1},
          dict(told.findings))
    check(f"that has their number {way}", True, any(
        "999 ports" in r["title"] for r in told.rows
        if r["type"] == "finding"))
    check(f"the host has all {way}", 1000, told.hosts[0]["open"])


if not SYSMON:
    away = socket.create_server(("", 2007), backlog=4096)
    threading.Thread(target=refuse, daemon=True, args=[
        socket.create_server(("", 6379), backlog=64)]).start()
    print("ready", flush=True)
    take(away)
threading.Thread(target=take, daemon=True, args=[
    socket.create_server(("127.0.0.1", 607), backlog=4096)]).start()
def some_here(way):
    redirect("1-300")
    told = scan("127.0.0.1", "-p", "1-1000", *way)
    check(f"of a part all open ports are told {way}",
          list(range(1, 301)) + [607], told.open)
    check(f"and a hundred of them are findings {way}", {"port-unheard": 100},
          {k: n for k, n in told.findings.items() if "unheard" in k})
    check(f"a notice has the number of the others {way}", 1, sum(
        t.startswith("200 further findings port_unheard of 127.0.0.1")
        for t in told.notices))


for w in WAYS:
    some_here(w)
    all_open(w)
    some_closed(w)
    few(w)
    here(w)
for w in WAYS[:3]:
    resumed(w)
stopped()
services()
sys.exit(failures > 0)
