#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Speed of a log scan beside fail2ban-regex (filter sshd) and sshg-parser, on logs
of 1, 30 and 90 % failed logins; and grep, which only counts the lines of one union
and stands for what is possible. Medians of RUNS; the peers take turns, and MB/s
are of CPU time: each is one thread. Behind that the time that passes with 1 and 2
threads, which says something on a quiet machine only. First the
failed logins, addresses and users are compared with a count in Python.
MB=100 and SLOW_MB=10 (what fail2ban gets) are the sizes, RUNS=5."""
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP, BUILD = os.environ["srcdir"], os.environ["builddir"]
LAB = BUILD + "/tests/lab/"
SYSMON = os.environ.get("SYSMON", "")
MB = int(os.environ.get("MB", "100"))
SLOW_MB = int(os.environ.get("SLOW_MB", "10"))
RUNS = int(os.environ.get("RUNS", "5"))
NOW = "2026-12-30T00:00:00Z"
UNION = (r"sshd(-session)?\[[0-9]+\]: (message repeated [0-9]+ times: \[ )?"
         r"(Failed [^ ]+ for |Invalid user |Connection closed by auth)")
PARSERS = ("/usr/libexec/sshguard/sshg-parser", "/usr/lib/sshguard/sshg-parser",
           "/usr/libexec/sshg-parser")


def peers():
    """(name, command of a log, its standard input is the log, small log)"""
    if os.access(SYSMON, os.X_OK):
        yield ("sysmon logs", lambda log: [SYSMON, "logs", "--no-events",
                                           "--now", NOW, "--format", "json",
                                           log], False, False)
        yield ("no keywords", lambda log: [SYSMON, "logs", "--no-events",
                                           "--no-keywords", "--now", NOW,
                                           "--format", "json", log],
               False, False)
    else:
        yield ("libsysmon", lambda log: [LAB + "log-dump", "-q", "-n", NOW,
                                         log], False, False)
    for parser in PARSERS:
        if os.access(parser, os.X_OK):
            yield ("sshg-parser", lambda _: [parser], True, False)
            break
    if shutil.which("grep"):
        yield ("grep -cE", lambda log: ["env", "LC_ALL=C", "grep", "-cE",
                                        UNION, log], False, False)
    if shutil.which("fail2ban-regex"):
        yield ("fail2ban-regex", lambda log: ["fail2ban-regex", log, "sshd"],
               False, True)


def run(command, log, stdin):
    """Seconds of CPU, peak memory (MB, no less than Python's own, which its
    children inherit) and seconds that passed, of one run."""
    start = time.monotonic()
    with open(log if stdin else os.devnull, "rb") as inp, \
            open(os.devnull, "wb") as out:
        child = subprocess.Popen(command(log), stdin=inp, stdout=out,
                                 stderr=out)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{command(log)}: status {child.returncode}")
    return (usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
            time.monotonic() - start)


def generate(path, size, percent, seed):
    with open(path, "wb") as out:
        subprocess.run([LAB + "gen-auth", str(size), str(percent), str(seed),
                        "rfc3164"], stdout=out, check=True)


def check_truth(log, tmp):
    with open(tmp + "/dump", "wb") as out:
        subprocess.run([LAB + "log-dump", "-z", "UTC0", "-n", NOW, log],
                       stdout=out, check=True)
    return subprocess.run([sys.executable, TOP + "/tests/lab/log-truth.py", log,
                           tmp + "/dump"], check=True, capture_output=True,
                          text=True).stdout.strip()


def bench(percent, seed, tmp):
    big, small = tmp + "/big.log", tmp + "/small.log"
    generate(big, MB * 1000000, percent, seed)
    generate(small, SLOW_MB * 1000000, percent, seed)
    print(f"{percent} % of the lines: {check_truth(big, tmp)}")
    rows = [(p, []) for p in peers()]
    for _ in range(RUNS):
        for (_, command, stdin, slow), times in rows:
            times.append(run(command, small if slow else big, stdin))
    ours = None
    for (name, _, _, slow), times in rows:
        rate = (SLOW_MB if slow else MB) / statistics.median(
            t for t, _, _ in times)
        memory = max(m for _, m, _ in times)
        ours = ours or rate
        print(f"  {name:16} {rate:8.1f} MB/s {memory:8.1f} MB"
              + ("" if ours == rate else f"   {rate / ours:6.2f} of the first"))
    bench_threads(big)


def bench_threads(log):
    one = next(peers())[1](log)
    if one[0] != SYSMON:
        return
    commands = [one, one + ["--threads", "2"]]
    times = [[], []]
    for _ in range(RUNS):
        for command, of in zip(commands, times):
            of.append(run(lambda _, c=command: c, log, False)[2])
    alone = statistics.median(times[0])
    for n, of in enumerate(times, 1):
        t = statistics.median(of)
        print(f"  {n} thread{'s' if n > 1 else ' '} {MB / t:16.1f} MB/s of time "
              f"that passes   {alone / t:6.2f} of 1 thread")


def main():
    seed = int(os.environ.get("SEED", random.getrandbits(31)))
    print(f"Log scan: {MB} MB ({SLOW_MB} MB for fail2ban-regex), medians of "
          f"{RUNS}, SEED={seed}")
    with tempfile.TemporaryDirectory() as tmp:
        for percent in (1, 30, 90):
            bench(percent, seed, tmp)


main()
