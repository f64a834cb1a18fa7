# SPDX-License-Identifier: MIT
"""Times whole scans of 65,535 ports: bench-ports.py RUNS SYSMON (TARGET OPEN)..."""
import json
import os
import re
import statistics
import subprocess
import sys
import time


def timed(command):
    """Output, wall and CPU seconds of one command."""
    read, write = os.pipe()
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=write, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    return text, wall, usage.ru_utime + usage.ru_stime


def open_of_ndjson(text):
    rows = map(json.loads, text.splitlines())
    return {r["port"] for r in rows if r["type"] == "port" and r["state"] == "open"}


def open_of_nmap(text):
    return {int(p) for p in re.findall(r"^(\d+)/tcp\s+open", text, re.M)}


def scanners(sysmon, target):
    yield ("sysmon scan", open_of_ndjson,
           [sysmon, "scan", target, "-p", "all", "--format", "ndjson"])
    for pace in ("-T4", "-T5"):
        yield (f"nmap -sT {pace}", open_of_nmap,
               ["nmap", "-sT", "-n", "-Pn", pace, "-p-", target])


def compare(runs, sysmon, target, truth):
    rows = {name: [] for name, _, _ in scanners(sysmon, target)}
    wrong = dict.fromkeys(rows, 0)
    for _ in range(runs):
        for name, read, command in scanners(sysmon, target):
            text, *figures = timed(command)
            wrong[name] += read(text) != truth
            rows[name].append(figures)
    ours = [r[0] for r in rows["sysmon scan"]]
    print(f"{target}: 65,535 ports, {len(truth)} open, {runs} runs")
    print(f"{'':16}{'median s':>10}{'best s':>8}{'CPU s':>8}{'wrong':>7}"
          f"{'median/median':>15}{'best/best':>11}{'best/median':>13}")
    for name, r in rows.items():
        wall = [x[0] for x in r]
        median, best = statistics.median(wall), min(wall)
        print(f"{name:16}{median:10.3f}{best:8.3f}"
              f"{statistics.median(x[1] for x in r):8.3f}{wrong[name]:7}"
              f"{median / statistics.median(ours):15.2f}"
              f"{best / min(ours):11.2f}"
              f"{best / statistics.median(ours):13.2f}", flush=True)
    print("truth: " + "; ".join(
        f"{name} right in {runs - n} of {runs}" for name, n in wrong.items()))
    return wrong["sysmon scan"]


def main():
    runs, sysmon, *rest = sys.argv[1:]
    bad = 0
    for target, file in zip(rest[::2], rest[1::2]):
        with open(file) as f:
            truth = {int(line) for line in f if line.strip().isdigit()}
        bad += compare(int(runs), sysmon, target, truth)
    sys.exit(bad != 0)


main()
