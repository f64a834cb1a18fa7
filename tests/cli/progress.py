# SPDX-License-Identifier: MIT
"""What scans and logs show of their progress on a terminal."""
import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import time

import terminal

terminal.or_skip("progress")
SYSMON = os.environ["SYSMON"]


def start(command, *args):
    mine, theirs = pty.openpty()
    p = subprocess.Popen([SYSMON, command, "--color", "never", *args],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=theirs)
    os.close(theirs)
    return p, mine


def told(p, fd, end):
    """All of standard error, of a command that is stopped then."""
    data = b""
    while time.monotonic() < end or b"left" not in data:
        if select.select([fd], [], [], 0.05)[0]:
            data += os.read(fd, 65536)
    p.send_signal(signal.SIGINT)
    try:
        while True:
            data += os.read(fd, 65536)
    except OSError:
        pass
    os.close(fd)
    p.wait()
    return data.decode()


def seconds_left(text):
    days = re.search(r"(\d+) d (\d+) h left", text)
    if days:
        return int(days[1]) * 86400 + int(days[2]) * 3600
    clock = re.findall(r"(?:(\d+):)?(\d+):(\d\d) left", text)[-1]
    return int(clock[0] or 0) * 3600 + int(clock[1]) * 60 + int(clock[2])


# What is left lasts this long at the rate that is the cap: 65,535 ports of one, or
# of 256 hosts.
cases = [
    (["127.0.0.1", "--rate", "2000"], 65535 / 2000, r" [\d,]+ ports/s, 0:\d\d left"),
    (["127.0.0.1", "--rate", "11"], 65535 / 11, r" [\d.]+ ports/s, \d:\d\d:\d\d left"),
    (["127.0.0.0/24", "--rate", "40"], 65535 * 256 / 40,
     r" [\d.]+ ports/s, \d+ d \d+ h left"),
]
running = [start("scan", "-p", "all", *args) for args, _, _ in cases]
began = time.monotonic()
for (p, fd), (args, seconds, form) in zip(running, cases):
    text = told(p, fd, began + 0.6)
    lines = text.count("\r")
    assert re.search(form, text), (args, text)
    assert "%" in text, text
    # Sent at the beginning without a wait is a hundredth of a second's worth.
    assert seconds / 2 < seconds_left(text) < seconds * 2, (args, text)
    assert lines <= (time.monotonic() - began) * 10 + 2, (args, lines)

# Logs are counted in bytes, and each line of this one is an event that is written.
line = (b"Aug  4 10:00:01 web sshd[411]: Failed password for root from 203.0.113.9"
        b" port 51515 ssh2\n")
with tempfile.NamedTemporaryFile() as f:
    f.write(line * 800000)
    f.flush()
    text = told(*start("logs", f.name, "--format", "ndjson"), time.monotonic())
assert re.search(r"\rlogs +\[#* *\] +\d+ % [\d.,]+ MB/s, 0:\d\d left", text), text
