#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The log scan beside fail2ban-regex, sshg-parser, grep and zcat, as one table that
can be pasted. Medians of RUNS; what is compared takes turns. MB/s are of CPU time
unless a row says that they are of the time that passes, which says something on a
quiet machine only. First the failed logins, addresses and users are compared with a
count in Python.

MB=100 is the size of a log; fail2ban gets SLOW_MB=5, sshguard a fifth of a log. A bar
in MB/s is one for a machine where grep does GREP MB/s: a row that reaches the part of
it that this machine is worth is "scaled"."""
import glob
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP, BUILD = os.environ["srcdir"], os.environ["builddir"]
LAB = BUILD + "/tests/lab/"
SYSMON = os.environ["SYSMON"]
MB = int(os.environ.get("MB", "100"))
SLOW_MB = int(os.environ.get("SLOW_MB", "5"))
RUNS = int(os.environ.get("RUNS", "5"))
SEED = int(os.environ.get("SEED", random.getrandbits(31)))
NOW = "2026-12-30T00:00:00Z"
UNION = (r"sshd(-session)?\[[0-9]+\]: (message repeated [0-9]+ times: \[ )?"
         r"(Failed [^ ]+ for |Invalid user |Connection closed by auth)")
GREP = {1: 1670, 30: 1000, 90: 590}
PARSERS = ("/usr/libexec/sshguard/sshg-parser", "/usr/lib/sshguard/sshg-parser",
           "/usr/libexec/sshg-parser")
FILTERS = "/etc/fail2ban/filter.d"
LOGINS = ["--rules", "builtin:sshd", "--no-keywords"]
SPEED = []  # what grep does here, of GREP


def sysmon(*more, form="json", events=False):
    return [SYSMON, "logs", "--now", NOW, "--format", form,
            *([] if events else ["--no-events"]), *more]


class Cost:
    """Of the runs of a command: medians of CPU and of the time that passed."""

    def __init__(self, command, log=None, stdin=False, size=None, shell=False):
        self.command = command if shell else command + ([] if stdin else [log])
        self.stdin, self.shell = log if stdin else os.devnull, shell
        self.size = size or os.path.getsize(log)
        self.cpus, self.walls = [], []

    def run(self):
        start = time.monotonic()
        with open(self.stdin, "rb") as inp, open(os.devnull, "wb") as out:
            child = subprocess.Popen(self.command, stdin=inp, stdout=out,
                                     stderr=out, shell=self.shell)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):
            sys.exit(f"{self.command}: status {child.returncode}")
        self.walls.append(time.monotonic() - start)
        self.cpus.append(usage.ru_utime + usage.ru_stime)

    @property
    def rate(self):
        return self.size / 1e6 / statistics.median(self.cpus)

    @property
    def passing(self):
        return self.size / 1e6 / statistics.median(self.walls)


def race(*costs):
    for _ in range(RUNS):
        for cost in costs:
            cost.run()
    return costs


def row(work, figure, bar, verdict, beside=""):
    print(f"| {work} | {figure} | {bar} | {verdict} | {beside} |", flush=True)


def verdict(rate, bar):
    if rate >= bar:
        return "yes"
    part = SPEED[0] if SPEED else 1
    return "scaled" if part < 1 and rate >= bar * part else "no"


def rate_row(work, rate, bar, beside=""):
    row(work, f"{rate:,.0f} MB/s", f"{bar:,} MB/s", verdict(rate, bar), beside)


def ratio_row(work, ratio, bar):
    row(work, f"{ratio:.2f}x" if ratio < 10 else f"{ratio:,.0f}x", f"{bar}x",
        "yes" if ratio >= bar else "no")


def generate(tmp, name, *command):
    path = f"{tmp}/{name}"
    with open(path, "wb") as out:
        subprocess.run([LAB + command[0], *map(str, command[1:])], stdout=out,
                       check=True)
    return path


def check_truth(log, tmp):
    with open(tmp + "/dump", "wb") as out:
        subprocess.run([LAB + "log-dump", "-z", "UTC0", "-n", NOW, log],
                       stdout=out, check=True)
    return subprocess.run([sys.executable, TOP + "/tests/lab/log-truth.py", log,
                           tmp + "/dump"], check=True, capture_output=True,
                          text=True).stdout.strip()


def find_parser():
    return next((p for p in PARSERS if os.access(p, os.X_OK)), None)


def first_line(command):
    try:
        text = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return None
    return (text.stdout + text.stderr).strip().split("\n")[0]


def tell_versions():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), platform.machine())
    found = [first_line([SYSMON, "--version"]),
             "PCRE2 " + (first_line(["pcre2-config", "--version"]) or "?"),
             first_line(["fail2ban-client", "--version"]) or "no fail2ban",
             first_line(["sshguard", "-v"]) or "no sshguard",
             first_line(["grep", "--version"]) or "no grep",
             first_line(["gzip", "--version"]) or "no gzip",
             f"Linux {platform.release()}", f"{os.cpu_count()} x {cpu}"]
    print(f"Logs of {MB} MB ({SLOW_MB} MB for fail2ban, {max(MB // 5, 1)} MB for "
          f"sshguard), medians of {RUNS}, SEED={SEED}.")
    print("; ".join(found) + ".\n")


def bench_logins(percent, tmp):
    """One density: the logins alone beside the peers, and all rules."""
    log = generate(tmp, "big", "gen-auth", MB * 10**6, percent, SEED, "rfc3164")
    small = generate(tmp, "small", "gen-auth", SLOW_MB * 10**6, percent, SEED,
                     "rfc3164")
    fifth = generate(tmp, "fifth", "gen-auth", MB * 200000, percent, SEED,
                     "rfc3164")
    check_truth(small, tmp)
    ours = Cost(sysmon(*LOGINS), log)
    every = Cost(sysmon(), log)
    silent = Cost(sysmon("--no-keywords"), log)
    # Into /dev/null it would stop at the first line.
    grep = Cost(f"LC_ALL=C grep -cE '{UNION}' {log} | cat", shell=True,
                size=os.path.getsize(log))
    peers = [Cost([find_parser()], fifth, stdin=True)] if find_parser() else []
    if shutil.which("fail2ban-regex"):
        peers.append(Cost(["fail2ban-regex", small, "sshd"], small,
                          stdin=True))
    race(ours, every, silent, grep, *peers)
    SPEED[:] = [grep.rate / GREP[percent]]
    work = f"sshd rules, {percent} % failed logins"
    rate_row(work, ours.rate, {1: 1500, 30: 600, 90: 300}[percent],
             f"grep {grep.rate:,.0f} MB/s: {SPEED[0]:.2f} of the machine of the bar")
    for peer in peers:
        name = "sshg-parser" if "sshg" in peer.command[0] else "fail2ban-regex"
        bar = 8 if "sshg" in name else 85 if percent == 90 else 150
        ratio_row(f"- of {name} ({peer.rate:,.1f} MB/s)", ours.rate / peer.rate,
                  bar)
    if percent < 90:
        ratio_row("- of grep -cE of the bare union", ours.rate / grep.rate, 0.5)
    row(f"all built-in rules, {percent} %", f"{every.rate:,.0f} MB/s", "", "",
        f"without keywords {silent.rate:,.0f} MB/s")
    if percent > 1:
        bench_threads(percent, log)
    if percent == 30:
        bench_filters(log)
        bench_packed(log, tmp)
    if percent == 90:
        bench_ndjson(log)


def bench_threads(percent, log):
    for name, rules in (("sshd rules", LOGINS), ("all rules", [])):
        one, two = race(Cost(sysmon(*rules), log),
                        Cost(sysmon(*rules, "--threads", "2"), log))
        ratio = two.passing / one.passing
        row(f"two threads, {name}, {percent} %", f"{ratio:.2f}x", "1.6x",
            "yes" if ratio >= 1.6 else "no",
            f"{one.passing:,.0f} and {two.passing:,.0f} MB/s of passing time")


def bench_filters(log):
    names = sorted(os.path.basename(p)[:-5] for p in glob.glob(FILTERS + "/*.conf")
                   if not p.endswith("common.conf"))
    if not names:
        row("all fail2ban filters", "", "150 MB/s", "", "none is installed")
        return
    specs = [a for n in names for a in ("--rules", "fail2ban:" + n)]
    ours, = race(Cost(sysmon(*specs, "--no-keywords"), log))
    rate_row(f"{len(names)} fail2ban filters at once, 30 %", ours.rate, 150,
             memory_of(specs, log))


def bench_packed(log, tmp):
    packed = tmp + "/big.gz"
    with open(packed, "wb") as out:
        subprocess.run(["gzip", "-c", log], stdout=out, check=True)
    size = os.path.getsize(log)
    one, two, zcat = race(Cost(sysmon(*LOGINS), packed, size=size),
                          Cost(sysmon(*LOGINS, "--threads", "2"), packed,
                               size=size),
                          Cost(f"zcat {packed} | wc -l", size=size, shell=True))
    for threads, ours in (("one thread", one), ("two threads", two)):
        ratio = ours.passing / zcat.passing
        row(f"gz, sshd rules, 30 %, {threads}", f"{ratio:.2f}x", "0.8x",
            "yes" if ratio >= 0.8 else "no",
            f"{ours.passing:,.0f} MB/s, zcat &#124; wc -l {zcat.passing:,.0f} "
            "MB/s of passing time")
    os.unlink(packed)


def bench_ndjson(log):
    ours, = race(Cost(sysmon(*LOGINS, form="ndjson", events=True), log))
    rate_row("ndjson of every event, 90 %", ours.rate, 120)


def bench_mixed(tmp):
    log = generate(tmp, "big", "gen-syslog", MB * 10**6, SEED)
    ours, silent = race(Cost(sysmon(), log), Cost(sysmon("--no-keywords"), log))
    rate_row("all built-in rules, mixed syslog", ours.rate, 300,
             f"without keywords {silent.rate:,.0f} MB/s")
    log = generate(tmp, "big", "gen-access", MB * 10**6, 1, SEED,
                   TOP + "/tests/data/web")
    ours, silent = race(Cost(sysmon(), log), Cost(sysmon("--no-keywords"), log))
    rate_row("all built-in rules, access log", ours.rate, 150,
             f"without keywords {silent.rate:,.0f} MB/s")


def peak(rules, log):
    """Megabytes, of a form that keeps no findings."""
    out = subprocess.run([*sysmon(*rules, form="ndjson"), log],
                         capture_output=True).stdout
    return json.loads(out.splitlines()[-1])["peak_memory"] / 2**20


def memory_of(rules, log):
    return f"peak {peak(rules, log):.1f} MiB"


def bench_memory(tmp):
    rows = []
    for name, *command in (
            (f"a file of {MB} MB", "gen-auth", MB * 10**6, 30, SEED, "rfc3164"),
            ("10^6 addresses", "gen-auth", 115 * 10**6, 100, SEED, "rfc3164",
             10**6),
            ("access log", "gen-access", MB * 10**6, 1, SEED,
             TOP + "/tests/data/web")):
        rows.append((name, peak([], generate(tmp, "big", *command))))
    with open(tmp + "/big", "wb") as out:
        for _ in range(MB):
            out.write(b"x" * 10**6)
    rows.append((f"one line of {MB} MB", peak([], tmp + "/big")))
    most = max(m for _, m in rows)
    row("peak memory, all rules", f"{most:.1f} MiB", "16 MiB",
        "yes" if most <= 16 else "no",
        ", ".join(f"{n}: {m:.1f}" for n, m in rows))


def bench_hostile():
    out = subprocess.run([BUILD + "/tests/bench/hostile", "--every", "3",
                          *sorted(glob.glob(TOP + "/lib/detect/rules/*.yaml"))],
                         capture_output=True, text=True).stdout
    times = re.findall(r"([\d.]+) ms (.*)", out)
    one, together = float(times[0][0]), float(times[-1][0])
    row("a line of 16 KB, the slowest rule", f"{one:.1f} ms", "20 ms",
        "yes" if one <= 20 else "no", times[0][1])
    row("a line of 16 KB, all rules together", f"{together:.1f} ms", "100 ms",
        "yes" if together <= 100 else "no", out.split("\n")[0])


def bench_conformance():
    run = subprocess.run(["sh", TOP + "/tests/conformance/fail2ban.sh"],
                         capture_output=True, text=True)
    told = (run.stdout.strip() or "?").split("\n")[-1]
    found = re.search(r"(\d+) of (\d+) lines", told)
    row("fail2ban's own samples: match, host, time",
        found[0] if found else "", "all",
        "" if not found else "yes" if found[1] == found[2] else "no", told)


def main():
    tell_versions()
    print("| work | figure | bar | reached | beside |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as tmp:
        for percent in (1, 30, 90):
            bench_logins(percent, tmp)
        bench_mixed(tmp)
        bench_memory(tmp)
    bench_hostile()
    bench_conformance()


main()
