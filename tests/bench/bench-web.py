#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Speed of all built-in rules on access logs with 1 and 10 % attacks, beside grep
that only counts the lines of one union and stands for what is possible. Medians of
RUNS; the programs take turns, and MB/s are of CPU time: each is one thread. First
the events of a part are compared with what the generator made. MB=100, RUNS=5."""
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP, BUILD = os.environ["srcdir"], os.environ["builddir"]
SYSMON = os.environ["SYSMON"]
MB = int(os.environ.get("MB", "100"))
RUNS = int(os.environ.get("RUNS", "5"))
UNION = (r"union.+select|<script|onerror=|\.\./\.\./|/etc/passwd|jndi:|"
         r"\{\{.*\}\}|;(id|cat|wget)|wp-login|\.env|sqlmap|nikto")


def run(command):
    """Seconds of CPU and peak memory (MB) of one run."""
    with open(os.devnull, "wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{command}: status {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def generate(path, size, percent, seed):
    with open(path, "wb") as out:
        subprocess.run([BUILD + "/tests/lab/gen-access", str(size),
                        str(percent), str(seed), TOP + "/tests/data/web"],
                       stdout=out, check=True)


def check_truth(log):
    """The generator gives attackers addresses of their own. Lines of storms and of
    logins are attacks together only, and no events of attacks one by one."""
    def hostile(line):
        return line.startswith(("198.19.", "2001:db8:1:"))

    with open(log, encoding="latin-1") as lines:
        attacks = [hostile(line) for line in lines]
    found = [False] * len(attacks)
    out = subprocess.run([SYSMON, "logs", "--no-keywords", "--format", "ndjson",
                          log], check=True, capture_output=True).stdout
    for text in out.splitlines():
        if text.startswith(b'{"type":"event"'):
            event = json.loads(text)
            if event["action"] == "web_attack":
                found[event["line"] - 1] = True
    n = sum(attacks)
    caught = sum(f and a for f, a in zip(found, attacks))
    wrong = sum(f and not a for f, a in zip(found, attacks))
    if not caught or wrong * 100 >= len(attacks) - n:
        sys.exit(f"{wrong} of {len(attacks) - n} honest requests are accused")
    return (f"{caught} of {n} hostile lines, {wrong} of {len(attacks) - n} "
            "honest ones are attacks")


def bench(percent, seed, tmp):
    log, part = tmp + "/access.log", tmp + "/part.log"
    generate(log, MB * 1000000, percent, seed)
    generate(part, min(MB, 10) * 1000000, percent, seed)
    print(f"{percent} % of the lines: {check_truth(part)}")
    rows = [("sysmon logs", [SYSMON, "logs", "--no-events", "--format", "json",
                             log], []),
            ("no keywords", [SYSMON, "logs", "--no-events", "--no-keywords",
                             "--format", "json", log], [])]
    if shutil.which("grep"):
        # Into /dev/null it would stop at the first line.
        rows.append(("grep -cEi",
                     ["sh", "-c", f"LC_ALL=C grep -cEi '{UNION}' {log} | cat"],
                     []))
    for _ in range(RUNS):
        for _, command, times in rows:
            times.append(run(command))
    for name, _, times in rows:
        rate = MB / statistics.median(t for t, _ in times)
        print(f"  {name:16} {rate:8.1f} MB/s "
              f"{max(m for _, m in times):8.1f} MB")


def main():
    seed = int(os.environ.get("SEED", random.getrandbits(31)))
    print(f"Access log scan: {MB} MB, medians of {RUNS}, SEED={seed}")
    with tempfile.TemporaryDirectory() as tmp:
        for percent in (1, 10):
            bench(percent, seed, tmp)


main()
