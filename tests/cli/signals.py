# SPDX-License-Identifier: MIT
"""Stops the command in the middle of its work, and looks what it wrote."""
import ctypes
import json
import os
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import time

SYSMON = os.environ["SYSMON"]
TMP = sys.argv[1]


def defaults():
    # A shell's background job ignores SIGINT; ours does not begin that way.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def start(*args, **kw):
    return subprocess.Popen([SYSMON, *args], stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, preexec_fn=defaults, **kw)


def working(p):
    """Waits until the command catches signals and is past its start."""
    for _ in range(500):
        with open(f"/proc/{p.pid}/status") as f:
            caught = [l for l in f if l.startswith("SigCgt")][0].split()[1]
        if int(caught, 16) & 1 << (signal.SIGINT - 1):
            return
        time.sleep(0.01)
    raise AssertionError("never caught SIGINT")


def stop(sig, *args):
    # The longest look at the processes is long enough for any machine.
    p = start(*args, stdout=subprocess.PIPE)
    try:
        working(p)
        time.sleep(0.2)
        p.send_signal(sig)
        out, err = p.communicate(timeout=20)
    finally:
        p.kill()
    assert p.returncode == 3, (p.returncode, err)
    return out, err


for sig in (signal.SIGINT, signal.SIGTERM):
    path = os.path.join(TMP, "r.json")
    stop(sig, "--monitor-processes", "--interval", "60000", "-o", path)
    with open(path) as f:
        doc = json.load(f)
    assert doc["schema"] == "sysmon/1", doc
    os.unlink(path)
    out, _ = stop(sig, "ps", "--interval", "60000", "--format", "ndjson")
    for line in out.splitlines():
        json.loads(line)
    # A rate of one probe a second: the first answer is in the report.
    out, _ = stop(sig, "scan", "127.0.0.1", "-p", "1-200", "--rate", "1",
                  "--show", "all", "--format", "json")
    json.loads(out)

# What was not looked at is told, and is what the records leave out.
for more in ([], ["--threads", "2"]):
    out, _ = stop(signal.SIGINT, "scan", "127.0.0.1", "-p", "1-2000", "--rate",
                  "100", "--show", "all", "--format", "ndjson", *more)
    rows = [json.loads(line) for line in out.splitlines()]
    told = sum(row["type"] == "port" for row in rows)
    cut = [row["text"] for row in rows if row["type"] == "notice"
           and "ended early" in row["text"]]
    assert 0 < told < 2000, told
    assert len(cut) == 1, cut
    assert f"{2000 - told} of 2000 ports" in cut[0], (told, cut)
    assert "addresses: 1)" in cut[0], cut

# What was kept is read without a job: the first signal ends that too.
def is_read(p, path):
    """Whether it is stopped with the file open and not at its end."""
    for fd in os.listdir(f"/proc/{p.pid}/fd"):
        try:
            if os.readlink(f"/proc/{p.pid}/fd/{fd}") == path:
                with open(f"/proc/{p.pid}/fdinfo/{fd}") as f:
                    return int(f.readline().split()[1]) < os.path.getsize(path)
        except OSError:
            pass
    return False


def stop_reading(sig, path, *args):
    p = start(*args, stdout=subprocess.PIPE)
    try:
        while p.poll() is None:
            p.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, p.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            if is_read(p, path):
                p.send_signal(sig)
                p.send_signal(signal.SIGCONT)
                return p.communicate(timeout=60), p.returncode
            p.send_signal(signal.SIGCONT)
        return p.communicate(timeout=60), None
    finally:
        p.kill()


saved = os.path.join(os.path.realpath(TMP), "saved.ndjson")
row = '{"type":"port","address":"192.0.2.1","port":%d,"protocol":"tcp","state":"open"}\n'
for sig in (signal.SIGINT, signal.SIGTERM):
    for n in (20000, 200000, 2000000):
        with open(saved, "w") as f:
            for i in range(n):
                f.write(row % (i % 65536))
        (out, err), status = stop_reading(sig, saved, "report", "--from", saved)
        if status is not None:
            break
    assert (status, out, err) == (3, b"", b""), (status, out[:200], err)
os.unlink(saved)

# A history that another program holds.
db = os.path.join(TMP, "h.db")
made = subprocess.run([SYSMON, "ps", "--interval", "0", "-q", "--history=" + db],
                      stdout=subprocess.DEVNULL, check=False).returncode == 0
if made:
    holder = sqlite3.connect(db, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    for sig in (signal.SIGINT, signal.SIGTERM):
        assert stop(sig, "history", "--history=" + db) == (b"", b"")
    holder.close()
else:
    print("SKIP: a signal while a history is read: no SQLite")

# Standard input that never ends.
r, w = os.pipe()
p = subprocess.Popen([SYSMON, "logs", "-", "--format", "ndjson"], stdin=r,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                     preexec_fn=defaults)
os.close(r)
try:
    for n in range(6):
        os.write(w, b"2026-08-04T10:00:0%d+00:00 web sshd[1]: Failed password "
                    b"for root from 203.0.113.9 port 1 ssh2\n" % n)
    out = b""
    while out.count(b'"type":"event"') < 6:
        assert select.select([p.stdout], [], [], 60)[0], out
        out += os.read(p.stdout.fileno(), 65536)
    p.send_signal(signal.SIGINT)
    rest, err = p.communicate(timeout=60)
    out += rest
finally:
    p.kill()
assert p.returncode == 3, (p.returncode, err)
assert (b"\n" + out).count(b'\n{"type":"event"') == 6, out


# A process in the middle of exec, whose file belongs to a server that does not answer
# when it is closed: a look at it waits in the kernel, which lets no handler run.
def serve(fd, ready, victim):
    attr = struct.pack("<6Q10I", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 1, 0, 0, 0,
                       4096, 0)
    file = struct.pack("<6Q10I", 2, 0, 0, 0, 0, 0, 0, 0, 0, 0o100755, 1, 0, 0,
                       0, 4096, 0)
    answers = {
        26: struct.pack("<4I2H2I28x", 7, 31, 65536, 0, 12, 9, 65536, 1),
        1: struct.pack("<4Q2I", 2, 0, 1000, 1000, 0, 0) + file,
        3: struct.pack("<Q2I", 1000, 0, 0) + attr,
        14: struct.pack("<Q2I", 1, 0, 0),
    }
    while True:
        _, op, unique = struct.unpack_from("<2IQ", os.read(fd, 1 << 20))
        if op == 25:  # FUSE_FLUSH
            os.write(ready, b"%d\n" % victim)
            signal.pause()
        body = answers.get(op, b"")
        if op != 2:
            os.write(fd, struct.pack("<IiQ", 16 + len(body),
                                     0 if op in answers else -38, unique) + body)


def mount_and_serve(ready):
    libc = ctypes.CDLL(None)
    where = os.path.join(TMP, "mute").encode()
    os.mkdir(where)
    if libc.unshare(0x20000) or libc.mount(None, b"/", None, 1 << 18 | 1 << 14,
                                           None):
        os._exit(77)
    fd = os.open("/dev/fuse", os.O_RDWR)
    if libc.mount(b"mute", where, b"fuse", 0,
                  b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fd):
        os._exit(77)
    victim = os.fork()
    if victim == 0:
        os.close(fd)
        os.open(where + b"/file", os.O_RDONLY)
        os.execv("/bin/sleep", ["sleep", "60"])
    serve(fd, ready, victim)


def start_server():
    r, w = os.pipe()
    server = os.fork()
    if server == 0:
        os.close(r)
        try:
            mount_and_serve(w)
        finally:
            os._exit(77)
    os.close(w)
    victim = os.read(r, 16)
    os.close(r)
    return server, int(victim or 0)


server, victim = start_server()
try:
    if victim == 0:
        print("SKIP: a second signal while a read waits: needs root and FUSE")
    for wait in (0.3, 1, 3, 9) if victim else ():
        p = start("ps", "--interval", "0", "--format", "ndjson",
                  "--deadline", "0", stdout=subprocess.DEVNULL)
        time.sleep(wait)
        for _ in range(200):
            p.send_signal(signal.SIGTERM)
            try:
                p.wait(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                pass
        p.kill()
        # 3: it was not there yet.
        if p.wait() != 3:
            break
    assert victim == 0 or p.returncode == -signal.SIGTERM, p.returncode
finally:
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)
    if victim:
        os.kill(victim, signal.SIGKILL)
