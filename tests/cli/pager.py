# SPDX-License-Identifier: MIT
"""Long texts on a terminal of 24 lines go through a pager, and nothing else does.
usage: pager.py SYSMON LOG, a log with more findings than lines."""
import fcntl
import os
import pty
import pwd
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

import terminal

SYSMON, LOG = sys.argv[1:3]
ENDS = 60  # seconds until a test that hangs fails
LONG = ["logs", LOG, "--no-events"]
# What a pager of ours does: its words, its environment and its text are kept.
PAGER = """#!/bin/sh
printf '%s\\n' "$@" >words
env >vars
{more}
cat >text
"""


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, args, env, rows=24, user=None):
        self.seen, self.status = "", None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if user is not None:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            try:
                os.execve(args[0], args, env)
            finally:
                os._exit(97)

    def read(self, pattern=None):
        """Until the pattern is seen; without one to the end."""
        end = time.time() + ENDS
        while pattern is None or not re.search(pattern, self.seen):
            assert time.time() < end, f"no {pattern!r} in {self.seen[-500:]!r}"
            if not select.select([self.fd], [], [], 0.5)[0]:
                continue
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                assert pattern is None, f"ended before {pattern!r}: {self.seen[-500:]!r}"
                break
            self.seen += data.decode("utf-8", "replace")
        return self.seen

    def end(self):
        self.read()
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return self


USER = 65534 if os.geteuid() == 0 else None
NOT_OURS = ("PAGER", "SYSMON_PAGER", "LESS", "LESSCHARSET", "LINES", "COLUMNS", "SUDO_UID", "PKEXEC_UID", "DOAS_USER")
BASE = {k: v for k, v in os.environ.items() if k not in NOT_OURS}
BASE["TERM"] = "xterm"


def on_terminal(*args, rows=24, user=USER, **env):
    for name in ("words", "vars", "text", "owned"):
        if os.path.exists(name):
            os.unlink(name)
    return Terminal([SYSMON, *args], {**BASE, **env}, rows, user)


def pager(more=""):
    with open("pager", "w") as f:
        f.write(PAGER.replace("{more}", more))
    os.chmod("pager", 0o755)
    return os.path.abspath("pager")


def kept(name):
    if not os.path.exists(name):
        return None
    with open(name, encoding="utf-8") as f:
        return f.read()


def plain(args):
    return subprocess.run([SYSMON, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode()


def a_long_text_goes_to_the_pager_that_is_named():
    t = on_terminal(*LONG, SYSMON_PAGER=pager() + "  -x ;touch owned $(touch owned)", PAGER="false").end()
    assert kept("words"), t.seen
    assert kept("words").split("\n")[:-1] == ["-x", ";touch", "owned", "$(touch", "owned)"], kept("words")
    assert not os.path.exists("owned")
    assert t.status == 0 and "203.0.113." not in t.seen, t.seen
    assert kept("text").count("203.0.113.") >= 30 and "\x1b[" in kept("text")
    assert "LESS=FRX\n" in kept("vars") and "LESSCHARSET=utf-8\n" in kept("vars")
    on_terminal(*LONG, PAGER=pager(), LESS="S").end()
    assert kept("text") and "LESS=S\n" in kept("vars")
    on_terminal(*LONG, "--format", "txt", PAGER=pager()).end()
    assert kept("text")


def what_is_short_or_for_programs_does_not():
    for args in (["ps", "--pid", str(os.getpid()), "--interval", "0", "--no-checks"], [*LONG, "--no-pager"],
                 [*LONG, "--format", "json"], [*LONG, "--format", "ndjson"], [*LONG, "--format", "csv"], [*LONG, "--format", "md"],
                 ["--version"]):
        t = on_terminal(*args, PAGER=pager()).end()
        assert t.status == 0 and kept("text") is None and t.seen.strip(), (args, t.status, t.seen[-300:])
    for off in {"SYSMON_PAGER": ""}, {"SYSMON_PAGER": "cat"}, {"SYSMON_PAGER": " ", "PAGER": pager()}, {"PAGER": "cat"}:
        t = on_terminal(*LONG, **off).end()
        assert t.seen.count("203.0.113.") >= 30 and kept("text") is None, off
    p = subprocess.run([SYSMON, *LONG], env={**BASE, "PAGER": pager()}, capture_output=True, check=True)
    assert kept("text") is None and p.stdout.count(b"203.0.113.") >= 30
    t = on_terminal(*LONG, rows=200, PAGER=pager()).end()
    assert kept("text") is None and t.seen.count("203.0.113.") >= 30


def help_goes_there_where_the_screen_is_small():
    on_terminal("scan", "--help", PAGER=pager()).end()
    assert kept("text") == plain(["scan", "--help"])
    on_terminal("scan", "--help", rows=60, PAGER=pager()).end()
    assert kept("text") is None
    on_terminal("rules", "list", PAGER=pager()).end()
    assert kept("text") and kept("text").count("\n") > 24


def without_the_pager_the_text_is_shown():
    for missing in "none-of-that-name", "/", "./LOG":
        t = on_terminal(*LONG, "--fail-on", "high", SYSMON_PAGER=missing).end()
        assert t.status == 1 and t.seen.count("203.0.113.") >= 30, (missing, t.status, t.seen[-300:])


def who_has_seen_enough_ends_it_without_a_word():
    quick = pager("head -c 100 >/dev/null; exit 3")
    t = on_terminal(*LONG, "--fail-on", "high", SYSMON_PAGER=quick).end()
    assert t.status == 1 and t.seen == "", (t.status, t.seen)
    t = on_terminal(*LONG, SYSMON_PAGER="true").end()
    assert t.status == 0 and t.seen == "", (t.status, t.seen)
    t = on_terminal("scan", "--help", SYSMON_PAGER="true").end()
    assert t.status == 0 and t.seen == "", (t.status, t.seen)


def what_a_pager_that_fails_has_not_read_is_shown():
    # Longer than a pipe holds, and shorter.
    for args in [*LONG, "--fail-on", "high"], ["logs", LOG, "--format", "txt", "--fail-on", "high"]:
        for bad in "false", pager("exit 3"), pager("kill -SEGV $$"):
            t = on_terminal(*args, SYSMON_PAGER=bad).end()
            assert t.status == 1 and t.seen.count("203.0.113.") >= 30, (t.status, t.seen[:300])
            assert f"the pager '{bad}' failed and has read nothing" in t.seen, t.seen[:300]
    t = on_terminal("scan", "--help", SYSMON_PAGER="false").end()
    assert t.status == 0 and "has read nothing" in t.seen and t.seen.count("\n") > 24, (t.status, t.seen)


def a_signal_ends_the_pager_and_the_command_with_it():
    t = on_terminal(*LONG, SYSMON_PAGER=pager("echo ready; exec sleep 60"))
    t.read("ready")
    os.kill(t.pid, signal.SIGTERM)
    t.end()
    assert t.status == 3, (t.status, t.seen)
    if shutil.which("less"):
        t = on_terminal(*LONG)
        t.read("(?m)^:")
        os.kill(t.pid, signal.SIGTERM)
        t.end()
        assert t.status == 3, (t.status, t.seen[-300:])
    t = on_terminal(*LONG, SYSMON_PAGER=pager("trap 'echo taken' TERM; echo $$ >deaf; echo ready; while :; do sleep 0.1; done"))
    t.read("ready")
    os.kill(t.pid, signal.SIGTERM)
    t.read("taken")
    os.kill(t.pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) == -signal.SIGTERM
    with open("deaf") as f:
        os.kill(int(f.read()), signal.SIGKILL)
    os.close(t.fd)


def who_works_for_another_user_gets_less_alone():
    if not os.path.exists("/usr/bin/less") and not os.path.exists("/bin/less"):
        print("SKIP: pager: less is not installed")
        return
    own = os.getuid() if USER is None else USER
    for name, value in ("SUDO_UID", own + 1), ("PKEXEC_UID", own + 1), ("DOAS_USER", "somebody-else"):
        t = on_terminal(*LONG, SYSMON_PAGER=pager(), **{name: str(value)})
        t.read("(?m)^:")
        assert kept("text") is None, name
        os.write(t.fd, b"q")
        t.end()
    on_terminal(*LONG, SYSMON_PAGER=pager(), SUDO_UID=str(own), DOAS_USER=pwd.getpwuid(own).pw_name).end()
    assert kept("text")


def an_interrupt_is_the_pagers():
    t = on_terminal(*LONG, "--fail-on", "high", SYSMON_PAGER=pager("trap 'echo taken' INT; echo ready; read line </dev/tty"))
    t.read("ready")
    os.write(t.fd, b"\x03")
    t.read("taken")
    os.write(t.fd, b"go\n")
    t.end()
    assert t.status == 1 and kept("text"), (t.status, t.seen)


def files_and_the_history_are_there_before():
    db = os.path.abspath("h.db")
    look = f"LC_ALL=C ls r.json; {SYSMON} history --history={db} --format ndjson >runs"
    t = on_terminal(*LONG, f"--history={db}", "-o", "r.json", "-o", "-", SYSMON_PAGER=pager(look)).end()
    assert "wrote r.json" in t.seen and '"type":"run"' in kept("runs"), (t.seen, kept("runs"))
    assert kept("text") and "cannot access" not in t.seen, t.seen


def the_menu_has_none():
    t = on_terminal("--interactive", PAGER=pager())
    t.read("Choice: ")
    os.write(t.fd, b"7\n")
    t.read("found.*: ")
    os.write(t.fd, LOG.encode() + b"\n")
    t.read("Logs: /.*\n(.*\n)*.*Choice: ")
    os.write(t.fd, b"3\n")
    t.read("203.0.113.*\n(.*\n)*.*Choice: ")
    os.write(t.fd, b"q\n")
    t.end()
    assert kept("text") is None and t.status == 0


def less_shows_pages():
    if not shutil.which("less"):
        print("SKIP: pager: less is not installed")
        return
    t = on_terminal(*LONG, "--fail-on", "high")
    t.read("(?m)^:")
    shown = t.seen.count("203.0.113.")
    assert 5 < shown < 25, shown
    os.write(t.fd, b"q")
    t.end()
    assert t.status == 1, (t.status, t.seen[-300:])


def root_gets_less_alone_and_tame():
    if USER is None:
        print("SKIP: pager: as root: needs root")
        return
    if not os.path.exists("/usr/bin/less") and not os.path.exists("/bin/less"):
        print("SKIP: pager: less is not installed")
        return
    evil = pager()
    t = on_terminal(*LONG, user=0, SYSMON_PAGER=evil, PAGER=evil, LESSOPEN=f"|{evil} %s", LESS="+!touch owned", PATH=os.getcwd())
    t.read("(?m)^:")
    assert not os.path.exists("owned") and kept("text") is None
    with open(f"/proc/{t.pid}/task/{t.pid}/children") as f:
        child = f.read().split()[0]
    with open(f"/proc/{child}/environ") as f:
        names = dict(v.split("=", 1) for v in f.read().split("\0") if v)
    assert names == {"PATH": "/usr/bin:/bin", "LESSSECURE": "1", "LESSHISTFILE": "-", "TERM": "xterm", "LESS": "FRX",
                     "LESSCHARSET": "utf-8"}, names
    assert os.readlink(f"/proc/{child}/exe").endswith("/less")
    os.write(t.fd, b"!")
    t.read("ot available")
    os.write(t.fd, b"\nq")
    t.end()
    assert t.status == 0 and not os.path.exists("owned"), t.status
    t = on_terminal(*LONG, user=0, PAGER="cat").end()
    assert t.seen.count("203.0.113.") >= 30


terminal.or_skip("pager")
if USER is not None:
    os.chown(".", USER, USER)
    os.chmod(".", 0o755)
    try:
        subprocess.run([SYSMON, "--version"], user=USER, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as e:
        print(f"SKIP: pager: another user cannot run this build: {e}")
        sys.exit(77)
for test in (a_long_text_goes_to_the_pager_that_is_named, what_is_short_or_for_programs_does_not,
             help_goes_there_where_the_screen_is_small, without_the_pager_the_text_is_shown,
             who_has_seen_enough_ends_it_without_a_word, what_a_pager_that_fails_has_not_read_is_shown,
             a_signal_ends_the_pager_and_the_command_with_it, who_works_for_another_user_gets_less_alone, an_interrupt_is_the_pagers, files_and_the_history_are_there_before,
             the_menu_has_none, less_shows_pages, root_gets_less_alone_and_tame):
    print(test.__name__, flush=True)
    test()
