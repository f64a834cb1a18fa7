# SPDX-License-Identifier: MIT
"""output-kill.py SYSMON DIRECTORY N: ends runs with SIGKILL at any moment while they write
files. Each that is there is whole, and where summary.csv is, so is all of its directory."""
import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as tree

sysmon, where, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.chdir(where)
seed = random.randrange(1 << 30)
print("seed", seed)
rng = random.Random(seed)
LINES = 3000
with open("kill.log", "w") as f:
    for i in range(LINES):
        f.write("2026-08-04T%02d:%02d:%02d+00:00 web sshd[1]: Failed password for root from 203.0.%d.%d port 5 ssh2\n"
                % (i // 3600, i // 60 % 60, i % 60, i % 100, i % 7))
COMMAND = [sysmon, "logs", "kill.log", "-q", "-o", "k/", "-o", "k.json", "-o", "k.xml", "-o", "k.csv", "-o", "k.html"]


def rows(path):
    with open(path, newline="") as f:
        text = f.read()
    assert text.endswith("\r\n"), path
    return list(csv.reader(text.splitlines(), strict=True))


def check():
    if os.path.exists("k.json"):
        with open("k.json") as f:
            assert len(json.load(f)["events"]) == LINES
    if os.path.exists("k.xml"):
        tree.parse("k.xml")
    if os.path.exists("k.csv"):
        assert [r[0] for r in rows("k.csv")].count("event") == LINES
    if os.path.exists("k.html"):
        with open("k.html") as f:
            assert f.read().rstrip().endswith("</html>")
    names = set(os.listdir("k")) if os.path.isdir("k") else set()
    for name in names:
        if name.endswith(".csv"):
            read = rows("k/" + name)
            assert name != "events.csv" or len(read) == LINES + 1
    if "summary.csv" in names:
        assert len([n for n in names if n.endswith(".csv")]) == FILES, names


took = time.monotonic()
subprocess.run(COMMAND, check=True)
took = time.monotonic() - took
FILES = len(os.listdir("k"))
check()
killed = 0
for n in range(4 * kills):
    if n % 5 == 0:
        for name in os.listdir("k"):
            os.unlink("k/" + name)
        os.rmdir("k")
    p = subprocess.Popen(COMMAND)
    time.sleep(rng.uniform(took / 4, took))
    p.send_signal(signal.SIGKILL)
    killed += p.wait() == -signal.SIGKILL
    check()
    if not os.path.isdir("k"):
        os.mkdir("k")
    if killed == kills:
        break
print(f"{killed} runs were killed")
sys.exit(killed < kills // 4)
