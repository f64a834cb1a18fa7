# SPDX-License-Identifier: MIT
"""Stops the command in the middle of its work, and looks what it wrote."""
import json
import os
import select
import signal
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
