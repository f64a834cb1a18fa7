# SPDX-License-Identifier: MIT
"""listeners.py SYSMON NODIAG, as pid 1 of namespaces of its own: sockets of all kinds,
held by one process and by many. What the command lists is what ss(8) does."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import traceback

SYSMON, NODIAG = sys.argv[1:]
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
failures = 0
kept = []


def check(what, wanted, got):
    global failures
    if wanted != got:
        failures += 1
        print(f"FAILED: {what}\n  wanted {wanted}\n  got    {got}")


def bound(address, port, kind=socket.SOCK_STREAM, options=()):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, kind)
    for level, name, value in options:
        s.setsockopt(level, name, value)
    s.bind((address, port))
    if kind == socket.SOCK_STREAM:
        s.listen()
    kept.append(s)
    return s


def child(begin):
    """A process that has begun, and waits."""
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(here)
            begin()
            os.write(there, b".")
            while True:
                signal.pause()
        finally:
            traceback.print_exc()
            os._exit(1)
    os.close(there)
    if os.read(here, 1) != b".":
        sys.exit("a child could not begin")
    os.close(here)


REUSE = [(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)]
AGAIN = [(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)]
ONLY6 = [(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)]
BOTH = [(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)]
LO = [(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")]


def plain():
    bound("127.0.0.1", 1001)
    bound("0.0.0.0", 1002)
    bound("::", 1003, options=BOTH)
    bound("::", 1004, options=ONLY6)
    bound("::1", 1005)
    bound("::ffff:127.0.0.1", 1006)
    bound("0.0.0.0", 27017, options=LO)
    bound("0.0.0.0", 6379)
    bound("127.0.0.1", 6378)
    bound("0.0.0.0", 1053, socket.SOCK_DGRAM)
    bound("::", 1054, socket.SOCK_DGRAM, ONLY6)
    bound("0.0.0.0", 11211, socket.SOCK_DGRAM)
    bound("127.0.0.1", 1055, socket.SOCK_DGRAM).connect(("127.0.0.1", 1053))
    bound("127.0.0.1", 1056, options=REUSE)
    bound("127.0.0.1", 1056, options=REUSE)
    bound("127.0.0.1", 21057, socket.SOCK_DGRAM, AGAIN)
    bound("127.0.0.1", 21058, socket.SOCK_DGRAM, AGAIN)
    bound("127.0.0.1", 21058, socket.SOCK_DGRAM, AGAIN)
    unix = socket.socket(socket.AF_UNIX)
    unix.bind("\0listeners")
    unix.listen()
    kept.append(unix)


def forked():
    bound("127.0.0.1", 1010)
    for _ in range(3):
        child(lambda: None)


def by_thread():
    thread = threading.Thread(target=lambda: bound("127.0.0.1", 1011))
    thread.start()
    thread.join()


def as_nobody():
    os.setgid(65534)
    os.setuid(65534)
    bound("127.0.0.1", 21012)
    bound("127.0.0.1", 21057, socket.SOCK_DGRAM, AGAIN)


def make():
    """The sockets; those that pid 1 made for others first."""
    own = bound("127.0.0.1", 1020)
    passed = bound("127.0.0.1", 1021)
    given = bound("127.0.0.1", 1022)
    child(lambda: own.close())
    child(lambda: own.close())
    given.close()
    kept.clear()
    kept.extend((own, passed))
    child(lambda: (own.close(), passed.close(), plain()))
    child(lambda: (own.close(), passed.close(), forked()))
    for begin in (by_thread, as_nobody, lambda: bound("127.0.0.1", 1013,
                                                      options=REUSE),
                  lambda: bound("127.0.0.1", 1013, options=REUSE)):
        child(lambda: (own.close(), passed.close(), begin()))


def of_ss():
    """Address, port, protocol and the lowest pid, 1 only where it is alone."""
    found = set()
    text = subprocess.run(["ss", "-Hltnup"], capture_output=True, text=True,
                          check=True).stdout
    for line in text.splitlines():
        word = line.split()
        address, _, port = word[4].rpartition(":")
        address = address.strip("[]").split("%")[0].removeprefix("::ffff:")
        pids = sorted({int(n) for n in re.findall(r"pid=(\d+)", line)})
        owner = next((p for p in pids if p != 1), pids[0] if pids else 0)
        found.add(("::" if address == "*" else address, int(port), word[0],
                   owner))
    return found


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def of(rows, kind):
    return [r for r in rows if r["type"] == kind]


def owners(rows):
    return {(r["address"], r["port"], r["protocol"], r.get("pid", 0))
            for r in of(rows, "port")}


LIST = (SYSMON, "scan", "--listeners", "--format", "ndjson")


def as_root():
    done, rows = run(*LIST)
    ports = of(rows, "port")
    wanted = of_ss()
    check("the listeners are those of ss", wanted, owners(rows))
    check("there are many of them", True, len(wanted) > 18)
    check("each is told once", len(wanted), len(ports))
    check("all are seen", (0, []), (done.returncode, of(rows, "notice")))
    check("they listen by their sockets", {("listening", "socket")},
          {(r["state"], r["reason"]) for r in ports})
    one = {r["port"]: r for r in ports}
    check("pid 1 is the owner where it is alone", 1, one[1020].get("pid"))
    check("pid 1 is none where it is not", True, one[1021].get("pid", 1) > 1)
    check("an interface that it is bound to is told",
          ("bound to the interface lo", None),
          (one[27017].get("info"), one[6379].get("info")))
    check("the user is the one who made the socket", ("root", "nobody"),
          (one[1001]["user"], one[21012]["user"]))
    check("the program has its name and path",
          (open("/proc/self/comm").read().strip(),
           os.readlink("/proc/self/exe")),
          (one[1001]["process"], one[1001]["exe"]))
    check("what others may reach is judged, and nothing else",
          {("exposed_redis", "0.0.0.0:6379")},
          {(r["kind"], r["subject"]) for r in of(rows, "finding")})
    _, rows = run(*LIST, "--fields", "port,protocol", "--no-checks")
    check("the members are those chosen",
          {("type", "port", "protocol")}, {tuple(r) for r in of(rows, "port")})
    check("nothing is judged with --no-checks", [], of(rows, "finding"))


def as_nobody_sees():
    done, rows = run(*NOBODY, *LIST)
    check("another user sees the sockets", {w[:3] for w in of_ss()},
          {w[:3] for w in owners(rows)})
    check("another user sees no owner but itself", {0},
          {w[3] for w in owners(rows) if w[1] not in (21012, 21057)})
    check("the user stays known", "root",
          {r["port"]: r for r in of(rows, "port")}[1001].get("user"))
    check("a notice tells that, and nothing is lost", (0, 1, True),
          (done.returncode, len(of(rows, "notice")),
           "root sees them" in done.stdout))


def several_users():
    for port, notices, told in ((21057, 1, False), (21058, 0, True)):
        _, rows = run(SYSMON, "scan", "--udp", "127.0.0.1", "-p", str(port),
                      "--format", "ndjson", "--show", "all", "--fields",
                      "port,pid,user")
        check(f"a UDP port of {2 - told} users has {'an' if told else 'no'} "
              "owner", [(told, told)],
              [("pid" in r, "user" in r) for r in of(rows, "port")])
        check("and that is told", notices, sum(
            "sockets of several users" in r["text"]
            for r in of(rows, "notice")))


def without_sock_diag():
    done = subprocess.run([NODIAG, *LIST], capture_output=True, text=True)
    if done.returncode == 77:
        return
    check("a kernel that refuses to list is an error", 3, done.returncode)
    check("that says so in one sentence", (1, True),
          (len(done.stderr.splitlines()), "sock_diag" in done.stderr))


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
make()
as_root()
if subprocess.run([*NOBODY, SYSMON, "--version"],
                  capture_output=True).returncode == 0:
    as_nobody_sees()
several_users()
without_sock_diag()
sys.exit(failures > 0)
