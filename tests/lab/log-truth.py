#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""log-truth.py LOG DUMP: counts failed logins in LOG, by other means than the
library, and compares with what log-dump printed of it. A failed login is one
"Failed METHOD for" line of sshd; "message repeated N times" counts N."""
import calendar
import collections
import re
import sys

WINDOW, THRESHOLD = 600, 5
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
BSD = re.compile(r"(?P<mon>[A-Z][a-z]{2}) +(?P<day>\d+) (?P<h>\d\d):(?P<m>\d\d)"
                 r":(?P<s>\d\d) \S+ (?P<prog>[^\s:\[]+)\[\d+\]: (?P<text>.*)")
ISO = re.compile(r"(?:<\d+>1 )?2026-(?P<mon>\d\d)-(?P<day>\d\d)T(?P<h>\d\d):"
                 r"(?P<m>\d\d):(?P<s>\d\d)\.(?P<us>\d{6})\+00:00 \S+ "
                 r"(?P<prog>[^\s:\[]+)(?:\[\d+\]:| \d+ - -) (?P<text>.*)")
REPEATED = re.compile(r"message repeated (\d+) times: \[ (.*)\]$")
FAILED = re.compile(r"Failed \S+ for (?:invalid user )?(.*) from (\S+) port \d+")


def failures(path):
    with open(path, encoding="utf-8") as log:
        for line in log:
            m = BSD.match(line) or ISO.match(line)
            if not m or m["prog"] not in ("sshd", "sshd-session"):
                continue
            g = m.groupdict()
            month = (int(g["mon"]) if g["mon"].isdigit()
                     else MONTHS.index(g["mon"]) + 1)
            time = calendar.timegm((2026, month, int(g["day"]), int(g["h"]),
                                    int(g["m"]), int(g["s"])))
            ns = time * 10**9 + int(g.get("us") or 0) * 1000
            text, count = g["text"], 1
            if r := REPEATED.match(text):
                count, text = int(r[1]), r[2]
            if f := FAILED.match(text):
                yield ns, f[2], f[1], count


def brute_force(events):
    """Episodes of one address: (count, first, last)."""
    window, episode, out = collections.deque(), None, []
    for ns, count in events:
        if episode and ns - episode[2] > WINDOW * 10**9:
            out.append(tuple(episode))
            episode = None
            window.clear()
        if episode:
            episode[0] += count
            episode[2] = ns
            continue
        window.append((ns, count))
        while ns - window[0][0] > WINDOW * 10**9:
            window.popleft()
        if sum(c for _, c in window) >= THRESHOLD:
            episode = [sum(c for _, c in window), window[0][0], ns]
    if episode:
        out.append(tuple(episode))
    return out


def dumped(path):
    by_ip, by_user = collections.Counter(), collections.Counter()
    found = []
    with open(path, encoding="utf-8") as dump:
        for line in dump:
            f = line.rstrip("\n").split("\t")
            if f[0] == "event" and f[1] == "login_failed":
                by_ip[f[4]] += int(f[3])
                by_user[f[5]] += int(f[3])
            elif f[0] == "finding" and f[1] == "brute_force":
                found.append((f[2], int(f[3]), int(f[4]), int(f[5])))
    return by_ip, by_user, sorted(found)


def main():
    by_ip, by_user = collections.Counter(), collections.Counter()
    times = collections.defaultdict(list)
    for ns, ip, user, count in failures(sys.argv[1]):
        by_ip[ip] += count
        by_user[user] += count
        times[ip].append((ns, count))
    found = sorted((ip, *e) for ip, v in times.items() for e in brute_force(v))
    theirs = dumped(sys.argv[2])
    bad = False
    for what, ours, his in zip(("addresses", "users", "brute force"),
                               (by_ip, by_user, found), theirs):
        if ours != his:
            bad = True
            a, b = ((set(ours), set(his)) if isinstance(ours, list)
                    else (set(ours.items()), set(his.items())))
            print(f"{what}: only counted {sorted(a - b)[:5]}, "
                  f"only told {sorted(b - a)[:5]}")
    print(f"{sum(by_ip.values())} failures, {len(by_ip)} addresses, "
          f"{len(by_user)} users, {len(found)} brute force")
    sys.exit(bad or not by_ip)


main()
