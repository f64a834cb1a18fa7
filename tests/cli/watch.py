# SPDX-License-Identifier: MIT
"""A watch on a pseudo-terminal of 12 lines: what is drawn fits, from the top, and no
line of one list stays behind another."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import terminal

terminal.or_skip("a watch")
SYSMON = os.environ["SYSMON"]
ROWS, COLUMNS, PICTURES = 12, 90, 3
ENDS = 60  # seconds until a test that hangs fails

env = {k: v for k, v in os.environ.items() if k not in ("LINES", "COLUMNS")}
pid, fd = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    time.sleep(0.2)  # the size is set meanwhile
    os.execve(SYSMON, [SYSMON, "ps", "--watch", "0.2", "--sort", "cpu"],
              dict(env, TERM="xterm"))
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

seen, end = "", time.time() + ENDS
while seen.count("\x1b[J") < PICTURES:
    if time.time() > end:
        sys.exit(f"no {PICTURES} pictures in {seen!r}")
    if select.select([fd], [], [], 0.5)[0]:
        seen += os.read(fd, 65536).decode("utf-8", "replace")
os.kill(pid, signal.SIGINT)
try:
    while os.read(fd, 65536):
        pass
except OSError:  # the other side is closed
    pass
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

failed = []
pictures = seen.split("\x1b[H")[1:PICTURES + 1]
for i, picture in enumerate(pictures):
    body, rest, _ = picture.partition("\x1b[J")
    lines = body.split("\r\n")[:-1]
    if not rest or not 1 < len(lines) < ROWS:
        failed.append(f"picture {i} has {len(lines)} lines")
    if any(not line.endswith("\x1b[K") for line in lines):
        failed.append(f"a line of picture {i} leaves what was there")
    for line in lines:
        if len(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)) > COLUMNS:
            failed.append(f"too wide: {line!r}")
if "\x1b[2J" not in pictures[0] or "\x1b[2J" in "".join(pictures[1:]):
    failed.append("the screen is cleared once, at the beginning")
last = pictures[-1].partition("\x1b[J")[0].split("\r\n")[:-1]
if not any(" more (--top, --filter)" in line for line in last):
    failed.append(f"rows are left out without a word: {last!r}")
if not re.search(r"^\d+ processes .*[Ff]inding", last[-1]):
    failed.append(f"the last line is no summary: {last[-1]!r}")
if "CPU%" not in pictures[-1]:
    failed.append("no heading")
if status != 3:
    failed.append(f"status {status}")
for text in failed:
    print("FAILED:", text)
sys.exit(bool(failed))
