# SPDX-License-Identifier: MIT
"""Drives the menu through a pseudo-terminal: each choice does its job and comes
back."""
import json
import os
import pty
import re
import select
import signal
import termios
import sys
import time

import terminal

SYSMON = os.environ["SYSMON"]
PORT = os.environ["PORT"]
ENDS = 30  # seconds until a test that hangs fails


# Where the history of this user is, and nobody else's.
STATE = os.environ.get("XDG_STATE_HOME")


class Menu:
    def __init__(self, *args):
        env = dict(os.environ, TERM="xterm", COLUMNS="200")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(SYSMON, [SYSMON, *args], env)
        self.seen = ""

    def until(self, pattern):
        """What is printed up to the pattern, and not seen before."""
        end = time.time() + ENDS
        while True:
            m = re.search(pattern, self.seen)
            if m:
                before = self.seen[:m.end()]
                self.seen = self.seen[m.end():]
                return before
            if time.time() > end:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            if select.select([self.fd], [], [], 0.5)[0]:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:  # the other side is closed
                    data = b""
                if not data:
                    raise AssertionError(f"ended before {pattern!r}: "
                                         f"{self.seen!r}")
                self.seen += data.decode("utf-8", "replace")

    def type(self, text):
        os.write(self.fd, text.encode())

    def choose(self, key):
        self.until("Choice: ")
        self.type(key + "\n")

    def edits(self):
        """Waits until the line editor has the terminal; a build without one never
        takes it."""
        end = time.time() + 3
        while time.time() < end and termios.tcgetattr(self.fd)[3] & termios.ICANON:
            time.sleep(0.01)

    def status(self, key=None):
        """key is pressed again: the line editor may only now have taken over the
        terminal, and what was typed ahead of that (^D above all) is not the same."""
        end = time.time() + ENDS
        press = time.time() + 1
        while time.time() < end:
            pid, st = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(st)
            if key and time.time() > press:
                self.type(key)
                press = time.time() + 1
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    os.read(self.fd, 65536)
                except OSError:
                    pass
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError("does not end")


terminal.or_skip("the menu")

m = Menu()
m.choose("5")
m.until(r"\[localhost\]: ")
m.type("127.0.0.1\n")
m.choose("6")
m.until(r"\[top-1000\]: ")
m.type(PORT + "\n")
m.choose("1")
shown = m.until(r"Target: 127\.0\.0\.1 +Ports: " + PORT)
assert re.search(rf"\b{PORT}\b.*open|open.*\b{PORT}\b", shown), shown

# Who listens, and what they say.
m.choose("9")
assert re.search(rf"\b{PORT}\b.*listening", m.until("Target: ")), "no listener"
m.choose("s")
m.until("Services: asked")
m.choose("1")
m.until(rf"\b{PORT}\b.*open")
m.until("Services: asked")
m.choose("s")
m.until("Services: not asked")

m.choose("2")
assert "python" in m.until("Target: ")

m.choose("7")
m.until(r"\[found\]: ")
m.type("auth.log\n")
m.choose("3")
assert "203.0.113.9" in m.until("Logs: auth.log")

m.choose("4")
m.until(r"report\.json\]: ")
m.type("a.txt a.json\n")
m.until("wrote a.json")
with open("a.json") as f:
    doc = json.load(f)
assert [p for p in doc["ports"] if p["port"] == int(PORT)], doc["ports"]
assert doc["processes"]
assert [f for f in doc["findings"] if f["kind"] == "brute_force"]

# Another threshold, and another answer.
m.choose("8")
m.until(r"\[80\]: ")
m.type("90\n")
m.until(r"\[80\]: ")
m.type("\n")
m.until(r"\[5/600\]: ")
m.type("8/600\n")
m.until("CPU 90 %, memory 80 %, failed logins 8/600")
m.choose("3")
assert "failed logins from 203.0.113.9" not in m.until("Logs: auth.log")

# What is wrong is explained, and changes nothing.
m.choose("6")
m.until(": ")
m.type("70000\n")
m.until("70000")
m.until("nothing was changed")
m.until("Ports: " + PORT)
m.choose("8")
m.until(r"\[90\]: ")
m.type("lots\n")
m.until(r"\[80\]: ")
m.type("\n")
m.until(r"\[8/600\]: ")
m.type("\n")
m.until("nothing was changed")
m.choose("x")
m.until("no choice")

# What is kept, and what changed since.
if STATE:
    m.choose("h")
    m.until("(?i)no such file|no history|not there|does not exist")
    m.choose("c")
    m.until("there is no run before")
    m.until("Report on ")
    m.choose("h")
    assert len(re.findall(r"(?m)^ *1 +2\d\d\d-", m.until("nothing: none: "))) == 1
    m.type("\n")
    with open("auth.log", "a") as f:
        for n in range(9):
            f.write(f"2026-08-04T10:30:0{n}+00:00 web sshd[1]: Failed password for root from 198.51.100.200 port 5 ssh2\n")
    m.choose("c")
    m.until("198.51.100.200")
    m.choose("h")
    m.until(r"(?m)^ *2 +2\d\d\d-")
    m.until("nothing: none: ")
    m.type("2\n")
    m.until("Report on ")
    m.until("198.51.100.200")
    m.choose("h")
    m.until("nothing: none: ")
    m.type("--help\n")
    m.until("'--help'")

# SIGINT stops the work and comes back; at the choices it ends the program.
m.choose("6")
m.until(": ")
m.type("all\n")
m.choose("5")
m.until(": ")
m.type("127.0.0.0/16\n")
m.choose("1")
time.sleep(0.5)
os.kill(m.pid, signal.SIGINT)
m.until("Target: 127.0.0.0/16")
m.until("Choice: ")
os.kill(m.pid, signal.SIGINT)
assert m.status() == 0

for leave in ("q\n", "0\n", "\x04"):
    m = Menu("--interactive")
    m.until("Choice: ")
    m.edits()
    m.type(leave)
    assert m.status(leave) == 0, leave

# Typed before the line editor has the terminal.
m = Menu("--interactive")
m.type("\x04")
assert m.status() == 0
