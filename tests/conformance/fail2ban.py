#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The sample logs of an installed fail2ban, asked of libsysmon.

    fail2ban.py CONFIG TESTS WORK PROGRAM

A sample log has the name of its filter. A comment before a line says in JSON what
is to come of it: failJSON with match, host and time; a line without one must
not match. filterOptions begins a part that is read once for each set of options,
and a set keeps its state over all its parts. The time is that of a zone of its
own, and "now" is a day in August 2005.
"""
import datetime
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys

ZONE = "CET-01CEST-02,M3.5.0,M10.5.0"
NOW = 1124013600
NOTE = re.compile(r"#+ ?(failJSON|fileOptions|filterOptions|addFILE):(.+)$")
SAYS = re.compile(r"\s*(name|opts\.get\('(.*?)'\))\s*([!=]=)\s*'(.*?)'\s*$")


def holds(text, name, options):
    """name=='sshd', opts.get('mode') != 'normal'"""
    m = SAYS.match(text)
    if not m:
        sys.exit("a condition of the samples is not understood: " + text)
    value = options.get(m.group(2)) if m.group(2) else name
    return (value == m.group(4)) == (m.group(3) == "==")


def summer(d):
    """Central European summer time, of a local time."""
    def last_sunday(month):
        day = datetime.datetime(d.year, month, 31)
        return day - datetime.timedelta(days=(day.weekday() + 1) % 7)
    begin = last_sunday(3) + datetime.timedelta(hours=2)
    return begin <= d < last_sunday(10) + datetime.timedelta(hours=3)


def nanoseconds(text):
    form = "%Y-%m-%dT%H:%M:%S" + (".%f" if "." in text else "")
    d = datetime.datetime.strptime(text, form)
    hours = 2 if summer(d) else 1
    d -= datetime.datetime(1970, 1, 1, hours)
    return (d.days * 86400 + d.seconds) * 10**9 + d.microseconds * 1000


class Set:
    """A filter with options, and the lines it gets."""

    def __init__(self, options):
        self.options = {k: v for k, v in options.items()
                        if not k.startswith("test.")}
        self.part = options
        self.lines = []

    def rules(self, name):
        given = ",".join('%s="%s"' % o for o in sorted(self.options.items()))
        return "fail2ban:" + name + ("[%s]" % given if given else "")

    def prefix(self):
        if self.options.get("logtype") != "journal":
            return ""
        return self.part.get("test.prefix-line", "")


class Sample:
    """All sample lines of one filter, by sets of options."""

    def __init__(self, name, directory):
        self.name = name
        self.sets = {}
        self.files = [name]
        self.common = {}
        self.now = None
        for f in self.files:
            self.read(os.path.join(directory, f), f)

    def set_of(self, options):
        clean = {k: v for k, v in options.items() if not k.startswith("test.")}
        key = options.get("test.filter-name", json.dumps(clean, sort_keys=True))
        s = self.sets.setdefault(key, Set(options))
        s.part = options
        return s

    def begin_part(self, choices):
        self.now = []
        for o in choices if isinstance(choices, list) else [choices]:
            o = {**self.common, **o}
            if holds(o.get("test.condition", "name!=''"), self.name, o):
                self.now.append(self.set_of(o))

    def read(self, path, shown):
        self.now = None
        wanted = {}
        with open(path, "rb") as f:
            lines = f.read().decode("utf-8", "replace").split("\n")
        for number, line in enumerate(lines, 1):
            m = NOTE.match(line)
            if m and m.group(1) == "failJSON":
                wanted = json.loads(m.group(2))
            elif m and m.group(1) == "fileOptions":
                self.common = json.loads(m.group(2))
            elif m and m.group(1) == "filterOptions":
                self.begin_part(json.loads(m.group(2)))
            elif m:
                self.files.append(json.loads(m.group(2)))
            elif line.strip() and not line.startswith("#"):
                self.add(line.rstrip("\r"), wanted, "%s:%d" % (shown, number))
                wanted = {}

    def add(self, line, wanted, where):
        if self.now is None:
            self.now = [self.set_of({})]
        for s in self.now:
            only = wanted.get("constraint")
            if not only or holds(only, self.name, s.part):
                s.lines.append((s.prefix() + line, wanted, where))


def test_configuration(config, tests, work):
    """fail2ban's suite has filters that include those of a source tree."""
    here = os.path.join(work, "tests")
    shutil.copytree(tests, here)
    os.symlink(config, os.path.join(work, "config"))
    for f in os.listdir(os.path.join(here, "filter.d")):
        path = os.path.join(here, "filter.d", f)
        with open(path, encoding="utf-8") as old:
            text = old.read()
        with open(path, "w", encoding="utf-8") as new:
            new.write(re.sub(r"(?m)^(before *= *)(\.\./)+config/",
                             r"\1../../config/", text))
    return here


def filters(config, prefix=""):
    for f in sorted(os.listdir(os.path.join(config, "filter.d"))):
        if f.startswith(prefix) and f.endswith(".conf") and \
                not f.endswith("common.conf"):
            yield f[:-len(".conf")]


def same_peer(got, wanted):
    try:
        return ipaddress.ip_address(got) == ipaddress.ip_address(wanted)
    except ValueError:
        return got == wanted


def judge(run, rules, found, told):
    """How many lines are as they should be."""
    good = 0
    for number, (line, wanted, where) in enumerate(run.lines, 1):
        events = found.get(number, [])
        why = None
        if bool(events) != wanted.get("match", False):
            why = "is a failure" if events else "is none"
        elif events:
            time, peer = events[0]
            if "host" in wanted and not same_peer(peer, wanted["host"]):
                why = "is of %s, not of %s" % (peer, wanted["host"])
            elif wanted.get("time") and \
                    abs(time - nanoseconds(wanted["time"])) > 10**6:
                why = "is of %d, not of %s" % (time, wanted["time"])
        good += why is None
        if why:
            told.append("%s, %s: %s\n    %s" % (where, rules, why, line[:200]))
    return good


def main():
    config, tests, work, program = sys.argv[1:]
    logs = os.path.join(tests, "files", "logs")
    ours = test_configuration(config, os.path.join(tests, "config"), work) \
        if os.path.isdir(os.path.join(tests, "config", "filter.d")) else None
    runs, orders, told = [], [], []
    names = [(n, config) for n in filters(config)]
    names += [(n, ours) for n in (filters(ours, "zzz-") if ours else [])]
    for name, directory in names:
        if not os.path.exists(os.path.join(logs, name)):
            continue
        for s in Sample(name, logs).sets.values():
            path = os.path.join(work, "%d.log" % len(runs))
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(line + "\n" for line, _, _ in s.lines)
            runs.append((s, s.rules(name)))
            orders.append("\t".join((directory, s.rules(name), path,
                                     str(NOW), ZONE)))
    answer = subprocess.run([program], input="\n".join(orders).encode(),
                            stdout=subprocess.PIPE, check=True).stdout
    found = [{} for _ in runs]
    for row in answer.decode().splitlines():
        run, number, rest = row.split("\t", 2)
        if number == "!":
            told.append("%s: %s" % (runs[int(run)][1], rest))
            continue
        time, peer = rest.split("\t")
        found[int(run)].setdefault(int(number), []).append((int(time), peer))
    good = sum(judge(s, rules, found[i], told)
               for i, (s, rules) in enumerate(runs))
    lines = sum(len(s.lines) for s, _ in runs)
    print("%d filters, %d sets of options: %d of %d lines" %
          (len(names), len(runs), good, lines))
    if told:
        print("\n".join(told))
    return 1 if told or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
